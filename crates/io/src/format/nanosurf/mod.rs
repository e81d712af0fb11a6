//! Nanosurf images and spectroscopy (`.nid`, also `.ezd`): easyScan 2, FlexAFM, CoreAFM, NaioAFM.
//!
//! A text header of `[section]` and `key=value` lines, then `#!` and the numbers of all channels one after the other.
//! `[DataSet]` lists groups (`Scan forward`, `Scan backward`, `Spec forward`, …) and the sections of their channels in
//! the order of the numbers. A channel is `Lines` × `Points` integers that span `Dim2Range` from `Dim2Min` on; lines
//! are stored from the bottom one upwards, and backward scans are written from left to right already. The name
//! `Image size` of the header is for people; sizes are `Dim0Range` and `Dim1Range`.
//!
//! Frames called scans are maps. All others are curves: one table a line with the axis and every channel of the group,
//! cut to `LineDimNPoints` where the header tells. Curves of a map go up line by line and turn about. Results of the
//! analysis of curves are one table. Sources: files of software 1.7 to 3.8, `NSFopen` of Nanosurf.

mod header;
mod nhf;

use std::ops::Range;

use crate::cursor::{Endian, Sample};
use crate::{Block, Channel, Confidence, Dataset, Format, Limits, ReadError, Reader, Source, Store, TableInfo, Window};
use softspot_data::unit::Unit;

use header::{Header, Section};
pub use nhf::Nhf;

const ID: &str = "nanosurf";
const MARK: &[u8] = b"#!";
/// Bytes of a header that would be too long.
const LONGEST: usize = 16 << 20;
/// Groups and channels of a group that would be too many.
const MOST: usize = 1024;
/// Numbers a line up to which they are results of an analysis, where they have no axis.
const FEW: usize = 8;

/// The reader.
pub struct Nanosurf;

static FORMAT: Format = Format {
    id: ID,
    name: "Nanosurf image or spectroscopy",
    extensions: &["nid", "ezd"],
    about: "Scans forward and backward as maps; spectroscopy and frequency sweeps as tables, one a curve.",
    reference: "NSFopen of Nanosurf AG; Gwyddion user guide, ezdfile",
};

impl Reader for Nanosurf {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        let head = source.head();
        let start = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
        if !start.starts_with(b"[DataSet]") {
            return 0;
        }
        if start.windows(10).any(|w| w == b"GroupCount") { 100 } else { 50 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let bytes = source.bytes();
        let head = bytes.get(..bytes.len().min(LONGEST)).unwrap_or_default();
        // `#!` begins a line of its own; the same bytes may stand in a remark.
        let start = head.windows(3).position(|w| w == b"\n#!").map(|at| at + 1 + MARK.len()).ok_or_else(|| {
            ReadError::new(ID, "the mark `#!` before the numbers is missing")
                .at(head.len())
                .hint("the file is cut; copy it again from the instrument")
        })?;
        let header = Header::parse(head.get(..start - MARK.len()).unwrap_or_default());
        let channels = listed(&header)?;
        let mut dataset = Dataset::new(ID, limits);
        let mut at = start;
        let mut curves: Vec<(String, Vec<Curve>)> = Vec::new();
        for (group, section) in channels {
            let raw = Raw::new(section, source, at, limits)?;
            at += raw.bytes;
            let frame = section.get("Frame").unwrap_or(group);
            if frame.to_ascii_lowercase().contains("scan") {
                let name = format!("{} {}", raw.name, direction(frame));
                let size = raw.size(section);
                let mut measured = vec![true; raw.lines];
                if let Some((lines, note)) = raw.captured(section, &header) {
                    dataset.metadata.push((format!("lines of {} {}", raw.name, direction(frame)), note));
                    // What was not captured and is of one number was empty.
                    for line in (0..raw.lines).filter(|l| !lines.contains(l)) {
                        let values = raw.block.window(&Window::new([line..line + 1, 0..raw.points]))?;
                        if let Some(m) = measured.get_mut(raw.lines - 1 - line) {
                            *m = values.windows(2).any(|v| v[0] != v[1]);
                        }
                    }
                }
                let block = raw.block.scaled(raw.scale, raw.offset).bottom_up();
                let channel = Channel::map(name.trim(), raw.unit, raw.lines, raw.points).sized(size);
                dataset.push(channel, Store::of_rows(block, measured))?;
                continue;
            }
            let curve = Curve { raw, section };
            match curves.last_mut().filter(|(f, c)| f == frame && c.first().is_some_and(|c| c.alike(&curve))) {
                Some((_, group)) => group.push(curve),
                None => curves.push((frame.to_string(), vec![curve])),
            }
        }
        for (frame, group) in &curves {
            tables(&mut dataset, &header, frame, group)?;
        }
        dataset.metadata.extend(header.metadata());
        dataset.finish()
    }
}

