//! Workbooks of Excel 5 to 2003: the records of the stream `Workbook` (BIFF8) or `Book` (BIFF5), as in MS-XLS.

use std::collections::BTreeMap;
use std::sync::Arc;

use encoding_rs::Encoding;

use super::cell::{self, Cell, Sheet};
use super::strings::{self, Shared};
use crate::container::ole::Compound;
use crate::{Limits, ReadError, Source};

const ID: &str = "xls";

/// Names of the stream.
pub(super) const STREAMS: &[&str] = &["Workbook", "Book", "WORKBOOK", "BOOK"];

/// The stream of a workbook that is encrypted as a whole.
pub(super) const ENCRYPTED: &str = "EncryptedPackage";

/// One record.
pub(super) struct Record<'a> {
    kind: u16,
    data: &'a [u8],
}

/// The records from an offset to the end of the substream that begins there; what is cut ends them.
struct Records<'a> {
    stream: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        let kind = u16_at(self.stream, self.at)?;
        let length = usize::from(u16_at(self.stream, self.at + 2)?);
        let data = self.stream.get(self.at + 4..self.at + 4 + length)?;
        self.at += 4 + length;
        Some(Record { kind, data })
    }
}

/// What the sheets share.
struct Globals {
    /// BIFF8, whose texts are Unicode.
    wide: bool,
    encoding: &'static Encoding,
    from_1904: bool,
    strings: Vec<Arc<str>>,
    /// How every cell format shows a number.
    formats: Vec<cell::Shown>,
    /// Offset and name of the worksheets.
    sheets: Vec<(usize, String)>,
}

/// Reads all sheets.
pub(super) fn read(source: &Source, limits: &Limits) -> Result<Vec<Sheet>, ReadError> {
    let file = Compound::open(ID, source)?;
    let mut stream = None;
    for name in STREAMS {
        stream = stream.or(file.read(name)?);
    }
    if stream.is_none() && file.length(ENCRYPTED).is_some() {
        return Err(encrypted());
    }
    let stream = stream.ok_or_else(|| {
        ReadError::new(ID, "the OLE file has no stream `Workbook`").hint("it is no spreadsheet; is it the right file?")
    })?;
    let globals = globals(&stream)?;
    // Sheets that claim to lie in each other would cost the square of the file.
    let mut left = stream.len();
    let mut out = Vec::new();
    for (i, (at, name)) in globals.sheets.iter().enumerate() {
        if i >= limits.channels {
            break;
        }
        let (cells, walked) = cells(&stream, *at, &globals);
        left = left
            .checked_sub(walked)
            .ok_or_else(|| ReadError::new(ID, "the sheets of the workbook lie in each other").at(*at).hint(HINT))?;
        out.push(Sheet::new(name.clone(), cells));
    }
    Ok(out)
}

fn globals(stream: &[u8]) -> Result<Globals, ReadError> {
    let mut out = Globals {
        wide: true,
        encoding: encoding_rs::WINDOWS_1252,
        from_1904: false,
        strings: Vec::new(),
        formats: Vec::new(),
        sheets: Vec::new(),
    };
    let mut codes: BTreeMap<u16, String> = BTreeMap::new();
    let mut formats: Vec<u16> = Vec::new();
    let mut shared: Option<Vec<&[u8]>> = None;
    let mut continues = false;
    for (i, record) in (Records { stream, at: 0 }).enumerate() {
        let data = record.data;
        match record.kind {
            0x0809 => out.wide = u16_at(data, 0) != Some(0x0500),
            // A stream that does not begin with the begin of a substream is none.
            _ if i == 0 => return Err(ReadError::new(ID, "the stream of the workbook has no begin").at(0).hint(HINT)),
            0x000a => break,
            0x002f => return Err(encrypted()),
            0x0042 => out.encoding = code_page(u16_at(data, 0).unwrap_or(1252)),
            0x0022 => out.from_1904 = u16_at(data, 0) == Some(1),
            0x041e => {
                codes.entry(u16_at(data, 0).unwrap_or(0)).or_insert_with(|| out.text(data, 2).unwrap_or_default());
            }
            0x00e0 => formats.push(u16_at(data, 2).unwrap_or(0)),
            0x0085 if data.get(5) == Some(&0) => {
                if let (Some(at), Some(name)) = (u32_at(data, 0), out.short_text(data, 6)) {
                    out.sheets.push((at as usize, name.replace('\0', "")));
                }
            }
            0x00fc => shared = Some(vec![data]),
            0x003c if continues => shared.iter_mut().for_each(|s| s.push(data)),
            _ => {}
        }
        continues = matches!(record.kind, 0x00fc) || continues && record.kind == 0x003c;
    }
    let shown = |id: &u16| cell::Shown::of(u32::from(*id), codes.get(id).map(String::as_str));
    out.formats = formats.iter().map(shown).collect();
    out.strings = shared.map(|s| Shared::new(&s).all()).unwrap_or_default();
    if out.sheets.is_empty() {
        return Err(ReadError::new(ID, "the workbook names no worksheet").hint(HINT));
    }
    Ok(out)
}

fn encrypted() -> ReadError {
    ReadError::new(ID, "the workbook is encrypted")
        .hint("open it in a spreadsheet program with its password and save it without one")
}

const HINT: &str = "copy the file again; or open it in a spreadsheet program and save it as .xlsx";

