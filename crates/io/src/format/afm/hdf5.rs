//! Force curves that afmformats exported as HDF5.
//!
//! Known writer: afmformats (`AFMData.export_data`). One group a curve, numbered; in it one array a column, with its
//! attribute `unit`; the curve's metadata are attributes of the group. Source: the documentation of afmformats, files
//! of version 0.13.

use std::collections::BTreeMap;

use crate::container::hdf5::{Element, File, Node, is_hdf5};
use crate::{Channel, Confidence, Dataset, Format, Limits, Metadata, ReadError, Reader, Source};
use softspot_data::unit::Unit;

const ID: &str = "afmformats-h5";

/// The reader.
pub struct AfmformatsHdf5;

static FORMAT: Format = Format {
    id: ID,
    name: "afmformats HDF5",
    extensions: &["h5"],
    about: "Force curves with their units, positions and metadata.",
    reference: "https://afmformats.readthedocs.io",
};

impl Reader for AfmformatsHdf5 {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        let numbered = |m: &String| m.parse::<u32>().is_ok();
        if !is_hdf5(source) || !source.members().iter().any(numbered) {
            return 0;
        }
        let nodes = File::open(ID, source, &Limits::default()).and_then(|f| f.nodes(&mut Metadata::new()));
        let ours = |n: &Node| n.path.is_empty() && n.attribute("software") == Some("afmformats");
        if nodes.is_ok_and(|nodes| nodes.iter().any(ours)) { 95 } else { 0 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let mut dataset = Dataset::new(ID, limits);
        let mut notes = Metadata::new();
        let nodes = File::open(ID, source, limits)?.nodes(&mut notes)?;
        dataset.metadata = nodes.iter().find(|n| n.path.is_empty()).map(|n| n.attributes.clone()).unwrap_or_default();
        dataset.metadata.extend(notes);
        let curves = nodes.iter().filter(|n| n.array.is_none() && !n.path.is_empty());
        let curves: BTreeMap<&str, &Node> = curves.map(|n| (n.path.as_str(), n)).collect();
        let mut tables: BTreeMap<&str, usize> = BTreeMap::new();
        for node in &nodes {
            let Some(array) = node.array.as_ref().filter(|a| a.element == Element::Number) else { continue };
            let ([n], Some(curve)) = (array.shape.as_slice(), curves.get(node.parent())) else { continue };
            let table = match tables.get(node.parent()) {
                Some(table) => *table,
                None => {
                    let info = super::place(&format!("curve {}", curve.path), curve.attributes.clone());
                    let table = dataset.add_table(info);
                    tables.insert(node.parent(), table);
                    table
                }
            };
            let unit = node.attribute("unit").filter(|u| !u.is_empty()).map(Unit::parse_or_keep);
            let unit = unit.unwrap_or_else(|| super::unit(node.name()));
            dataset.push(Channel::column(table, node.name(), unit, *n), array.store())?;
        }
        if dataset.channels().is_empty() {
            return Err(ReadError::new(ID, "there is no curve in the file").hint("export it again from afmformats"));
        }
        dataset.finish()
    }
}
