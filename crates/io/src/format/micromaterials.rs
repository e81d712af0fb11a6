//! Curves that Micro Materials' NanoTest exports one a file, without a word in it.
//!
//! Three columns separated by tabs: time, depth, load. The file's name holds all the rest: target (`1000nm…`, `50mN…`),
//! number of the indent, stage x and y in µm, as in `1000nmXX 1 6958 -4555.txt`. Without such a name it is a table of
//! text like any other. The file writes no units, so that the numbers stay as they are; those of the program are told in
//! the metadata.

use std::path::Path;

use crate::{Confidence, Dataset, Format, Limits, Metadata, ReadError, Reader, Source, TableInfo};
use softspot_data::unit::Unit;

use super::text::number::{self, Mark};
use super::text::{columns, encoding};

const ID: &str = "micro-materials";
/// Columns and the units in which the program exports them.
const COLUMNS: [(&str, &str); 3] = [("Time", "s"), ("Depth", "nm"), ("Load", "mN")];

/// The reader.
pub struct MicroMaterials;

static FORMAT: Format = Format {
    id: ID,
    name: "Micro Materials curve",
    extensions: &["txt"],
    about: "Time, depth and load of one indent; target, number and position from the file's name.",
    reference: "exports of the NanoTest",
};

impl Reader for MicroMaterials {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn folder_of_curves(&self) -> bool {
        true
    }

    fn sniff(&self, source: &Source) -> Confidence {
        if Name::of(source.path()).is_none() {
            return 0;
        }
        let text = encoding::decode(source.head());
        let mut lines = text.lines().take(20);
        let three = lines.all(|l| cells(l).is_some_and(|c| columns::is_row(&c, Mark::Point)));
        60 * Confidence::from(three && !text.is_empty())
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let text = encoding::lines(source.bytes());
        let mut rows = Vec::new();
        for (i, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
            let row = cells(line).filter(|c| columns::is_row(c, Mark::Point)).ok_or_else(|| {
                ReadError::new(ID, "a line is not three numbers separated by tabs")
                    .line(i + 1)
                    .hint("rename the file if it is no curve of the NanoTest, or export it again")
            })?;
            rows.push(row);
        }
        let mut dataset = Dataset::new(ID, limits);
        let mut info = TableInfo::default();
        let mut metadata = Metadata::new();
        if let Some(name) = Name::of(source.path()) {
            metadata.extend([("Target".into(), name.target), ("Indent".into(), name.number)]);
            info.position = Some(name.position);
        }
        for (name, unit) in COLUMNS {
            metadata.push((format!("unit of {name}, not written in the file"), unit.into()));
        }
        info.metadata = metadata;
        let table = dataset.add_table(info);
        for (c, (name, _)) in COLUMNS.iter().enumerate() {
            let cells: Vec<&str> = rows.iter().map(|r| r.get(c).copied().unwrap_or("")).collect();
            columns::push(&mut dataset, table, name, Unit::none(), &cells, Mark::Point)?;
        }
        dataset.finish().map_err(|e| e.hint("three columns of numbers are wanted: time, depth, load"))
    }
}

fn cells(line: &str) -> Option<[&str; 3]> {
    let mut cells = line.trim_end().split('\t').map(str::trim);
    let three = [cells.next()?, cells.next()?, cells.next()?];
    cells.next().is_none().then_some(three)
}

/// What the name of a file tells.
struct Name {
    target: String,
    number: String,
    /// In m.
    position: [f64; 2],
}

impl Name {
    /// `1000nmXX 1 6958 -4555.txt`.
    fn of(path: &Path) -> Option<Name> {
        let stem = path.file_stem()?.to_str()?;
        let words: Vec<&str> = stem.split_whitespace().collect();
        let [what @ .., number, x, y] = words.as_slice() else { return None };
        let target = what.first()?;
        let digits = target.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (value, unit) = target.split_at_checked(digits)?;
        let unit = ["nm", "um", "µm", "mN", "uN", "µN"].iter().find(|u| unit.starts_with(**u))?;
        number.parse::<u32>().ok()?;
        number::parse(value, Mark::Point)?;
        let place = |t: &str| number::parse(t, Mark::Point).map(|v| v * 1e-6);
        Some(Name {
            target: format!("{value} {unit}"),
            number: (*number).to_string(),
            position: [place(x)?, place(y)?],
        })
    }
}
