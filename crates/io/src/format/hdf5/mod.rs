//! HDF5 files of any layout: every array of numbers that is in them.
//!
//! Known writers: h5py, MATLAB 7.3, NeXus files of beamlines, micromechanics (nanoindentation), ilastik and many more.
//! Source: the HDF5 file format specification 3.0; the structure is read by the crate `hdf5-reader`.
//!
//! Arrays of one dimension are columns of a table a group (one a length, where lengths differ), of two maps, of three
//! volumes, of more volumes whose last axis joins the others and the map at index 0 of them. Records give one column a
//! field. Single values, words and attributes are metadata. A unit is the attribute `units` or `unit` of an array, or
//! stands in brackets in its name. Arrays of MATLAB are turned to rows. What cannot be read is named in the metadata.
//! Elements have a size where ilastik's and Fiji's `element_size_um`, dimension scales or the axes of NeXus tell it.

mod arrays;
mod axes;
mod exchange;
mod matlab;
mod topostats;

pub use exchange::DataExchange;
pub use topostats::TopoStats;

use crate::container::hdf5::{File, Node, is_hdf5};
use crate::dataset::GroupTables;
use crate::{Confidence, Dataset, Format, Limits, ReadError, Reader, Source, entry_name};

const ID: &str = "hdf5";

/// The reader.
pub struct Hdf5;

static FORMAT: Format = Format {
    id: ID,
    name: "HDF5",
    extensions: &["h5", "hdf5", "hdf", "nxs", "mat"],
    about: "Every array of numbers in any group, chunked and compressed or not; records; attributes as metadata; MATLAB \
            7.3. Links into other files and virtual datasets are named, not read.",
    reference: "https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html",
};

impl Reader for Hdf5 {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        if is_hdf5(source) { 50 } else { 0 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let (mut dataset, nodes) = start(ID, source, limits)?;
        let mut tables = GroupTables::default();
        let axes = axes::Axes::of(&nodes);
        for node in &nodes {
            arrays::push(&mut dataset, &mut tables, node, "", axes.steps(node))?;
        }
        arrays::finish(dataset)
    }
}

/// Opens a file: a dataset with all that is said in it as metadata, and what it holds.
fn start(format: &'static str, source: &Source, limits: &Limits) -> Result<(Dataset, Vec<Node>), ReadError> {
    let mut dataset = Dataset::new(format, limits);
    let mut notes = Vec::new();
    let mut nodes = File::open(format, source, limits)?.nodes(&mut notes)?;
    for node in &mut nodes {
        dataset.metadata.extend(matlab::turn(node).map(|words| (node.path.clone(), words)));
        dataset.metadata.extend(node.attributes.iter().map(|(k, v)| (entry_name(&node.path, "/", k), v.clone())));
        arrays::small(&mut dataset, node);
    }
    dataset.metadata.extend(notes);
    Ok((dataset, nodes))
}
