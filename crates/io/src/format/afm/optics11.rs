//! Indentation curves of Optics11 Life (Chiaro, Piuma, Pavone) as text.
//!
//! Known writer: the Chiaro's software 3.5. Lines of keys and values parted by tabs, or by the last blank behind a unit
//! in brackets; then `Time (s)`, `Load (uN)`, `Indentation (nm)`, `Cantilever (nm)`, `Piezo (nm)`, `Auxiliary`. The
//! encoding is Windows-1252. Source: a file of version 3.5; afmformats for the meaning of the columns.
//!
//! The columns are kept as they stand. In front of them are those that afmformats derives: `force`, `height (measured)`
//! and `height (piezo)` (indentation and piezo with their signs turned), `tip position` (piezo height and cantilever
//! bending), `segment` (0 up to the greatest load, 1 behind it) and `time`.

use crate::format::text::columns::within;
use crate::format::text::encoding;
use crate::format::text::number::{self, Mark};
use crate::{Confidence, Dataset, Format, Limits, Metadata, ReadError, Reader, Source, TableInfo};
use softspot_data::unit::Unit;

use super::super::text::label;

const ID: &str = "optics11";
const FIRST: &str = "Time (s)\tLoad";

/// The reader.
pub struct Optics11;

static FORMAT: Format = Format {
    id: ID,
    name: "Optics11 Life indentation",
    extensions: &["txt"],
    about: "One curve: its columns, and force, heights, tip position and segment as afmformats derives them.",
    reference: "https://github.com/AFM-analysis/afmformats",
};

impl Reader for Optics11 {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        let head = encoding::decode(source.head());
        let device = head.lines().any(|l| l.starts_with("Device:\t"));
        if device && head.lines().any(|l| l.starts_with(FIRST)) { 90 } else { 0 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let text = encoding::decode(source.bytes());
        let mut metadata = Metadata::new();
        let mut lines = text.lines().enumerate().map(|(i, l)| (i + 1, l.trim_end_matches('\r')));
        let header = lines.by_ref().find(|(_, line)| {
            let is_header = line.starts_with(FIRST);
            if !is_header {
                metadata.extend(entries(line));
            }
            is_header
        });
        let Some((_, header)) = header else {
            return Err(ReadError::new(ID, "no line names the columns (`Time (s)`, `Load (uN)`, …)")
                .line(1)
                .hint("export the curve again from the indenter's software"));
        };
        let columns: Vec<(String, Unit)> = header.split('\t').map(label::split).collect();
        let mut values: Vec<Vec<f64>> = vec![Vec::new(); columns.len()];
        for (n, (line, row)) in lines.filter(|(_, l)| !l.trim().is_empty()).enumerate() {
            within(ID, [n + 1, columns.len()], source.bytes().len(), limits)?;
            let mut cells = row.split('\t');
            for own in &mut values {
                let cell = cells.next().unwrap_or("");
                // Countries of the decimal comma write the same file with commas.
                let value = number::parse(cell, Mark::Point).or_else(|| number::parse(cell, Mark::Comma));
                let value = value.or_else(|| number::is_missing(cell).then_some(f64::NAN));
                own.push(value.ok_or_else(|| {
                    ReadError::new(ID, format!("`{cell}` is no number")).line(line).hint("export the curve again")
                })?);
            }
        }
        let metre = Unit::of("µm");
        let place = |key: &str| {
            let (_, value) = metadata.iter().find(|(k, _)| k == key)?;
            number::parse(value, Mark::Point).map(|v| metre.to_si(v))
        };
        let position = place("X-position (um)").zip(place("Y-position (um)")).map(|(x, y)| [x, y]);
        let mut dataset = Dataset::new(ID, limits);
        let table = dataset.add_table(TableInfo { position, ..TableInfo::default() });
        let derived = derive(&columns, &values);
        for (name, unit, values) in derived {
            dataset.push_column(table, name, Unit::of(unit), values)?;
        }
        for ((name, unit), values) in columns.iter().zip(values) {
            // An empty last column is a tab too many.
            if !name.is_empty() {
                dataset.push_column(table, name, unit.clone(), values)?;
            }
        }
        dataset.metadata = metadata;
        dataset.finish()
    }
}

/// The columns under afmformats' names, in SI.
fn derive(columns: &[(String, Unit)], values: &[Vec<f64>]) -> Vec<(&'static str, &'static str, Vec<f64>)> {
    let si = |name: &str, sign: f64| -> Option<Vec<f64>> {
        let at = columns.iter().position(|(n, _)| n == name)?;
        let unit = &columns.get(at)?.1;
        Some(values.get(at)?.iter().map(|v| sign * unit.to_si(*v)).collect())
    };
    let mut out = Vec::new();
    let force = si("Load", 1.0);
    let (measured, piezo, bending) = (si("Indentation", -1.0), si("Piezo", -1.0), si("Cantilever", 1.0));
    let segment = force.as_ref().map(|force| {
        let greatest = force.iter().enumerate().fold(None, |best: Option<(usize, f64)>, (i, v)| match best {
            Some((_, most)) if *v <= most || v.is_nan() => best,
            _ => Some((i, *v)),
        });
        let last = greatest.map_or(0, |g| g.0);
        (0..force.len()).map(|i| f64::from(u8::from(i > last))).collect()
    });
    let tip = piezo.as_ref().zip(bending).map(|(p, b)| p.iter().zip(b).map(|(p, b)| p + b).collect());
    let all: [(&str, &str, Option<Vec<f64>>); 6] = [
        ("force", "N", force),
        ("height (measured)", "m", measured),
        ("height (piezo)", "m", piezo),
        ("tip position", "m", tip),
        ("segment", "", segment),
        ("time", "s", si("Time", 1.0)),
    ];
    for (name, unit, values) in all {
        out.extend(values.map(|v| (name, unit, v)));
    }
    out
}

/// `Key<tab>value` pairs; `Key: value`; `Key (unit) value`.
fn entries(line: &str) -> Metadata {
    let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
    let filled = cells.iter().any(|c| !c.is_empty());
    match cells.as_slice() {
        _ if !filled => Metadata::new(),
        [one] => {
            let pair = one.split_once(": ").or_else(|| one.rsplit_once(' ').filter(|(k, _)| k.ends_with(')')));
            let (key, value) = pair.unwrap_or((one, ""));
            vec![(key.trim_end_matches(':').trim().into(), value.trim().into())]
        }
        several => several
            .chunks(2)
            .filter(|c| c.first().is_some_and(|k| !k.is_empty()))
            .map(|c| {
                let key = c.first().map_or("", |k| k.trim_end_matches(':'));
                (key.into(), c.get(1).map_or("", |v| v).to_string())
            })
            .collect(),
    }
}
