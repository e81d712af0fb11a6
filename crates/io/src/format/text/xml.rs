//! Just enough XML for what instruments pack in it: elements, attributes, text, the five entities and numbered ones.
//!
//! Nothing is fetched, declared entities are not replaced, nesting costs nothing: a document of any shape takes time
//! and memory in proportion to its length. Prefixes of names are dropped.

use std::borrow::Cow;

/// What comes next in a document.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::format) enum Event<'a> {
    /// `<name …>`, also `<name …/>`, which [`Event::Close`] follows.
    Open(Element<'a>),
    /// `</name>`.
    Close(&'a str),
    /// Text between tags, with entities replaced.
    Text(Cow<'a, str>),
}

/// An opening tag.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::format) struct Element<'a> {
    /// Without the prefix.
    pub name: &'a str,
    raw: &'a str,
}

impl<'a> Element<'a> {
    /// The value of an attribute, named without its prefix.
    pub(in crate::format) fn attribute(&self, name: &str) -> Option<Cow<'a, str>> {
        let mut rest = self.raw;
        while let Some((key, behind)) = rest.split_once('=') {
            let behind = behind.trim_start();
            let quote = behind.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            let (value, next) = behind.get(1..)?.split_once(quote)?;
            if local(key.trim()) == name {
                return Some(unescape(value));
            }
            rest = next;
        }
        None
    }
}

/// Reads a document from its start to its end; what is no XML ends it.
pub(in crate::format) struct Reader<'a> {
    rest: &'a str,
    closing: Option<&'a str>,
}

impl<'a> Reader<'a> {
    /// At the start of a document.
    pub(in crate::format) fn new(text: &'a str) -> Reader<'a> {
        Reader { rest: text.trim_start_matches('\u{feff}'), closing: None }
    }

    fn tag(&mut self) -> Option<Event<'a>> {
        for (open, close) in [("<!--", "-->"), ("<?", "?>"), ("<!", ">")] {
            if let Some(inner) = self.rest.strip_prefix(open) {
                if open == "<!"
                    && let Some(inner) = inner.strip_prefix("[CDATA[")
                {
                    let (text, rest) = inner.split_once("]]>")?;
                    self.rest = rest;
                    return Some(Event::Text(Cow::Borrowed(text)));
                }
                self.rest = inner.split_once(close)?.1;
                return Some(Event::Text(Cow::Borrowed("")));
            }
        }
        if let Some(inner) = self.rest.strip_prefix("</") {
            let (name, rest) = inner.split_once('>')?;
            self.rest = rest;
            return Some(Event::Close(local(name.trim())));
        }
        let inner = self.rest.strip_prefix('<')?;
        let end = end_of_tag(inner)?;
        let (raw, rest) = (inner.get(..end)?, inner.get(end + 1..)?);
        self.rest = rest;
        let empty = raw.ends_with('/');
        let raw = raw.trim_end_matches('/');
        let (name, raw) = raw.split_once(char::is_whitespace).unwrap_or((raw, ""));
        let name = local(name);
        if empty {
            self.closing = Some(name);
        }
        Some(Event::Open(Element { name, raw }))
    }
}

impl<'a> Iterator for Reader<'a> {
    type Item = Event<'a>;

    fn next(&mut self) -> Option<Event<'a>> {
        if let Some(name) = self.closing.take() {
            return Some(Event::Close(name));
        }
        if self.rest.is_empty() {
            return None;
        }
        if self.rest.starts_with('<') {
            return self.tag();
        }
        let end = self.rest.find('<').unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        Some(Event::Text(unescape(text)))
    }
}

/// Where a tag ends: at the first `>` outside of quotes.
fn end_of_tag(text: &str) -> Option<usize> {
    let mut quote = None;
    for (i, b) in text.bytes().enumerate() {
        match (b, quote) {
            (b'>', None) => return Some(i),
            (b'"' | b'\'', None) => quote = Some(b),
            (b, Some(q)) if b == q => quote = None,
            _ => {}
        }
    }
    None
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, n)| n)
}

/// Replaces `&amp;`, `&lt;`, `&gt;`, `&quot;`, `&apos;`, `&#181;` and `&#xb5;`; other entities stay.
fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('&') {
        out.push_str(before);
        let end = behind.as_bytes().iter().take(12).position(|b| *b == b';');
        let entity = end.and_then(|end| behind.get(..end));
        match entity.and_then(character) {
            Some((c, length)) => {
                out.push(c);
                rest = behind.get(length + 1..).unwrap_or_default();
            }
            None => {
                out.push('&');
                rest = behind;
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn character(entity: &str) -> Option<(char, usize)> {
    let c = match entity {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = entity.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)?
        }
    };
    Some((c, entity.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_attributes_text() {
        let text = "\u{feff}<?xml version=\"1.0\"?><!-- <x> --><s:a b='1 > 0' s:c=\"&#181;m &amp; &unknown;\"><d/>5&lt;6<![CDATA[<&>]]></s:a>";
        let events: Vec<_> = Reader::new(text).filter(|e| *e != Event::Text("".into())).collect();
        let Event::Open(a) = &events[0] else { panic!("{events:?}") };
        assert_eq!((a.name, a.attribute("b").unwrap()), ("a", "1 > 0".into()));
        assert_eq!(a.attribute("c").unwrap(), "µm & &unknown;");
        assert_eq!(a.attribute("d"), None);
        let Event::Open(d) = &events[1] else { panic!("{events:?}") };
        assert_eq!((d.name, &events[2]), ("d", &Event::Close("d")));
        assert_eq!(events[3..], [Event::Text("5<6".into()), Event::Text("<&>".into()), Event::Close("a")]);
    }

    #[test]
    fn what_is_no_xml_ends() {
        for text in ["<", "<a", "<a b='", "<!--", "<![CDATA[", "</", "&#xffffffff;", "&", "<a =/>", "<é", "&ééééééé;"]
        {
            for event in Reader::new(text) {
                if let Event::Open(e) = event {
                    assert_eq!(e.attribute("b"), None, "{text}");
                }
            }
        }
    }
}
