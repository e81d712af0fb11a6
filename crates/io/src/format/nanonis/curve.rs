//! Nanonis curves (`.dat`): bias and Z spectroscopy, spectra, histories.
//!
//! Text: `key<tab>value` lines, a line `[DATA]`, a line of labels, rows of numbers, tabs between. A label is a name, a
//! unit and tags, as in `Current [bwd] (A)` or `Current (A) [bwd] [filt]`. The position of the tip is in the header.

use crate::format::text::{columns::within, encoding, number::is_missing};
use crate::{Confidence, Dataset, Format, Limits, Metadata, ReadError, Reader, Source, TableInfo};

use super::{number, signal};

const ID: &str = "nanonis-dat";
/// Bytes of a header that would be too long.
const LONGEST: usize = 1 << 20;

/// The reader.
pub struct NanonisDat;

static FORMAT: Format = Format {
    id: ID,
    name: "Nanonis curve",
    extensions: &["dat"],
    about: "One table a file with names, units and the position of the tip.",
    reference: "Nanonis file formats, SPECS Zurich",
};

impl Reader for NanonisDat {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        let head = source.bytes().get(..source.bytes().len().min(LONGEST)).unwrap_or_default();
        // Keys and values up to the mark; most files begin with the kind of the experiment.
        let mut keys = 0;
        for line in head.split(|b| *b == b'\n').map(<[u8]>::trim_ascii_end) {
            match line {
                b"[DATA]" if head.starts_with(b"Experiment\t") => return 95,
                b"[DATA]" if keys > 0 => return 70,
                [] => {}
                l if l.contains(&b'\t') || is_key(l) => keys += 1,
                _ => return 0,
            }
        }
        0
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let text = encoding::decode(source.bytes());
        let mut lines = text.lines().enumerate();
        let mut metadata = Metadata::new();
        loop {
            let Some((_, line)) = lines.next() else {
                return Err(ReadError::new(ID, "there is no line `[DATA]`").hint("the file is cut; copy it again"));
            };
            if line.trim() == "[DATA]" {
                break;
            }
            let (key, value) = line.split_once('\t').unwrap_or((line, ""));
            if !key.trim().is_empty() {
                metadata.push((key.trim().into(), value.trim().into()));
            }
        }
        let (_, labels) = lines.next().ok_or_else(|| {
            ReadError::new(ID, "no names of columns stand below `[DATA]`").hint("the file is cut; copy it again")
        })?;
        let labels: Vec<&str> = labels.trim_end().split('\t').map(str::trim).collect();
        let mut columns: Vec<Vec<f64>> = vec![Vec::new(); labels.len()];
        for (n, (i, line)) in lines.filter(|(_, l)| !l.trim().is_empty()).enumerate() {
            within(ID, [n + 1, labels.len()], source.bytes().len(), limits)?;
            let mut cells = line.trim_end().split('\t');
            for (column, label) in columns.iter_mut().zip(&labels) {
                let cell = cells.next().unwrap_or("").trim();
                let value = number(cell).or_else(|| is_missing(cell).then_some(f64::NAN)).ok_or_else(|| {
                    ReadError::new(ID, format!("`{cell}` in the column `{label}` is not a number"))
                        .line(i + 1)
                        .hint("the file was changed by hand; copy it again from the instrument")
                })?;
                column.push(value);
            }
        }
        let field = |key: &str| metadata.iter().find(|(k, _)| k == key).and_then(|(_, v)| number(v));
        let position = field("X (m)").zip(field("Y (m)")).map(|(x, y)| [x, y]);
        let mut dataset = Dataset::new(ID, limits);
        let table = dataset.add_table(TableInfo { position, ..TableInfo::default() });
        for (label, values) in labels.iter().zip(columns) {
            let (name, unit) = signal(label);
            dataset.push_column(table, &name, unit, values)?;
        }
        dataset.metadata = metadata;
        dataset.finish()
    }
}

/// A key whose value, and the tab before it, are not there.
fn is_key(line: &[u8]) -> bool {
    line.len() < 64 && line.first().is_some_and(u8::is_ascii_alphabetic) && !line.contains(&b',')
}
