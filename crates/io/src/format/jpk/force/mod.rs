//! JPK force curves (`.jpk-force`), maps of them (`.jpk-force-map`) and quantitative imaging (`.jpk-qi-data`).
//!
//! Known writers: NanoWizard and CellHesion of JPK Instruments, later Bruker. A zip archive of headers (Java
//! properties) and big-endian numbers: `header.properties`; `segments/N/segment-header.properties` and
//! `segments/N/channels/NAME.dat` of one curve, or the same below `index/M/` for each curve of a map. Since version 2.0
//! a key `….lcd-info.*=K` stands for everything under `lcd-info.K.` in `shared-data/header.properties`; before, each
//! segment carries it all.
//!
//! One table a curve, its segments one behind the other, with the names under which afmformats knows the columns:
//! `force` (vertical deflection through the slot `force`), `height (measured)` (slot `nominal` of the sensor), `height
//! (piezo)` (slot `calibrated` of the drive), `segment` and `time`; further channels follow under their own names in
//! their default slot. A map with more columns than a file may have channels is one table of all curves, one behind the
//! other, that says of each point which curve it belongs to. Nothing but the archive's directory and a few headers is
//! unpacked before a column is read. Sources: files of versions 0.12 to 2.0; afmformats for the meaning of the columns.

mod archive;
mod curve;

use std::sync::Arc;

use crate::{Channel, Confidence, Dataset, Format, Limits, Metadata, ReadError, Reader, Source, Store, TableInfo};
use softspot_data::unit::Unit;

use archive::Archive;
use curve::Plan;

pub(super) const ID: &str = "jpk-force";
/// Curves up to which each one's own header is read for its position; beyond, the grid tells.
const HEADERS: usize = 4096;
/// Keys of the header that the maps of both kinds share, behind `force-scan-map` or `quantitative-imaging-map`.
const GRID: &str = ".position-pattern.grid";

/// The reader.
pub struct JpkForce;

static FORMAT: Format = Format {
    id: ID,
    name: "JPK force curves and maps",
    extensions: &["jpk-force", "jpk-force-map", "jpk-qi-data"],
    about: "One table a curve: force, measured and piezo height, segment, time, and further channels by their names.",
    reference: "Files of versions 0.12 to 2.0; https://github.com/AFM-analysis/afmformats",
};

impl Reader for JpkForce {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        let members = source.members();
        let header = members.iter().any(|m| m == "header.properties");
        let curves = members.iter().any(|m| m.ends_with("segment-header.properties"));
        if header && curves { 95 } else { 0 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let archive = Arc::new(Archive::open(source, limits)?);
        let plan = Arc::new(Plan::of(&archive)?);
        let mut dataset = Dataset::new(ID, limits);
        dataset.metadata = archive.metadata()?;
        let grid = Grid::of(&archive);
        if archive.curves.len().saturating_mul(plan.columns.len()) > limits.channels {
            joined(&mut dataset, &archive, &plan, grid.as_ref(), limits)?;
        } else {
            tables(&mut dataset, &archive, &plan, grid.as_ref(), limits)?;
        }
        dataset.finish()
    }
}

/// All curves in one table.
fn joined(
    dataset: &mut Dataset,
    archive: &Arc<Archive>,
    plan: &Arc<Plan>,
    grid: Option<&Grid>,
    limits: &Limits,
) -> Result<(), ReadError> {
    let curve = |c: &archive::Curve| crate::dataset::Curve {
        number: c.number,
        length: plan.length(c),
        cell: grid.and_then(|g| g.place(c.number).cell),
        position: None,
    };
    let curves: Vec<_> = archive.curves.iter().map(curve).collect();
    let columns: Vec<_> = plan.columns.iter().map(|c| (c.name().to_string(), Unit::parse_or_keep(&c.unit))).collect();
    let (archive, plan) = (Arc::clone(archive), Arc::clone(plan));
    let values = move |at: usize, column: usize| match plan.columns.get(column) {
        Some(column) => curve::read(&archive, &plan, at, column),
        None => Ok(Vec::new()),
    };
    dataset.push_joined(limits, &columns, &curves, Arc::new(values))
}