/// The sections of the channels with the names of their groups, in the order of the numbers.
fn listed(header: &Header) -> Result<Vec<(&str, &Section)>, ReadError> {
    let wrong = |what: String| ReadError::new(ID, what).hint("the header is damaged; copy the file again");
    let index = header.section("DataSet").ok_or_else(|| wrong("there is no section `[DataSet]`".into()))?;
    let groups = index.whole("GroupCount").ok_or_else(|| wrong("`[DataSet]` has no `GroupCount`".into()))?;
    let mut out = Vec::new();
    for g in 0..groups.min(MOST) {
        let name = index.get(&format!("Gr{g}-Name")).unwrap_or("");
        let count = index.whole(&format!("Gr{g}-Count")).unwrap_or(MOST);
        for c in 0..count.min(MOST) {
            // Of all channels that the controller has only those that were recorded are listed.
            let Some(key) = index.get(&format!("Gr{g}-Ch{c}")).filter(|k| !k.is_empty()) else { continue };
            let section = header.section(key).ok_or_else(|| wrong(format!("there is no section `[{key}]`")))?;
            out.push((name, section));
        }
    }
    if out.is_empty() {
        return Err(wrong("`[DataSet]` lists no channel".into()));
    }
    Ok(out)
}

/// `forward` of `Scan forward`, `2nd forward` of `2nd scan forward`.
fn direction(frame: &str) -> String {
    let words = frame.split_whitespace().filter(|w| !w.eq_ignore_ascii_case("scan"));
    words.collect::<Vec<_>>().join(" ")
}

/// The numbers of one channel.
struct Raw {
    name: String,
    unit: Unit,
    lines: usize,
    points: usize,
    bytes: usize,
    block: Block,
    scale: f64,
    offset: f64,
}

impl Raw {
    fn new(section: &Section, source: &Source, at: usize, limits: &Limits) -> Result<Raw, ReadError> {
        let wrong = |what: String| {
            ReadError::new(ID, format!("[{}]: {what}", section.name))
                .hint("the header is damaged, or the file is of a version that is not known; export it as ASCII")
        };
        if let Some(mode) = section.get("SaveMode").filter(|m| !m.eq_ignore_ascii_case("binary")) {
            return Err(wrong(format!("numbers saved as `{mode}` are not read")));
        }
        let whole = |key: &str| section.whole(key).ok_or_else(|| wrong(format!("`{key}` is missing or no number")));
        let (lines, points, bits) = (whole("Lines")?, whole("Points")?, whole("SaveBits")?);
        let signed = !section.get("SaveSign").is_some_and(|s| s.eq_ignore_ascii_case("unsigned"));
        let sample = match (bits, signed) {
            (8, true) => Sample::I8,
            (8, false) => Sample::U8,
            (16, true) => Sample::I16,
            (16, false) => Sample::U16,
            (32, true) => Sample::I32,
            (32, false) => Sample::U32,
            _ => return Err(wrong(format!("{bits} bits a number are not known"))),
        };
        let intel = section.get("SaveOrder").is_none_or(|o| o.eq_ignore_ascii_case("intel"));
        let endian = if intel { Endian::Little } else { Endian::Big };
        limits.count(ID, &[lines, points])?;
        let block = Block::packed(ID, source, at, sample, endian, &[lines, points])?;
        let number = |key: &str| section.number(key).ok_or_else(|| wrong(format!("`{key}` is missing or no number")));
        let (range, min) = (number("Dim2Range")?, number("Dim2Min")?);
        let scale = range / (bits as f64).exp2();
        let offset = if signed { min + range / 2.0 } else { min };
        Ok(Raw {
            name: section.get("Dim2Name").filter(|n| !n.is_empty()).unwrap_or("channel").to_string(),
            unit: Unit::parse_or_keep(section.get("Dim2Unit").unwrap_or("")),
            lines,
            points,
            bytes: lines * points * sample.size(),
            block,
            scale,
            offset,
        })
    }

