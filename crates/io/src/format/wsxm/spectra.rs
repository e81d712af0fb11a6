//! Spectroscopy images (`.gsi`), movies (`.mpp`), and the curves that follow an image (`.curves`).

use crate::cursor::{Cursor, Endian, Sample};
use crate::format::text::encoding;
use crate::{Block, Channel, Dataset, Limits, ReadError, Source, TableInfo};
use softspot_data::unit::Unit;

use super::{END, Header, ID, LONGEST, decimal};

/// An image, then one image a point of the ramp: a volume of rows, columns and points, the image as a map.
pub(super) fn ramps(dataset: &mut Dataset, source: &Source, start: usize, header: &Header) -> Result<(), ReadError> {
    let [rows, columns] = header.shape()?;
    let points = header.count("General Info/Number of points per ramp")?;
    let sample = header.sample()?;
    super::map(dataset, source, start, header, "Topography")?;
    // The map was found to lie in the file.
    let image = rows * columns * sample.size();
    let (pixel, line) = (sample.size() as isize, (columns * sample.size()) as isize);
    let first = start.saturating_add(image);
    let shape = [rows, columns, points];
    // From the bottom right pixel to the top left one: found to lie in the file before it is turned.
    Block::strided(ID, source, first, sample, Endian::Little, &shape, &[line, pixel, image as isize])?;
    let last = first + image - sample.size();
    let block = Block::strided(ID, source, last, sample, Endian::Little, &shape, &[-line, -pixel, image as isize])?;
    let input = |what: &str| header.value(&format!("General Info/Conversion {what} 0 for input channel"));
    let (factor, unit) = input("factor").unwrap_or((1.0, ""));
    let factor = if header.is_inverted() { -factor } else { factor };
    let offset = input("offset").map_or(0.0, |(v, _)| v);
    let volts = header.value("General Info/ADC to V conversion factor").map_or(1.0, |(v, _)| v);
    let name = header.get("General Info/Acquisition channel").unwrap_or("Spectroscopy");
    let channel = Channel::volume(name, Unit::parse_or_keep(unit), shape);
    dataset.push(channel, block.scaled(volts * factor, offset))?;
    let value = |i: usize| header.value(&format!("Spectroscopy images ramp value list/Image {i:03}"));
    let ramp: Option<Vec<(f64, &str)>> = (0..points).map(value).collect();
    if let Some(ramp) = ramp {
        let unit = Unit::parse_or_keep(ramp.first().map_or("", |(_, u)| u));
        let table = dataset.add_table(TableInfo::default());
        let name = header.get("General Info/Output channel").unwrap_or("Ramp");
        dataset.push_column(table, name, unit, ramp.into_iter().map(|(v, _)| v).collect())?;
    }
    Ok(())
}

/// Frames one after the other: a volume of frames, rows and columns, in the scale that all of them share.
pub(super) fn movie(dataset: &mut Dataset, source: &Source, start: usize, header: &Header) -> Result<(), ReadError> {
    let [rows, columns] = header.shape()?;
    let frames = header.count("General Info/Number of Frames")?;
    let shape = [frames, rows, columns];
    let block = Block::packed(ID, source, start, header.sample()?, Endian::Little, &shape)?;
    let limit = |key: &str| header.value(&format!("Miscellaneous/{key}")).map(|(v, _)| v);
    let (amplitude, unit) = header.amplitude();
    let range = limit("Maximum").zip(limit("Minimum")).map(|(high, low)| high - low).filter(|r| *r > 0.0);
    let scale = amplitude.zip(range).map_or(1.0, |(a, r)| a.abs() / r);
    let name = header.get("General Info/Acquisition channel").unwrap_or("Movie");
    let block = block.bottom_up().right_to_left().scaled(scale, 0.0);
    dataset.push(Channel::volume(name, unit, shape), block)
}

/// Curves behind an image, each with a header of its own: pairs of abscissa and ordinate, line after line.
pub(super) fn curves(
    dataset: &mut Dataset,
    source: &Source,
    start: usize,
    sample: Sample,
    limits: &Limits,
) -> Result<(), ReadError> {
    let bytes = source.bytes();
    let mut at = start;
    let mut number = 0;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let rest = rest.get(..rest.len().min(LONGEST)).unwrap_or_default();
        let end = rest.windows(END.len()).position(|w| w == END);
        let Some(end) = end.filter(|_| rest.starts_with(b"WSxM file")) else { return Ok(()) };
        let header = Header::parse(&encoding::field(rest.get(..end).unwrap_or_default()));
        at = super::behind(bytes, at + end + END.len());
        let points = header.count("General Info/Number of points")?;
        let lines = header.count("General Info/Number of lines")?;
        number += 1;
        // A curve that was not recorded has a header all the same.
        if points == 0 || lines == 0 {
            continue;
        }
        let length = limits.count(ID, &[lines, points, 2])?.saturating_mul(sample.size());
        let mut c = Cursor::new(ID, bytes, Endian::Little);
        c.seek(at)?;
        let values = sample.decode(c.take(length)?, Endian::Little, 1.0, 0.0);
        at = c.position();
        let (factor, unit) = header.value("General Info/Conversion Factor 00").unwrap_or((1.0, ""));
        let factor = if header.is_inverted() { -factor } else { factor };
        let offset = header.value("General Info/Conversion Offset 00").map_or(0.0, |(v, _)| v);
        let ((x, x_unit), (y, y_unit)) = (header.axis("X"), header.axis("Y"));
        let unit = if unit.is_empty() { y_unit } else { Unit::parse_or_keep(unit) };
        let index = header.get("Control/Index of this Curve").and_then(decimal).map_or(number, |v| v as usize);
        let backward_first = header.get("Miscellaneous/First Forward").is_some_and(|v| v == "No");
        for (line, pairs) in values.chunks_exact(points * 2).enumerate() {
            let direction = if (line % 2 == 1) != backward_first { "backward" } else { "forward" };
            let pass = if lines > 2 { format!(" {}", line / 2 + 1) } else { String::new() };
            let direction = if lines > 1 { format!(" {direction}") } else { String::new() };
            let table = dataset.add_table(TableInfo::named(format!("curve {index}{pass}{direction}")));
            let every = |from: usize| pairs.iter().skip(from).step_by(2).copied();
            dataset.push_column(table, &x, x_unit.clone(), every(0).collect())?;
            dataset.push_column(table, &y, unit.clone(), every(1).map(|v| v * factor + offset).collect())?;
        }
    }
}
