//! Scans and spectra of 16-bit integers (types 0 and 1), and what they share with curves at points (201).

use crate::cursor::{Cursor, Endian, Sample};
use crate::format::text::encoding;
use crate::{Block, Channel, Dataset, Metadata, ReadError, Source, TableInfo};
use softspot_data::unit::Unit;

use super::frame::{Frame, inside};
use super::{ID, units};

/// Names of what an input measures, by number; for frames without a title.
const INPUTS: &[&str] = &[
    "Height",
    "DFL",
    "Lateral F",
    "Bias V",
    "Current",
    "FB-Out",
    "MAG",
    "MAG*Sin",
    "MAG*Cos",
    "RMS",
    "CalcMag",
    "Phase1",
    "Phase2",
    "CalcPhase",
    "Ex1",
    "Ex2",
    "HvX",
    "HvY",
    "Snap Back",
];

/// Offset, step and unit of an axis.
pub(super) struct Axis {
    pub offset: f64,
    pub step: f64,
    pub unit: Unit,
}

impl Axis {
    fn read(c: &mut Cursor<'_>) -> Result<Axis, ReadError> {
        let (offset, step) = (f64::from(c.f32()?), f64::from(c.f32()?));
        let step = if step.is_finite() && step != 0.0 { step } else { 1.0 };
        let offset = if offset.is_finite() { offset } else { 0.0 };
        Ok(Axis { offset, step, unit: units::of_code(c.i16()?) })
    }
}

/// Where curves at points were measured, and how long they are.
pub(super) struct Dot {
    pub place: [f64; 2],
    pub forward: usize,
    pub backward: usize,
}

/// What the variables and the data of such a frame say.
pub(super) struct Scan {
    pub axes: [Axis; 3],
    input: u8,
    columns: usize,
    rows: usize,
    pub dots: Vec<Dot>,
    /// Where the integers begin, behind the header of the frame.
    pub data: usize,
    title: String,
    xml: String,
}

impl Scan {
    pub(super) fn read(frame: &Frame<'_>) -> Result<Scan, ReadError> {
        let mut c = frame.cursor(0);
        let axes = [Axis::read(&mut c)?, Axis::read(&mut c)?, Axis::read(&mut c)?];
        let input = c.u8()?;
        let mut c = frame.cursor(frame.variables);
        c.u16()?;
        let (columns, rows, dots) = (usize::from(c.u16()?), usize::from(c.u16()?), usize::from(c.u16()?));
        let mut out =
            Scan { axes, input, columns, rows, dots: Vec::new(), data: 0, title: String::new(), xml: String::new() };
        if dots > 0 {
            out.read_dots(&mut c, dots)?;
        }
        out.data = frame.variables + c.position();
        let numbers = match out.dots.as_slice() {
            [] => columns * rows,
            dots => dots.iter().fold(0usize, |n, d| n.saturating_add(d.forward).saturating_add(d.backward)),
        };
        c.take(numbers.saturating_mul(2))?;
        // Title and XML are not in all versions.
        let tail = |c: &mut Cursor<'_>| {
            let n = c.u32().ok()? as usize;
            c.take(n).ok().map(<[u8]>::to_vec)
        };
        out.title = tail(&mut c).map(|t| encoding::field(&t)).unwrap_or_default().trim_matches(['\0', ' ']).to_string();
        out.xml = tail(&mut c).map(|t| encoding_rs::UTF_16LE.decode(&t).0.into_owned()).unwrap_or_default();
        Ok(out)
    }

    /// A header of its own length and version, then 16 bytes a point.
    fn read_dots(&mut self, c: &mut Cursor<'_>, n: usize) -> Result<(), ReadError> {
        c.take(12)?;
        let unit = units::of_code(c.i16()?);
        for _ in 0..n {
            let place = [f64::from(c.f32()?), f64::from(c.f32()?)].map(|v| unit.to_si(v));
            let length = |v: i32| usize::try_from(v).unwrap_or(0);
            let (forward, backward) = (length(c.i32()?), length(c.i32()?));
            self.dots.push(Dot { place, forward, backward });
        }
        Ok(())
    }

    pub(super) fn name(&self, frame: &Frame<'_>) -> String {
        match INPUTS.get(usize::from(self.input)) {
            _ if !self.title.is_empty() => self.title.clone(),
            Some(input) => (*input).to_string(),
            None => frame.label(),
        }
    }
}

/// A scan becomes a map.
pub(super) fn map(
    dataset: &mut Dataset,
    source: &Source,
    frame: &Frame<'_>,
    metadata: &mut Metadata,
) -> Result<bool, ReadError> {
    let scan = inside(frame, Scan::read(frame))?;
    if !scan.xml.is_empty() {
        metadata.push((format!("{}/xml", frame.label()), scan.xml.clone()));
    }
    let at = frame.position(scan.data, &frame.cursor(scan.data));
    let [x, y, z] = &scan.axes;
    let block = Block::packed(ID, source, at, Sample::I16, Endian::Little, &[scan.rows, scan.columns])?;
    let length = |axis: &Axis, n: usize| axis.unit.is_length().then(|| axis.unit.to_si(axis.step.abs()) * n as f64);
    let size = length(x, scan.columns).zip(length(y, scan.rows)).map(|(w, h)| vec![w, h]);
    let channel = Channel::map(scan.name(frame), z.unit.clone(), scan.rows, scan.columns).sized(size);
    dataset.push(channel, block.bottom_up().scaled(z.step, z.offset))?;
    Ok(true)
}

/// A spectrum becomes a table; several lines are several columns.
pub(super) fn spectrum(dataset: &mut Dataset, source: &Source, frame: &Frame<'_>) -> Result<bool, ReadError> {
    let scan = inside(frame, Scan::read(frame))?;
    let at = frame.position(scan.data, &frame.cursor(scan.data));
    let [x, _, z] = &scan.axes;
    let block = Block::packed(ID, source, at, Sample::I16, Endian::Little, &[scan.rows.max(1), scan.columns])?;
    let block = block.scaled(z.step, z.offset);
    let name = scan.name(frame);
    let table = dataset.add_table(TableInfo::named(&name));
    let axis = (0..scan.columns).map(|i| x.offset + x.step * i as f64).collect();
    dataset.push_column(table, "X", x.unit.clone(), axis)?;
    for row in 0..scan.rows.max(1) {
        let values = block.window(&crate::Window::new([row..row + 1, 0..scan.columns]))?;
        dataset.push_column(table, &name, z.unit.clone(), values)?;
    }
    Ok(true)
}
