//! Files of Nanosurf Studio: `.nhf`, HDF5 of versions 1.1 and 2.
//!
//! A group a measurement, a group a segment in it (`Forward`, `Backward`, `Advance …`, `Retract …`), an array of one axis a
//! channel. They are known by their attributes, never by the names of the groups. Integers span the range of their
//! calibration; the least integer marks what was not measured. Images begin with the lowest line, from left to right in
//! both directions. The channels of spectroscopy hold curve after curve, whose lengths stand in arrays of their own.
//! Sources: a file of version 1.1 (wave mode) that Nanosurf published, its Python packages `nanosurf` and
//! `nanosurf-utils`, `NSFopen`; of version 2 the two axes of `rect_axis_size` are y, x as in these packages.

use std::ops::Range;
use std::sync::Arc;

use crate::container::hdf5::{Array, Element, File, Node, is_hdf5};
use crate::dataset::{Columns, Curve};
use crate::{
    Channel, Confidence, Dataset, Format, Limits, Metadata, ReadError, Reader, Source, Store, Window, entry_name,
};
use softspot_data::unit::Unit;

const ID: &str = "nhf";
const VERSION: &str = "nsf_file_version_major";

/// The reader.
pub struct Nhf;

static FORMAT: Format = Format {
    id: ID,
    name: "Nanosurf Studio",
    extensions: &["nhf"],
    about: "Images of every segment as maps, waves of each pixel as volumes, curves a table each. HDF5 of versions 1 and 2.",
    reference: "https://pypi.org/project/nanosurf; https://pypi.org/project/NSFopen",
};

impl Reader for Nhf {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        let named = |m: &String| m.starts_with("measurement_") || m.starts_with("group_");
        let may = is_hdf5(source) && (source.members().is_empty() || source.members().iter().any(named));
        let file = may.then(|| File::open(ID, source, &Limits::default()).ok()).flatten();
        if file.is_some_and(|f| f.has_attribute(VERSION)) { 95 } else { 0 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let mut notes = Metadata::new();
        let nodes = File::open(ID, source, limits)?.nodes(&mut notes)?;
        let mut dataset = Dataset::new(ID, limits);
        for node in nodes.iter().filter(|n| n.array.is_none()) {
            let path = named(node).unwrap_or(&node.path);
            dataset.metadata.extend(node.attributes.iter().map(|(k, v)| (entry_name(path, "/", k), v.clone())));
        }
        dataset.metadata.extend(notes);
        let root = nodes.iter().find(|n| n.path.is_empty());
        let later = root.and_then(|n| number(n, VERSION)).is_some_and(|v| v >= 2.0);
        let measurements: Vec<&Node> =
            nodes.iter().filter(|n| n.array.is_none() && is_in(n, "") && named(n).is_some()).collect();
        for measurement in &measurements {
            let prefix = if measurements.len() > 1 { named(measurement) } else { None };
            let own = Measurement { node: measurement, nodes: &nodes, later, prefix };
            own.push(&mut dataset, limits)?;
        }
        dataset.finish()
    }
}

/// What a group or a channel is called, in the words of either version.
fn named(node: &Node) -> Option<&str> {
    let keys = ["measurement_name", "segment_name", "signal_name", "name"];
    keys.iter().find_map(|k| node.attribute(k)).map(str::trim).filter(|n| !n.is_empty())
}

fn is_in(node: &Node, path: &str) -> bool {
    !node.path.is_empty() && node.parent() == path
}

fn number(node: &Node, key: &str) -> Option<f64> {
    node.attribute(key)?.trim().parse().ok().filter(|v: &f64| v.is_finite())
}

fn count(node: &Node, key: &str) -> Option<usize> {
    number(node, key).filter(|v| (1.0..1e9).contains(v)).map(|v| v as usize)
}

/// Two numbers of an attribute.
fn pair(node: &Node, key: &str) -> Option<[f64; 2]> {
    let all: Option<Vec<f64>> =
        node.attribute(key)?.split([' ', ',']).filter(|w| !w.is_empty()).map(|w| w.parse().ok()).collect();
    <[f64; 2]>::try_from(all?).ok()
}

/// A unit as it is or behind its name: `Second (s)`. `int` is none.
fn unit(node: &Node) -> Unit {
    let keys = ["base_calibration_unit", "signal_calibration_unit", "signal_unit"];
    let text = keys.iter().find_map(|k| node.attribute(k)).unwrap_or("").trim();
    let inner = text.split_once('(').and_then(|(_, u)| u.strip_suffix(')')).unwrap_or(text);
    if inner == "int" { Unit::none() } else { Unit::parse_or_keep(inner) }
}

