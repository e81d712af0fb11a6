//! `softspot inspect`.

mod preview;
mod statistics;
mod survey;
mod table;

use std::path::Path;

use serde_json::{Value, json};

use super::{FAILED, args, out, raw, render};
use crate::io::{Dataset, Limits, ReadError, Source, open};

pub(super) fn inspect(a: &args::Inspect) -> u8 {
    let mut status = 0;
    let mut documents = Vec::new();
    for path in &a.files {
        let result = if a.format.is_none() && is_survey(path) {
            survey::survey(path, a.json, &mut documents).map(|()| Vec::new())
        } else if a.json {
            document(path, a.format.as_deref()).map(|(d, unread)| {
                documents.push(d);
                unread
            })
        } else {
            text(path, a).map(|(t, preview, unread)| {
                out(&t);
                raw(&preview);
                unread
            })
        };
        // A channel that cannot be read does not hide the others.
        for e in result.unwrap_or_else(|e| vec![e]) {
            render::error(&e.to_string());
            status = FAILED;
        }
    }
    if a.json {
        let text = serde_json::to_string_pretty(&documents).unwrap_or_default();
        raw(&format!("{text}\n"));
    }
    status
}

/// Whether it is a folder that no reader takes as one dataset.
fn is_survey(path: &Path) -> bool {
    path.is_dir() && Source::open(path).is_ok_and(|s| crate::io::sniff(&s).is_err())
}

/// The listing of a file, its preview, and why channels could not be read.
fn text(path: &Path, a: &args::Inspect) -> Result<(String, String, Vec<ReadError>), ReadError> {
    let dataset = open(path, a.format.as_deref(), &Limits::default())?;
    let chosen = match &a.channel {
        Some(name) => vec![channel(&dataset, name).map_err(|e| e.in_file(path))?],
        None => table::worth_showing(&dataset, a.all),
    };
    let (text, unread) = table::table(path, &dataset, &chosen, a.all);
    let depth = preview::Depth::of_terminal();
    let preview = depth.and_then(|d| chosen.iter().find_map(|i| preview::preview(&dataset, *i, d))).unwrap_or_default();
    Ok((text, preview, unread.into_iter().map(|e| e.in_file(path)).collect()))
}

fn channel(dataset: &Dataset, name: &str) -> Result<usize, ReadError> {
    let names: Vec<&str> = dataset.channels().iter().map(|c| c.name.as_str()).collect();
    names.iter().position(|n| *n == name).ok_or_else(|| {
        let hint = crate::diagnostic::nearest(name, &names)
            .map_or_else(|| format!("channels: {}", names.join(", ")), |n| format!("did you mean `{n}`?"));
        ReadError::new(dataset.format(), format!("there is no channel `{name}`")).hint(hint)
    })
}

/// A file as JSON, in SI, and why channels could not be read.
fn document(path: &Path, format: Option<&str>) -> Result<(Value, Vec<ReadError>), ReadError> {
    let dataset = open(path, format, &Limits::default())?;
    let (mut channels, mut unread) = (Vec::new(), Vec::new());
    for (i, c) in dataset.channels().iter().enumerate() {
        let (s, error) = if statistics::is_large(c) { Default::default() } else { statistics::tried(&dataset, i) };
        let mut channel = json!({
            "name": c.name, "kind": c.kind, "unit": c.unit.powers(), "unit_in_file": c.unit.symbol,
            "shape": c.shape, "physical_size": c.physical_size, "table": c.table,
            "min": s.min, "max": s.max, "mean": s.mean, "std": s.std, "invalid": s.invalid,
        });
        if let Some(e) = error {
            channel["error"] = json!(e.what);
            unread.push(e.in_file(path));
        }
        channels.push(channel);
    }
    let words = |t: usize| dataset.columns_of(t).filter(|(_, c)| c.is_none()).map(|(name, _)| name).collect::<Vec<_>>();
    let tables: Vec<Value> = dataset
        .tables()
        .iter()
        .enumerate()
        .map(|(i, t)| {
            json!({
                "name": t.name, "position": t.position, "cell": t.cell, "words": words(i), "metadata": pairs(&t.metadata),
            })
        })
        .collect();
    let document = json!({
        "path": path.display().to_string(), "format": dataset.format(), "channels": channels, "tables": tables,
        "metadata": pairs(dataset.metadata()),
    });
    Ok((document, unread))
}

/// Header entries as an object; repeated keys of instrument headers are numbered, not lost.
fn pairs(metadata: &crate::io::Metadata) -> Value {
    let mut object = serde_json::Map::new();
    let mut next = std::collections::BTreeMap::new();
    for (k, v) in metadata {
        let mut key = k.clone();
        while object.contains_key(&key) {
            let n = next.entry(k).or_insert(1);
            *n += 1;
            key = format!("{k} #{n}");
        }
        object.insert(key, json!(v));
    }
    Value::Object(object)
}
