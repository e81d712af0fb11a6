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
        ome_zarr(v, &a.output).map_err(|e| e.to_string())?;
        return Ok(format!("{} ({name}) → {}\n", a.input.display(), a.output.display()));
    }
    let bytes = bytes(&artifact, extension, &a.output)?;
    atomic(&a.output, &bytes).map_err(|e| e.to_string())?;
    Ok(format!("{} ({name}) → {}, {} bytes\n", a.input.display(), a.output.display(), bytes.len()))
}

fn bytes(artifact: &Artifact, extension: &str, output: &Path) -> Result<Vec<u8>, String> {
    let cannot = || {
        format!(
            "{}: a {} cannot be written as {extension}; use one of {WRITTEN} that can hold it",
            output.display(),
            artifact.kind()
        )
    };
    match (artifact, extension) {
        (Artifact::Map(m), "gsf") => Ok(gsf(m)),
        (Artifact::Map(m), "tif" | "tiff") => tiff_map(m).map_err(|e| e.to_string()),
        (Artifact::Map(m), "npy") => Ok(npy_map(m)),
        (Artifact::Map(m), "csv") => Ok(csv_map(m)),
        (Artifact::Volume(v), "tif" | "tiff") => tiff_volume(v).map_err(|e| e.to_string()),
        (Artifact::Volume(v), "npy") => Ok(npy_volume(v)),
        (Artifact::Table(t), "csv") => Ok(csv_table(t)),
        (Artifact::Table(t), "npy") if t.columns.len() == 1 => t.columns[0]
            .numbers()
            .map(|v| npy_column(&v))
            .ok_or_else(|| "a column of text has no NPY form; use csv".to_string()),
        _ => Err(cannot()),
    }
}
