//! OME-Zarr out: Zarr version 2 with the metadata of OME-NGFF 0.4, chunks packed with gzip.

use std::io::Write;
use std::path::Path;

use flate2::{Compression, GzBuilder};
use serde_json::{Value, json};

use super::{PART, WriteError};
use crate::data::Volume;

/// Voxels of a chunk along each axis.
const CHUNK: usize = 64;

/// A volume as a folder of OME-Zarr: `[z, y, x]` in SI, the voxel size in µm. The numbers are 32-bit floats where those
/// hold every value, else 64-bit floats. The same volume gives the same bytes.
///
/// # Errors
/// [`WriteError`]; an OME-Zarr that stood there is then untouched. What is no Zarr is never replaced.
pub fn ome_zarr(volume: &Volume, folder: &Path) -> Result<(), WriteError> {
    let fail = |e| WriteError::new(folder, e);
    if folder.exists() && ![".zgroup", "zarr.json"].iter().any(|f| folder.join(f).is_file()) {
        return Err(fail(std::io::ErrorKind::AlreadyExists.into()));
    }
    let parent = folder.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent).map_err(fail)?;
    let beside = tempfile::Builder::new().prefix(PART).tempdir_in(parent).map_err(fail)?;
    let fresh = beside.path().join("new");
    write(volume, &fresh).map_err(fail)?;
    let old = beside.path().join("old");
    let replaced = folder.exists();
    if replaced {
        std::fs::rename(folder, &old).map_err(fail)?;
    }
    if let Err(e) = std::fs::rename(&fresh, folder) {
        if replaced {
            std::fs::rename(&old, folder).map_err(fail)?;
        }
        return Err(fail(e));
    }
    Ok(())
}

fn write(volume: &Volume, folder: &Path) -> std::io::Result<()> {
    let array = folder.join("0");
    std::fs::create_dir_all(&array)?;
    let (nz, ny, nx) = volume.values.dim();
    let shape = [nz, ny, nx];
    let chunk = shape.map(|n| n.clamp(1, CHUNK));
    let single = volume.values.iter().all(|v| v.is_nan() || f64::from(*v as f32) == *v);
    file(&folder.join(".zgroup"), &json!({ "zarr_format": 2 }))?;
    file(&folder.join(".zattrs"), &multiscales(volume))?;
    let kind = if single { "<f4" } else { "<f8" };
    file(
        &array.join(".zarray"),
        &json!({
            "zarr_format": 2, "shape": shape, "chunks": chunk, "dtype": kind, "order": "C", "fill_value": "NaN",
            "filters": null, "dimension_separator": "/", "compressor": { "id": "gzip", "level": 5 },
        }),
    )?;
    let attributes = json!({ "quantity": volume.quantity, "units": volume.unit.si_symbol() });
    file(&array.join(".zattrs"), &attributes)?;
    let counts = [0, 1, 2].map(|i| shape[i].div_ceil(chunk[i]));
    for z in 0..counts[0] {
        for y in 0..counts[1] {
            let line = array.join(z.to_string()).join(y.to_string());
            std::fs::create_dir_all(&line)?;
            for x in 0..counts[2] {
                let bytes = encode(volume, [z, y, x], chunk, single);
                // No name and no time, so that the bytes are the same tomorrow.
                let out = std::fs::File::create(line.join(x.to_string()))?;
                let mut gzip = GzBuilder::new().mtime(0).write(out, Compression::new(5));
                gzip.write_all(&bytes)?;
                gzip.finish()?.sync_data()?;
            }
        }
    }
    Ok(())
}

/// One chunk; what lies outside of the volume is NaN.
fn encode(volume: &Volume, index: [usize; 3], chunk: [usize; 3], single: bool) -> Vec<u8> {
    let [cz, cy, cx] = chunk;
    let mut out = Vec::with_capacity(cz * cy * cx * if single { 4 } else { 8 });
    for z in index[0] * cz..(index[0] + 1) * cz {
        for y in index[1] * cy..(index[1] + 1) * cy {
            for x in index[2] * cx..(index[2] + 1) * cx {
                let v = volume.values.get([z, y, x]).copied().unwrap_or(f64::NAN);
                // There are many NaN; one of them is written.
                let v = if v.is_nan() { f64::NAN } else { v };
                if single {
                    out.extend((v as f32).to_le_bytes());
                } else {
                    out.extend(v.to_le_bytes());
                }
            }
        }
    }
    out
}

fn multiscales(volume: &Volume) -> Value {
    let axis = |name: &str| match volume.voxel {
        Some(_) => json!({ "name": name, "type": "space", "unit": "micrometer" }),
        None => json!({ "name": name, "type": "space" }),
    };
    let scale = volume.voxel.map_or([1.0; 3], |v| v.map(|s| s * 1e6));
    json!({
        "multiscales": [{
            "version": "0.4",
            "name": volume.quantity,
            "axes": [axis("z"), axis("y"), axis("x")],
            "datasets": [{ "path": "0", "coordinateTransformations": [{ "type": "scale", "scale": scale }] }],
        }]
    })
}

fn file(path: &Path, value: &Value) -> std::io::Result<()> {
    std::fs::write(path, format!("{value:#}\n"))
}
