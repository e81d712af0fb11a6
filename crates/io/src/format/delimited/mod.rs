//! Tables and matrices as text: CSV, TSV, semicolons or blanks, decimal point or comma, UTF-8, UTF-16 or Latin-1.
//!
//! Known writers: people, spreadsheets, rheometers and DMA (Anton Paar, RepTate files, TRIOS one step a file),
//! nanoindenters, Gwyddion's text export. The rules: the table is the longest run of lines with numbers; up to three
//! rows of words above it are groups, names and units; a unit may stand in a name as `T (K)`, `E'' [MPa]`, `ω / rad/s`;
//! `#` starts a comment, `sep=;` says what separates; everything else is metadata. A short row has empty cells; blank lines alone do not end a table.
//! A column with any other word than a missing value is text. Several tables in a file (the intervals of a rheometer)
//! are told apart by the lines of words between them and named by those; several maps by their heads or blank lines. Without names, more than eight columns of
//! numbers are a map (row 0 on top; the sizes of Gwyddion's comments are taken), fewer are `column_0`, `column_1`, ….
//!
//! A number is never guessed: separator, decimal mark and group mark are what explains most cells of the whole file;
//! `1,300` without a hint elsewhere makes a column text, and decimal commas that could all be thousands separators make the
//! file an error. A remark behind the last column takes no row.

pub(super) mod dialect;
mod export;
mod header;
mod labview;
mod names;
mod stretches;
mod title;

use crate::{Channel, Confidence, Dataset, Format, Limits, Metadata, ReadError, Reader, Source, TableInfo};
use softspot_data::unit::Unit;

use super::text::{columns::within, encoding, number};
use export::MapHead;
use number::Mark;
use stretches::{Grid, Layout, Line};

const ID: &str = "text";
/// Columns up to which numbers without names are a table.
const TABLE_COLUMNS: usize = 8;

/// The reader.
pub struct Delimited;

static FORMAT: Format = Format {
    id: ID,
    name: "Text table or matrix",
    extensions: &["csv", "tsv", "txt", "dat", "asc", "xyz", "lvm"],
    about: "Tables with their headers and units, one or several a file, or one matrix of numbers.",
    reference: "RFC 4180 and the habits of instruments",
};

impl Reader for Delimited {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn folder_of_curves(&self) -> bool {
        true
    }

