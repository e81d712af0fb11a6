//! The flat XML of curve frames: elements with attributes, no text that matters.

use crate::format::text::xml::{Event, Reader};

/// An element and its attributes.
pub(super) struct Element<'a>(crate::format::text::xml::Element<'a>);

impl Element<'_> {
    pub(super) fn name(&self) -> &str {
        self.0.name
    }

    pub(super) fn get(&self, key: &str) -> Option<String> {
        self.0.attribute(key).map(|v| v.into_owned())
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

/// All elements that begin, in order.
pub(super) fn elements(text: &str) -> Vec<Element<'_>> {
    let open = |event| if let Event::Open(e) = event { Some(Element(e)) } else { None };
    Reader::new(text).filter_map(open).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes() {
        let e =
            elements("<?xml version=\"1.0\"?><A><B n=\"1,5\" t='a &amp; b' u='&#181;m' index = \"2\"/></A><broken x=>");
        assert_eq!(e.iter().map(Element::name).collect::<Vec<_>>(), ["A", "B", "broken"]);
        assert_eq!((e[1].number("n"), e[1].get("t"), e[1].whole("index")), (Some(1.5), Some("a & b".into()), Some(2)));
        assert_eq!(e[1].get("u").as_deref(), Some("µm"));
    }
}
