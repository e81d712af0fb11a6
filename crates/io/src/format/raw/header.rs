//! Headers of lines `key = value`.

/// Bytes of a header.
const MOST: usize = 1 << 20;

/// A line: key, value, and the byte behind its end.
pub(super) struct Line {
    pub key: String,
    pub value: String,
    pub end: usize,
}

/// Lines of text up to the one that `last` finds to be the last, or the end of the file; Latin-1.
pub(super) fn lines(bytes: &[u8], separator: char, last: impl Fn(&Line) -> bool) -> Vec<Line> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(rest) = bytes.get(at..bytes.len().min(MOST)).filter(|r| !r.is_empty()) {
        let length = rest.iter().position(|b| *b == b'\n');
        let text: String = rest.iter().take(length.unwrap_or(rest.len())).map(|b| char::from(*b)).collect();
        at += length.map_or(rest.len(), |n| n + 1);
        let (key, value) = text.split_once(separator).unwrap_or((&text, ""));
        let line = Line { key: key.trim().to_string(), value: value.trim().to_string(), end: at };
        let done = last(&line);
        out.push(line);
        if done {
            break;
        }
    }
    out
}

/// Numbers with blanks between them; `None` if one is none.
pub(super) fn numbers<T: std::str::FromStr>(text: &str) -> Option<Vec<T>> {
    text.split_whitespace().map(|w| w.parse().ok()).collect()
}
