//! `--set key.path=value`: what the command line changes of a definition.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::Diagnostic;

/// Sets `path.to.key=value`; the value is TOML, or text where it is not.
pub(super) fn set<'a>(table: &mut DeTable<'a>, text: &'a str) -> Result<(), Diagnostic> {
    let wrong = |what: String| {
        Diagnostic::new("override", format!("--set {text}: {what}")).hint("write --set stage.corr.resamples=200")
    };
    let (path, raw) = text.split_once('=').ok_or_else(|| wrong("there is no `=`".into()))?;
    let value = match DeValue::parse(raw.trim()) {
        Ok(v) => placeless(v.into_inner()),
        Err(_) => DeValue::String(raw.trim().into()),
    };
    let parts: Vec<&str> = path.trim().split('.').collect();
    let Some((last, parents)) = parts.split_last().filter(|(l, _)| !l.is_empty()) else {
        return Err(wrong("there is no key".into()));
    };
    let mut at = table;
    for part in parents {
        let entry = at.iter_mut().find(|(k, _)| &**k.get_ref() == *part).map(|(_, v)| v);
        match entry.map(Spanned::get_mut) {
            Some(DeValue::Table(t)) => at = t,
            Some(_) => return Err(wrong(format!("`{part}` is not a table"))),
            None => return Err(wrong(format!("there is no `{part}` in the definition"))),
        }
    }
    // An empty span: the value stands on the command line, not in the text.
    let value = Spanned::new(0..0, value);
    if let Some((_, old)) = at.iter_mut().find(|(k, _)| &**k.get_ref() == *last) {
        *old = value;
    } else {
        at.insert(Spanned::new(0..0, (*last).into()), value);
    }
    Ok(())
}

/// A value without places in the text, which it is not part of.
fn placeless(value: DeValue<'_>) -> DeValue<'_> {
    fn strip(v: Spanned<DeValue<'_>>) -> Spanned<DeValue<'_>> {
        Spanned::new(0..0, placeless(v.into_inner()))
    }
    match value {
        DeValue::Array(a) => DeValue::Array(a.into_iter().map(strip).collect()),
        DeValue::Table(t) => {
            DeValue::Table(t.into_iter().map(|(k, v)| (Spanned::new(0..0, k.into_inner()), strip(v))).collect())
        }
        scalar => scalar,
    }
}