/// A channel: its numbers and what they mean.
#[derive(Clone)]
struct Signal {
    name: String,
    unit: Unit,
    array: Array,
    scale: f64,
    offset: f64,
    missing: Option<f64>,
}

impl Signal {
    fn of(node: &Node, later: bool) -> Option<Signal> {
        let array = node.array.clone().filter(|a| a.element == Element::Number && a.shape.len() == 1)?;
        let name = named(node)?.to_string();
        let limits = ["base_calibration", "signal_calibration"]
            .iter()
            .find_map(|k| Some([number(node, &format!("{k}_min"))?, number(node, &format!("{k}_max"))?]));
        let unit = unit(node);
        let mut out = Signal { name, unit, array, scale: 1.0, offset: 0.0, missing: None };
        if let Some((bits, signed)) = out.array.integer() {
            let whole = f64::from(bits).exp2();
            let (least, most) = if signed { (-whole / 2.0, whole / 2.0 - 1.0) } else { (0.0, whole - 1.0) };
            // Of version 2 one number of the range says that there is none.
            let (from, to) = match (later, signed) {
                (true, true) => (least + 1.0, most),
                (true, false) => (least, most - 1.0),
                (false, _) => (least, most),
            };
            if let Some([min, max]) = limits.filter(|[min, max]| min < max) {
                out.scale = (max - min) / (to - from);
                out.offset = min - from * out.scale;
                out.missing = match (signed, later) {
                    (true, _) => Some(least),
                    (false, true) => Some(most),
                    (false, false) => None,
                };
            }
        }
        Some(out)
    }

    fn length(&self) -> usize {
        self.array.count()
    }

    /// The values of a range; those behind the end are missing.
    fn read(&self, range: Range<usize>) -> Result<Vec<f64>, ReadError> {
        let n = self.length();
        let own = range.start.min(n)..range.end.min(n);
        let mut values = if own.is_empty() { Vec::new() } else { self.array.read(&Window::new([own]))? };
        for v in &mut values {
            *v = if self.missing == Some(*v) { f64::NAN } else { *v * self.scale + self.offset };
        }
        values.resize(range.len(), f64::NAN);
        Ok(values)
    }
}

/// A measurement and all that lies in it.
struct Measurement<'a> {
    node: &'a Node,
    nodes: &'a [Node],
    later: bool,
    /// Its name, where the file has several.
    prefix: Option<&'a str>,
}

