//! `softspot inspect`.

use std::path::Path;

use serde_json::{Value, json};

use super::{FAILED, args, out, render};
use crate::data::Artifact;
use crate::io::{Channel, Dataset, Limits, ReadError, open};
use crate::num::sum::moments;
use crate::unit::display;

pub(super) fn inspect(a: &args::Inspect) -> u8 {
    let mut status = 0;
    let mut documents = Vec::new();
    for path in &a.files {
        match look(path, a.format.as_deref()) {
            Ok(file) if a.json => documents.push(file.json(path)),
            Ok(file) => out(&file.table(path)),
            Err(e) => {
                render::error(&e.to_string());
                status = FAILED;
            }
        }
    }
    if a.json {
        let text = serde_json::to_string_pretty(&documents).unwrap_or_default();
        out(&format!("{text}\n"));
    }
    status
}

/// A file with the statistics of its channels.
struct File {
    dataset: Dataset,
    statistics: Vec<Statistics>,
}

#[derive(Default)]
struct Statistics {
    min: Option<f64>,
    max: Option<f64>,
    mean: Option<f64>,
    std: Option<f64>,
    invalid: usize,
}

fn look(path: &Path, format: Option<&str>) -> Result<File, ReadError> {
    let dataset = open(path, format, &Limits::default())?;
    let statistics = (0..dataset.channels().len())
        .map(|i| dataset.read(i).map(|a| Statistics::of(&a)).map_err(|e| e.in_file(path)))
        .collect::<Result<_, _>>()?;
    Ok(File { dataset, statistics })
}

impl Statistics {
    fn of(artifact: &Artifact) -> Statistics {
        let all: Vec<f64> = match artifact {
            Artifact::Map(m) => m.values.iter().copied().collect(),
            Artifact::Volume(v) => v.values.iter().copied().collect(),
            Artifact::Table(t) => t.columns.first().and_then(crate::data::Column::numbers).unwrap_or_default(),
            Artifact::Spectrum(s) => s.series.first().map(|s| s.values.clone()).unwrap_or_default(),
        };
        let valid: Vec<f64> = all.iter().copied().filter(|v| v.is_finite()).collect();
        let invalid = all.len() - valid.len();
        if valid.is_empty() {
            return Statistics { invalid, ..Statistics::default() };
        }
        let m = moments(&valid);
        Statistics {
            min: valid.iter().copied().min_by(f64::total_cmp),
            max: valid.iter().copied().max_by(f64::total_cmp),
            mean: Some(m.mean),
            std: Some(m.std),
            invalid,
        }
    }
}

impl File {
    fn json(&self, path: &Path) -> Value {
        let channels: Vec<Value> = self
            .dataset
            .channels()
            .iter()
            .zip(&self.statistics)
            .map(|(c, s)| {
                json!({
                    "name": c.name, "kind": c.kind, "unit": c.unit.si_symbol(), "unit_in_file": c.unit.symbol,
                    "shape": c.shape, "physical_size": c.physical_size,
                    "min": s.min, "max": s.max, "mean": s.mean, "std": s.std, "invalid": s.invalid,
                })
            })
            .collect();
        let mut metadata = serde_json::Map::new();
        for (k, v) in self.dataset.metadata() {
            // Repeated keys of instrument headers are numbered, not lost.
            let mut key = k.clone();
            let mut n = 2;
            while metadata.contains_key(&key) {
                key = format!("{k} #{n}");
                n += 1;
            }
            metadata.insert(key, json!(v));
        }
        json!({ "path": path.display().to_string(), "format": self.dataset.format(), "channels": channels, "metadata": metadata })
    }

    fn table(&self, path: &Path) -> String {
        let mut rows = vec![["channel", "shape", "size", "min", "max", "mean", "std", ""].map(String::from)];
        for (c, s) in self.dataset.channels().iter().zip(&self.statistics) {
            let number = |v: Option<f64>| v.map_or_else(|| "–".into(), |v| display::quantity(v, &c.unit));
            let shape: Vec<String> = c.shape.iter().map(ToString::to_string).collect();
            let invalid = if s.invalid > 0 { format!("{} invalid", s.invalid) } else { String::new() };
            rows.push([
                c.name.clone(),
                shape.join(" × "),
                size(c),
                number(s.min),
                number(s.max),
                number(s.mean),
                number(s.std),
                invalid,
            ]);
        }
        let mut widths = [0; 8];
        for r in &rows {
            widths.iter_mut().zip(r).for_each(|(w, t)| *w = (*w).max(t.chars().count()));
        }
        let mut text = format!("{} ({})\n", path.display(), self.dataset.format());
        for r in rows {
            let cells: Vec<String> =
                r.iter().zip(widths).map(|(t, w)| format!("{t}{}", " ".repeat(w - t.chars().count()))).collect();
            text.push_str(&format!("  {}\n", cells.join("  ").trim_end()));
        }
        let n = self.dataset.metadata().len();
        text.push_str(&format!("  {n} header fields{}\n", if n > 0 { "; --json shows them" } else { "" }));
        text
    }
}

fn size(c: &Channel) -> String {
    let m = crate::unit::Unit::of("m");
    c.physical_size
        .as_ref()
        .map_or_else(|| "–".into(), |s| s.iter().map(|v| display::quantity(*v, &m)).collect::<Vec<_>>().join(" × "))
}
