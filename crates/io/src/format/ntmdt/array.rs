//! Multidimensional arrays (MDA, type 106): calibrations of dimensions and of measurands, then cells that hold one
//! number of every measurand, the first dimension running fastest.

use crate::cursor::{Cursor, Endian, Sample};
use crate::format::text::encoding;
use crate::{Block, Channel, Dataset, Limits, Metadata, ReadError, Source, TableInfo, Window};
use softspot_data::unit::Unit;

use super::frame::{Frame, inside};
use super::{ID, cube, units};

/// Dimensions and measurands that would be too many.
const MOST: u32 = 64;

/// Types of numbers.
const TYPES: &[(i32, Sample)] = &[
    (-1, Sample::I8),
    (1, Sample::U8),
    (-2, Sample::I16),
    (2, Sample::U16),
    (-4, Sample::I32),
    (4, Sample::U32),
    (-8, Sample::I64),
    (8, Sample::U64),
    (-(4 + 23 * 256), Sample::F32),
    (-(8 + 52 * 256), Sample::F64),
];

/// A dimension, or something measured.
pub(super) struct Calibration {
    name: String,
    comment: String,
    pub unit: Unit,
    pub bias: f64,
    pub scale: f64,
    /// Points of a dimension.
    pub points: Option<usize>,
    /// Type of the numbers.
    pub code: i32,
}

impl Calibration {
    /// Reads one and goes to the next.
    fn read(c: &mut Cursor<'_>) -> Result<Calibration, ReadError> {
        let start = c.position();
        let (all, own) = (c.u32()? as usize, c.u32()? as usize);
        let texts = c.position().saturating_add(own);
        let (name, comment, unit) = (c.u32()? as usize, c.u32()? as usize, c.u32()? as usize);
        let si = c.u64()?;
        c.take(8 + 8)?;
        let (bias, scale) = (c.f64()?, c.f64()?);
        let (low, high) = (c.u64()?, c.u64()?);
        let code = c.i32()?;
        c.seek(texts)?;
        let mut text = |n: usize| Ok::<_, ReadError>(encoding::field(c.take(n)?).trim_matches(['\0', ' ']).to_string());
        let (name, comment, symbol) = (text(name)?, text(comment)?, text(unit)?);
        c.seek(start.saturating_add(all.max(1)))?;
        let points = high.checked_sub(low).and_then(|n| usize::try_from(n).ok()?.checked_add(1));
        let unit = if symbol.is_empty() { units::of_si(si) } else { Unit::parse_or_keep(&symbol) };
        let scale = if scale.is_finite() && scale != 0.0 { scale } else { 1.0 };
        let bias = if bias.is_finite() { bias } else { 0.0 };
        Ok(Calibration { name, comment, unit, bias, scale, points, code })
    }

    /// Its name, or another where that is but the unit.
    pub(super) fn label(&self, usual: &str) -> String {
        let says = !self.name.is_empty() && Unit::parse(&self.name).is_err();
        if says { self.name.clone() } else { usual.to_string() }
    }
}

/// The header of the frame.
pub(super) struct Array {
    pub title: String,
    pub xml: String,
    pub dimensions: Vec<Calibration>,
    pub measurands: Vec<Calibration>,
    cell: usize,
    cells: usize,
    /// Where the cells begin, behind the header of the frame.
    pub data: usize,
}

impl Array {
    fn read(frame: &Frame<'_>) -> Result<Array, ReadError> {
        let mut c = frame.cursor(0);
        let head = c.u32()? as usize;
        c.take(4 + 16 + 16 + 4)?;
        let (title, comment) = (c.u32()? as usize, c.u32()? as usize);
        let (view, specification, origin) = (c.u32()? as usize, c.u32()? as usize, c.u32()? as usize);
        c.seek(head)?;
        let title = encoding::field(c.take(title)?).trim_matches(['\0', ' ']).to_string();
        let xml = encoding_rs::UTF_16LE.decode(c.take(comment)?).0.into_owned();
        c.take(view)?;
        c.take(specification)?;
        c.take(origin)?;
        c.take(4)?;
        let own = c.u32()? as usize;
        let after = c.position().saturating_add(own);
        let cells = usize::try_from(c.u64()?).unwrap_or(usize::MAX);
        let cell = c.u32()? as usize;
        let (dimensions, measurands) = (c.u32()?, c.u32()?);
        if dimensions > MOST || measurands > MOST {
            return Err(
                c.fail(&format!("an array of {dimensions} dimensions and {measurands} measurands is too large"))
            );
        }
        c.seek(after)?;
        let mut list = |n: u32| (0..n).map(|_| Calibration::read(&mut c)).collect::<Result<Vec<_>, _>>();
        let (dimensions, measurands) = (list(dimensions)?, list(measurands)?);
        Ok(Array { title, xml, dimensions, measurands, cell, cells, data: c.position() })
    }

