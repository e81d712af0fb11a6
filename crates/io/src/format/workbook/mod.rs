//! Workbooks of spreadsheets: `.xlsx` (ECMA-376), `.xlsb` (MS-XLSB), `.xls` (MS-XLS, BIFF5 and BIFF8) and `.ods`
//! (OpenDocument), as programs of instruments write them and people save them.
//!
//! Known writers: NanoSuite (Agilent, Keysight), InView (KLA iMicro), TriboScan (Hysitron), InspectorX (ASMEC), TRIOS
//! (TA Instruments), Eplexor (Netzsch), openpyxl. The rules: every table of numbers in a sheet is a table named by the
//! sheet; up to three rows of words above it are groups, names and units; a unit may stand in the name (`hc(nm)`).
//! Everything else is metadata under `sheet/key`. Rows of statistics below results (`Mean`, `% COV`) are no results:
//! they are left out, and a second table `… (with summary rows)` has them. Numbers of 1e300 and more are marks for
//! missing ones. Dates are words.
//!
//! All are read by our own code: a broken workbook must give an error and nothing else, and what a sheet
//! claims of its size must not decide how much memory it takes.

mod biff;
mod cell;
mod header;
mod ods;
mod ooxml;
mod package;
mod ranges;
mod strings;
mod table;
mod vendor;
mod xlsb;

use crate::{Channel, Confidence, Dataset, Format, Limits, Metadata, ReadError, Reader, Source, TableInfo};
use softspot_data::unit::Unit;

use cell::Sheet;
use ranges::{Grid, View};
use table::{Content, Table};

/// Bytes of words in columns that one file may have.
const WORDS: usize = 64 << 20;
/// Entries of metadata, and bytes of each.
const ENTRIES: usize = 10_000;
const ENTRY: usize = 4096;

/// The reader of `.xlsx`.
pub struct Xlsx;
/// The reader of `.xlsb`.
pub struct Xlsb;
/// The reader of `.xls`.
pub struct Xls;
/// The reader of `.ods`.
pub struct Ods;

static XLSX: Format = Format {
    id: "xlsx",
    name: "Excel workbook",
    extensions: &["xlsx", "xlsm"],
    about: "The tables of all sheets with names and units; settings as metadata; maps without names. No formulas.",
    reference: "ECMA-376; exports of NanoSuite, InView, TriboScan, InspectorX, TRIOS",
};

static XLSB: Format = Format {
    id: "xlsb",
    name: "Excel binary workbook",
    extensions: &["xlsb"],
    about: "As xlsx: the tables of all sheets with names and units.",
    reference: "MS-XLSB",
};

static ODS: Format = Format {
    id: "ods",
    name: "OpenDocument spreadsheet",
    extensions: &["ods"],
    about: "As xlsx: the tables of all sheets with names and units. Not encrypted, not as flat XML.",
    reference: "ISO/IEC 26300 (OpenDocument 1.3)",
};

static XLS: Format = Format {
    id: "xls",
    name: "Excel 97 workbook",
    extensions: &["xls"],
    about: "As xlsx: the tables of all sheets with names and units. BIFF5 and BIFF8, not encrypted.",
    reference: "MS-XLS; exports of NanoSuite, TRIOS, Eplexor",
};

impl Reader for Xlsx {
    fn format(&self) -> &'static Format {
        &XLSX
    }

    fn sniff(&self, source: &Source) -> Confidence {
        let zip = source.head().starts_with(b"PK\x03\x04");
        let workbook = |m: &String| m.replace('\\', "/").eq_ignore_ascii_case("xl/workbook.xml");
        if zip && source.members().iter().any(workbook) { 95 } else { 0 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        dataset(XLSX.id, &ooxml::read(source, limits)?, limits)
    }
}

impl Reader for Xlsb {
    fn format(&self) -> &'static Format {
        &XLSB
    }

    fn sniff(&self, source: &Source) -> Confidence {
        let zip = source.head().starts_with(b"PK\x03\x04");
        let workbook = |m: &String| m.replace('\\', "/").eq_ignore_ascii_case(xlsb::WORKBOOK);
        if zip && source.members().iter().any(workbook) { 95 } else { 0 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        dataset(XLSB.id, &xlsb::read(source, limits)?, limits)
    }
}

