//! TopoStats: a flattened AFM image with its pixel size, and what was found in it.
//!
//! Known writer: TopoStats (University of Sheffield), files `.topostats`, which are HDF5. Source: the documentation of
//! TopoStats and of AFMReader. `image` is the map, `pixel_to_nm_scaling` the pixel in nm, `filename`, `img_path`,
//! masks and grain tables may follow. The height has no unit in the file: TopoStats works in nm, but it does not say
//! so, and nor do we. Row 0 is the top line.

use super::{arrays, start};
use crate::dataset::GroupTables;
use crate::{Confidence, Dataset, Format, Limits, ReadError, Reader, Source};

const ID: &str = "topostats";

/// The reader.
pub struct TopoStats;

static FORMAT: Format = Format {
    id: ID,
    name: "TopoStats",
    extensions: &["topostats"],
    about: "The image with its pixel size, masks and tables; the height as numbers without a unit, as the file has it.",
    reference: "https://afm-spm.github.io/TopoStats",
};

impl Reader for TopoStats {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        let has = |name: &str| source.members().iter().any(|m| m == name);
        if has("pixel_to_nm_scaling") && (has("image") || has("topostats_file_version")) { 95 } else { 0 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let (mut dataset, nodes) = start(ID, source, limits)?;
        let scaling = nodes.iter().find(|n| n.path == "pixel_to_nm_scaling").and_then(|n| n.array.as_ref());
        let pixel = scaling.and_then(|a| a.number()).filter(|v| v.is_finite() && *v > 0.0).map(|v| v * 1e-9);
        let image = nodes.iter().find(|n| n.path == "image").and_then(|n| n.array.as_ref());
        let shape = image.map(|a| a.shape.clone()).unwrap_or_default();
        let mut tables = GroupTables::default();
        for node in &nodes {
            // Masks of the image's shape have its pixels; cut-outs and statistics are named by their path.
            let alike = node.array.as_ref().is_some_and(|a| a.shape.get(..2) == shape.get(..2) && a.shape.len() == 2);
            arrays::push(&mut dataset, &mut tables, node, "", pixel.filter(|_| alike).map(|p| vec![p; 2]))?;
        }
        arrays::finish(dataset)
    }
}
