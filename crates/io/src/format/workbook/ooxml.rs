//! Workbooks of Excel since 2007: XML in a zip archive, as in ECMA-376 (SpreadsheetML).

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::cell::{self, Cell, Sheet};
use super::package::{Cells, Package};
use crate::format::text::xml::{Event, Reader};
use crate::{Limits, ReadError, Source};

const ID: &str = "xlsx";
/// Last row and column of a sheet.
pub(super) const LAST: (u32, u32) = (1_048_576, 16_384);

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
    let workbook = package.text("xl/workbook.xml")?.ok_or_else(|| {
        ReadError::new(ID, "the archive has no `xl/workbook.xml`").hint("it is no workbook; is it the right file?")
    })?;
    let targets = package.targets("xl/_rels/workbook.xml.rels")?;
    let mut shared =
        Shared { formats: formats(&package.text("xl/styles.xml")?.unwrap_or_default()), ..Shared::default() };
    shared.strings = strings(&package.text("xl/sharedStrings.xml")?.unwrap_or_default());
    let mut listed: Vec<(String, Option<String>)> = Vec::new();
    for event in Reader::new(&workbook) {
        let Event::Open(e) = event else { continue };
        match e.name {
            "workbookPr" => shared.from_1904 = e.attribute("date1904").is_some_and(|v| v == "1" || v == "true"),
            "sheet" => {
                let target = e.attribute("id").and_then(|id| targets.get(id.as_ref()).cloned());
                listed.push((e.attribute("name").unwrap_or_default().into_owned(), target));
            }
            _ => {}
        }
    }
    package.sheets(listed, "xml", |path| Ok(package.text(path)?.map(|text| cells(&text, &shared))))
}

/// How every cell format shows a number.
fn formats(text: &str) -> Vec<cell::Shown> {
    let mut codes: BTreeMap<u32, String> = BTreeMap::new();
    let mut inside = false;
    let mut out = Vec::new();
    for event in Reader::new(text) {
        match event {
            Event::Open(e) if e.name == "numFmt" => {
                let id = e.attribute("numFmtId").and_then(|v| v.parse().ok());
                if let (Some(id), Some(code)) = (id, e.attribute("formatCode")) {
                    codes.insert(id, code.into_owned());
                }
            }
            Event::Open(e) if e.name == "cellXfs" => inside = true,
            Event::Close("cellXfs") => inside = false,
            Event::Open(e) if inside && e.name == "xf" => {
                let id = e.attribute("numFmtId").and_then(|v| v.parse().ok()).unwrap_or(0);
                out.push(cell::Shown::of(id, codes.get(&id).map(String::as_str)));
            }
            _ => {}
        }
    }
    out
}

/// The table of shared texts: runs of formatting are joined, phonetic guides left out.
fn strings(text: &str) -> Vec<Arc<str>> {
    let mut out = Vec::new();
    let mut current = String::new();
    let (mut in_text, mut in_guide) = (false, false);
    for event in Reader::new(text) {
        match event {
            Event::Open(e) => match e.name {
                "si" => current.clear(),
                "t" => in_text = true,
                "rPh" => in_guide = true,
                _ => {}
            },
            Event::Close("si") => out.push(Arc::from(unescape(&current).trim())),
            Event::Close("t") => in_text = false,
            Event::Close("rPh") => in_guide = false,
            Event::Text(t) if in_text && !in_guide => current.push_str(&t),
            _ => {}
        }
    }
    out
}