    /// The lines that were captured of a frame that was not finished, and what to say of it: the others are those of the
    /// frame before, or empty.
    fn captured(&self, section: &Section, header: &Header) -> Option<(Range<usize>, String)> {
        let line = section.whole("CurLine").filter(|l| *l < self.lines)?;
        let down = header.section("DataSet-Info").and_then(|s| s.get("Scan direction"))?.eq_ignore_ascii_case("down");
        let (lines, way) = if down { (line..self.lines, "down") } else { (0..line + 1, "up") };
        let note = format!(
            "{} of {} were captured, going {way}; the others are of the frame before, or empty",
            lines.len(),
            self.lines
        );
        (lines.len() < self.lines).then_some((lines, note))
    }

    /// Width and height in m, where both axes are lengths.
    fn size(&self, section: &Section) -> Option<Vec<f64>> {
        let axis = |n: usize| {
            let unit = Unit::parse(section.get(&format!("Dim{n}Unit"))?).ok()?;
            let range = section.number(&format!("Dim{n}Range"))?;
            unit.is_length().then(|| unit.to_si(range.abs()))
        };
        Some(vec![axis(0)?, axis(1)?])
    }
}

/// A channel of curves: every line is one.
struct Curve<'a> {
    raw: Raw,
    section: &'a Section,
}

impl Curve<'_> {
    fn name<'n>(&'n self, frame: &'n str) -> &'n str {
        if is_numbered(&self.raw.name, "NameZ") { frame } else { &self.raw.name }
    }

    fn window(&self, lines: Range<usize>, points: Range<usize>) -> Result<Vec<f64>, ReadError> {
        let block = self.raw.block.clone().scaled(self.raw.scale, self.raw.offset);
        block.window(&Window::new([lines, points]))
    }

    fn alike(&self, other: &Curve<'_>) -> bool {
        let axis = |c: &Curve<'_>| (c.raw.lines, c.raw.points, c.section.get("Dim0Name").map(str::to_string));
        axis(self) == axis(other)
    }
}

/// One table a line: the axis, then the channels. Results of an analysis, a few numbers a line, are one table.
fn tables(dataset: &mut Dataset, header: &Header, frame: &str, group: &[Curve<'_>]) -> Result<(), ReadError> {
    let Some(first) = group.first() else { return Ok(()) };
    let section = first.section;
    let axis = section.get("Dim0Name").map(|n| n.trim_end_matches('*')).unwrap_or("");
    let has_axis = !is_numbered(axis, "NameX");
    if !has_axis && first.raw.points <= FEW {
        return results(dataset, frame, group);
    }
    let places = header.places();
    let unit = Unit::parse_or_keep(section.get("Dim0Unit").unwrap_or(""));
    for line in 0..first.raw.lines {
        let own = |key: &str| section.number(&format!("LineDim{line}{key}"));
        let points = own("Points").filter(|n| *n >= 0.0).map_or(first.raw.points, |n| n as usize);
        let points = points.min(first.raw.points);
        let number =
            |key: &str, usual: f64| own(key).or_else(|| section.number(&format!("Dim0{key}"))).unwrap_or(usual);
        let (min, range) = (number("Min", 0.0), number("Range", first.raw.points as f64));
        let steps = (points.max(2) - 1) as f64;
        let several = first.raw.lines > 1;
        let name = if several { format!("{frame} {}", line + 1) } else { frame.to_string() };
        let place = places.get(line).filter(|_| places.len() == first.raw.lines);
        let (position, cell) = (place.map(|p| p.position), place.and_then(|p| p.cell));
        let table = dataset.add_table(TableInfo { name, position, cell, ..TableInfo::default() });
        if points > 0 && has_axis {
            let values = (0..points).map(|i| min + range * i as f64 / steps).collect();
            dataset.push_column(table, if axis.is_empty() { "axis" } else { axis }, unit.clone(), values)?;
        }
        for c in group.iter().filter(|_| points > 0) {
            dataset.push_column(table, c.name(frame), c.raw.unit.clone(), c.window(line..line + 1, 0..points)?)?;
        }
    }
    Ok(())
}

/// A row a line, a column a number.
fn results(dataset: &mut Dataset, frame: &str, group: &[Curve<'_>]) -> Result<(), ReadError> {
    let table = dataset.add_table(TableInfo::named(frame));
    for c in group {
        for point in 0..c.raw.points {
            let name = c.name(frame);
            let name = if c.raw.points > 1 { format!("{name} {}", point + 1) } else { name.to_string() };
            let values = c.window(0..c.raw.lines, point..point + 1)?;
            dataset.push_column(table, &name, c.raw.unit.clone(), values)?;
        }
    }
    Ok(())
}

/// `NameX4`: what the program writes where it has no name.
fn is_numbered(text: &str, start: &str) -> bool {
    text.strip_prefix(start).is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()))
}
