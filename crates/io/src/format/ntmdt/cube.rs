//! Arrays of three dimensions: a spectrum or a force curve at every point, as 32-bit floats.
//!
//! Which dimension is the spectrum depends on the `FrameType` in the XML: the first for `Spectra2DFullSpectrum`, else
//! the last. Frames of the type `HybridForceVolume` have one number of every measurand but the last before each
//! curve. Points follow the lines of the scan from the corner that `Location` names. Cubes whose numbers are in a file
//! of their own, and those that were scanned in columns, are not read.

use crate::cursor::{Endian, Sample};
use crate::{Block, Channel, Dataset, Limits, ReadError, Source};

use super::ID;
use super::array::{Array, Calibration};
use super::frame::Frame;

/// Code of 32-bit floats.
const FLOAT: i32 = -(4 + 23 * 256);

/// Where the first point is, by the number of `Location`: from the right, from the bottom.
const CORNERS: &[(bool, bool)] = &[(false, false), (false, true), (true, false), (true, true)];

pub(super) fn read(
    dataset: &mut Dataset,
    source: &Source,
    frame: &Frame<'_>,
    array: &Array,
    limits: &Limits,
) -> Result<bool, ReadError> {
    let [first, second, third] = array.dimensions.as_slice() else { return Ok(false) };
    let kind = inner(&array.xml, "FrameType").unwrap_or("");
    let hybrid = kind.starts_with("HybridForceVolume");
    let [x, y, z] = match kind.starts_with("Spectra2DFullSpectrum") {
        true => [second, third, first],
        false => [first, second, third],
    };
    let values = if hybrid { array.measurands.last() } else { array.measurands.first() };
    let Some(values) = values.filter(|m| m.code == FLOAT) else { return Ok(false) };
    let external = inner(&array.xml, "ExternalDataFileName").is_some_and(|n| !n.trim().is_empty());
    let location = inner(&array.xml, "Location").and_then(|t| t.trim().parse().ok()).unwrap_or(1usize);
    let Some(&(from_right, from_bottom)) = CORNERS.get(location).filter(|_| !external) else { return Ok(false) };
    let (Some(columns), Some(rows), Some(depth)) = (x.points, y.points, z.points) else { return Ok(false) };
    limits.count(ID, &[rows, columns, depth])?;
    let before = if hybrid { array.measurands.len() - 1 } else { 0 };
    let record = depth.saturating_add(before).saturating_mul(4);
    let strides = [columns.saturating_mul(record) as isize, record as isize, 4];
    let at = frame.position(0, &frame.cursor(0)).saturating_add(array.data);
    let turned = |block: Block| {
        let block = if from_bottom { block.bottom_up() } else { block };
        if from_right { block.right_to_left() } else { block }
    };
    let title = if array.title.is_empty() { frame.label() } else { array.title.clone() };
    let plane = |first: usize, m: &Calibration| {
        let at = at.saturating_add(first * 4);
        let block = Block::strided(ID, source, at, Sample::F32, Endian::Little, &[rows, columns], &strides[..2])?;
        Ok::<_, ReadError>(turned(block.scaled(m.scale, m.bias)))
    };
    for (i, m) in array.measurands.iter().enumerate().take(before) {
        if m.code != FLOAT {
            return Ok(false);
        }
        let size = |d: &Calibration, n: usize| d.unit.is_length().then(|| d.unit.to_si(d.scale.abs()) * n as f64);
        let size = size(x, columns).zip(size(y, rows)).map(|(w, h)| vec![w, h]);
        let name = format!("{title}: {}", m.label(&format!("measurand {}", i + 1)));
        dataset.push(Channel::map(name, m.unit.clone(), rows, columns).sized(size), plane(i, m)?)?;
    }
    let sign = |turn: bool, stride: isize| if turn { -stride } else { stride };
    // Found to lie in the file before its corner is moved.
    let begin = at.saturating_add(before * 4);
    Block::strided(ID, source, begin, Sample::F32, Endian::Little, &[rows, columns, depth], &strides)?;
    let corner = begin
        + if from_bottom { (rows - 1) * columns * record } else { 0 }
        + if from_right { (columns - 1) * record } else { 0 };
    let strides = [sign(from_bottom, strides[0]), sign(from_right, strides[1]), 4];
    let shape = [rows, columns, depth];
    let block = Block::strided(ID, source, corner, Sample::F32, Endian::Little, &shape, &strides)?;
    let channel = Channel::volume(title, values.unit.clone(), shape);
    dataset.push(channel, block.scaled(values.scale, values.bias))?;
    Ok(true)
}

/// The text in the first element of that name.
fn inner<'x>(xml: &'x str, name: &str) -> Option<&'x str> {
    let (_, after) = xml.split_once(&format!("<{name}>"))?;
    after.split_once("</").map(|(text, _)| text)
}
