//! The text header: sections of `key=value` lines.

use std::collections::BTreeMap;

use crate::format::text::{encoding, number};
use crate::{Metadata, entry_name};

/// Points of a side of a map of curves.
const SIDE: f64 = 16_384.0;

/// One `[section]`.
pub(super) struct Section {
    pub name: String,
    entries: Vec<(String, String)>,
    /// First entry of a key, so that a header of many lines is not walked again for every key.
    index: BTreeMap<String, usize>,
}

impl Section {
    /// A value as written.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.index.get(key).and_then(|i| self.entries.get(*i)).map(|(_, v)| v.as_str())
    }

    /// A count.
    pub(super) fn whole(&self, key: &str) -> Option<usize> {
        self.get(key)?.parse().ok()
    }

    /// A number, finite.
    pub(super) fn number(&self, key: &str) -> Option<f64> {
        let text = self.get(key)?;
        number::parse(text, number::Mark::Point).or_else(|| number::parse(text, number::Mark::Comma))
    }
}

/// The whole header.
pub(super) struct Header {
    sections: Vec<Section>,
    index: BTreeMap<String, usize>,
}

impl Header {
    /// Old versions write Windows-1252, newer ones UTF-8.
    pub(super) fn parse(bytes: &[u8]) -> Header {
        let text = encoding::field(bytes);
        let mut out = Header { sections: Vec::new(), index: BTreeMap::new() };
        for line in text.lines() {
            let line = line.trim_matches(['\u{feff}', '\r', ' ']);
            if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                out.index.entry(name.to_string()).or_insert(out.sections.len());
                out.sections.push(Section { name: name.to_string(), entries: Vec::new(), index: BTreeMap::new() });
            } else if let (Some(section), Some((key, value))) = (out.sections.last_mut(), line.split_once('=')) {
                section.index.entry(key.trim().to_string()).or_insert(section.entries.len());
                section.entries.push((key.trim().to_string(), value.trim().to_string()));
            }
        }
        out
    }

    pub(super) fn section(&self, name: &str) -> Option<&Section> {
        self.index.get(name).and_then(|i| self.sections.get(*i))
    }

    /// Everything, in order: `section/key`.
    pub(super) fn metadata(&self) -> Metadata {
        let entries = |s: &Section| -> Metadata {
            s.entries.iter().map(|(k, v)| (entry_name(&s.name, "/", k), v.clone())).collect()
        };
        self.sections.iter().flat_map(entries).collect()
    }

    /// Where curves were measured: `Poi0=x;y;z` or `Pos0=x;y` in a section below `[DataSet\SpecInfos]`, or a map,
    /// `Map0=x0;x1;y0;y1;columns;rows`, whose lines go up and turn about: even ones from x0 to x1, odd ones back.
    pub(super) fn places(&self) -> Vec<Place> {
        let below = |s: &&Section| s.name.starts_with("DataSet\\SpecInfos\\");
        let Some(section) = self.sections.iter().filter(below).find(|s| s.whole("Count").is_some()) else {
            return Vec::new();
        };
        let numbers = |key: &str| -> Option<Vec<f64>> {
            section.get(key)?.split(';').map(|c| number::parse(c, number::Mark::Point)).collect()
        };
        if let Some(map) = numbers("Map0") {
            return Place::grid(&map);
        }
        let count = section.whole("Count").unwrap_or(0).min(section.entries.len());
        let place = |i: usize| {
            let own = numbers(&format!("Poi{i}")).or_else(|| numbers(&format!("Pos{i}")))?;
            Some(Place { position: *own.first_chunk()?, cell: None })
        };
        (0..count).map_while(place).collect()
    }
}

/// Where a curve was measured.
pub(super) struct Place {
    /// `[x, y]` in m.
    pub position: [f64; 2],
    /// `[row, column]` of a map, row 0 on top.
    pub cell: Option<[usize; 2]>,
}

impl Place {
    fn grid(map: &[f64]) -> Vec<Place> {
        let &[x0, x1, y0, y1, columns, rows, ..] = map else { return Vec::new() };
        let count = |v: f64| ((1.0..=SIDE).contains(&v) && v.fract() == 0.0).then_some(v as usize);
        let (Some(columns), Some(rows)) = (count(columns), count(rows)) else { return Vec::new() };
        let at =
            |from: f64, to: f64, i: usize, n: usize| from + (to - from) * i as f64 / n.saturating_sub(1).max(1) as f64;
        let place = |i: usize| {
            let (line, along) = (i / columns, i % columns);
            let column = if line % 2 == 1 { columns - 1 - along } else { along };
            let position = [at(x0, x1, column, columns), at(y0, y1, line, rows)];
            Place { position, cell: Some([rows - 1 - line, column]) }
        };
        (0..rows * columns).map(place).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_turns_about_at_the_end_of_every_line() {
        let places = Place::grid(&[0.0, 2e-6, 0.0, 1e-6, 3.0, 2.0, 0.0, 1.0]);
        let cells: Vec<_> = places.iter().map(|p| p.cell.unwrap()).collect();
        assert_eq!(cells, [[1, 0], [1, 1], [1, 2], [0, 2], [0, 1], [0, 0]]);
        assert_eq!((places[2].position, places[3].position), ([2e-6, 0.0], [2e-6, 1e-6]));
        assert!(Place::grid(&[0.0; 8]).is_empty() && Place::grid(&[0.0, 1.0, 0.0, 1.0, 1e9, 1e9]).is_empty());
    }
}
