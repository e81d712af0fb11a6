//! Data Exchange: tomography in HDF5, projections or slices under `exchange`.
//!
//! Known writers: the beamlines of the Advanced Photon Source, DXchange, TomoPy. Source: De Carlo et al., "Scientific
//! data exchange: a schema for HDF5-based storage of raw and analyzed data", J. Synchrotron Rad. 21 (2014) 1224; the
//! reference at dxfile.readthedocs.io. Arrays `data`, `data_white`, `data_dark`, `theta…` of the groups `exchange`,
//! `exchange_2` …; the attribute `units` of each; all other arrays of the file as in any HDF5 file.
//!
//! Channels are named without the group where there is but one. Counts have no unit.

use super::{arrays, start};
use crate::dataset::GroupTables;
use crate::{Confidence, Dataset, Format, Limits, ReadError, Reader, Source};

const ID: &str = "data-exchange";

/// The reader.
pub struct DataExchange;

static FORMAT: Format = Format {
    id: ID,
    name: "Data Exchange HDF5",
    extensions: &["h5", "hdf5"],
    about: "Projections or slices with flat and dark fields and angles, as volumes and columns, window by window.",
    reference: "https://dxfile.readthedocs.io",
};

impl Reader for DataExchange {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        let has = |name: &str| source.members().iter().any(|m| m == name);
        match (has("exchange"), has("implements") || has("measurement")) {
            (true, true) => 95,
            (true, false) => 80,
            _ => 0,
        }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let (mut dataset, nodes) = start(ID, source, limits)?;
        let mut tables = GroupTables::default();
        let groups = nodes.iter().filter(|n| n.array.is_none() && n.parent().is_empty());
        let one = groups.filter(|n| n.path.starts_with("exchange")).count() == 1;
        let prefix = if one { "exchange/" } else { "" };
        for node in &nodes {
            arrays::push(&mut dataset, &mut tables, node, prefix, None)?;
        }
        arrays::finish(dataset)
    }
}
