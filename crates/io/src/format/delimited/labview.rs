//! Heads of the segments of a LabVIEW measurement file (`.lvm`): what they hold is no row, but gives units and times.
//!
//! Source: National Instruments, Specification for the LabVIEW Measurement File (version 2).

use softspot_data::unit::Unit;

use super::dialect::{Dialect, Separator};
use super::stretches::{Grid, Line, LineKind};
use crate::format::text::label;

const MAGIC: &str = "LabVIEW Measurement";
/// Ends the head of the file, and that of each segment.
const END: &str = "***End_of_Header***";
/// Begins the head of a segment.
const BEGIN: &str = "Channels";
/// Name of the columns of times.
const X: &str = "X_Value";

/// The separator that the head of the file declares.
pub(super) fn declared(texts: &[(usize, &str)]) -> Option<Separator> {
    texts.first().filter(|(_, l)| is_magic(l))?;
    let head = texts.iter().map(|(_, l)| *l).take_while(|l| !l.starts_with(END));
    let value = head.filter_map(|l| l.strip_prefix("Separator")).next()?;
    match value.trim_matches(['\t', ',', ' ', '\r']) {
        "Tab" => Some(Separator::Tab),
        "Comma" => Some(Separator::Comma),
        _ => None,
    }
}

fn is_magic(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').starts_with(MAGIC)
}

/// Takes the rows of numbers in the heads for settings.
pub(super) fn part_heads(lines: &mut [Line<'_>]) {
    if !lines.first().is_some_and(|l| is_magic(l.text)) {
        return;
    }
    let mut head = true;
    for line in lines {
        head |= line.text.starts_with(BEGIN);
        if head && line.is_row() {
            line.kind = LineKind::Words;
        }
        head &= !is_end(line);
    }
}

/// Whether a line begins the file or ends a head: no name of anything.
pub(super) fn is_mark(line: &Line<'_>) -> bool {
    is_end(line) || is_magic(line.text.trim_start())
}

fn is_end(line: &Line<'_>) -> bool {
    line.text.trim_start().starts_with(END)
}

/// Gives a table below such a head its units, and the times that it has no column for.
pub(super) fn complete(grid: &mut Grid, lines: &[Line<'_>], dialect: Dialect) {
    let Some(header) = &mut grid.header else { return };
    let above = lines.get(..grid.header_from).unwrap_or_default();
    if !above.iter().rfind(|l| l.kind != LineKind::Empty).is_some_and(is_end) {
        return;
    }
    let from = above.iter().rposition(|l| l.text.starts_with(BEGIN)).unwrap_or(above.len());
    let head = above.get(from..).unwrap_or_default();
    let row = |key: &str| head.iter().find(|l| l.cells.first().is_some_and(|c| c == key)).map(|l| l.cells.as_slice());
    let cell = |key: &str, i: usize| row(key).and_then(|c| c.get(i)).map_or("", |c| c.trim());
    for (i, (name, unit)) in header.iter_mut().enumerate().filter(|(_, h)| h.1.symbol.is_empty()) {
        let x = name == X;
        let symbol = match (x, cell("X_Dimension", i + 1)) {
            (false, _) => cell("Y_Unit_Label", i),
            (true, _) if !cell("X_Unit_Label", i + 1).is_empty() => cell("X_Unit_Label", i + 1),
            (true, "Time") => "s",
            (true, "Frequency") => "Hz",
            (true, _) => "",
        };
        if !symbol.is_empty() {
            *unit = label::unit_of(symbol, name).unwrap_or_else(|| Unit::parse_or_keep(symbol));
        }
    }
    // One time for all channels, where all of them begin and go on alike.
    let common = |key: &str| {
        let mut all = row(key)?.iter().skip(1).filter(|c| !c.trim().is_empty()).map(|c| dialect.number(c));
        let first = all.next()??;
        all.all(|v| v == Some(first)).then_some(first)
    };
    let first = header.first().is_some_and(|(name, _)| name == X);
    grid.times = common("X0").zip(common("Delta_X")).filter(|_| first);
}
