//! OME-Zarr out: Zarr version 2 with the metadata of OME-NGFF 0.4, chunks packed with gzip.

use std::io::Write;
use std::path::Path;

use flate2::{Compression, GzBuilder};
use ndarray::ArrayView3;
use rayon::prelude::*;
use serde_json::{Value, json};

use super::{PART, WriteError};
use softspot_data::Volume;

/// Voxels of a chunk along each axis.
const CHUNK: usize = 64;
/// Voxels of a layer of chunks at most: 512 MiB as numbers.
const LAYER: usize = 1 << 26;

/// A volume as a folder of OME-Zarr: `[z, y, x]` in SI, the voxel size in µm. The numbers are 32-bit floats where those
/// hold every value, else 64-bit floats; numbers of regions are 32-bit whole numbers. The same volume gives the same bytes,
/// and it is read in parts.
///
/// # Errors
/// [`WriteError`]; an OME-Zarr that stood there is then untouched. What is no Zarr is never replaced.
pub fn ome_zarr(volume: &Volume, labels: bool, folder: &Path) -> Result<(), WriteError> {
    let fail = |e| WriteError::new(folder, e);
    if folder.exists() && ![".zgroup", "zarr.json"].iter().any(|f| folder.join(f).is_file()) {
        return Err(fail(std::io::ErrorKind::AlreadyExists.into()));
    }
    let parent = folder.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent).map_err(fail)?;
    let beside = tempfile::Builder::new().prefix(PART).tempdir_in(parent).map_err(fail)?;
    let fresh = beside.path().join("new");
    write(volume, labels, &fresh).map_err(fail)?;
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

fn write(volume: &Volume, labels: bool, folder: &Path) -> std::io::Result<()> {
    let array = folder.join("0");
    std::fs::create_dir_all(&array)?;
    let shape = volume.shape;
    let mut chunk = shape.map(|n| n.clamp(1, CHUNK));
    // A layer of chunks is in memory while it is written: thinner ones where planes are large.
    while chunk[0] > 1 && chunk[0].saturating_mul(shape[1]).saturating_mul(shape[2]) > LAYER {
        chunk[0] = chunk[0].div_ceil(2);
    }
    let counts = [0, 1, 2].map(|i| shape[i].div_ceil(chunk[i]));
    let number = number_type(volume, labels, chunk[0])?;
    file(&folder.join(".zgroup"), &json!({ "zarr_format": 2 }))?;
    file(&folder.join(".zattrs"), &multiscales(volume))?;
    let fill = if number == Number::Label { json!(0) } else { json!("NaN") };
    file(
        &array.join(".zarray"),
        &json!({
            "zarr_format": 2, "shape": shape, "chunks": chunk, "dtype": number.name(), "order": "C", "fill_value": fill,
            "filters": null, "dimension_separator": "/", "compressor": { "id": "gzip", "level": number.level() },
        }),
    )?;
    let attributes = json!({ "quantity": volume.quantity, "units": volume.unit.si_symbol() });
    file(&array.join(".zattrs"), &attributes)?;
    for z in 0..counts[0] {
        let planes = volume.planes(z * chunk[0]..(z + 1) * chunk[0]).map_err(std::io::Error::other)?;
        let line = array.join(z.to_string());
        for y in 0..counts[1] {
            std::fs::create_dir_all(line.join(y.to_string()))?;
        }
        (0..counts[1] * counts[2]).into_par_iter().try_for_each(|k| -> std::io::Result<()> {
            let (y, x) = (k / counts[2], k % counts[2]);
            let bytes = encode(planes.view(), [y, x], chunk, number);
            // No name and no time, so that the bytes are the same tomorrow.
            let out = std::fs::File::create(line.join(y.to_string()).join(x.to_string()))?;
            let mut gzip = GzBuilder::new().mtime(0).write(out, Compression::new(number.level()));
            gzip.write_all(&bytes)?;
            gzip.finish()?.sync_data()
        })?;
    }
    Ok(())
}

/// How the numbers are stored.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Number {
    Single,
    Double,
    /// Numbers of regions, whole and 0 outside.
    Label,
}

impl Number {
    fn name(self) -> &'static str {
        match self {
            Number::Single => "<f4",
            Number::Double => "<f8",
            Number::Label => "<u4",
        }
    }

    /// Level of the packing: labels are long runs of the same and pack at any.
    fn level(self) -> u32 {
        if self == Number::Label { 1 } else { 5 }
    }
}

/// Labels as whole numbers; others as 32-bit floats where these hold every value.
fn number_type(volume: &Volume, labels: bool, planes: usize) -> std::io::Result<Number> {
    if labels {
        return Ok(Number::Label);
    }
    for first in (0..volume.shape[0]).step_by(planes) {
        let part = volume.planes(first..first + planes).map_err(std::io::Error::other)?;
        if !part.iter().all(|v| v.is_nan() || f64::from(*v as f32) == *v) {
            return Ok(Number::Double);
        }
    }
    Ok(Number::Single)
}

/// One chunk of some planes; what lies outside of the volume is NaN, or no region.
fn encode(planes: ArrayView3<'_, f64>, [iy, ix]: [usize; 2], chunk: [usize; 3], number: Number) -> Vec<u8> {
    let [cz, cy, cx] = chunk;
    let size = if number == Number::Double { 8 } else { 4 };
    let mut out = Vec::with_capacity(cz * cy * cx * size);
    for z in 0..cz {
        for y in iy * cy..(iy + 1) * cy {
            for x in ix * cx..(ix + 1) * cx {
                let v = planes.get([z, y, x]).copied().unwrap_or(f64::NAN);
                // There are many NaN; one of them is written.
                let v = if v.is_nan() { f64::NAN } else { v };
                match number {
                    Number::Single => out.extend((v as f32).to_le_bytes()),
                    Number::Double => out.extend(v.to_le_bytes()),
                    Number::Label => out.extend((v as u32).to_le_bytes()),
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
