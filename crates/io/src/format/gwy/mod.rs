//! Gwyddion's native file: a tree of serialised objects under the magic `GWYP` (or `GWYO` before 2004).
//!
//! Known writers: Gwyddion, gwyfile (Python), libgwyfile. The root is a `GwyContainer`; image N is the `GwyDataField`
//! `/N/data` with `xres yres xreal yreal xoff yoff si_unit_xy si_unit_z data` (doubles, top row first), its title
//! `/N/data/title`, its mask `/N/mask`; volume N is the `GwyBrick` `/brick/N`. Values are in base units: Gwyddion
//! ignores a prefix in the unit text, and so does this reader.

mod tree;

use std::collections::BTreeMap;

use crate::cursor::{Endian, Sample};
use crate::{Block, Channel, Confidence, Dataset, Format, Limits, Metadata, ReadError, Reader, Source, entry_name};
use softspot_data::unit::Unit;

use tree::{Item, Object, Walk};

const ID: &str = "gwy";

/// The reader.
pub struct Gwy;

static FORMAT: Format = Format {
    id: ID,
    name: "Gwyddion native",
    extensions: &["gwy"],
    about: "Images, their masks as `TITLE (mask)`, volumes; graphs, spectra and point clouds are not read.",
    reference: "http://gwyddion.net/documentation/user-guide-en/gwyfile-format.html",
};

impl Reader for Gwy {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        let head = source.head();
        if head.starts_with(b"GWYPGwyContainer\0") || head.starts_with(b"GWYOGwyContainer\0") { 100 } else { 0 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let bytes = source.bytes();
        let old = match bytes.get(..4) {
            Some(b"GWYP") => false,
            Some(b"GWYO") => true,
            _ => {
                return Err(ReadError::new(ID, "the file does not start with GWYP or GWYO")
                    .at(0)
                    .hint("the file is damaged; copy it again"));
            }
        };
        let root = Walk::new(bytes, old, limits).root(4)?;
        let mut dataset = Dataset::new(ID, limits);
        for (key, field) in fields(&root) {
            let title = |path: &str, fallback: String| {
                root.text(path).map(str::trim).filter(|t| !t.is_empty()).map_or(fallback, str::to_string)
            };
            let (channel, start) = match key {
                Key::Image(n) => image(field, title(&format!("/{n}/data/title"), format!("Channel {n}")))?,
                Key::Mask(n) => {
                    let name = title(&format!("/{n}/data/title"), format!("Channel {n}"));
                    image(field, format!("{name} (mask)"))?
                }
                Key::Volume(n) => volume(field, title(&format!("/brick/{n}/title"), format!("Volume {n}")))?,
            };
            let block = Block::packed(ID, source, start, Sample::F64, Endian::Little, &channel.shape)?;
            dataset.push(channel, block)?;
        }
        if dataset.channels().is_empty() {
            return Err(ReadError::new(ID, "the file holds no image and no volume")
                .hint("graphs, spectra and point clouds of a .gwy file are not read; export them as text"));
        }
        describe("", &root, &mut dataset.metadata);
        dataset.finish()
    }
}

/// What a container key stands for; the order is that of the channels.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Image(u32),
    Mask(u32),
    Volume(u32),
}

/// The fields in the file: images by number, then masks, then volumes.
fn fields(root: &Object) -> BTreeMap<Key, &Object> {
    let mut out = BTreeMap::new();
    for (name, item) in &root.items {
        let Item::Object(object) = item else { continue };
        let key = match name.split('/').collect::<Vec<_>>().as_slice() {
            ["", n, "data"] if object.kind == "GwyDataField" => n.parse().ok().map(Key::Image),
            ["", n, "mask"] if object.kind == "GwyDataField" => n.parse().ok().map(Key::Mask),
            ["", "brick", n] if object.kind == "GwyBrick" => n.parse().ok().map(Key::Volume),
            _ => None,
        };
        if let Some(key) = key {
            out.entry(key).or_insert(object);
        }
    }
    out
}

/// An image and where its numbers start.
fn image(field: &Object, name: String) -> Result<(Channel, usize), ReadError> {
    let shape = [resolution(field, "yres")?, resolution(field, "xres")?];
    let start = data(field, &shape)?;
    let lateral = unit(field, "si_unit_xy");
    let physical_size = lengths(field, &[("xreal", &lateral), ("yreal", &lateral)]);
    let unit = unit(field, "si_unit_z");
    Ok((Channel::map(name, unit, shape[0], shape[1]).sized(physical_size), start))
}

