//! What the axes of an array are: OME's names, units and scale, HyperSpy's axes.

use serde_json::{Map, Value};

use super::node::{Node, Tree};
use super::numbers;
use crate::format::text::length::length;

/// Axes of an array, the slowest first.
#[derive(Default)]
pub(super) struct Axes {
    /// Name and type, in OME's words.
    named: Vec<(String, String)>,
    /// Distance of elements in m; `None` along an axis that is no length.
    step: Vec<Option<f64>>,
    /// Names of colours.
    colours: Vec<String>,
}

impl Axes {
    /// The axes of an array, by the groups above it.
    pub(super) fn of(tree: &Tree, node: &Node) -> Axes {
        let mut group = node.path.as_str();
        while let Some((parent, _)) = group.rsplit_once('/').or((!group.is_empty()).then_some(("", group))) {
            group = parent;
            let Some(attributes) = tree.groups.get(parent) else { continue };
            // Since version 0.5 all of it is under `ome`.
            let own = attributes.get("ome").and_then(Value::as_object).unwrap_or(attributes);
            let below = node.path.strip_prefix(parent).unwrap_or("").trim_start_matches('/');
            if let Some(axes) = ome(own, below) {
                return axes;
            }
        }
        hyperspy(tree, node).unwrap_or_default()
    }

    /// How many axes stand before those of space.
    pub(super) fn outer(&self, axes: usize) -> usize {
        if self.named.len() != axes {
            return 0;
        }
        self.named.iter().take_while(|(_, kind)| kind != "space").count()
    }

    /// Whether the last axes are x, y and z in this order: rows run along the second of them.
    pub(super) fn x_first(&self, axes: usize) -> bool {
        let last = self.named.len().checked_sub(axes).and_then(|from| self.named.get(from..)).unwrap_or_default();
        let names: Vec<&str> = last.iter().map(|(n, _)| n.as_str()).collect();
        matches!(names.as_slice(), ["x", "y"] | ["x", "y", "z"])
    }

    /// A name with the index along each axis before those of space.
    pub(super) fn named(&self, name: &str, index: &[usize]) -> String {
        let mut out = name.to_string();
        for (i, (axis, kind)) in index.iter().zip(&self.named) {
            match self.colours.get(*i).filter(|_| kind == "channel") {
                Some(colour) => out += &format!(" {colour}"),
                None => out += &format!(" {axis}={i}"),
            }
        }
        out
    }

    /// `[x, y, z]` of the last axes in m, where all of them are lengths.
    pub(super) fn size(&self, shape: &[usize]) -> Option<Vec<f64>> {
        let from = self.step.len().checked_sub(shape.len())?;
        let steps = self.step.get(from..)?;
        shape.iter().zip(steps).rev().map(|(n, s)| s.map(|s| s * *n as f64)).collect()
    }
}

/// OME-NGFF: `multiscales` of a group, for the array at `path` below it.
fn ome(attributes: &Map<String, Value>, path: &str) -> Option<Axes> {
    for image in attributes.get("multiscales")?.as_array()? {
        let sets = image.get("datasets").and_then(Value::as_array);
        let Some(own) = sets.into_iter().flatten().find(|d| d.get("path").and_then(Value::as_str) == Some(path)) else {
            continue;
        };
        let mut axes = Axes::default();
        let mut units = Vec::new();
        for axis in image.get("axes").and_then(Value::as_array).into_iter().flatten() {
            // Before version 0.4 an axis was its name alone.
            let get = |key: &str| axis.get(key).and_then(Value::as_str).unwrap_or("");
            let name = axis.as_str().unwrap_or(get("name")).to_string();
            let kind = match (get("type"), name.as_str()) {
                ("", "x" | "y" | "z") => "space",
                ("", "t") => "time",
                ("", "c") => "channel",
                (kind, _) => kind,
            };
            axes.named.push((name, kind.to_string()));
            units.push(length(get("unit")));
        }
        let mut scale = vec![1.0; units.len()];
        let mut said = false;
        let lists = [own.get("coordinateTransformations"), image.get("coordinateTransformations")];
        for transformation in lists.into_iter().flatten().filter_map(Value::as_array).flatten() {
            let Some(factors) = transformation.get("scale").and_then(numbers) else { continue };
            said = true;
            scale.iter_mut().zip(factors).for_each(|(s, f)| *s *= f);
        }
        axes.step = units.into_iter().zip(scale).map(|(u, s)| Some(u.filter(|_| said)?.to_si(s))).collect();
        let colours = attributes.get("omero").and_then(|o| o.get("channels")?.as_array());
        let label = |c: &Value| c.get("label").and_then(Value::as_str).unwrap_or("").to_string();
        axes.colours = colours.into_iter().flatten().map(label).take_while(|l| !l.is_empty()).collect();
        return Some(axes);
    }
    None
}

/// HyperSpy: groups `axis-0`, `axis-1`, … beside the array.
fn hyperspy(tree: &Tree, node: &Node) -> Option<Axes> {
    let parent = node.path.strip_suffix("data")?;
    let axis = |i: usize| {
        let own = tree.groups.get(&format!("{parent}axis-{i}"))?;
        let unit = own.get("units").and_then(Value::as_str).and_then(length);
        let step = own.get("scale").and_then(Value::as_f64);
        Some(unit.zip(step).map(|(u, s)| u.to_si(s.abs())))
    };
    let step: Option<Vec<_>> = (0..node.shape.len()).map(axis).collect();
    Some(Axes { step: step?, ..Axes::default() })
}