impl Measurement<'_> {
    fn push(&self, dataset: &mut Dataset, limits: &Limits) -> Result<(), ReadError> {
        let kind = self.node.attribute("measurement_type").or_else(|| self.node.attribute("group_type")).unwrap_or("");
        if kind == "calibration" {
            return Ok(());
        }
        let groups = self.nodes.iter().filter(|n| n.array.is_none() && is_in(n, &self.node.path));
        let segments: Vec<&Node> = groups.filter(|n| named(n).is_some()).collect();
        if kind.starts_with("spectroscopy") {
            return self.curves(dataset, &segments, limits);
        }
        for segment in segments {
            self.images(dataset, segment, limits)?;
        }
        Ok(())
    }

    fn signals(&self, segment: &Node) -> impl Iterator<Item = Signal> {
        let own = self.nodes.iter().filter(move |n| n.array.is_some() && is_in(n, &segment.path));
        own.filter(|n| n.attribute("dataset_block_size_id").is_none()).filter_map(|n| Signal::of(n, self.later))
    }

    /// Lines and points of the frame of a segment, and its width and height in m.
    fn frame(&self, segment: &Node) -> Option<([usize; 2], Option<Vec<f64>>)> {
        let nodes = [segment, self.node];
        let first = |key: &str| nodes.iter().find_map(|n| count(n, key));
        let shape = match first("image_points_per_line").or_else(|| first("grid_number_of_columns")) {
            Some(points) => {
                let lines = ["image_number_of_lines", "grid_number_of_rows", "image_number_of_lines_acquired"];
                [lines.iter().find_map(|k| first(k))?, points]
            }
            None => {
                let [y, x] = nodes.iter().find_map(|n| pair(n, "rect_axis_size"))?;
                [y, x].map(|v| if (1.0..1e9).contains(&v) { v as usize } else { 0 })
            }
        };
        let length = |key: &str| nodes.iter().find_map(|n| number(n, key));
        let size = length("image_size_x").zip(length("image_size_y"));
        let size = size.or_else(|| length("grid_width").zip(length("grid_height")));
        let size = size.or_else(|| nodes.iter().find_map(|n| pair(n, "rect_axis_range")).map(|[y, x]| (x, y)));
        (!shape.contains(&0)).then(|| (shape, size.map(|(x, y)| vec![x, y])))
    }

    fn name(&self, channel: &str, segment: &Node) -> String {
        let own = format!("{channel} {}", named(segment).unwrap_or("").to_lowercase());
        match self.prefix {
            Some(prefix) => format!("{prefix}: {}", own.trim()),
            None => own.trim().to_string(),
        }
    }

    /// Adds the images of a segment, and what has several numbers a pixel.
    fn images(&self, dataset: &mut Dataset, segment: &Node, limits: &Limits) -> Result<(), ReadError> {
        let Some(([lines, points], size)) = self.frame(segment) else { return Ok(()) };
        let pixels = limits.count(ID, &[lines, points])?;
        for signal in self.signals(segment) {
            let each = signal.length() / pixels;
            let name = self.name(&signal.name, segment);
            // An image that was not finished may be shorter than its frame.
            if each > 1 && signal.length().is_multiple_of(pixels) {
                let channel = Channel::volume(name, signal.unit.clone(), [lines, points, each]);
                dataset.push(channel, store(signal, [lines, points], each))?;
            } else if each == 1 || signal.length().is_multiple_of(points) && signal.length() > 0 && each == 0 {
                let channel = Channel::map(name, signal.unit.clone(), lines, points).sized(size.clone());
                dataset.push(channel, store(signal, [lines, points], 1))?;
            }
        }
        Ok(())
    }

    /// Adds the curves: the segments one behind the other.
    fn curves(&self, dataset: &mut Dataset, segments: &[&Node], limits: &Limits) -> Result<(), ReadError> {
        let mut parts: Vec<Part> = Vec::new();
        for segment in segments {
            parts.extend(Part::of(self, segment)?);
        }
        let n = parts.iter().map(|p| p.ranges.len()).max().unwrap_or(0);
        if let Some(name) = self.prefix.filter(|_| n > 0) {
            dataset.metadata.push(("curves of".into(), name.to_string()));
        }
        let names: Vec<&str> = segments.iter().filter_map(|s| named(s)).collect();
        dataset.metadata.push(("segments".into(), names.join(", ")));
        let mut columns: Vec<(String, Unit)> = Vec::new();
        let newton = self.newton();
        let volts = |s: &Signal| s.name == "Deflection" && s.unit.symbol == "V";
        let has_force = newton.is_some() && parts.iter().flat_map(|p| &p.signals).any(volts);
        if has_force {
            columns.push(("force".into(), Unit::of("N")));
        }
        columns.push(("segment".into(), Unit::none()));
        for signal in parts.iter().flat_map(|p| &p.signals) {
            if !columns.iter().any(|c| c.0 == signal.name) {
                columns.push((signal.name.clone(), signal.unit.clone()));
            }
        }
        let curves =
            (0..n).map(|i| Curve { number: i, length: parts.iter().map(|p| p.length(i)).sum(), ..self.place(i, n) });
        let curves: Vec<Curve> = curves.collect();
        let names: Vec<String> = columns.iter().map(|c| c.0.clone()).collect();
        let values: Arc<Columns> = Arc::new(move |curve, column| {
            let name = names.get(column).map_or("", String::as_str);
            let mut out = Vec::new();
            for (i, part) in parts.iter().enumerate() {
                let n = part.length(curve);
                match (name, has_force) {
                    ("segment", _) => out.extend(std::iter::repeat_n(i as f64, n)),
                    ("force", true) => {
                        let own = part.read("Deflection", curve)?;
                        out.extend(own.into_iter().map(|v| v * newton.unwrap_or(f64::NAN)));
                    }
                    _ => out.append(&mut part.read(name, curve)?),
                }
            }
            Ok(out)
        });
        dataset.push_curves(limits, &columns, curves, values)
    }

    /// Newtons of a volt of deflection.
    fn newton(&self) -> Option<f64> {
        let sensitivity = number(self.node, "spm_probe_calibration_deflection_sensitivity")?;
        Some(sensitivity * number(self.node, "spm_probe_calibration_spring_constant")?).filter(|v| *v > 0.0)
    }

    /// Where a curve was measured: by its coordinates, else along lines that turn about, from the lowest.
    fn place(&self, i: usize, n: usize) -> Curve {
        let coordinate = |name: &str| {
            let node = self.nodes.iter().find(|c| is_in(c, &self.node.path) && named(c) == Some(name))?;
            node.array.as_ref().filter(|a| a.count() == n)?.read(&Window::new([i..i + 1])).ok()?.first().copied()
        };
        let position = coordinate("coordinates_x").zip(coordinate("coordinates_y")).map(|(x, y)| [x, y]);
        let grid = self.frame(self.node).map(|f| f.0).filter(|[rows, columns]| rows * columns > 1);
        let cell = grid.map(|[rows, columns]| {
            let (line, along) = (i / columns, i % columns);
            let column = if line % 2 == 1 { columns - 1 - along } else { along };
            [rows.saturating_sub(1 + line), column]
        });
        Curve { position, cell, ..Curve::default() }
    }
}

