//! Spreadsheets of OpenDocument (ISO/IEC 26300): one XML part with all sheets, cells and rows that say how often they
//! are repeated.

use super::cell::{Cell, Sheet};
use super::ooxml::LAST;
use super::package::{Budget, Package};
use crate::format::text::xml::{Element, Event, Reader};
use crate::{Limits, ReadError, Source};

const ID: &str = "ods";
/// What the archive says of itself in its first member.
pub(super) const MIME: &[u8] = b"application/vnd.oasis.opendocument.spreadsheet";
/// Cells that repetition may make in any file, and how many times its characters beyond that.
const SURELY_FINE: usize = 1 << 20;
const REPETITION: usize = 16;

/// Reads all sheets.
pub(super) fn read(source: &Source, limits: &Limits) -> Result<Vec<Sheet>, ReadError> {
    let package = Package::open(ID, source, limits)?;
    let manifest = package.text("META-INF/manifest.xml")?.unwrap_or_default();
    if manifest.contains("encryption-data") {
        return Err(ReadError::new(ID, "the workbook is encrypted")
            .hint("open it in a spreadsheet program with its password and save it without one"));
    }
    let text = package.text("content.xml")?.ok_or_else(|| {
        ReadError::new(ID, "the archive has no `content.xml`").hint("it is no spreadsheet; is it the right file?")
    })?;
    if !text.contains(":spreadsheet") {
        return Err(ReadError::new(ID, "the document is no spreadsheet").hint("name the file with the table in it"));
    }
    if !text.trim_end().ends_with('>') || !text.contains(":spreadsheet>") {
        return Err(ReadError::new(ID, "`content.xml` ends in the middle of its data")
            .hint("the file is damaged; copy it again"));
    }
    let most = SURELY_FINE.max(text.len().saturating_mul(REPETITION));
    let mut budget = Budget::new(ID, limits);
    let mut out = Vec::new();
    let mut sheet: Option<Building> = None;
    // Notes of people beside a cell have paragraphs of their own; charts and drawings hold tables of their own.
    let mut aside = 0usize;
    for event in Reader::new(&text) {
        match event {
            Event::Open(e) if is_aside(e.name) => aside += 1,
            Event::Close(name) if is_aside(name) => aside = aside.saturating_sub(1),
            _ if aside > 0 => {}
            Event::Open(e) if e.name == "table" => {
                if out.len() >= limits.channels {
                    break;
                }
                let name = e.attribute("name").unwrap_or_default().into_owned();
                sheet = Some(Building { name, most, ..Building::default() });
            }
            Event::Close("table") => {
                let Some(done) = sheet.take() else { continue };
                budget.take(done.cells.len())?;
                out.push(done.finish());
            }
            event => {
                let Some(sheet) = &mut sheet else { continue };
                sheet.take(&event);
                if sheet.cells.len() > most {
                    let what = format!("sheet `{}` repeats its cells more than {most} times", sheet.name);
                    return Err(ReadError::new(ID, what).hint("save it again without rows of copies"));
                }
            }
        }
    }
    Ok(out)
}

fn is_aside(name: &str) -> bool {
    matches!(name, "annotation" | "shapes" | "tracked-changes" | "frame" | "dde-links" | "forms")
}

/// A sheet as it comes.
#[derive(Default)]
struct Building {
    name: String,
    cells: Vec<(u32, u32, Cell)>,
    /// Cells from which on nothing is added.
    most: usize,
    /// Formulas that the writer did not calculate.
    formulas: usize,
    row: u32,
    column: u32,
    /// Where the cells of the present row begin, and how often it is repeated.
    begin: usize,
    rows: u32,
    cell: Option<Open>,
    /// The paragraphs of the present cell.
    text: String,
    in_paragraph: bool,
}

/// A cell whose end has not come.
struct Open {
    kind: String,
    value: String,
    formula: bool,
    columns: u32,
}

impl Building {
    fn take(&mut self, event: &Event<'_>) {
        match event {
            Event::Open(e) => self.open(e),
            Event::Close("table-cell" | "covered-table-cell") => self.close_cell(),
            Event::Close("table-row") => self.close_row(),
            Event::Close("p") => self.in_paragraph = false,
            Event::Text(t) if self.in_paragraph && self.cell.is_some() => self.text.push_str(t),
            Event::Text(_) | Event::Close(_) => {}
        }
    }

