//! The distances of an array's elements, where other arrays of the file are its axes.
//!
//! Sources: dimension scales of HDF5 (attribute `DIMENSION_LIST`; also netCDF-4), NeXus (`axes` of the group `NXdata`,
//! https://manual.nexusformat.org/classes/base_classes/NXdata.html). An axis counts where it is a length in even steps.

use std::collections::BTreeMap;

use super::arrays::unit;
use crate::container::hdf5::{Array, Element, Node};

/// Steps may differ by this part of one, as sums of rounded numbers do.
const UNEVEN: f64 = 1e-3;

/// The axes of a file, by where they stand and by their path.
#[derive(Default)]
pub(super) struct Axes {
    by_address: BTreeMap<u64, f64>,
    by_path: BTreeMap<String, f64>,
    /// The list of names of a group's axes.
    lists: BTreeMap<String, Vec<String>>,
}

impl Axes {
    /// Of all that is in a file.
    pub(super) fn of(nodes: &[Node]) -> Axes {
        let mut out = Axes::default();
        for node in nodes {
            let Some(array) = &node.array else {
                let names = |l: &str| l.split(',').map(|n| n.trim().to_string()).collect();
                out.lists.extend(node.attribute("axes").map(|l| (node.path.clone(), names(l))));
                continue;
            };
            if let (&[n], Element::Number) = (array.shape.as_slice(), &array.element)
                && n > 1
                && let Some(step) = step(node, array)
            {
                out.by_address.insert(array.address(), step);
                out.by_path.insert(node.path.clone(), step);
            }
        }
        out
    }

    /// The distances of a node's elements along each axis in m, where all are known.
    pub(super) fn steps(&self, node: &Node) -> Option<Vec<f64>> {
        let array = node.array.as_ref().filter(|a| a.shape.len() > 1)?;
        let by_reference = || {
            let scales = array.scales();
            let steps: Vec<f64> = scales.iter().map_while(|s| self.by_address.get(&(*s)?).copied()).collect();
            (steps.len() == array.shape.len()).then_some(steps)
        };
        let by_name = || {
            let names = self.lists.get(node.parent()).filter(|l| l.len() == array.shape.len())?;
            let path = |n: &String| if node.parent().is_empty() { n.clone() } else { format!("{}/{n}", node.parent()) };
            names.iter().map(|n| self.by_path.get(&path(n)).copied()).collect::<Option<Vec<f64>>>()
        };
        by_reference().or_else(by_name)
    }
}

/// The even step of a list of lengths in m.
fn step(node: &Node, array: &Array) -> Option<f64> {
    let unit = unit(node);
    if !unit.is_length() || array.count() > 1 << 20 {
        return None;
    }
    let values = array.numbers().ok()?;
    let (first, last) = (values.first()?, values.last()?);
    let mean = (last - first) / (values.len() - 1) as f64;
    let even = values.windows(2).all(|w| (w[1] - w[0] - mean).abs() <= UNEVEN * mean.abs());
    (even && mean != 0.0).then(|| unit.to_si(mean).abs())
}
