//! Force curves of AFM Workshop as CSV.
//!
//! Known writer: the control software of AFM Workshop's TT-AFM. Lines `Key: value`, among them `X, um` and `Y, um`, an
//! empty line, then four columns: height and force (or the detector's voltage) of approach and retraction side by side,
//! both of one length. Source: files of format 3; afmformats for the meaning of the columns.
//!
//! The columns are kept as they stand. In front of them are the joined ones under afmformats' names: `force`, `height
//! (measured)` (the Z sensor with its sign turned, so that it falls towards the sample) and `segment`. A voltage
//! becomes a force where the file gives light lever gain and force constant other than the 1 that stands for not
//! calibrated.

use crate::format::text::columns::within;
use crate::format::text::encoding;
use crate::format::text::number::{self, Mark};
use crate::{Confidence, Dataset, Format, Limits, Metadata, ReadError, Reader, Source, TableInfo};
use softspot_data::unit::Unit;

use super::super::text::label;

const ID: &str = "afm-workshop";
const TITLE: &str = "Force-Distance Curve";
const DIRECTIONS: [&str; 2] = ["Extend ", "Retract "];

/// The reader.
pub struct AfmWorkshop;

static FORMAT: Format = Format {
    id: ID,
    name: "AFM Workshop force curve",
    extensions: &["csv"],
    about: "One curve: its columns, and approach and retraction joined as force and height.",
    reference: "https://github.com/AFM-analysis/afmformats",
};

impl Reader for AfmWorkshop {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        let head = encoding::decode(source.head());
        let titled = head.trim_start().starts_with(TITLE);
        if titled && head.lines().any(|l| l.starts_with("Extend ") && l.contains("Retract ")) { 90 } else { 0 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let text = encoding::decode(source.bytes());
        let mut lines = text.lines().enumerate().map(|(i, l)| (i + 1, l.trim()));
        let mut metadata = Metadata::new();
        let header = lines.by_ref().find(|(_, line)| {
            let is_header = line.starts_with("Extend ") || line.starts_with("Retract ");
            if let Some((key, value)) = line.split_once(':').filter(|_| !is_header) {
                metadata.push((key.trim().into(), value.trim().into()));
            }
            is_header
        });
        let Some((_, header)) = header else {
            return Err(ReadError::new(ID, "no line names the columns (`Extend …,Retract …`)")
                .line(1)
                .hint("export the curve again from the AFM software"));
        };
        let columns: Vec<(String, Unit)> = header.split(',').map(label::split).collect();
        let mut values: Vec<Vec<f64>> = vec![Vec::new(); columns.len()];
        for (n, (line, row)) in lines.filter(|(_, l)| !l.is_empty()).enumerate() {
            within(ID, [n + 1, columns.len()], source.bytes().len(), limits)?;
            let mut cells = row.split(',');
            for own in &mut values {
                let cell = cells.next().unwrap_or("");
                let value = number::parse(cell, Mark::Point).or_else(|| number::is_missing(cell).then_some(f64::NAN));
                own.push(value.ok_or_else(|| {
                    ReadError::new(ID, format!("`{cell}` is no number")).line(line).hint("export the curve again")
                })?);
            }
        }
        let length = Unit::of("µm");
        let position = number_of(&metadata, "X, um").zip(number_of(&metadata, "Y, um"));
        let position = position.map(|(x, y)| [length.to_si(x), length.to_si(y)]);
        let mut dataset = Dataset::new(ID, limits);
        let table = dataset.add_table(TableInfo { position, ..TableInfo::default() });
        let curve = Curve { columns: &columns, values: &values, metadata: &metadata };
        if let Some(force) = curve.force() {
            dataset.push_column(table, "force", Unit::of("N"), force)?;
        }
        if let Some(height) = curve.joined("Z-Sense") {
            let height = height.into_iter().map(|v| -v).collect();
            dataset.push_column(table, "height (measured)", Unit::of("m"), height)?;
        }
        if let Some(n) = values.first().map(Vec::len) {
            dataset.push_column(table, "segment", Unit::none(), [vec![0.0; n], vec![1.0; n]].concat())?;
        }
        for ((name, unit), values) in columns.iter().zip(&values) {
            dataset.push_column(table, name, unit.clone(), values.clone())?;
        }
        dataset.metadata = metadata;
        dataset.finish()
    }
}

fn number_of(metadata: &Metadata, key: &str) -> Option<f64> {
    let (_, value) = metadata.iter().find(|(k, _)| k == key)?;
    number::parse(value, Mark::Point)
}

struct Curve<'a> {
    columns: &'a [(String, Unit)],
    values: &'a [Vec<f64>],
    metadata: &'a Metadata,
}

impl Curve<'_> {
    /// Approach and retraction of a quantity one behind the other, in SI; `None` where one of them is missing.
    fn joined(&self, quantity: &str) -> Option<Vec<f64>> {
        let mut out = Vec::new();
        for direction in DIRECTIONS {
            let name = format!("{direction}{quantity}");
            let at = self.columns.iter().position(|(n, _)| *n == name)?;
            let unit = &self.columns.get(at)?.1;
            out.extend(self.values.get(at)?.iter().map(|v| unit.to_si(*v)));
        }
        Some(out)
    }

    fn force(&self) -> Option<Vec<f64>> {
        if let Some(force) = self.joined("Force") {
            return Some(force);
        }
        let calibrated = |key| number_of(self.metadata, key).filter(|v| *v != 1.0 && *v != 0.0);
        let gain = calibrated("Light Lever Gain, mV/nm")? * 1e6;
        let constant = calibrated("Force Constant, nN/nm")?;
        Some(self.joined("T-B")?.into_iter().map(|v| v / gain * constant).collect())
    }
}
