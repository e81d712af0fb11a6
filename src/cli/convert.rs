//! `softspot convert`.

use std::path::Path;

use super::{FAILED, args, out, render, wrong};
use crate::data::Artifact;
use crate::io::write::{
    atomic, csv_map, csv_table, gsf, npy_column, npy_map, npy_volume, ome_zarr, tiff_map, tiff_volume,
};
use crate::io::{Limits, open};

/// Extensions that can be written.
const WRITTEN: &str = "gsf, tif, npy, csv, zarr";

pub(super) fn convert(a: &args::Convert) -> u8 {
    let extension = a.output.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    if !["gsf", "tif", "tiff", "npy", "csv", "zarr"].contains(&extension.as_str()) {
        return wrong(&format!(
            "{}: the extension says the format; one of {WRITTEN} can be written",
            a.output.display()
        ));
    }
    match converted(a, &extension) {
        Ok(message) => {
            out(&message);
            0
        }
        Err(e) => {
            render::error(&e);
            FAILED
        }
    }
}

fn converted(a: &args::Convert, extension: &str) -> Result<String, String> {
    keep_input(&a.input, &a.output)?;
    let dataset = open(&a.input, None, &Limits::default()).map_err(|e| e.to_string())?;
    let channels = dataset.channels();
    let names: Vec<&str> = channels.iter().map(|c| c.name.as_str()).collect();
    let index = match &a.channel {
        Some(name) => Some(names.iter().position(|n| n == name).ok_or_else(|| {
            format!("{}: there is no channel `{name}`; channels: {}", a.input.display(), names.join(", "))
        })?),
        None if channels.len() == 1 => Some(0),
        None => None,
    };
    let (artifact, name) = match index {
        Some(i) => (dataset.read(i).map_err(|e| e.in_file(&a.input).to_string())?, names[i]),
        None => match dataset.table().map_err(|e| e.in_file(&a.input).to_string())? {
            Some(t) => (Artifact::Table(std::sync::Arc::new(t)), "all columns"),
            None => {
                return Err(format!(
                    "{} holds {} channels; name one with --channel: {}",
                    a.input.display(),
                    names.len(),
                    names.join(", ")
                ));
            }
        },
    };
    if let (Artifact::Volume(v), "zarr") = (&artifact, extension) {
        ome_zarr(v, false, &a.output).map_err(|e| e.to_string())?;
        return Ok(format!("{} ({name}) → {}\n", a.input.display(), a.output.display()));
    }
    let bytes = bytes(&artifact, extension, &a.output)?;
    atomic(&a.output, &bytes).map_err(|e| e.to_string())?;
    let rounded = match rounded(&artifact, extension) {
        true => ", numbers rounded to 32-bit floats",
        false => "",
    };
    Ok(format!("{} ({name}) → {}, {} bytes{rounded}\n", a.input.display(), a.output.display(), bytes.len()))
}

/// Refuses an output that would take the place of the input, or of a folder that it lies in, or become a part of it.
fn keep_input(input: &Path, output: &Path) -> Result<(), String> {
    let Ok(input) = input.canonicalize() else { return Ok(()) };
    let replaced = output.canonicalize().is_ok_and(|place| input.starts_with(place));
    if replaced || output.ancestors().skip(1).any(|a| a.canonicalize().is_ok_and(|a| a.starts_with(&input))) {
        return Err(format!(
            "{}: that is the input itself or a part of it; choose another place for the output",
            output.display()
        ));
    }
    Ok(())
}

/// Whether any number of a map or a volume is so.
fn any(artifact: &Artifact, mut of: impl FnMut(f64) -> bool) -> bool {
    match artifact {
        Artifact::Map(m) => m.values.iter().any(|v| of(*v)),
        Artifact::Volume(v) => v.whole().is_ok_and(|v| v.iter().any(|v| of(*v))),
        _ => false,
    }
}

/// Whether the extension's format holds 32-bit floats.
fn single(extension: &str) -> bool {
    matches!(extension, "gsf" | "tif" | "tiff")
}

/// Whether writing rounds a number.
fn rounded(artifact: &Artifact, extension: &str) -> bool {
    single(extension) && any(artifact, |v| !v.is_nan() && f64::from(v as f32) != v)
}

fn bytes(artifact: &Artifact, extension: &str, output: &Path) -> Result<Vec<u8>, String> {
    let cannot = || {
        let fitting = match artifact {
            Artifact::Map(_) => "gsf, tif, npy, csv",
            Artifact::Volume(_) => "tif, npy, zarr",
            _ => "csv, or npy for one column with --channel",
        };
        format!("{}: a {} cannot be written as {extension}; use {fitting}", output.display(), artifact.kind())
    };
    // A 32-bit float ends at 3.4e38 and knows nothing between zero and 1.4e-45.
    let lost = |v: f64| v.is_finite() && ((v as f32).is_infinite() || (v != 0.0 && v as f32 == 0.0));
    let mut first = None;
    let found = |v: f64| {
        first = lost(v).then_some(v);
        first.is_some()
    };
    if single(extension)
        && any(artifact, found)
        && let Some(v) = first
    {
        let what = format!("{v:e} does not fit a 32-bit float, which is what {extension} holds");
        return Err(format!("{}: {what}; use npy or csv", output.display()));
    }
    match (artifact, extension) {
        (Artifact::Map(m), "gsf") => Ok(gsf(m)),
        (Artifact::Map(m), "tif" | "tiff") => tiff_map(m).map_err(|e| e.to_string()),
        (Artifact::Map(m), "npy") => Ok(npy_map(m)),
        (Artifact::Map(m), "csv") => Ok(csv_map(m)),
        (Artifact::Volume(v), "tif" | "tiff") => tiff_volume(v).map_err(|e| e.to_string()),
        (Artifact::Volume(v), "npy") => npy_volume(v).map_err(|e| e.to_string()),
        (Artifact::Table(t), "csv") => Ok(csv_table(t)),
        (Artifact::Table(t), "npy") if t.columns.len() == 1 => t.columns[0]
            .numbers()
            .map(|v| npy_column(&v))
            .ok_or_else(|| "a column of text has no NPY form; use csv".to_string()),
        _ => Err(cannot()),
    }
}