    fn sniff(&self, source: &Source) -> Confidence {
        let (text, name) = (encoding::decode(source.head()), source.name());
        let start = text.trim_start();
        if start.is_empty() || encoding::control_character(&text).is_some() || start.starts_with(['{', '<']) {
            return 0;
        }
        let usual = FORMAT.extensions.iter().any(|e| name.rsplit_once('.').is_some_and(|(_, own)| own == *e));
        let words = |c: char| c.is_whitespace() || matches!(c, ',' | ';');
        let numbers = text.split(words).any(|c| number::parse(c, Mark::Point).is_some());
        5 + 10 * Confidence::from(numbers) + 5 * Confidence::from(usual)
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let text = encoding::lines(source.bytes());
        if let Some(at) = encoding::control_character(&text) {
            return Err(ReadError::new(ID, "there are binary data in the text")
                .at(at)
                .hint("this is a vendor's format that is not read; export it as plain text"));
        }
        let layout = stretches::find(&text)?;
        let mut padded = 0usize;
        for grid in &layout.tables {
            let rows = layout.table(grid).count();
            // Every table for itself, and all together.
            within(ID, [rows, grid.columns], source.bytes().len(), limits)?;
            padded = padded.saturating_add(rows.saturating_mul(grid.columns));
            within(ID, [padded, 1], source.bytes().len(), limits)?;
        }
        let mut parts: Vec<Metadata> = layout.rest().iter().map(|lines| metadata(lines)).collect();
        let mut commas = Commas::default();
        let mut dataset = Dataset::new(ID, limits);
        let several = layout.tables.len() > 1;
        let mut titles = title::Titles::default();
        let mut whole = Metadata::new();
        for (i, grid) in layout.tables.iter().enumerate() {
            let mut own = parts.get_mut(i).map(std::mem::take).unwrap_or_default();
            let columns = columns(&layout, grid, &mut own, &mut commas);
            let titled = || title::Titles::nearest(&layout, i).map(|t| export::named(&t));
            let head = export::head(&own).or_else(titled);
            if is_matrix(&layout, grid, &columns, head.as_ref()) {
                let (channel, values) = matrix(&columns, head);
                let name = channel.name.clone();
                dataset.push(channel, values)?;
                // What stands above the first map is said of the file.
                let entry = |(k, v): (String, String)| (if i == 0 { k } else { format!("{name}/{k}") }, v);
                whole.extend(own.into_iter().map(entry));
                continue;
            }
            let name = if several { titles.of(&layout, i) } else { String::new() };
            let numbers = columns.iter().any(|c| matches!(c.cells, Raw::Numbers(_)));
            if !numbers && several {
                whole.append(&mut own);
                continue;
            }
            let mut info = TableInfo::named(name);
            // What stands above the first table is said of the file.
            if i == 0 {
                whole.append(&mut own);
            } else {
                info.metadata = own;
            }
            let table = dataset.add_table(info);
            for c in columns {
                match c.cells {
                    Raw::Numbers(v) => dataset.push_column(table, &c.name, c.unit, v)?,
                    Raw::Words(w) => dataset.push_words(table, &c.name, w),
                }
            }
        }
        if layout.mark() == Mark::Comma
            && let Some(line) = commas.doubtful()
        {
            return Err(ReadError::new(ID, "every comma could be a decimal mark or group thousands (`1,300`)")
                .line(line)
                .hint("write the numbers with a decimal point and without thousands separators"));
        }
        if dataset.channels().is_empty() {
            let first = layout.tables.first().and_then(|g| layout.table(g).next());
            return Err(ReadError::new(ID, "no column of the table holds numbers only")
                .line(first.map_or(1, |l| l.number))
                .hint("remove units, thousands separators and words from its cells"));
        }
        dataset.metadata = whole;
        dataset.finish()
    }
}

/// A column as it stands in the file.
enum Raw {
    /// In the file's unit; missing cells are NaN. Ends with the last number.
    Numbers(Vec<f64>),
    Words(Vec<String>),
}

struct RawColumn {
    name: String,
    unit: Unit,
    cells: Raw,
}

fn columns(layout: &Layout<'_>, grid: &Grid, metadata: &mut Metadata, commas: &mut Commas) -> Vec<RawColumn> {
    let dialect = layout.dialect;
    let mut out = Vec::new();
    for line in layout.table(grid) {
        if let Some(words) = line.remark(grid.columns, dialect) {
            metadata.push((format!("line {}: remark", line.number), words.join(" ")));
        }
    }
    for line in layout.asides(grid) {
        if let Some((name, cells)) = line.cells.split_first() {
            metadata.push((format!("row `{}`", name.trim()), cells.join("; ")));
        }
    }
    for i in 0..grid.columns {
        let (name, unit) = match grid.header.as_ref().and_then(|h| h.get(i)) {
            Some(h) => h.clone(),
            None => (format!("column_{i}"), Unit::none()),
        };
        let cell = |l: &Line<'_>| l.cells.get(i).map_or(String::new(), |c| c.to_string());
        let mut values = Vec::new();
        let mut word = None;
        for line in layout.table(grid) {
            let text = line.cells.get(i).map_or("", |c| c);
            match dialect.number(text) {
                Some(v) => values.push(v),
                None if number::is_missing(text) => values.push(f64::NAN),
                None => {
                    word = Some((line.number, text.to_string()));
                    break;
                }
            }
        }
        let cells = match word {
            None => {
                while values.last().is_some_and(|v| v.is_nan()) {
                    values.pop();
                }
                if let Some((first, step)) = grid.times.filter(|_| i == 0 && values.is_empty()) {
                    values = (0..layout.table(grid).count()).map(|k| first + step * k as f64).collect();
                }
                layout.table(grid).for_each(|l| commas.see(l.cells.get(i).map_or("", |c| c), l.number));
                Raw::Numbers(values)
            }
            Some((line, text)) => {
                // What begins like a number was perhaps meant as one: `1,300`, `5 %`.
                let number =
                    |l: &Line<'_>| l.cells.get(i).is_some_and(|c| c.trim().starts_with(|c: char| c.is_ascii_digit()));
                if layout.table(grid).any(number) {
                    metadata.push((format!("{name}: kept as text"), format!("line {line} holds `{text}`")));
                }
                Raw::Words(layout.table(grid).map(cell).collect())
            }
        };
        // An unnamed column without a value is a separator too many.
        if !matches!(&cells, Raw::Numbers(v) if v.is_empty()) {
            out.push(RawColumn { name, unit, cells });
        }
    }
    out
}

