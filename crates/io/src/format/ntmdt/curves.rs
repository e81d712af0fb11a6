//! Curves of 16-bit integers at points (type 201): forward and backward of the first point, of the second, ….

use crate::cursor::{Endian, Sample};
use crate::{Dataset, Metadata, ReadError, TableInfo};

use super::frame::{Frame, inside};
use super::scan::Scan;

pub(super) fn read(dataset: &mut Dataset, frame: &Frame<'_>) -> Result<bool, ReadError> {
    let scan = inside(frame, Scan::read(frame))?;
    let [x, _, z] = &scan.axes;
    let name = scan.name(frame);
    let mut c = frame.cursor(scan.data);
    for (i, dot) in scan.dots.iter().enumerate() {
        for (n, direction) in [(dot.forward, "forward"), (dot.backward, "backward")] {
            let raw = inside(frame, c.take(n.saturating_mul(2)))?;
            if n == 0 {
                continue;
            }
            let table = dataset.add_table(TableInfo {
                name: format!("{name} {} {direction}", i + 1),
                position: Some(dot.place),
                cell: None,
                metadata: Metadata::new(),
            });
            let axis = (0..n).map(|i| x.offset + x.step * i as f64).collect();
            dataset.push_column(table, "X", x.unit.clone(), axis)?;
            let values = Sample::I16.decode(raw, Endian::Little, z.step, z.offset);
            dataset.push_column(table, &name, z.unit.clone(), values)?;
        }
    }
    Ok(!scan.dots.is_empty())
}
