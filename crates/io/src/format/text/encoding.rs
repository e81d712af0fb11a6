//! Bytes as text: byte-order marks, UTF-16 without one, UTF-8, else Windows-1252 (of which Latin-1 is a part).

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Bytes looked at to tell UTF-16 without a mark.
const LOOK: usize = 4096;

/// The encoding of a text file and the length of its byte-order mark.
pub(in crate::format) fn detect(bytes: &[u8]) -> (&'static Encoding, usize) {
    if let Some(found) = Encoding::for_bom(bytes) {
        return found;
    }
    let head = bytes.get(..bytes.len().min(LOOK)).unwrap_or_default();
    let (pairs, _) = head.as_chunks::<2>();
    // Western text in UTF-16 has a zero in nearly every other byte.
    let zero = |i: usize| pairs.iter().filter(|p| p[i] == 0).count();
    if pairs.len() >= 4 {
        if zero(1) * 10 > pairs.len() * 7 && zero(0) * 10 < pairs.len() {
            return (UTF_16LE, 0);
        }
        if zero(0) * 10 > pairs.len() * 7 && zero(1) * 10 < pairs.len() {
            return (UTF_16BE, 0);
        }
    }
    match std::str::from_utf8(head) {
        Ok(_) => (UTF_8, 0),
        // A character cut by the end of the head is no fault.
        Err(e) if e.error_len().is_none() => (UTF_8, 0),
        Err(_) => (WINDOWS_1252, 0),
    }
}

/// A text file as characters.
pub(in crate::format) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    let (encoding, mark) = detect(bytes);
    let body = bytes.get(mark..).unwrap_or_default();
    if encoding == UTF_8 {
        // Latin-1 may begin beyond the head that `detect` looks at.
        return match std::str::from_utf8(body) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => WINDOWS_1252.decode_without_bom_handling(body).0,
        };
    }
    encoding.decode_without_bom_handling(body).0
}

/// A text file as characters, its lines ended by `\n` alone.
///
/// Files that went through two systems end them with CR CR LF; old ones with CR.
pub(in crate::format) fn lines(bytes: &[u8]) -> Cow<'_, str> {
    let text = decode(bytes);
    if text.contains(['\r', '\u{1a}']) {
        let text = text.trim_end_matches('\u{1a}');
        return Cow::Owned(text.replace("\r\r\n", "\n").replace("\r\n", "\n").replace('\r', "\n"));
    }
    text
}

/// A short string in a binary header: UTF-8 if it is, else Windows-1252.
pub(in crate::format) fn field(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_string(),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

/// Whether decoded text is text: no control characters but white space.
pub(in crate::format) fn control_character(text: &str) -> Option<usize> {
    text.bytes().position(|b| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0b | 0x0c | 0x1a))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_told_apart() {
        let utf16 = |be: bool, mark: bool| -> Vec<u8> {
            let text = if mark { "\u{feff}T\t°C\r\n1,5" } else { "T\t°C\r\n1,5" };
            text.encode_utf16().flat_map(|u| if be { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
        };
        for be in [false, true] {
            for mark in [false, true] {
                assert_eq!(decode(&utf16(be, mark)), "T\t°C\r\n1,5", "{be} {mark}");
            }
        }
        assert_eq!(decode("\u{feff}µm".as_bytes()), "µm");
        assert_eq!(decode(b"\xb5m"), "µm");
        assert_eq!(decode(b""), "");
        let mut late = vec![b' '; 5000];
        late.push(0xb0);
        assert!(decode(&late).ends_with('°'));
    }
}
