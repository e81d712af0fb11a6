//! JPK fast scans (`.h5-jpk`): HDF5 files of many frames.
//!
//! Known writers: NanoRacer and fast NanoWizards of JPK/Bruker, software 7 and 8, in the layout of pycroscopy. Each
//! `Measurement_NNN/Channel_MMM` holds one array of `[pixels, frames]` stored integers; encoder and calibration slots
//! are attributes of the group of the channel, the grid those of the measurement. Source: a file of version 8.1.
//!
//! A channel is a volume `[frame, row, column]` in its default slot (a map, where there is one frame), row 0 on top:
//! the bottom line is stored first unless the grid is reflected. Backward scans carry `(retrace)` in their names, as in
//! JPK images. The arrays as stored (names are their paths) follow without a unit, thumbnails and settings a frame as
//! well.

use std::collections::BTreeMap;

use crate::container::hdf5::{Array, Element, File, Node, is_hdf5};
use crate::{
    Channel, Confidence, Dataset, Format, Limits, Metadata, ReadError, Reader, Source, Store, Window, entry_name,
};
use softspot_data::unit::Unit;

use super::conversion::{self, Conversion, Lookup};

const ID: &str = "jpk-h5";

/// The reader.
pub struct JpkFast;

static FORMAT: Format = Format {
    id: ID,
    name: "JPK fast scan",
    extensions: &["h5-jpk"],
    about: "Every channel as a volume of its frames in its default calibration, and the arrays as stored.",
    reference: "A file of JPK software 8.1; HDF5 in the layout of pycroscopy",
};

impl Reader for JpkFast {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        if !is_hdf5(source) || !source.members().iter().any(|m| m.starts_with("Measurement_")) {
            return 0;
        }
        // Others write measurements of pycroscopy as well.
        let nodes = File::open(ID, source, &Limits::default()).and_then(|f| f.nodes(&mut Metadata::new()));
        let ours = |n: &Node| {
            n.attribute("jpkspm_version").is_some()
                || n.attribute("file-format-info").is_some_and(|v| v.starts_with("JPK"))
        };
        if nodes.is_ok_and(|nodes| nodes.iter().any(ours)) { 90 } else { 0 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let mut dataset = Dataset::new(ID, limits);
        let mut notes = Metadata::new();
        let nodes = File::open(ID, source, limits)?.nodes(&mut notes)?;
        let groups: BTreeMap<&str, &Node> =
            nodes.iter().filter(|n| n.array.is_none()).map(|n| (n.path.as_str(), n)).collect();
        let group = |path: &str| groups.get(path).copied();
        for node in &nodes {
            dataset.metadata.extend(node.attributes.iter().map(|(k, v)| (entry_name(&node.path, "/", k), v.clone())));
        }
        dataset.metadata.extend(notes);
        for node in &nodes {
            let Some(array) = node.array.as_ref() else { continue };
            let channel = group(node.parent());
            let grid = channel.and_then(|c| group(c.parent())).and_then(Grid::of);
            if let (Some(channel), Some(grid)) = (channel, grid)
                && let Some((channel, frames)) = frames(channel, grid, array)?
            {
                limits.count(ID, &channel.shape)?;
                dataset.push(channel, Store::windowed(move |w| frames.read(w)))?;
            }
        }
        for node in &nodes {
            let Some(array) = node.array.as_ref().filter(|a| a.element == Element::Number) else { continue };
            if let [rows, columns] = *array.shape.as_slice()
                && rows > 0
                && columns > 0
            {
                // What `units` says holds behind the calibration only.
                dataset.push(Channel::map(node.path.clone(), Unit::none(), rows, columns), array.store())?;
            }
        }
        if dataset.channels().is_empty() {
            return Err(ReadError::new(ID, "no measurement of the file holds a channel")
                .hint("the recording was cut; copy the file again"));
        }
        dataset.finish()
    }
}

/// The attributes of a channel's group under the keys that archives of force curves use.
struct Keys<'a>(&'a Node);

