//! The text header: sections of `key=value` lines.

use std::collections::BTreeMap;

use crate::format::text::{encoding, number};
use crate::{Metadata, entry_name};

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

    /// Where curves were measured, `[x, y]` in m: `Poi0=x;y;z` in a section below `[DataSet\SpecInfos]`.
    pub(super) fn places(&self) -> Vec<[f64; 2]> {
        let below = |s: &&Section| s.name.starts_with("DataSet\\SpecInfos\\");
        let Some(section) = self.sections.iter().filter(below).find(|s| s.whole("Count").is_some()) else {
            return Vec::new();
        };
        let count = section.whole("Count").unwrap_or(0).min(section.entries.len());
        // Lines and maps have a range instead (`Map0=…`), and not in which order it was walked.
        let place = |i: usize| {
            let mut cells = section.get(&format!("Poi{i}"))?.split(';').map(|c| number::parse(c, number::Mark::Point));
            Some([cells.next()??, cells.next()??])
        };
        (0..count).map_while(place).collect()
    }
}