/// One table a curve.
fn tables(
    dataset: &mut Dataset,
    archive: &Arc<Archive>,
    plan: &Arc<Plan>,
    grid: Option<&Grid>,
    limits: &Limits,
) -> Result<(), ReadError> {
    let several = archive.curves.len() > 1;
    for (at, curve) in archive.curves.iter().enumerate() {
        let info = if archive.curves.len() <= HEADERS {
            archive.curve_header(curve)?.map(|h| info(&h, grid)).unwrap_or_default()
        } else {
            grid.map(|g| g.place(curve.number)).unwrap_or_default()
        };
        let name = if several { format!("curve {}", curve.number) } else { String::new() };
        let table = dataset.add_table(TableInfo { name, ..info });
        let n = plan.length(curve);
        limits.count(ID, &[n.max(1)])?;
        for column in plan.columns_of(curve) {
            let channel = Channel::column(table, column.name(), Unit::parse_or_keep(&column.unit), n);
            let (archive, plan, column) = (Arc::clone(archive), Arc::clone(plan), column.clone());
            dataset.push(channel, Store::whole(move || curve::read(&archive, &plan, at, &column)))?;
        }
    }
    Ok(())
}

/// What a curve's own header tells of it.
fn info(header: &super::properties::Properties, grid: Option<&Grid>) -> TableInfo {
    let number = |end: &str| header.ending(end).and_then(|v| v.parse::<f64>().ok()).filter(|v| v.is_finite());
    let index = number(".header.position-index").filter(|i| *i >= 0.0).map(|i| i as usize);
    let position = number(".header.position.x").zip(number(".header.position.y")).map(|(x, y)| [x, y]);
    let place = index.and_then(|i| Some(grid?.place(i))).unwrap_or_default();
    let metadata: Metadata = index.map(|i| ("position index".into(), i.to_string())).into_iter().collect();
    TableInfo { position: position.or(place.position), cell: place.cell, metadata, ..TableInfo::default() }
}

/// The grid of a map, in the order of its curves.
struct Grid {
    shape: [usize; 2],
    centre: [f64; 2],
    size: [f64; 2],
    angle: f64,
    reflect: bool,
    back_and_forth: bool,
}

impl Grid {
    fn of(archive: &Archive) -> Option<Grid> {
        let header = &archive.general;
        let number = |key: &str| header.ending(&format!("{GRID}.{key}"))?.parse::<f64>().ok().filter(|v| v.is_finite());
        let count = |key: &str| number(key).filter(|n| *n >= 1.0).map(|n| n as usize);
        let flag = |end: &str| header.ending(end) == Some("true");
        Some(Grid {
            shape: [count("jlength")?, count("ilength")?],
            centre: [number("xcenter")?, number("ycenter")?],
            size: [number("ulength")?, number("vlength")?],
            angle: number("theta").unwrap_or(0.0),
            reflect: flag(&format!("{GRID}.reflect")),
            back_and_forth: flag(".position-pattern.back-and-forth"),
        })
    }

    /// Where the curve of that index was measured: lines run upwards, and every other one back where the scan does.
    fn place(&self, index: usize) -> TableInfo {
        let [rows, columns] = self.shape;
        let (j, along) = (index / columns.max(1), index % columns.max(1));
        if j >= rows {
            return TableInfo::default();
        }
        let i = if self.back_and_forth && j % 2 == 1 { columns - 1 - along } else { along };
        let u = ((i as f64 + 0.5) / columns as f64 - 0.5) * self.size[0];
        let v = ((j as f64 + 0.5) / rows as f64 - 0.5) * self.size[1] * if self.reflect { -1.0 } else { 1.0 };
        let (sin, cos) = (libm::sin(self.angle), libm::cos(self.angle));
        let position = [self.centre[0] + u * cos - v * sin, self.centre[1] + u * sin + v * cos];
        let row = if self.reflect { j } else { rows - 1 - j };
        TableInfo { position: Some(position), cell: Some([row, i]), ..TableInfo::default() }
    }
}