    /// Type and place in the cell of every measurand; `None` where a type is not known.
    fn samples(&self) -> Option<Vec<(Sample, usize)>> {
        let mut out = Vec::new();
        let mut at = 0usize;
        for m in &self.measurands {
            let (_, sample) = TYPES.iter().find(|(code, _)| *code == m.code)?;
            out.push((*sample, at));
            at += sample.size();
        }
        Some(out)
    }
}

pub(super) fn read(
    dataset: &mut Dataset,
    source: &Source,
    frame: &Frame<'_>,
    limits: &Limits,
    metadata: &mut Metadata,
) -> Result<bool, ReadError> {
    let array = inside(frame, Array::read(frame))?;
    let label = frame.label();
    metadata.push((format!("{label}/title"), array.title.clone()));
    if !array.xml.is_empty() {
        metadata.push((format!("{label}/xml"), array.xml.clone()));
    }
    if array.dimensions.len() > 2 || array.measurands.is_empty() {
        return cube::read(dataset, source, frame, &array, limits);
    }
    // Floats of 6 and 10 bytes.
    let Some(samples) = array.samples() else { return Ok(false) };
    let at = frame.position(0, &frame.cursor(0)).saturating_add(array.data);
    let packed: usize = samples.iter().map(|(s, _)| s.size()).sum();
    if array.cell > 0 && array.cell < packed {
        return Err(frame.wrong(format!("a cell of {} bytes does not hold its {packed}", array.cell)));
    }
    let cell = if array.cell > 0 { array.cell } else { packed };
    let points = |i: usize| array.dimensions.get(i).and_then(|d| d.points).unwrap_or(array.cells);
    let shape = match array.dimensions.len() {
        2 => vec![points(1), points(0)],
        1 => vec![points(0)],
        _ => vec![array.measurands.first().and_then(|m| m.points).filter(|n| *n <= array.cells).unwrap_or(array.cells)],
    };
    limits.count(ID, &shape)?;
    let mut strides = vec![cell as isize];
    if let [_, columns] = shape[..] {
        strides.insert(0, columns.saturating_mul(cell) as isize);
    }
    let size = |d: &Calibration| {
        let n = d.points.unwrap_or(1).max(2) - 1;
        d.unit.is_length().then(|| d.unit.to_si(d.scale.abs()) * n as f64)
    };
    let size = match array.dimensions.as_slice() {
        [x, y] => size(x).zip(size(y)).map(|(w, h)| vec![w, h]),
        _ => None,
    };
    let title = if array.title.is_empty() { label } else { array.title.clone() };
    let mut columns = Vec::new();
    for (m, (sample, offset)) in array.measurands.iter().zip(&samples) {
        let begin = at.saturating_add(*offset);
        let block =
            Block::strided(ID, source, begin, *sample, Endian::Little, &shape, &strides)?.scaled(m.scale, m.bias);
        if let [rows, width] = shape[..] {
            let several = array.measurands.len() > 1;
            let name = if several { format!("{title}: {}", m.label("measurand")) } else { title.clone() };
            dataset.push(Channel::map(name, m.unit.clone(), rows, width).sized(size.clone()), block.bottom_up())?;
        } else {
            columns.push((m, block.window(&Window::whole(&shape))?));
        }
    }
    if columns.is_empty() {
        return Ok(true);
    }
    let table = dataset.add_table(TableInfo::named(&title));
    if let Some(d) = array.dimensions.first() {
        let n = shape.first().copied().unwrap_or(0);
        // Spectra of unequal steps have their abscissa in a comment, which is kept as metadata of the file.
        if !d.comment.is_empty() {
            metadata.push((format!("{}/axis", frame.label()), d.comment.clone()));
        }
        let axis = (0..n).map(|i| d.bias + d.scale * i as f64).collect();
        dataset.push_column(table, &d.label("X"), d.unit.clone(), axis)?;
    }
    for (m, values) in columns {
        dataset.push_column(table, &m.label(&title), m.unit.clone(), values)?;
    }
    Ok(true)
}
