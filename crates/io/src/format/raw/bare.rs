//! Numbers without any header: what the definition says of them is all there is.

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Numbers, Packing};
use crate::cursor::{Endian, Sample};
use crate::{Dataset, Limits, ReadError, Source};
use softspot_data::unit::Unit;

const ID: &str = "raw";

/// How the numbers of a file without a header lie in it: `{ shape = [z, y, x], type = "u16" }`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// Elements along each axis, the fastest last: `[z, y, x]` of a volume, `[rows, columns]` of a map.
    pub shape: Vec<usize>,
    /// Type of a number.
    #[serde(rename = "type")]
    pub number: Sample,
    /// Byte order.
    #[serde(default)]
    pub order: Endian,
    /// Bytes before the first number.
    #[serde(default)]
    pub skip: usize,
}

/// Opens a file of bare numbers as one channel: `image` of two axes, `volume` of three.
///
/// # Errors
/// [`ReadError`] if the file cannot be read, or its length is not that of the layout: one wrong number in it, and
/// everything read would be wrong.
pub fn open_bare(path: &Path, layout: &Layout, limits: &Limits) -> Result<Dataset, ReadError> {
    let source = Source::open(path)?;
    let wrong = |what: String, hint: &str| ReadError::new(ID, what).in_file(path).hint(hint);
    if source.is_folder() {
        return Err(wrong("`raw` describes one file, this is a folder".into(), "name the file with the numbers"));
    }
    if !matches!(layout.shape.len(), 2 | 3) || layout.shape.contains(&0) {
        let what = format!("`raw` wants the shape [rows, columns] or [z, y, x], not {:?}", layout.shape);
        return Err(wrong(what, "give positive numbers, the fastest axis last"));
    }
    let sample = layout.number;
    let wanted = layout.shape.iter().try_fold(sample.size(), |a, n| a.checked_mul(*n));
    let (have, wanted) = (source.bytes().len(), wanted.and_then(|n| n.checked_add(layout.skip)));
    if wanted != Some(have) {
        let wanted = wanted.map_or_else(|| "more than there can be".to_string(), |n| n.to_string());
        let what = format!("the layout wants {wanted} bytes and the file has {have}");
        return Err(wrong(what, "correct `shape`, `type` or `skip`"));
    }
    let mut dataset = Dataset::new(ID, limits);
    let numbers = Numbers {
        format: ID,
        sizes: layout.shape.iter().rev().copied().collect(),
        components: 1,
        planar: false,
        sample,
        endian: layout.order,
        packing: Packing::None,
        files: vec![source],
        skip: Some(layout.skip),
        skip_inside: 0,
        steps: None,
        unit: Unit::none(),
    };
    numbers.push(&mut dataset, limits).map_err(|e| e.in_file(path))?;
    dataset.finish().map_err(|e| e.in_file(path))
}
