//! Binary workbooks of Excel since 2007: records in the parts of a zip archive, as in MS-XLSB.
//!
//! A record is its kind (seven bits a byte, up to two bytes), its length (seven bits a byte, up to four) and its data.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::biff::{compressed, f64_at, logical, u16_at, u32_at};
use super::cell::{self, Cell, Sheet};
use super::ooxml::LAST;
use super::package::{Cells, Package};
use crate::{Limits, ReadError, Source};

const ID: &str = "xlsb";
/// The part that holds the list of sheets.
pub(super) const WORKBOOK: &str = "xl/workbook.bin";

/// What the records that are looked at mean.
mod kind {
    pub(super) const ROW: u32 = 0;
    pub(super) const COMPRESSED: u32 = 2;
    pub(super) const ERROR: u32 = 3;
    pub(super) const LOGICAL: u32 = 4;
    pub(super) const NUMBER: u32 = 5;
    pub(super) const TEXT: u32 = 6;
    pub(super) const SHARED_TEXT: u32 = 7;
    /// What a formula gave.
    pub(super) const RESULT_TEXT: u32 = 8;
    pub(super) const RESULT_NUMBER: u32 = 9;
    pub(super) const RESULT_LOGICAL: u32 = 10;
    pub(super) const RESULT_ERROR: u32 = 11;
    pub(super) const SHARED_ITEM: u32 = 19;
    pub(super) const FORMAT_CODE: u32 = 44;
    pub(super) const CELL_FORMAT: u32 = 47;
    pub(super) const RICH_TEXT: u32 = 62;
    pub(super) const DATA_BEGIN: u32 = 145;
    pub(super) const DATA_END: u32 = 146;
    pub(super) const WORKBOOK_PROPERTIES: u32 = 153;
    pub(super) const SHEET: u32 = 156;
    pub(super) const CELL_FORMATS_BEGIN: u32 = 617;
    pub(super) const CELL_FORMATS_END: u32 = 618;
}

/// The records of a part; what is cut ends them.
struct Records<'a> {
    part: &'a [u8],
    at: usize,
}

impl Records<'_> {
    /// A number of seven bits a byte, in at most `most` bytes.
    fn number(&mut self, most: usize) -> Option<u32> {
        let mut value = 0;
        for i in 0..most {
            let byte = u32::from(*self.part.get(self.at)?);
            self.at += 1;
            value |= (byte & 0x7f) << (7 * i);
            if byte & 0x80 == 0 {
                break;
            }
        }
        Some(value)
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = (u32, &'a [u8]);

    fn next(&mut self) -> Option<(u32, &'a [u8])> {
        let kind = self.number(2)?;
        let length = self.number(4)? as usize;
        let data = self.part.get(self.at..)?.get(..length)?;
        self.at += length;
        Some((kind, data))
    }
}

fn records(part: &[u8]) -> Records<'_> {
    Records { part, at: 0 }
}

/// A text with its length in characters of two bytes before it, and what follows it. An absent one is empty.
fn text(data: &[u8], at: usize) -> Option<(String, usize)> {
    let length = match u32_at(data, at)? {
        u32::MAX => 0,
        n => n as usize,
    };
    let bytes = data.get(at + 4..)?.get(..length.checked_mul(2)?)?;
    let units: Vec<u16> = bytes.as_chunks::<2>().0.iter().map(|b| u16::from_le_bytes(*b)).collect();
    Some((String::from_utf16_lossy(&units), at + 4 + bytes.len()))
}

/// Styles and texts that the sheets share.
#[derive(Default)]
struct Shared {
    strings: Vec<Arc<str>>,
    /// How every cell format shows a number.
    formats: Vec<cell::Shown>,
    from_1904: bool,
}

/// Reads all sheets.
pub(super) fn read(source: &Source, limits: &Limits) -> Result<Vec<Sheet>, ReadError> {
    let package = Package::open(ID, source, limits)?;
    let workbook = package.bytes(WORKBOOK)?.ok_or_else(|| {
        ReadError::new(ID, format!("the archive has no `{WORKBOOK}`")).hint("it is no workbook; is it the right file?")
    })?;
    let targets = package.targets("xl/_rels/workbook.bin.rels")?;
    let mut shared = Shared {
        strings: strings(&package.bytes("xl/sharedStrings.bin")?.unwrap_or_default()),
        formats: formats(&package.bytes("xl/styles.bin")?.unwrap_or_default()),
        from_1904: false,
    };
    let mut listed: Vec<(String, Option<String>)> = Vec::new();
    for (kind, data) in records(&workbook) {
        match kind {
            kind::WORKBOOK_PROPERTIES => shared.from_1904 = u32_at(data, 0).is_some_and(|flags| flags & 1 == 1),
            kind::SHEET => {
                // State and number of the sheet come first, the id of its relation and its name behind them.
                let Some((id, end)) = text(data, 8) else { continue };
                let Some((name, _)) = text(data, end) else { continue };
                listed.push((name, targets.get(&id).cloned()));
            }
            _ => {}
        }
    }
    package.sheets(listed, "bin", |path| Ok(package.bytes(path)?.map(|part| cells(&part, &shared))))
}