impl Reader for Ods {
    fn format(&self) -> &'static Format {
        &ODS
    }

    fn sniff(&self, source: &Source) -> Confidence {
        let head = source.head();
        let own = |h: &[u8]| h.windows(ods::MIME.len()).any(|w| w == ods::MIME);
        if head.starts_with(b"PK\x03\x04") && head.get(..256).is_some_and(own) { 95 } else { 0 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        dataset(ODS.id, &ods::read(source, limits)?, limits)
    }
}

impl Reader for Xls {
    fn format(&self) -> &'static Format {
        &XLS
    }

    fn sniff(&self, source: &Source) -> Confidence {
        let ole = crate::container::ole::is_compound(source);
        match source.members() {
            members if ole && members.iter().any(|m| biff::STREAMS.contains(&m.as_str())) => 95,
            // A workbook of either kind behind a password.
            members if ole && members.iter().any(|m| m == biff::ENCRYPTED) => 60,
            _ => 0,
        }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        dataset(XLS.id, &biff::read(source, limits)?, limits)
    }
}

/// What is said of a sheet whose writer did not calculate it.
fn formulas_without_results(n: usize) -> (String, String) {
    let what =
        format!("{n} cells hold formulas without results; open the workbook in a spreadsheet program and save it");
    ("not read".into(), what)
}

/// All tables of all sheets.
fn dataset(id: &'static str, sheets: &[Sheet], limits: &Limits) -> Result<Dataset, ReadError> {
    let mut found = Vec::new();
    let mut metadata = Metadata::new();
    let mut budget = WORDS;
    for sheet in sheets {
        sheet.notes.iter().for_each(|(k, v)| note(&mut metadata, format!("{}/{k}", sheet.name), v.clone()));
        let mark = cell::mark(sheet);
        let layout = ranges::find(sheet, mark.0);
        let several = layout.tables.len() > 1;
        layout.settings.iter().for_each(|g| named_settings(&sheet.name, g, &mut metadata));
        for grid in layout.tables {
            let name = match &grid.title {
                Some(title) if several && *title != sheet.name => format!("{} / {title}", sheet.name),
                _ => sheet.name.clone(),
            };
            bounded(id, sheet, &grid)?;
            let table = table::columns(&grid, mark, false, &mut budget).ok_or_else(|| too_many_words(id))?;
            if table.columns.iter().all(|c| matches!(c.cells, Content::Words(_))) {
                settings(&sheet.name, &grid.rows, &mut metadata);
                continue;
            }
            if let Some(title) = grid.title.as_ref().filter(|t| !name.ends_with(t.as_str())) {
                note(&mut metadata, format!("{name}/title"), title.clone());
            }
            found.push((name, grid, table, mark));
        }
        settings(&sheet.name, &layout.rest, &mut metadata);
    }
    let mut dataset = Dataset::new(id, limits);
    let positions = vendor::positions(found.iter().map(|(_, _, t, _)| t.columns.as_slice()));
    for (name, grid, table, mark) in found {
        for (key, value) in &table.notes {
            note(&mut metadata, format!("{name}/{key}"), value.clone());
        }
        if let Some(values) = table::matrix(&grid, mark.0) {
            dataset.push(Channel::map(&name, Unit::none(), grid.rows.len(), grid.columns.len()), values)?;
            continue;
        }
        let position = vendor::test_number(&name).and_then(|n| positions.get(&n).copied());
        let mut info = TableInfo { position, ..TableInfo::named(&name) };
        if let Some([x, y]) = vendor::position_columns(&table.columns) {
            info.metadata.push(("position columns".into(), format!("{x}; {y}")));
        }
        let summary = summary_of(&table);
        push(&mut dataset, info, table)?;
        if let Some(text) = summary {
            let whole = format!("{name} (with summary rows)");
            note(&mut metadata, format!("{name}/summary rows"), format!("{text}: left out, kept in `{whole}`"));
            let table = table::columns(&grid, mark, true, &mut budget).ok_or_else(|| too_many_words(id))?;
            push(&mut dataset, TableInfo::named(whole), table)?;
        }
    }
    if dataset.channels().is_empty() {
        return Err(ReadError::new(id, "no sheet of the workbook holds a table of numbers")
            .hint("rows of numbers are wanted, with or without a row of names above them"));
    }
    dataset.metadata = metadata;
    dataset.finish()
}

