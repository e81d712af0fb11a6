//! Bytes as text: byte-order marks, UTF-16 without one, UTF-8, GBK and Shift-JIS where the bytes are Chinese or Japanese
//! words, else Windows-1252 (of which Latin-1 is a part).

use std::borrow::Cow;

use encoding_rs::{Encoding, GBK, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

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
        Err(_) => (legacy(head), 0),
    }
}

/// The encoding of text that is no Unicode.
///
/// In GBK the characters of everyday Chinese, and the signs between, are pairs of bytes from 0xA1 on, the first of them up to
/// 0xD7; in Western text such bytes stand alone, as in `µm` and `°C`. Japanese words have signs of which the first byte lies
/// between 0x81 and 0x9F, where Western text has none but quotes and dashes.
fn legacy(bytes: &[u8]) -> &'static Encoding {
    let (mut pairs, mut signs, mut lone, mut at) = (0usize, 0usize, 0usize, 0usize);
    while let Some(&b) = bytes.get(at) {
        let next = bytes.get(at + 1).copied();
        match (b, next) {
            (0xa1..=0xd7, Some(0xa1..=0xfe)) => {
                signs += usize::from(b < 0xb0);
                pairs += 1;
                at += 2;
            }
            // The last byte may be the first half of a pair.
            (0x80.., Some(_)) => {
                lone += 1;
                at += 1;
            }
            _ => at += 1,
        }
    }
    if pairs > signs && lone * 10 <= pairs {
        return GBK;
    }
    let text = SHIFT_JIS.decode_without_bom_handling(bytes.get(..bytes.len().saturating_sub(1)).unwrap_or_default()).0;
    let japanese = |c: char| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}');
    let strange = |c: char| c == '\u{fffd}' || matches!(c, '\u{ff61}'..='\u{ff9f}');
    let count = |f: &dyn Fn(char) -> bool| text.chars().filter(|c| f(*c)).count();
    let (words, rest) = (count(&japanese), count(&strange));
    if words >= 2 && rest * 10 <= words { SHIFT_JIS } else { WINDOWS_1252 }
}

/// A text file as characters.
pub(in crate::format) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    let (encoding, mark) = detect(bytes);
    let body = bytes.get(mark..).unwrap_or_default();
    if encoding == UTF_8 {
        // Latin-1 may begin beyond the head that `detect` looks at.
        return match std::str::from_utf8(body) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => legacy(body).decode_without_bom_handling(body).0,
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
        // Time, temperature and storage modulus, with brackets of their own width.
        let chinese = "时间(s),温度（℃）,储能模量 [MPa]\n1,2,3\n";
        assert_eq!(decode(&GBK.encode(chinese).0), chinese);
        let japanese = "時間(s)\t温度(℃)\t貯蔵弾性率\n1\t2\t3\n";
        assert_eq!(decode(&SHIFT_JIS.encode(japanese).0), japanese);
        for western in
            ["Größe;Höhe [µm];Fläche (m²)\n", "Température (°C);Débit (µL/s) ±1", "«Höhe» – größer", "25 °C ± 1"]
        {
            assert_eq!(decode(&WINDOWS_1252.encode(western).0), western);
        }
        let mut late = vec![b' '; 5000];
        late.push(0xb0);
        assert!(decode(&late).ends_with('°'));
    }
}