/// `_x000D_` stands for a character that XML does not allow.
fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains("_x") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("_x") {
        out.push_str(before);
        let code = behind.get(..4).filter(|_| behind.get(4..5) == Some("_"));
        match code.and_then(|c| u32::from_str_radix(c, 16).ok()).and_then(char::from_u32) {
            Some(c) => {
                out.push(c);
                rest = behind.get(5..).unwrap_or_default();
            }
            None => {
                out.push_str("_x");
                rest = behind;
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The cells of a sheet. Rows and cells may leave out where they are; the dimensions that the sheet claims are not
/// looked at.
fn cells(text: &str, shared: &Shared) -> Cells {
    let mut out = Vec::new();
    let (mut whole, mut formulas, mut formula) = (false, 0usize, false);
    let (mut row, mut column) = (0u32, 0u32);
    let mut kind = String::new();
    let mut shown = cell::Shown::default();
    let mut value = String::new();
    let (mut in_cell, mut in_value) = (false, false);
    for event in Reader::new(text) {
        match event {
            Event::Open(e) => match e.name {
                "row" => {
                    row = e.attribute("r").and_then(|r| r.parse().ok()).unwrap_or(row.saturating_add(1));
                    column = 0;
                }
                "c" => {
                    let place = e.attribute("r").and_then(|r| reference(&r));
                    column = column.saturating_add(1);
                    (row, column) = place.unwrap_or((row, column));
                    kind.clear();
                    kind.push_str(&e.attribute("t").unwrap_or_default());
                    let style = e.attribute("s").and_then(|s| s.parse::<usize>().ok()).unwrap_or(0);
                    shown = shared.formats.get(style).copied().unwrap_or_default();
                    value.clear();
                    (in_cell, formula) = (true, false);
                }
                // `v` holds the value, `t` the text of one that is not shared; `f` is a formula.
                "v" | "t" if in_cell => in_value = true,
                "f" if in_cell => formula = true,
                _ => {}
            },
            Event::Close("v" | "t") => in_value = false,
            Event::Close("c") => {
                in_cell = false;
                let inside = (1..=LAST.0).contains(&row) && (1..=LAST.1).contains(&column);
                if let Some(cell) = content(&kind, &value, shown, shared).filter(|_| inside) {
                    out.push((row - 1, column - 1, cell));
                } else if formula && value.trim().is_empty() {
                    formulas += 1;
                }
            }
            Event::Text(t) if in_value => value.push_str(&t),
            // Other parts of a sheet than its data have no cells.
            Event::Close("sheetData") => {
                whole = true;
                break;
            }
            _ => {}
        }
    }
    // A sheet of charts has no data.
    whole |= !text.contains("sheetData");
    Cells { cells: out, whole, formulas }
}

/// What a cell of that type holds; `None` where it is empty.
fn content(kind: &str, value: &str, shown: cell::Shown, shared: &Shared) -> Option<Cell> {
    let trimmed = value.trim();
    match kind {
        "s" => trimmed.parse::<usize>().ok().and_then(|i| shared.strings.get(i)).cloned().map(Cell::Text),
        "str" | "inlineStr" => (!trimmed.is_empty()).then(|| Cell::Text(unescape(value).into())),
        "b" => Some(Cell::Text(if trimmed == "0" || trimmed.is_empty() { "FALSE" } else { "TRUE" }.into())),
        "e" => Some(Cell::Error),
        "d" => Some(Cell::Date(trimmed.trim_end_matches('Z').replace('T', " ").into())),
        _ if trimmed.is_empty() => None,
        _ => match trimmed.parse::<f64>().ok().filter(|v| v.is_finite()) {
            Some(v) => Some(shown.cell(v, shared.from_1904)),
            // Numbers as some writers put them: `1,5`, `NaN`.
            None => Some(Cell::Text(trimmed.into())),
        },
    }
}

/// Row and column of `AB12`, from 1.
fn reference(text: &str) -> Option<(u32, u32)> {
    let digits = text.find(|c: char| c.is_ascii_digit())?;
    let (letters, number) = text.split_at_checked(digits)?;
    if letters.is_empty() || letters.len() > 3 {
        return None;
    }
    let mut column = 0u32;
    for c in letters.bytes() {
        column = column * 26 + u32::from(c.to_ascii_uppercase().checked_sub(b'A').filter(|d| *d < 26)?) + 1;
    }
    Some((number.parse().ok()?, column))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references() {
        for (text, place) in [
            ("A1", Some((1, 1))),
            ("Z9", Some((9, 26))),
            ("AA10", Some((10, 27))),
            ("XFD1048576", Some((1_048_576, 16_384))),
            ("ZZZZZZZ1", None),
            ("A99999999999", None),
            ("1", None),
            ("$A$1", None),
            ("A", None),
        ] {
            assert_eq!(reference(text), place, "{text}");
        }
    }

    #[test]
    fn texts_of_runs_without_guides() {
        let text =
            "<sst><si><r><t>a_x000D_</t></r><r><t>b</t></r><rPh><t>c</t></rPh></si><si/><si><t>_x_</t></si></sst>";
        let all = strings(text);
        assert_eq!(all.iter().map(|t| t.to_string()).collect::<Vec<_>>(), ["a\rb", "", "_x_"]);
    }
}
