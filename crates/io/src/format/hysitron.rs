//! Hysitron's high-load indenter and PI series (`.hld`): a long header and blocks of columns as text.
//!
//! `key: value` lines; then blocks, each begun by `Test Data Points: 1068` (also `Sample Approach`, `Drift Measurement`),
//! a line of names separated by tabs with the unit behind the last underscore (`Disp_nm`, `Force_µN`), and as many rows
//! as the line said. Latin-1. Known from files of `Hysitron HighLoad FBControls`.

use crate::{Confidence, Dataset, Format, Limits, ReadError, Reader, Source, TableInfo};
use softspot_data::unit::{Quantity, Unit};

use super::text::number::Mark;
use super::text::{columns, encoding, label};

const ID: &str = "hysitron-hld";
/// What the line that begins a block says behind the block's name.
const POINTS: &str = " Data Points";

/// The reader.
pub struct Hld;

static FORMAT: Format = Format {
    id: ID,
    name: "Hysitron high load (.hld)",
    extensions: &["hld"],
    about: "A table a block: approach, drift measurement, test; every header field as metadata.",
    reference: "files of Hysitron HighLoad FBControls 6.1",
};

impl Reader for Hld {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn folder_of_curves(&self) -> bool {
        true
    }

    fn sniff(&self, source: &Source) -> Confidence {
        let text = encoding::decode(source.head());
        if text.trim_start().starts_with("File Version: Hysitron") {
            return 95;
        }
        let mut lines = text.lines().skip_while(|l| points(l).is_none()).skip(1);
        let names = lines.next().is_some_and(|l| l.contains('\t') && l.contains("Time_s"));
        80 * Confidence::from(names)
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let text = encoding::lines(source.bytes());
        let mut dataset = Dataset::new(ID, limits);
        let mut lines = text.lines().enumerate();
        let mut blocks = Vec::new();
        while let Some((i, line)) = lines.next() {
            if let Some((name, count)) = points(line) {
                let names: Vec<&str> =
                    lines.next().map(|(_, l)| l.split('\t').map(str::trim).collect()).unwrap_or_default();
                let mut rows = Vec::new();
                while rows.len() < count {
                    let row = lines.next().map(|(_, l)| l.split('\t').map(str::trim).collect::<Vec<_>>());
                    let Some(row) = row.filter(|r| r.len() >= names.len() && columns::is_row(r, Mark::Point)) else {
                        let what = format!("`{name}` has {} rows of the {count} that are announced", rows.len());
                        return Err(ReadError::new(ID, what)
                            .line(i + 1)
                            .hint("the file is cut or damaged; copy it again from the instrument"));
                    };
                    rows.push(row);
                }
                blocks.push((name, names, rows));
            }
            if let Some((key, value)) = line.split_once(':') {
                dataset.metadata.push((key.trim().into(), value.trim().into()));
            } else if !line.trim().is_empty() {
                dataset.metadata.push((format!("line {}", i + 1), line.trim().into()));
            }
        }
        let position = position(&dataset);
        for (name, names, rows) in blocks {
            let table = dataset.add_table(TableInfo { position, ..TableInfo::named(name) });
            let mut taken = std::collections::BTreeSet::new();
            for (c, full) in names.iter().enumerate().filter(|(_, n)| !n.is_empty()) {
                let cells: Vec<&str> = rows.iter().map(|r| r.get(c).copied().unwrap_or("")).collect();
                let (short, unit) = split(full);
                // `Disp_nm` and `Disp_V` are told apart by their units.
                let own = if taken.contains(&short) { full.to_string() } else { short };
                columns::push(&mut dataset, table, &own, unit, &cells, Mark::Point)?;
                taken.insert(own);
            }
        }
        dataset.finish().map_err(|e| e.hint("a line such as `Test Data Points: 1068` begins the columns"))
    }
}

/// `Test Data Points: 1068`: what is measured, and how many rows follow.
fn points(line: &str) -> Option<(&str, usize)> {
    let (key, value) = line.split_once(':')?;
    let name = key.trim().strip_suffix(POINTS)?;
    Some((name, value.trim().parse().ok()?))
}

/// The name of a column without its unit, and that.
fn split(full: &str) -> (String, Unit) {
    let Some((name, unit)) = full.rsplit_once('_').filter(|(n, _)| !n.is_empty()) else {
        return (full.to_string(), Unit::none());
    };
    match label::unit_of(unit, name) {
        Some(unit) => (name.trim().to_string(), unit),
        // The piezo's two voltages.
        None if matches!(unit, "LowV" | "HighV") => (full.to_string(), Unit::of("V")),
        None => (full.to_string(), Unit::none()),
    }
}

/// Where the stage stood.
fn position(dataset: &Dataset) -> Option<[f64; 2]> {
    let get = |key: &str| {
        let (_, value) = dataset.metadata.iter().find(|(k, _)| k == key)?;
        let quantity = Quantity::parse(value).ok()?;
        quantity.unit.is_length().then_some(quantity.si).filter(|v| v.is_finite())
    };
    Some([get("Stage X")?, get("Stage Y")?])
}