impl Lookup for Keys<'_> {
    fn get(&self, key: &str) -> Option<String> {
        let key = key.strip_prefix("conversion-set.").unwrap_or(key);
        self.0.attribute(key).map(str::to_string)
    }
}

#[derive(Clone)]
struct Grid {
    rows: usize,
    columns: usize,
    size: Option<[f64; 2]>,
    reflect: bool,
}

impl Grid {
    fn of(measurement: &Node) -> Option<Grid> {
        let text = |key: &str| measurement.attribute(&format!("position-pattern.grid.{key}"));
        let number = |key: &str| text(key)?.parse::<f64>().ok().filter(|v| v.is_finite());
        let count = |key: &str| number(key).filter(|n| *n >= 1.0).map(|n| n as usize);
        Some(Grid {
            rows: count("jlength")?,
            columns: count("ilength")?,
            size: number("ulength").zip(number("vlength")).map(|(w, h)| [w.abs(), h.abs()]),
            reflect: text("reflect").is_some_and(|r| r == "true" || r == "1"),
        })
    }
}

/// The frames of one channel.
struct Frames {
    array: Array,
    grid: Grid,
    conversion: Conversion,
}

/// The channel of a group, where its array has a number for every pixel of the grid.
fn frames(group: &Node, grid: Grid, array: &Array) -> Result<Option<(Channel, Frames)>, ReadError> {
    let [pixels, count] = *array.shape.as_slice() else { return Ok(None) };
    let fits = grid.rows.checked_mul(grid.columns) == Some(pixels) && count > 0;
    let name = group.attribute("channel.fancy-name").or_else(|| group.attribute("channel.name"));
    let (Some(name), true) = (name, fits && array.element == Element::Number) else { return Ok(None) };
    let keys = Keys(group);
    let slot = conversion::default_slot(&keys);
    let base = || conversion::into_slot(&keys, &keys.get("conversion-set.conversions.base").unwrap_or_default());
    let conversion = slot.and_then(|s| conversion::into_slot(&keys, &s)).or_else(base).ok_or_else(|| {
        ReadError::new(ID, format!("`{}` has no calibration that is read", group.path))
            .hint("save the scan anew in the JPK software")
    })?;
    let retrace = group.attribute("retrace").is_some_and(|r| r == "true" || r == "1");
    let name = if retrace { format!("{name} (retrace)") } else { name.to_string() };
    let unit = Unit::parse_or_keep(&conversion.unit);
    let channel = match count {
        1 => Channel::map(name, unit, grid.rows, grid.columns).sized(grid.size.map(|s| s.to_vec())),
        n => Channel::volume(name, unit, [n, grid.rows, grid.columns]),
    };
    Ok(Some((channel, Frames { array: array.clone(), grid, conversion })))
}

impl Frames {
    /// A window `[frame, row, column]`, or `[row, column]` of the only frame.
    fn read(&self, window: &Window) -> Result<Vec<f64>, ReadError> {
        let (frames, rows, columns) = match window.ranges() {
            [f, y, x] => (f.clone(), y, x),
            [y, x] => (0..1, y, x),
            _ => return Err(ReadError::new(ID, "a window of another dimension was asked for")),
        };
        // Lines as stored, of which the wanted ones follow one another either way.
        let stored = if self.grid.reflect {
            rows.clone()
        } else {
            self.grid.rows.saturating_sub(rows.end)..self.grid.rows.saturating_sub(rows.start)
        };
        let width = self.grid.columns;
        let mut out = Vec::new();
        for frame in frames {
            let pixels = stored.start.saturating_mul(width)..stored.end.saturating_mul(width);
            let values = self.array.read(&Window::new([pixels, frame..frame + 1]))?;
            let mut lines: Vec<&[f64]> = values.chunks_exact(width.max(1)).collect();
            if !self.grid.reflect {
                lines.reverse();
            }
            let wanted = lines.iter().flat_map(|l| l.get(columns.clone()).unwrap_or_default());
            out.extend(wanted.map(|v| v * self.conversion.scale + self.conversion.offset));
        }
        Ok(out)
    }
}
