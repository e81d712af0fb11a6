//! Curves at points (type 190): named blocks, and `index.xml`, which says what they hold.
//!
//! A point has `meas` × `exec` measurements forward, then as many backward; its block holds their indices. A
//! measurement has a name (with unit, scale and bias), numbers (64-bit floats in that unit, or integers to be scaled)
//! and an axis that goes in equal steps from `start` to `stop`, backwards where it is inverse.

use crate::cursor::{Endian, Sample};
use crate::format::text::encoding;
use crate::{Dataset, Limits, Metadata, ReadError, TableInfo};
use softspot_data::unit::Unit;

use super::frame::{Frame, inside};
use super::xml::{self, Element};

/// The axis is counted from its value before the curve.
const RELATIVE: usize = 2;
const INVERSE: usize = 1;

/// Named pieces of the frame.
struct Blocks<'a>(Vec<(String, &'a [u8])>);

impl<'a> Blocks<'a> {
    fn read(frame: &Frame<'a>) -> Result<Blocks<'a>, ReadError> {
        let mut c = frame.cursor(frame.variables);
        let n = c.u32()? as usize;
        if n > c.remaining() / 8 {
            return Err(c.fail(&format!("the header claims {n} blocks, more than the file can hold")));
        }
        let mut lengths = Vec::new();
        for _ in 0..n {
            lengths.push((c.u32()? as usize, c.u32()? as usize));
        }
        let mut names = Vec::new();
        for (name, _) in &lengths {
            names.push(encoding::field(c.take(*name)?));
        }
        let mut out = Vec::new();
        for (name, (_, length)) in names.into_iter().zip(&lengths) {
            out.push((name, c.take(*length)?));
        }
        Ok(Blocks(out))
    }

    fn index(&self) -> std::collections::BTreeMap<&str, &'a [u8]> {
        // The first of a name counts.
        self.0.iter().rev().map(|(n, b)| (n.as_str(), *b)).collect()
    }
}

/// Elements of one kind at the places of their `index`.
fn listed<'e>(all: &'e [Element<'e>], name: &str) -> Vec<Option<&'e Element<'e>>> {
    let own: Vec<&Element> = all.iter().filter(|e| e.name() == name).collect();
    let mut out = vec![None; own.len()];
    for (i, e) in own.iter().enumerate() {
        if let Some(slot) = out.get_mut(e.whole("index").unwrap_or(i)) {
            *slot = Some(*e);
        }
    }
    out
}

fn at<'e>(list: &[Option<&'e Element<'e>>], i: Option<usize>) -> Option<&'e Element<'e>> {
    list.get(i?).copied().flatten()
}