/// Whether commas are decimal beyond doubt.
#[derive(Default)]
struct Commas {
    first: Option<usize>,
    decimal: bool,
}

impl Commas {
    fn see(&mut self, cell: &str, line: usize) {
        if cell.contains(',') {
            self.first.get_or_insert(line);
            self.decimal |= !number::may_group_thousands(cell);
        }
    }

    fn doubtful(&self) -> Option<usize> {
        self.first.filter(|_| !self.decimal)
    }
}

/// Numbers in a rectangle, without names.
fn is_matrix(layout: &Layout<'_>, grid: &Grid, columns: &[RawColumn], head: Option<&MapHead>) -> bool {
    let rows = layout.table(grid).count();
    let sized = head.is_some_and(|h| h.size.is_some());
    // An export of ours may have no size.
    let exported = head.is_some_and(|h| h.exported) && columns.len() > 2;
    let wide = columns.len() > TABLE_COLUMNS || sized || exported;
    let whole = |l: &Line<'_>| l.cells.len() == grid.columns || l.remark(grid.columns, layout.dialect).is_some();
    let numbers =
        columns.len() == grid.columns && columns.iter().all(|c| matches!(&c.cells, Raw::Numbers(v) if v.len() <= rows));
    grid.header.is_none() && rows >= 2 && wide && layout.table(grid).all(whole) && numbers
}

fn matrix(columns: &[RawColumn], head: Option<MapHead>) -> (Channel, Vec<f64>) {
    let head = head.unwrap_or_else(|| export::named(""));
    let rows = columns.iter().map(RawColumn::len).max().unwrap_or(0);
    let value = |c: &RawColumn, r: usize| match &c.cells {
        Raw::Numbers(v) => v.get(r).copied().unwrap_or(f64::NAN),
        Raw::Words(_) => f64::NAN,
    };
    let values = (0..rows).flat_map(|r| columns.iter().map(move |c| value(c, r))).collect();
    let name = if head.name.is_empty() { "data" } else { &head.name };
    (Channel::map(name, head.unit, rows, columns.len()).sized(head.size.map(|s| s.to_vec())), values)
}

/// Everything outside of the table: `key: value`, `key = value`, `key<tab>value`, or the line.
fn metadata(lines: &[&Line<'_>]) -> Metadata {
    let mut out = Metadata::new();
    for line in lines {
        let text = line.text.trim().trim_start_matches(['#', '%']).trim();
        if text.is_empty() {
            continue;
        }
        let parts: Vec<&str> = text.split(';').map(str::trim).filter(|p| !p.is_empty()).collect();
        let several = parts.len() > 1 && parts.iter().all(|p| p.contains('='));
        for part in if several { parts } else { vec![text] } {
            // `#SAMPLE:La60`, as Netzsch writes it.
            let headed = line.text.trim_start().starts_with('#').then(|| part.split_once(':')).flatten();
            let headed = headed.filter(|(k, _)| k.starts_with(char::is_alphabetic) && !k.contains(char::is_lowercase));
            let pair = headed
                .or_else(|| part.split_once('\t'))
                .or_else(|| part.split_once('='))
                .or_else(|| part.split_once(": "))
                .or_else(|| part.split_once('：'))
                .or_else(|| part.strip_suffix(':').map(|key| (key, "")));
            out.push(match pair {
                Some((k, v)) if !k.trim().is_empty() => (k.trim().trim_end_matches(':').into(), v.trim().into()),
                _ => (format!("line {}", line.number), part.into()),
            });
        }
    }
    out
}

impl RawColumn {
    fn len(&self) -> usize {
        match &self.cells {
            Raw::Numbers(v) => v.len(),
            Raw::Words(v) => v.len(),
        }
    }
}