/// An image, the lowest line first, or the numbers of each of its pixels.
fn store(signal: Signal, [lines, points]: [usize; 2], each: usize) -> Store {
    Store::windowed(move |w| {
        let [rows, columns, rest @ ..] = w.ranges() else { return Err(ReadError::new(ID, "an image has two axes")) };
        let inner = rest.first().cloned().unwrap_or(0..1);
        let mut out = Vec::with_capacity(rows.len() * columns.len() * inner.len());
        for row in rows.clone() {
            let line = lines.saturating_sub(1 + row) * points;
            if inner.len() == each {
                out.append(&mut signal.read((line + columns.start) * each..(line + columns.end) * each)?);
                continue;
            }
            for column in columns.clone() {
                let at = (line + column) * each;
                out.append(&mut signal.read(at + inner.start..at + inner.end)?);
            }
        }
        Ok(out)
    })
}

/// A segment of all curves.
struct Part {
    signals: Vec<Signal>,
    /// Where each curve lies in its channels.
    ranges: Vec<Range<usize>>,
}

impl Part {
    fn of(measurement: &Measurement<'_>, segment: &Node) -> Result<Option<Part>, ReadError> {
        let arrays = || measurement.nodes.iter().filter(|n| n.array.is_some() && is_in(n, &segment.path));
        let whole = |node: Option<&Node>| -> Result<Option<Vec<usize>>, ReadError> {
            let Some(array) = node.and_then(|n| n.array.as_ref()) else { return Ok(None) };
            Ok(Some(array.numbers()?.into_iter().map(|v| if v > 0.0 { v as usize } else { 0 }).collect()))
        };
        let called = |name: &str| arrays().find(|n| named(n) == Some(name));
        const OFFSETS: &str = "channel_data_offsets";
        const LENGTHS: &str = "number_of_datapoints_acquired";
        let (offsets, lengths) = match whole(called(LENGTHS))? {
            Some(lengths) => (whole(called(OFFSETS))?, lengths),
            // Version 2: one list for all channels of the segment, or one for each, which agree.
            None => match whole(arrays().find(|n| n.attribute("dataset_block_size_id").is_some()))? {
                Some(lengths) => (None, lengths),
                None => return Ok(None),
            },
        };
        let mut at = 0usize;
        let mut ranges = Vec::with_capacity(lengths.len());
        for (i, n) in lengths.iter().enumerate() {
            let start = offsets.as_ref().and_then(|o| o.get(i)).copied().unwrap_or(at);
            at = start.saturating_add(*n);
            ranges.push(start..at);
        }
        let own = measurement.signals(segment).filter(|s| s.name != OFFSETS && s.name != LENGTHS);
        let signals: Vec<Signal> = own.collect();
        let longest = signals.iter().map(Signal::length).max().unwrap_or(0);
        if ranges.iter().any(|r| r.end > longest) {
            let what = format!("the curves of segment `{}` reach beyond its channels", named(segment).unwrap_or(""));
            return Err(ReadError::new(ID, what).hint("the file is damaged; copy it again"));
        }
        Ok(Some(Part { signals, ranges }))
    }

    fn length(&self, curve: usize) -> usize {
        self.ranges.get(curve).map_or(0, Range::len)
    }

    /// The values of a channel; missing where the segment has no such channel.
    fn read(&self, name: &str, curve: usize) -> Result<Vec<f64>, ReadError> {
        let range = self.ranges.get(curve).cloned().unwrap_or(0..0);
        match self.signals.iter().find(|s| s.name == name) {
            Some(signal) => signal.read(range),
            None => Ok(vec![f64::NAN; range.len()]),
        }
    }
}
