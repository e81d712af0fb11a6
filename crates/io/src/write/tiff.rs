//! TIFF out: 32-bit floats, with the physical size as ImageJ writes it.

use std::io::Cursor;

use ::tiff::TiffError;
use ::tiff::encoder::colortype::{ColorType, Gray32, Gray32Float};
use ::tiff::encoder::{Rational, TiffEncoder, TiffValue};
use ::tiff::tags::{ResolutionUnit, Tag};

use softspot_data::{Map, Volume};

/// A map as a TIFF of one page: 32-bit floats in SI, the pixel size in ImageJ's description.
///
/// # Errors
/// [`TiffError`] for an image beyond TIFF's 4 GB or 32-bit sizes.
pub fn tiff_map(map: &Map) -> Result<Vec<u8>, TiffError> {
    let [rows, columns] = map.shape();
    let values: Vec<f32> = map.values.iter().map(|v| *v as f32).collect();
    let unit = map.unit.si_symbol();
    stack::<Gray32Float>([rows, columns], &[&values], map.pixel.map(|[y, x]| [0.0, y, x]), &unit)
}

/// A volume as a TIFF of one page a plane: 32-bit floats in SI, the voxel size in ImageJ's description.
///
/// # Errors
/// [`TiffError`] for a volume that cannot be read, or beyond TIFF's 4 GB or 32-bit sizes.
pub fn tiff_volume(volume: &Volume) -> Result<Vec<u8>, TiffError> {
    let [_, rows, columns] = volume.shape;
    let whole = volume.whole().map_err(|e| TiffError::IoError(std::io::Error::other(e)))?;
    let values: Vec<f32> = whole.iter().map(|v| *v as f32).collect();
    let planes: Vec<&[f32]> = values.chunks(rows.saturating_mul(columns).max(1)).collect();
    stack::<Gray32Float>([rows, columns], &planes, volume.voxel, &volume.unit.si_symbol())
}

/// Numbers of regions or classes as a TIFF of 32-bit whole numbers, `invalid` where the map has none.
///
/// # Errors
/// [`TiffError`] for an image beyond TIFF's 4 GB or 32-bit sizes.
pub fn tiff_labels(map: &Map, invalid: u32) -> Result<Vec<u8>, TiffError> {
    let values: Vec<u32> = map.values.iter().map(|v| if v.is_finite() { *v as u32 } else { invalid }).collect();
    stack::<Gray32>(map.shape(), &[&values], map.pixel.map(|[y, x]| [0.0, y, x]), "")
}

fn stack<C: ColorType>(
    shape: [usize; 2],
    planes: &[&[C::Inner]],
    voxel: Option<[f64; 3]>,
    unit: &str,
) -> Result<Vec<u8>, TiffError>
where
    [C::Inner]: TiffValue,
{
    let size = |n: usize| u32::try_from(n).map_err(TiffError::from);
    let (rows, columns) = (size(shape[0])?, size(shape[1])?);
    let mut description = "ImageJ=1.11a\n".to_string();
    if planes.len() > 1 {
        description += &format!("images={0}\nslices={0}\n", planes.len());
    }
    // Sizes go as micrometres: the ratio of two 32-bit integers then keeps nine digits for any microscope.
    let scale = voxel.map(|v| v.map(|s| s * 1e6));
    if let Some([z, ..]) = scale {
        description += "unit=\\u00B5m\n";
        if planes.len() > 1 {
            description += &format!("spacing={z}\n");
        }
    }
    if !unit.is_empty() {
        description += &format!("cf=0\nc0=0\nc1=1\nvunit={unit}\n");
    }
    let mut out = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut out)?;
    for plane in planes {
        let mut image = encoder.new_image::<C>(columns, rows)?;
        image.encoder().write_tag(Tag::ImageDescription, description.as_str())?;
        if let Some([_, y, x]) = scale {
            image.resolution_unit(ResolutionUnit::None);
            image.x_resolution(per_unit(x));
            image.y_resolution(per_unit(y));
        }
        image.write_data(plane)?;
    }
    Ok(out.into_inner())
}

/// Pixels a unit, as a ratio with nine digits.
fn per_unit(step: f64) -> Rational {
    if step >= 1.0 {
        let n = (4e9 / step).round().max(1.0);
        Rational { n: n as u32, d: (n * step).round() as u32 }
    } else {
        let d = (4e9 * step).round().max(1.0);
        Rational { n: (d / step).round() as u32, d: d as u32 }
    }
}
