//! `softspot phantom`.

use super::{FAILED, args, out, render, wrong};
use crate::phantom::{KINDS, PhantomError};

pub(super) fn phantom(a: &args::Phantom) -> u8 {
    let Some(kind) = KINDS.iter().find(|k| k.id == a.kind) else {
        let list: Vec<String> = KINDS.iter().map(|k| format!("{} ({})", k.id, k.about)).collect();
        return wrong(&format!("there is no phantom `{}`; kinds: {}", a.kind, list.join(", ")));
    };
    if a.out.as_os_str() == "-" {
        out(&format!("# softspot phantom {}: {}\n{}", kind.id, kind.about, (kind.defaults)()));
        return 0;
    }
    let parameters: Vec<String> = a.set.iter().map(|s| toml_line(s)).collect();
    match kind.make(&a.out, &parameters.join("\n")) {
        Ok(files) => {
            out(&format!("{}\n", files.join("\n")));
            0
        }
        Err(PhantomError::Parameters(what)) => {
            wrong(&format!("{}; `softspot phantom {} -` lists the parameters", what.trim_end(), kind.id))
        }
        Err(PhantomError::Write(e)) => {
            render::error(&e.to_string());
            FAILED
        }
    }
}

/// `xi=40 nm` as TOML: what does not parse is text.
fn toml_line(set: &str) -> String {
    match set.split_once('=') {
        Some((k, v)) if toml::from_str::<toml::Table>(&format!("x = {v}")).is_err() => {
            format!("{} = {}", k.trim(), toml::Value::String(v.trim().to_string()))
        }
        _ => set.to_string(),
    }
}