/// Cells that are not there take memory too, once a table is made of columns.
fn bounded(id: &'static str, sheet: &Sheet, grid: &Grid<'_>) -> Result<(), ReadError> {
    let cells: usize = grid.rows.iter().map(|r| r.cells.len()).sum();
    if grid.rows.len().saturating_mul(grid.columns.len()) > cells.saturating_mul(16).max(1 << 16) {
        let what = format!("the cells of sheet `{}` lie too far apart to be a table", sheet.name);
        return Err(ReadError::new(id, what).hint("keep one table a sheet, without gaps"));
    }
    Ok(())
}

fn too_many_words(id: &'static str) -> ReadError {
    let what = format!("the words in the columns take more than the limit of {WORDS} bytes");
    ReadError::new(id, what).hint("leave out columns of text, or split the workbook")
}

fn push(dataset: &mut Dataset, info: TableInfo, table: Table<'_>) -> Result<(), ReadError> {
    let index = dataset.add_table(info);
    for column in table.columns {
        match column.cells {
            Content::Numbers(values) => dataset.push_column(index, &column.name, column.unit, values)?,
            Content::Words(words) => dataset.push_words(index, &column.name, words),
        }
    }
    Ok(())
}

/// `Mean (row 18), Std. Dev. (row 19)`.
fn summary_of(table: &Table<'_>) -> Option<String> {
    let one = |r: &View<'_>| r.first_word().map(|w| format!("{w} (row {})", r.number + 1));
    let all: Vec<String> = table.summary.iter().take(20).filter_map(one).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// Settings under names: `Values | 5 | 6` below `Load: | Time:` is `Values/Load` and `Values/Time`.
fn named_settings(sheet: &str, grid: &Grid<'_>, metadata: &mut Metadata) {
    let plain = |t: &str| t.trim_end_matches([':', '=']).trim().to_string();
    for row in &grid.rows {
        let first = row.cells.first().filter(|(_, c)| c.words().is_some());
        for (c, cell) in row.cells.iter().filter(|c| first.is_none_or(|f| f.0 != c.0)) {
            let at = grid.columns.binary_search(c).ok();
            let own = at.and_then(|i| grid.header.as_ref()?.get(i));
            let name = own.map(|(name, unit)| (plain(name), unit.symbol.as_str()));
            let (name, unit) = name.unwrap_or_else(|| (format!("column_{c}"), ""));
            let key: Vec<String> = first.map(|(_, w)| plain(&w.show())).into_iter().chain([name]).collect();
            note(metadata, format!("{sheet}/{}", cut(key.join("/"))), format!("{} {unit}", cell.show()).trim().into());
        }
    }
}

/// Rows outside of tables: `key | value …`, `key = value`, `key: value`, or the words of the row.
fn settings(sheet: &str, rows: &[View<'_>], metadata: &mut Metadata) {
    let left = rows.iter().filter_map(|r| r.cells.first()).map(|(c, _)| *c).min().unwrap_or(0);
    let mut last: Option<u32> = None;
    for row in rows {
        if metadata.len() >= ENTRIES {
            return;
        }
        let Some(((first_column, first), others)) = row.cells.split_first() else { continue };
        let shown =
            |cells: &[(u32, cell::Cell)]| cells.iter().take(64).map(|(_, c)| c.show()).collect::<Vec<_>>().join("; ");
        let goes_on = *first_column > left && last.is_some_and(|l| row.number == l + 1);
        if goes_on && let Some((_, value)) = metadata.last_mut().filter(|(_, v)| v.len() < ENTRY) {
            // A value of several lines under one key.
            value.push_str("; ");
            value.push_str(&cut(shown(row.cells)));
            last = Some(row.number);
            continue;
        }
        let (key, value) = if others.is_empty() {
            let text = first.show();
            match text.split_once(" = ").or_else(|| text.split_once(": ")) {
                Some((k, v)) if !k.trim().is_empty() => (k.trim().to_string(), v.trim().to_string()),
                _ => (format!("row {}", row.number + 1), text),
            }
        } else if *first_column > left {
            (format!("row {}", row.number + 1), shown(row.cells))
        } else {
            (first.show().trim_end_matches([':', '=']).trim().to_string(), shown(others))
        };
        last = (!others.is_empty()).then_some(row.number);
        note(metadata, format!("{sheet}/{}", cut(key)), value);
    }
}

fn note(metadata: &mut Metadata, key: String, value: String) {
    if metadata.len() < ENTRIES {
        metadata.push((key, cut(value)));
    }
}

/// A text of bounded length.
fn cut(mut text: String) -> String {
    if text.len() > ENTRY {
        let at = (0..=ENTRY).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
        text.truncate(at);
        text.push('…');
    }
    text
}