pub(super) fn read(
    dataset: &mut Dataset,
    frame: &Frame<'_>,
    limits: &Limits,
    metadata: &mut Metadata,
) -> Result<bool, ReadError> {
    let blocks = inside(frame, Blocks::read(frame))?;
    let index = blocks.index();
    let Some(xml) = index.get("index.xml") else { return Ok(false) };
    let text = encoding::decode(xml);
    let elements = xml::elements(&text);
    if let Some(parameters) = index.get("__xmlparams.xml") {
        metadata.push((format!("{}/xml", frame.label()), encoding::decode(parameters).into_owned()));
    }
    let [names, axes, measurements, data] = ["Name", "Axis", "Meas", "Data"].map(|kind| listed(&elements, kind));
    let mut any = false;
    // Curves that share their numbers would cost more than the file can hold.
    let mut left = frame.bytes.len();
    for (number, point) in elements.iter().filter(|e| e.name() == "Point").enumerate() {
        let place = point.get("unit").and_then(|u| Unit::parse(&u).ok()).filter(|u| u.is_length());
        let place = place.and_then(|u| Some([u.to_si(point.number("x")?), u.to_si(point.number("y")?)]));
        let (kinds, times) = (point.whole("meas").unwrap_or(1), point.whole("exec").unwrap_or(1));
        let each = kinds.saturating_mul(times);
        let raw = point.get("name").and_then(|n| index.get(n.as_str())).copied().unwrap_or_default();
        let raw = raw.get(point.whole("offset").unwrap_or(0)..).unwrap_or_default();
        let (indices, _) = raw.as_chunks::<4>();
        for (i, raw) in indices.iter().enumerate().take(each.saturating_mul(2)) {
            let measurement = usize::try_from(i32::from_le_bytes(*raw)).ok();
            let Some(m) = at(&measurements, measurement) else { continue };
            let (Some(name), Some(d)) = (at(&names, m.whole("name")), at(&data, m.whole("data"))) else { continue };
            let values = numbers(frame, d, name, &index, limits)?;
            left = left
                .checked_sub(values.len())
                .ok_or_else(|| frame.wrong("its curves claim more numbers than it can hold".into()))?;
            if values.is_empty() {
                continue;
            }
            let direction = if i < each { "forward" } else { "backward" };
            let pass = if times > 1 { format!(" {}", i % each / kinds.max(1) + 1) } else { String::new() };
            let table = dataset.add_table(TableInfo {
                name: format!("point {}{pass} {direction}", number + 1),
                position: place,
                cell: None,
                metadata: Metadata::new(),
            });
            if let Some(axis) = at(&axes, m.whole("axis0")) {
                let x = at(&names, axis.whole("name"));
                let unit = x.and_then(|e| e.get("unit")).map_or_else(Unit::none, |u| Unit::parse_or_keep(&u));
                let label = x.and_then(|e| e.get("name")).filter(|n| !n.is_empty()).unwrap_or_else(|| "X".into());
                let steps = abscissa(axis, m.whole("inverse0").unwrap_or(0), values.len());
                dataset.push_column(table, &label, unit, steps)?;
            }
            let unit = Unit::parse_or_keep(&name.get("unit").unwrap_or_default());
            dataset.push_column(table, name.get("name").as_deref().unwrap_or("Y"), unit, values)?;
            any = true;
        }
    }
    Ok(any)
}

/// The numbers of a `Data` element in the unit of the name.
fn numbers(
    frame: &Frame<'_>,
    data: &Element<'_>,
    name: &Element<'_>,
    index: &std::collections::BTreeMap<&str, &[u8]>,
    limits: &Limits,
) -> Result<Vec<f64>, ReadError> {
    let block = data.get("name").and_then(|n| index.get(n.as_str())).copied().unwrap_or_default();
    let double = data.get("type").as_deref() == Some("float64");
    let sample = if double { Sample::F64 } else { Sample::I32 };
    let count = data.whole("count").unwrap_or(0);
    if count == 0 {
        return Ok(Vec::new());
    }
    limits.count(super::ID, &[count])?;
    let from = data.whole("offset").unwrap_or(0).saturating_mul(sample.size());
    let to = from.saturating_add(count.saturating_mul(sample.size()));
    let raw = block.get(from..to).ok_or_else(|| {
        frame.wrong(format!("a curve claims {count} numbers, more than its block of {} bytes can hold", block.len()))
    })?;
    let [scale, bias] = match double {
        true => [1.0, 0.0],
        false => [name.number("scale").unwrap_or(1.0), name.number("bias").unwrap_or(0.0)],
    };
    Ok(sample.decode(raw, Endian::Little, scale, bias))
}

/// Equal steps in the order in which the numbers were measured.
fn abscissa(axis: &Element<'_>, options: usize, n: usize) -> Vec<f64> {
    let origin = if options & RELATIVE != 0 { axis.number("value").unwrap_or(0.0) } else { 0.0 };
    let (start, stop) = (axis.number("start").unwrap_or(0.0), axis.number("stop").unwrap_or(n as f64));
    let (start, stop) = if options & INVERSE != 0 { (stop, start) } else { (start, stop) };
    let steps = (n.max(2) - 1) as f64;
    (0..n).map(|i| start + (stop - start) * i as f64 / steps - origin).collect()
}