/// The table of shared texts, without their formatting.
fn strings(part: &[u8]) -> Vec<Arc<str>> {
    let items = records(part).filter(|(kind, _)| *kind == kind::SHARED_ITEM);
    // One byte of flags says what follows the text.
    items.map(|(_, data)| Arc::from(text(data, 1).unwrap_or_default().0.trim())).collect()
}

/// How every cell format shows a number.
fn formats(part: &[u8]) -> Vec<cell::Shown> {
    let mut codes: BTreeMap<u32, String> = BTreeMap::new();
    let mut inside = false;
    let mut out = Vec::new();
    for (kind, data) in records(part) {
        match kind {
            kind::FORMAT_CODE => {
                if let (Some(id), Some((code, _))) = (u16_at(data, 0), text(data, 2)) {
                    codes.insert(u32::from(id), code);
                }
            }
            kind::CELL_FORMATS_BEGIN => inside = true,
            kind::CELL_FORMATS_END => inside = false,
            kind::CELL_FORMAT if inside => {
                let id = u32::from(u16_at(data, 2).unwrap_or(0));
                out.push(cell::Shown::of(id, codes.get(&id).map(String::as_str)));
            }
            _ => {}
        }
    }
    out
}

/// The cells of a sheet, and whether they have an end. A sheet of charts has neither begin nor end.
fn cells(part: &[u8], shared: &Shared) -> Cells {
    let mut out = Vec::new();
    let mut row = 0;
    let (mut begun, mut whole) = (false, false);
    for (kind, data) in records(part) {
        match kind {
            kind::DATA_BEGIN => begun = true,
            kind::DATA_END => {
                whole = true;
                break;
            }
            kind::ROW => row = u32_at(data, 0).unwrap_or(u32::MAX),
            _ => {
                let Some(column) = u32_at(data, 0).filter(|c| *c < LAST.1 && row < LAST.0 && begun) else { continue };
                out.extend(content(kind, data, shared).map(|cell| (row, column, cell)));
            }
        }
    }
    Cells { cells: out, whole: whole || !begun, formulas: 0 }
}

/// What a cell holds; its column and three bytes of its format come first.
fn content(kind: u32, data: &[u8], shared: &Shared) -> Option<Cell> {
    let shown = || {
        let format = u32_at(data, 4).map_or(0, |f| f & 0x00ff_ffff) as usize;
        shared.formats.get(format).copied().unwrap_or_default()
    };
    let words = |at: usize| text(data, at).map(|(t, _)| Cell::Text(t.into()));
    match kind {
        kind::COMPRESSED => u32_at(data, 8).map(|v| shown().cell(compressed(v), shared.from_1904)),
        kind::NUMBER | kind::RESULT_NUMBER => f64_at(data, 8).map(|v| shown().cell(v, shared.from_1904)),
        kind::ERROR | kind::RESULT_ERROR => Some(Cell::Error),
        kind::LOGICAL | kind::RESULT_LOGICAL => logical(data.get(8).copied(), Some(0)),
        kind::TEXT | kind::RESULT_TEXT => words(8),
        kind::RICH_TEXT => words(9),
        kind::SHARED_TEXT => u32_at(data, 8).and_then(|i| shared.strings.get(i as usize)).cloned().map(Cell::Text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_lengths_of_seven_bits_a_byte() {
        // 617 is 0xe9 0x04; a length of 130 is 0x82 0x01.
        let mut part = vec![0xe9, 0x04, 0, 5, 0x82, 0x01];
        part.extend([7; 130]);
        part.extend([5, 9, 1]);
        let all: Vec<(u32, usize)> = records(&part).map(|(kind, data)| (kind, data.len())).collect();
        assert_eq!(all, [(617, 0), (5, 130)]);
    }

    #[test]
    fn a_text_that_claims_more_than_there_is_is_none() {
        assert_eq!(text(&[1, 0, 0, 0, 0xb5, 0], 0), Some(("µ".to_string(), 6)));
        assert_eq!(text(&[0xff, 0xff, 0xff, 0xff], 0), Some((String::new(), 4)));
        assert_eq!(text(&[2, 0, 0, 0, 0xb5, 0], 0), None);
        assert_eq!(text(&[0xfe, 0xff, 0xff, 0xff, 0, 0], 0), None);
    }
}
