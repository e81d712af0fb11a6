//! `softspot schema`.

use super::out;

pub(super) fn schema() -> u8 {
    let text = serde_json::to_string_pretty(&crate::pipeline::schema()).unwrap_or_default();
    out(&format!("{text}\n"));
    0
}
