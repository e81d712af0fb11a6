//! The text header of a Nanoscope file: sections of `\Key: value` lines, and the two syntaxes of a scaled value.

use crate::format::text::encoding;
use softspot_data::unit::Unit;

/// One `\*…` section.
#[derive(Debug)]
pub(super) struct Section {
    pub name: String,
    pub entries: Vec<(String, String)>,
}

impl Section {
    /// The value of a key; versions differ in capitals, and `@2:` groups stand before some keys.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.entries.iter().find(|(k, _)| bare(k).eq_ignore_ascii_case(key)).map(|(_, v)| v.as_str())
    }

    pub(super) fn number(&self, key: &str) -> Option<usize> {
        self.get(key)?.split_whitespace().next()?.parse().ok()
    }
}

/// A key without `@` and group number.
fn bare(key: &str) -> &str {
    let Some(rest) = key.strip_prefix('@') else { return key };
    match rest.split_once(':') {
        Some((group, k)) if group.bytes().all(|b| b.is_ascii_digit()) => k,
        _ => rest,
    }
}

/// The sections up to `\*File list end`.
pub(super) fn sections(bytes: &[u8]) -> Vec<Section> {
    let end = bytes.iter().position(|b| matches!(b, 0 | 0x1a)).unwrap_or(bytes.len());
    let text = encoding::field(bytes.get(..end).unwrap_or_default());
    let mut out: Vec<Section> = Vec::new();
    for line in text.split(['\r', '\n']) {
        let Some(line) = line.strip_prefix('\\') else { continue };
        if let Some(name) = line.strip_prefix('*') {
            if name.trim().eq_ignore_ascii_case("file list end") {
                break;
            }
            out.push(Section { name: name.trim().to_string(), entries: Vec::new() });
        } else if let (Some(section), Some((key, value))) = (out.last_mut(), split(line)) {
            section.entries.push((key.trim().to_string(), value.trim().to_string()));
        }
    }
    out
}

/// `Key: value`; the colon of a `@2:` group is part of the key.
fn split(line: &str) -> Option<(&str, &str)> {
    let skip = match line.strip_prefix('@').and_then(|l| l.split_once(':')) {
        Some((group, _)) if group.bytes().all(|b| b.is_ascii_digit()) => group.len() + 2,
        _ => 0,
    };
    let at = line.get(skip..)?.find(':')? + skip;
    Some((line.get(..at)?, line.get(at + 1..)?))
}

/// The name in `S [Height] "Height"`, or the whole of an old-style value.
pub(super) fn selected(value: &str) -> &str {
    let quoted = value.split('"').nth(1).map(str::trim).filter(|t| !t.is_empty());
    let bracketed = || value.split_once('[')?.1.split_once(']').map(|(t, _)| t.trim()).filter(|t| !t.is_empty());
    quoted.or_else(bracketed).unwrap_or(value.trim())
}

/// A `V [soft scale] (hard scale) value unit` parameter.
#[derive(Debug, PartialEq)]
pub(super) struct Scaling {
    pub soft: Option<String>,
    pub value: f64,
    pub unit: String,
    /// The value of one count and its unit, `(0.000375 V/LSB)`.
    pub least: Option<(f64, String)>,
    /// Counts for `value` in the old syntax `20.5 nm (8192)`.
    pub counts: Option<f64>,
}

pub(super) fn scaled(text: &str) -> Option<Scaling> {
    let text = text.trim();
    let Some(mut rest) = text.strip_prefix("V ").map(str::trim_start) else {
        // Versions before 4.3: the value with its unit, and perhaps the counts it stands for.
        let (value, unit) = number(text)?;
        let (unit, counts) = match unit.split_once('(') {
            Some((unit, c)) => (unit, c.trim_end_matches(')').trim().parse().ok().filter(|c: &f64| *c > 0.0)),
            None => (unit, None),
        };
        return Some(Scaling { soft: None, value, unit: unit.trim().into(), least: None, counts });
    };
    let mut soft = None;
    if let Some(inner) = rest.strip_prefix('[') {
        let (name, after) = inner.split_once(']')?;
        soft = Some(name.trim().to_string()).filter(|n| !n.is_empty());
        rest = after.trim_start();
    }
    let mut least = None;
    if let Some(inner) = rest.strip_prefix('(') {
        // Units have brackets of their own: `(0.0004882813 log(Arb)/LSB)`.
        let (count, after) = inner.split_once("/LSB)").or_else(|| inner.split_once(')'))?;
        least = number(count).map(|(v, unit)| (v, unit.to_string()));
        rest = after.trim_start();
    }
    let (value, unit) = number(rest)?;
    Some(Scaling { soft, value, unit: unit.trim_end_matches("linked").trim().into(), least, counts: None })
}

/// A number and what follows it.
fn number(text: &str) -> Option<(f64, &str)> {
    let text = text.trim_start();
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let value: f64 = text.get(..end)?.parse().ok()?;
    value.is_finite().then(|| (value, text.get(end..).unwrap_or("").trim()))
}

/// The unit of a hard value times a sensitivity: `V` by `nm/V` is `nm`.
pub(super) fn product(sensitivity: &str, hard: &str) -> Unit {
    if sensitivity.is_empty() {
        return Unit::parse_or_keep(hard);
    }
    match sensitivity.strip_suffix(hard).and_then(|s| s.strip_suffix('/')).filter(|s| !s.is_empty()) {
        Some(rest) => Unit::parse_or_keep(rest),
        None if hard.is_empty() => Unit::parse_or_keep(sensitivity),
        None => Unit::parse_or_keep(&format!("{sensitivity}*{hard}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaled_values_of_both_syntaxes() {
        let v = scaled("V [Sens. Zscan] (0.006713765 V/LSB) 2.416955 V").unwrap();
        assert_eq!((v.soft.as_deref(), v.value, v.unit.as_str(), v.counts), (Some("Sens. Zscan"), 2.416955, "V", None));
        assert_eq!(v.least, Some((0.006713765, "V".into())));
        let v = scaled("V 8.661471 nm/V").unwrap();
        assert_eq!((v.soft, v.value, v.unit.as_str()), (None, 8.661471, "nm/V"));
        let v = scaled("V 1.000000 ").unwrap();
        assert_eq!((v.value, v.unit.as_str()), (1.0, ""));
        let v = scaled("20.5 nm (8192)").unwrap();
        assert_eq!((v.value, v.unit.as_str(), v.counts), (20.5, "nm", Some(8192.0)));
        assert!(scaled("V [Sens").is_none());
    }

    #[test]
    fn units_multiply() {
        assert_eq!(product("nm/V", "V").symbol, "nm");
        assert_eq!(product("", "°").symbol, "°");
        assert!((product("nm/V", "mV").scale / 1e-12 - 1.0).abs() < 1e-12);
    }

    #[test]
    fn keys_with_a_group() {
        assert_eq!(split("@2:Z scale: V [x] (1 V/LSB) 2 V"), Some(("@2:Z scale", " V [x] (1 V/LSB) 2 V")));
        assert_eq!(split("@Sens. Zscan: V 7 nm/V"), Some(("@Sens. Zscan", " V 7 nm/V")));
        assert_eq!(bare("@2:Z scale"), "Z scale");
        assert_eq!(bare("@Sens. Zscan"), "Sens. Zscan");
        assert_eq!(bare("Note"), "Note");
    }
}
