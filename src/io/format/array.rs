//! What the readers of arrays share: unique names, row order, and decoded numbers as an artifact.

use std::collections::BTreeSet;
use std::sync::Arc;

use ndarray::{Array2, Array3};

use crate::data::{Artifact, Column, Kind, Map, Table, Volume};
use crate::io::{Channel, ReadError};

/// The channel of that index.
pub(super) fn channel<'a>(format: &str, channels: &'a [Channel], index: usize) -> Result<&'a Channel, ReadError> {
    channels
        .get(index)
        .ok_or_else(|| ReadError::new(format, format!("there is no channel {index}; the file has {}", channels.len())))
}

/// Gives repeated names a number, so that every channel can be addressed.
pub(super) fn make_unique(channels: &mut [Channel]) {
    let mut names: Vec<String> = channels.iter().map(|c| c.name.clone()).collect();
    unique_names(&mut names);
    for (c, name) in channels.iter_mut().zip(names) {
        c.name = name;
    }
}

/// As [`make_unique`], on bare names.
pub(super) fn unique_names(names: &mut [String]) {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut next: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    for name in names {
        if name.is_empty() {
            *name = "unnamed".into();
        }
        if !taken.contains(name.as_str()) {
            taken.insert(name.clone());
            continue;
        }
        let n = next.entry(name.clone()).or_insert(2);
        let mut candidate = format!("{name} #{n}");
        while taken.contains(&candidate) {
            *n += 1;
            candidate = format!("{name} #{n}");
        }
        *n += 1;
        taken.insert(candidate.clone());
        *name = candidate;
    }
}

/// Turns images whose first stored row is the bottom line the right way up; volumes plane by plane.
pub(super) fn flip_rows(values: &mut [f64], rows: usize, columns: usize) {
    if rows == 0 || columns == 0 {
        return;
    }
    for plane in values.chunks_exact_mut(rows * columns) {
        for r in 0..rows / 2 {
            let (top, bottom) = plane.split_at_mut((rows - 1 - r) * columns);
            if let (Some(a), Some(b)) = (top.get_mut(r * columns..(r + 1) * columns), bottom.get_mut(..columns)) {
                a.swap_with_slice(b);
            }
        }
    }
}

/// Numbers in SI, in the order of the channel's shape, as the artifact of the channel's kind.
pub(super) fn artifact(format: &'static str, channel: &Channel, values: Vec<f64>) -> Result<Artifact, ReadError> {
    let n = values.len();
    let wrong = || ReadError::new(format, format!("`{}` has {n} values for {:?}", channel.name, channel.shape));
    let size = channel.physical_size.as_deref();
    match (channel.kind, channel.shape.as_slice()) {
        (Kind::Map, &[rows, columns]) => {
            let values = Array2::from_shape_vec((rows, columns), values).map_err(|_| wrong())?;
            let pixel = match size {
                Some(&[w, h]) => Some([h / rows as f64, w / columns as f64]),
                _ => None,
            };
            Ok(Artifact::Map(Arc::new(Map {
                values,
                unit: channel.unit.clone(),
                quantity: channel.name.clone(),
                pixel,
                levelling: Vec::new(),
            })))
        }
        (Kind::Volume, &[nz, ny, nx]) => {
            let values = Array3::from_shape_vec((nz, ny, nx), values).map_err(|_| wrong())?;
            let voxel = match size {
                Some(&[x, y, z]) => Some([z / nz as f64, y / ny as f64, x / nx as f64]),
                _ => None,
            };
            Ok(Artifact::Volume(Arc::new(Volume {
                values,
                unit: channel.unit.clone(),
                quantity: channel.name.clone(),
                voxel,
            })))
        }
        (Kind::Table, &[rows]) if rows == n => {
            Ok(Artifact::Table(Arc::new(Table { columns: vec![Column::number(&channel.name, &channel.unit, values)] })))
        }
        _ => Err(wrong()),
    }
}

/// The column channels of a dataset as one table; shorter columns are filled with empty cells.
pub(super) fn table_of(columns: Vec<(&Channel, Vec<f64>)>) -> Option<Table> {
    let rows = columns.iter().map(|(_, v)| v.len()).max()?;
    let columns = columns
        .into_iter()
        .map(|(c, mut v)| {
            v.resize(rows, f64::NAN);
            Column::number(&c.name, &c.unit, v)
        })
        .collect();
    Some(Table { columns })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_unique() {
        let mut names: Vec<String> = ["a", "b", "a", "a #2", "a", ""].iter().map(|s| s.to_string()).collect();
        unique_names(&mut names);
        assert_eq!(names, ["a", "b", "a #2", "a #2 #2", "a #3", "unnamed"]);
    }

    #[test]
    fn rows_turn_plane_by_plane() {
        let mut v = vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0];
        flip_rows(&mut v, 3, 2);
        assert_eq!(v, [5.0, 6.0, 3.0, 4.0, 1.0, 2.0, 50.0, 60.0, 30.0, 40.0, 10.0, 20.0]);
    }
}
