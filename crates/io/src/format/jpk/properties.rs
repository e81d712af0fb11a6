//! Java properties, in which JPK writes every header.

use std::collections::BTreeMap;

use crate::format::text::encoding;

/// Keys and values.
#[derive(Clone, Debug, Default)]
pub(super) struct Properties(BTreeMap<String, String>);

impl Properties {
    /// `key=value` lines; `#` and `!` begin remarks, `\` escapes.
    pub(super) fn parse(bytes: &[u8]) -> Properties {
        let text = encoding::field(bytes);
        let mut out = BTreeMap::new();
        for line in text.lines() {
            let line = line.trim_start();
            if line.is_empty() || line.starts_with(['#', '!']) {
                continue;
            }
            let mut escaped = false;
            let end = line.find(|c: char| {
                let ends = !escaped && matches!(c, '=' | ':');
                escaped = c == '\\' && !escaped;
                ends
            });
            let (key, value) = match end {
                Some(at) => (line.get(..at).unwrap_or(line), line.get(at + 1..).unwrap_or("")),
                None => (line, ""),
            };
            out.insert(plain(key.trim_end()), plain(value.trim()));
        }
        Properties(out)
    }

    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    pub(super) fn number(&self, key: &str) -> Option<f64> {
        self.get(key)?.parse().ok().filter(|v: &f64| v.is_finite())
    }

    /// The value of the first key that ends so.
    pub(super) fn ending(&self, end: &str) -> Option<&str> {
        self.0.iter().find(|(k, _)| k.ends_with(end)).map(|(_, v)| v.as_str())
    }

    /// All of them, by key.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(k, v)| (k.as_str(), v.as_str()))
    }
}

/// Takes the escapes out: `\:`, `\=`, `\u00B5`.
fn plain(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_string();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match rest.next() {
            Some('u') => {
                let hex: String = rest.by_ref().take(4).collect();
                let c = u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32);
                out.push(c.unwrap_or('\u{fffd}'));
            }
            Some('t') => out.push('\t'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_remarks() {
        let p = Properties::parse(b"#Wed\na.time=12\\:30\nunit=\\u00B5m\n! no\nb\\:c : 5.0E-1\nempty=\nbare\n");
        let all: Vec<_> = p.iter().collect();
        assert_eq!(all, [("a.time", "12:30"), ("b:c", "5.0E-1"), ("bare", ""), ("empty", ""), ("unit", "µm")]);
        assert_eq!((p.number("b:c"), p.ending(".time")), (Some(0.5), Some("12:30")));
    }
}
