//! NumPy arrays out.

use softspot_data::{Map, Volume, VoxelError};

/// A map as an NPY file of 64-bit floats, SI, `[row, column]`.
pub fn npy_map(map: &Map) -> Vec<u8> {
    npy(&map.shape(), map.values.iter().copied())
}

/// A volume as an NPY file of 64-bit floats, SI, `[z, y, x]`.
///
/// # Errors
/// [`VoxelError`] where its numbers cannot be read.
pub fn npy_volume(volume: &Volume) -> Result<Vec<u8>, VoxelError> {
    Ok(npy(&volume.shape, volume.whole()?.iter().copied()))
}

/// One column as an NPY file of 64-bit floats.
pub fn npy_column(values: &[f64]) -> Vec<u8> {
    npy(&[values.len()], values.iter().copied())
}

fn npy(shape: &[usize], values: impl Iterator<Item = f64>) -> Vec<u8> {
    let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
    let comma = if sizes.len() == 1 { "," } else { "" };
    let dict = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({}{comma}), }}", sizes.join(", "));
    // Magic, version and length take ten bytes; numbers start at a multiple of 64, behind a line end.
    let length = (dict.len() + 11).next_multiple_of(64) - 10;
    let mut out = b"\x93NUMPY\x01\x00".to_vec();
    out.extend((length as u16).to_le_bytes());
    out.extend(format!("{dict:<width$}\n", width = length - 1).into_bytes());
    out.extend(values.flat_map(f64::to_le_bytes));
    out
}