/// The cells of the sheet that begins at an offset, and the bytes it takes.
fn cells(stream: &[u8], at: usize, globals: &Globals) -> (Vec<(u32, u32, Cell)>, usize) {
    let mut out = Vec::new();
    let mut walked = 0usize;
    // Charts in a sheet are substreams with cells of their own.
    let mut depth = 0usize;
    let mut formula: Option<(u32, u32)> = None;
    for record in (Records { stream, at }) {
        let data = record.data;
        walked += 4 + data.len();
        match record.kind {
            0x0809 => depth += 1,
            0x000a if depth <= 1 => break,
            0x000a => depth -= 1,
            _ if depth > 1 => {}
            kind => {
                let (Some(row), Some(column)) = (u16_at(data, 0), u16_at(data, 2)) else { continue };
                let place = (u32::from(row), u32::from(column));
                let format = u16_at(data, 4).unwrap_or(0);
                let mut put = |cell: Option<Cell>| out.extend(cell.map(|c| (place.0, place.1, c)));
                match kind {
                    0x0203 => put(f64_at(data, 6).map(|v| globals.number(v, format))),
                    0x027e => put(u32_at(data, 6).map(|v| globals.number(compressed(v), format))),
                    0x00fd => {
                        put(u32_at(data, 6).and_then(|i| globals.strings.get(i as usize).cloned()).map(Cell::Text))
                    }
                    0x0204 | 0x00d6 => put(globals.text(data, 6).map(|t| Cell::Text(t.into()))),
                    0x0205 => put(logical(data.get(6).copied(), data.get(7).copied())),
                    0x00bd => many(data, place, globals, &mut out),
                    0x0006 => {
                        formula = Some(place);
                        put(globals.result(data, format));
                    }
                    // The text that a formula gave stands in a record behind it.
                    0x0207 => {
                        if let (Some(place), Some(text)) = (formula.take(), globals.text(data, 0)) {
                            out.push((place.0, place.1, Cell::Text(text.into())));
                        }
                    }
                    _ => {}
                }
            }
        }
    }
    (out, walked)
}

/// Several numbers in one row.
fn many(data: &[u8], place: (u32, u32), globals: &Globals, out: &mut Vec<(u32, u32, Cell)>) {
    let numbers = data.get(4..data.len().saturating_sub(2)).unwrap_or_default();
    let (numbers, _) = numbers.as_chunks::<6>();
    for (column, n) in (place.1..).zip(numbers) {
        if let (Some(format), Some(v)) = (u16_at(n, 0), u32_at(n, 2)) {
            out.push((place.0, column, globals.number(compressed(v), format)));
        }
    }
}

/// A number in 30 bits: the upper part of a double or an integer, perhaps to be divided by 100.
pub(super) fn compressed(bits: u32) -> f64 {
    let value = match bits & 2 {
        0 => f64::from_bits(u64::from(bits & !3) << 32),
        _ => f64::from((bits as i32) >> 2),
    };
    if bits & 1 == 0 { value } else { value / 100.0 }
}

/// A truth value or an error.
pub(super) fn logical(value: Option<u8>, error: Option<u8>) -> Option<Cell> {
    match (value?, error?) {
        (_, 1..) => Some(Cell::Error),
        (0, _) => Some(Cell::Text("FALSE".into())),
        _ => Some(Cell::Text("TRUE".into())),
    }
}

impl Globals {
    fn number(&self, value: f64, format: u16) -> Cell {
        self.formats.get(usize::from(format)).copied().unwrap_or_default().cell(value, self.from_1904)
    }

    /// What a formula gave.
    fn result(&self, data: &[u8], format: u16) -> Option<Cell> {
        if u16_at(data, 12) != Some(0xffff) {
            return f64_at(data, 6).map(|v| self.number(v, format));
        }
        match data.get(6)? {
            1 => logical(data.get(8).copied(), Some(0)),
            2 => Some(Cell::Error),
            _ => None,
        }
    }

    /// A text with its length in two bytes.
    fn text(&self, data: &[u8], at: usize) -> Option<String> {
        let length = usize::from(u16_at(data, at)?);
        self.characters(data, at + 2, length)
    }

    /// A text with its length in one byte.
    fn short_text(&self, data: &[u8], at: usize) -> Option<String> {
        let length = usize::from(*data.get(at)?);
        self.characters(data, at + 1, length)
    }

    fn characters(&self, data: &[u8], at: usize, length: usize) -> Option<String> {
        if self.wide {
            return strings::unicode(data.get(at..)?, length);
        }
        let bytes = data.get(at..)?;
        let bytes = bytes.get(..length.min(bytes.len()))?;
        Some(self.encoding.decode_without_bom_handling(bytes).0.into_owned())
    }
}

/// The encoding of texts before Unicode.
fn code_page(number: u16) -> &'static Encoding {
    match number {
        874 => encoding_rs::WINDOWS_874,
        932 => encoding_rs::SHIFT_JIS,
        936 => encoding_rs::GBK,
        949 => encoding_rs::EUC_KR,
        950 => encoding_rs::BIG5,
        1250 => encoding_rs::WINDOWS_1250,
        1251 => encoding_rs::WINDOWS_1251,
        1253 => encoding_rs::WINDOWS_1253,
        1254 => encoding_rs::WINDOWS_1254,
        10000 | 32768 => encoding_rs::MACINTOSH,
        _ => encoding_rs::WINDOWS_1252,
    }
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk::<2>().map(|b| u16::from_le_bytes(*b))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk::<4>().map(|b| u32::from_le_bytes(*b))
}

pub(super) fn f64_at(bytes: &[u8], at: usize) -> Option<f64> {
    bytes.get(at..)?.first_chunk::<8>().map(|b| f64::from_le_bytes(*b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_thirty_bits() {
        assert_eq!(compressed(0x3ff0_0000), 1.0);
        assert_eq!(compressed(0x3ff0_0001), 0.01);
        assert_eq!(compressed((1234 << 2) | 2), 1234.0);
        assert_eq!(compressed((1234 << 2) | 3), 12.34);
        assert_eq!(compressed(((-5i32 << 2) | 2) as u32), -5.0);
    }
}