/// A volume and where its numbers start.
fn volume(field: &Object, name: String) -> Result<(Channel, usize), ReadError> {
    let shape = [resolution(field, "zres")?, resolution(field, "yres")?, resolution(field, "xres")?];
    let start = data(field, &shape)?;
    let [x, y, z] = ["si_unit_x", "si_unit_y", "si_unit_z"].map(|n| unit(field, n));
    let physical_size = lengths(field, &[("xreal", &x), ("yreal", &y), ("zreal", &z)]);
    let unit = unit(field, "si_unit_w");
    Ok((Channel::volume(name, unit, shape).sized(physical_size), start))
}

fn resolution(field: &Object, name: &str) -> Result<usize, ReadError> {
    let n =
        field.int(name).ok_or_else(|| ReadError::new(ID, format!("a {} has no `{name}`", field.kind)).at(field.at))?;
    usize::try_from(n).map_err(|_| ReadError::new(ID, format!("`{name}` = {n} is not a number of pixels")).at(field.at))
}

/// Start of the numbers, once they are known to fill the shape.
fn data(field: &Object, shape: &[usize]) -> Result<usize, ReadError> {
    let n = shape.iter().try_fold(1usize, |a, b| a.checked_mul(*b));
    match field.get("data") {
        Some(Item::Doubles { at, count }) if Some(*count) == n => Ok(*at),
        Some(Item::Doubles { count, at }) => Err(ReadError::new(
            ID,
            format!("{count} values are stored for {shape:?}, fewer or more than the image can hold"),
        )
        .at(*at)),
        _ => Err(ReadError::new(ID, format!("a {} has no data", field.kind)).at(field.at)),
    }
}

/// Sizes in m, if all of them are positive lengths.
fn lengths(field: &Object, axes: &[(&str, &Unit)]) -> Option<Vec<f64>> {
    axes.iter()
        .map(|(name, unit)| {
            let v = field.double(name).filter(|v| v.is_finite() && *v > 0.0)?;
            unit.is_length().then_some(v)
        })
        .collect()
}

fn unit(field: &Object, name: &str) -> Unit {
    without_prefix(field.object(name).and_then(|u| u.text("unitstr")).unwrap_or(""))
}

/// The unit of values that are in base units whatever prefix their unit text has.
fn without_prefix(text: &str) -> Unit {
    let unit = Unit::parse_or_keep(text);
    let mut letters = text.trim().chars();
    let first = letters.next();
    let rest = letters.as_str();
    if unit.opaque || rest.is_empty() || !first.is_some_and(|c| "afpnuµμmckMGT".contains(c)) {
        return unit;
    }
    match Unit::parse(rest) {
        // `min`, `cd`, `Pa` fail here: what is left of them is no unit of the same dimension.
        Ok(base) if base.same_dimension(&unit) && base.scale != unit.scale => base,
        _ => unit,
    }
}

/// Every scalar of the tree, by its path.
fn describe(path: &str, object: &Object, out: &mut Metadata) {
    for (name, item) in &object.items {
        let key = entry_name(path, "/", name);
        match item {
            Item::Bool(v) => out.push((key, v.to_string())),
            Item::Int(v) => out.push((key, v.to_string())),
            Item::Double(v) => out.push((key, v.to_string())),
            Item::Text(v) => out.push((key, v.clone())),
            Item::Texts(v) => out.push((key, v.join("\n"))),
            Item::Object(v) => describe(&key, v, out),
            Item::Objects(v) => v.iter().for_each(|o| describe(&key, o, out)),
            Item::Doubles { count, .. } | Item::Other { count } => out.push((key, format!("{count} values"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_in_the_unit_text_is_ignored() {
        for (text, symbol, scale) in [
            ("nm", "m", 1.0),
            ("µm", "m", 1.0),
            ("m", "m", 1.0),
            ("deg", "deg", 1.0),
            ("kHz", "Hz", 1.0),
            ("", "", 1.0),
        ] {
            let u = without_prefix(text);
            assert_eq!((u.symbol.as_str(), u.scale), (symbol, scale), "{text}");
        }
        assert_eq!(without_prefix("min").scale, 60.0);
        assert_eq!(without_prefix("eV"), Unit::of("eV"));
        assert_eq!(without_prefix("Pa"), Unit::of("Pa"));
        assert_eq!(without_prefix("cd"), Unit::of("cd"));
    }
}
