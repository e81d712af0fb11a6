//! The flat XML of curve frames: elements with attributes, no text that matters.

use std::collections::BTreeMap;

/// An element and its attributes.
pub(super) struct Element {
    pub name: String,
    attributes: BTreeMap<String, String>,
}

impl Element {
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.attributes.get(key).map(String::as_str)
    }

    pub(super) fn whole(&self, key: &str) -> Option<usize> {
        self.get(key)?.trim().parse().ok()
    }

    /// A number with a point or, as some systems write, a comma.
    pub(super) fn number(&self, key: &str) -> Option<f64> {
        let v: f64 = self.get(key)?.trim().replace(',', ".").parse().ok()?;
        v.is_finite().then_some(v)
    }
}

/// All elements that begin, in order; what is no XML is passed over.
pub(super) fn elements(text: &str) -> Vec<Element> {
    let mut out = Vec::new();
    for piece in text.split('<').skip(1) {
        let Some((tag, _)) = piece.split_once('>') else { continue };
        if tag.starts_with(['/', '?', '!']) {
            continue;
        }
        let tag = tag.trim_end_matches('/').trim();
        let (name, mut rest) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
        let mut attributes = BTreeMap::new();
        while let Some((key, value)) = rest.split_once('=') {
            let value = value.trim_start();
            let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) else { break };
            let Some((value, after)) = value.get(1..).and_then(|v| v.split_once(quote)) else { break };
            attributes.insert(key.trim().to_string(), unescape(value));
            rest = after;
        }
        out.push(Element { name: name.to_string(), attributes });
    }
    out
}

fn unescape(text: &str) -> String {
    let pairs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    pairs.iter().fold(text.to_string(), |t, (from, to)| t.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes() {
        let e = elements("<?xml version=\"1.0\"?><A><B n=\"1,5\" t='a &amp; b' index = \"2\"/></A><broken x=>");
        assert_eq!(e.iter().map(|e| e.name.as_str()).collect::<Vec<_>>(), ["A", "B", "broken"]);
        assert_eq!((e[1].number("n"), e[1].get("t"), e[1].whole("index")), (Some(1.5), Some("a & b"), Some(2)));
    }
}
