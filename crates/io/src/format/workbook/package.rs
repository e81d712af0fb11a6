//! The parts of a workbook that is a zip archive.

use std::collections::BTreeMap;

use super::cell::{Cell, Sheet};
use crate::container::zip::Archive;
use crate::format::text::xml::{Event, Reader};
use crate::{Limits, ReadError, Source};

/// Bytes of a part up to which any compression is believed.
const SURELY_FINE: u64 = 32 << 20;
/// Numbers of a spreadsheet do not deflate better than this; what claims to is a bomb.
const MAX_RATIO: u64 = 150;

/// The parts of the package.
pub(super) struct Package {
    format: &'static str,
    archive: Archive,
    names: Vec<String>,
    limits: Limits,
    /// Bytes of the file.
    packed: u64,
}

impl Package {
    /// Reads the list of parts.
    pub(super) fn open(format: &'static str, source: &Source, limits: &Limits) -> Result<Package, ReadError> {
        let archive = Archive::open(format, source)?;
        // Some writers part folders with `\`.
        let names = archive.names().into_iter().map(|n| n.replace('\\', "/")).collect();
        Ok(Package { format, archive, names, limits: *limits, packed: source.bytes().len() as u64 })
    }

    /// The bytes of a part; `None` where there is none.
    pub(super) fn bytes(&self, name: &str) -> Result<Option<Vec<u8>>, ReadError> {
        let Some(member) = self.names.iter().position(|n| n.eq_ignore_ascii_case(name)) else { return Ok(None) };
        let size = self.archive.size(member)?;
        if size > SURELY_FINE && size > self.packed.saturating_mul(MAX_RATIO) {
            let what = format!("`{name}` in the workbook claims {size} bytes in a file of {}", self.packed);
            return Err(ReadError::new(self.format, what).hint("the file is damaged; copy it again"));
        }
        self.archive.read(member, &self.limits).map(Some)
    }

    /// The text of a part; `None` where there is none.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, ReadError> {
        let Some(bytes) = self.bytes(name)? else { return Ok(None) };
        Ok(Some(match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(e) => crate::format::text::encoding::decode(e.as_bytes()).into_owned(),
        }))
    }

    /// The parts that relate to the workbook of Microsoft's kinds, by the id of their relation.
    pub(super) fn targets(&self, relations: &str) -> Result<BTreeMap<String, String>, ReadError> {
        let text = self.text(relations)?.unwrap_or_default();
        let mut out = BTreeMap::new();
        for event in Reader::new(&text) {
            let Event::Open(e) = event else { continue };
            if e.name != "Relationship" {
                continue;
            }
            let (Some(id), Some(target)) = (e.attribute("Id"), e.attribute("Target")) else { continue };
            let target = target.replace('\\', "/");
            let path = match target.strip_prefix('/') {
                Some(absolute) => absolute.to_string(),
                None => match target.strip_prefix("../") {
                    Some(above) => above.to_string(),
                    None => format!("xl/{}", target.trim_start_matches("./")),
                },
            };
            out.insert(id.into_owned(), path);
        }
        Ok(out)
    }

    /// Reads the sheets that a workbook names, each with its part, or the usual one of its number.
    ///
    /// # Errors
    /// [`ReadError`] if a part is damaged or ends before its sheet does, and if all have more cells than the limit.
    pub(super) fn sheets(
        &self,
        listed: Vec<(String, Option<String>)>,
        extension: &str,
        read: impl Fn(&str) -> Result<Option<Cells>, ReadError>,
    ) -> Result<Vec<Sheet>, ReadError> {
        let mut budget = Budget::new(self.format, &self.limits);
        let mut out = Vec::new();
        for (i, (name, target)) in listed.into_iter().enumerate().take(self.limits.channels) {
            let path = target.unwrap_or_else(|| format!("xl/worksheets/sheet{}.{extension}", i + 1));
            if !budget.is_new(&path) {
                continue;
            }
            let Some(Cells { cells, whole, formulas }) = read(&path)? else {
                let mut sheet = Sheet::new(name, Vec::new());
                sheet.notes.push(("not read".into(), format!("the workbook names `{path}` and does not hold it")));
                out.push(sheet);
                continue;
            };
            if !whole {
                let what = format!("sheet `{name}` ends in the middle of its data");
                return Err(ReadError::new(self.format, what).hint("the file is damaged; copy it again"));
            }
            budget.take(cells.len())?;
            let mut sheet = Sheet::new(name, cells);
            if formulas > 0 {
                sheet.notes.push(super::formulas_without_results(formulas));
            }
            out.push(sheet);
        }
        Ok(out)
    }
}

/// What a part holds of a sheet.
pub(super) struct Cells {
    /// Row and column from 0.
    pub cells: Vec<(u32, u32, Cell)>,
    /// Whether the part goes on to the end of the sheet.
    pub whole: bool,
    /// Formulas that the writer did not calculate.
    pub formulas: usize,
}

/// What two sheets of one workbook may not do: be one part, or have more cells than the limit together.
pub(super) struct Budget {
    format: &'static str,
    left: u64,
    taken: std::collections::BTreeSet<String>,
}

impl Budget {
    pub(super) fn new(format: &'static str, limits: &Limits) -> Budget {
        Budget { format, left: limits.elements, taken: std::collections::BTreeSet::new() }
    }

    /// Whether a part is a sheet already: a small file could claim a thousand large ones so.
    pub(super) fn is_new(&mut self, part: &str) -> bool {
        self.taken.insert(part.to_ascii_lowercase())
    }

    /// Counts the cells of a sheet.
    pub(super) fn take(&mut self, cells: usize) -> Result<(), ReadError> {
        self.left = self.left.checked_sub(cells as u64).ok_or_else(|| {
            ReadError::new(self.format, "the workbook has more cells than the limit")
                .hint("split it into several files")
        })?;
        Ok(())
    }
}