    fn open(&mut self, e: &Element<'_>) {
        let repeated = |name| e.attribute(name).and_then(|n| n.parse().ok()).unwrap_or(1u32).max(1);
        match e.name {
            "table-row" => {
                (self.column, self.begin) = (0, self.cells.len());
                self.rows = repeated("number-rows-repeated");
            }
            "table-cell" | "covered-table-cell" => {
                let own = |name| e.attribute(name).map(|v| v.into_owned());
                let kind = own("value-type").unwrap_or_default();
                let value = own("value").or_else(|| own("date-value")).or_else(|| own("boolean-value"));
                self.text.clear();
                self.cell = Some(Open {
                    kind,
                    value: value.or_else(|| own("string-value")).unwrap_or_default(),
                    formula: e.attribute("formula").is_some(),
                    columns: repeated("number-columns-repeated"),
                });
            }
            "p" => {
                if !self.text.is_empty() {
                    self.text.push('\n');
                }
                self.in_paragraph = true;
            }
            // Blanks beyond one, tabs and new lines are elements.
            "s" if self.in_paragraph => {
                let n = e.attribute("c").and_then(|n| n.parse::<usize>().ok()).unwrap_or(1).min(64);
                self.text.extend(std::iter::repeat_n(' ', n));
            }
            "tab" | "line-break" if self.in_paragraph => self.text.push(' '),
            _ => {}
        }
    }

    fn close_cell(&mut self) {
        let Some(open) = self.cell.take() else { return };
        self.in_paragraph = false;
        let from = self.column;
        self.column = from.saturating_add(open.columns);
        let Some(cell) = content(&open.kind, &open.value, &self.text) else {
            self.formulas += usize::from(open.formula);
            return;
        };
        if self.row < LAST.0 {
            let to = self.column.min(LAST.1);
            self.cells.extend((from..to).map(|c| (self.row, c, cell.clone())));
        }
    }

    fn close_row(&mut self) {
        let next = self.row.saturating_add(self.rows);
        let end = self.cells.len();
        // An empty row may be repeated to the end of the sheet.
        if end > self.begin {
            for row in self.row + 1..next.min(LAST.0) {
                if self.cells.len() > self.most {
                    break;
                }
                self.cells.extend_from_within(self.begin..end);
                let copies = self.cells.len() - (end - self.begin);
                self.cells.iter_mut().skip(copies).for_each(|c| c.0 = row);
            }
        }
        self.row = next;
        self.rows = 1;
    }

    fn finish(self) -> Sheet {
        let mut sheet = Sheet::new(self.name, self.cells);
        if self.formulas > 0 {
            sheet.notes.push(super::formulas_without_results(self.formulas));
        }
        sheet
    }
}

/// What a cell of that type holds; `None` where it is empty.
fn content(kind: &str, value: &str, text: &str) -> Option<Cell> {
    let number = || value.trim().parse::<f64>().ok().filter(|v| v.is_finite());
    let shown = text.trim();
    // `#N/A` and `Err:502` stand where a formula has no value, and zero may stand beside them.
    if shown.starts_with('#') && shown.ends_with(['!', '?', 'A']) || shown.starts_with("Err:") {
        return Some(Cell::Error);
    }
    match kind {
        "float" | "currency" => number().map(Cell::Number),
        "percentage" => number().map(Cell::Percent),
        "boolean" => Some(Cell::Text(if value == "true" { "TRUE" } else { "FALSE" }.into())),
        "date" => Some(Cell::Date(value.trim_end_matches('Z').replace('T', " ").into())),
        "time" => Some(Cell::Date(shown.into())),
        _ if shown.is_empty() => (!value.trim().is_empty()).then(|| Cell::Text(value.into())),
        _ => Some(Cell::Text(text.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cells_hold() {
        assert_eq!(content("float", "1.5", "1,5"), Some(Cell::Number(1.5)));
        assert_eq!(content("percentage", "0.05", "5 %"), Some(Cell::Percent(0.05)));
        assert_eq!(content("date", "2021-09-07T12:00:00", ""), Some(Cell::Date("2021-09-07 12:00:00".into())));
        assert_eq!(content("string", "", "#DIV/0!"), Some(Cell::Error));
        assert_eq!(content("string", "", "Err:502"), Some(Cell::Error));
        assert_eq!(content("float", "0", "#DIV/0!"), Some(Cell::Error));
        assert_eq!(content("", "", "#"), Some(Cell::Text("#".into())));
        assert_eq!(content("", "", " "), None);
        assert_eq!(content("float", "", "x"), None);
    }
}
