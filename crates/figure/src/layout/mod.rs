//! Panels in rows and columns: frames of one width, aligned edges, shared labels once, letters at the left top.

use super::axis::{self, Sides};
use super::note::{self, Note};
use super::panel::{Content, Panel};
use super::scene::{Align, Item, POINTS_PER_MM, Rect, Scene, Text};
use super::slices;
use super::style::{AXIS, CAP, INK, LETTER, MAX_HEIGHT_MM, TEXT, Width};
use super::text::{Weight, width};
use super::{FigureError, Result};

/// Between columns and between rows (pt).
const GAP: (f64, f64) = (9.0, 7.0);
/// Narrowest frame in which ticks can be read (pt).
const NARROWEST: f64 = 36.0;
/// Line above a frame that holds letter, name and note (pt).
const HEAD: f64 = 11.0;

/// Panels to the legend at the foot (pt).
const LEGEND_GAP: f64 = 4.0;

/// Space around a frame (pt).
#[derive(Clone, Copy, Debug, Default)]
struct Margins {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

/// Sets panels row by row in `columns` columns on a figure of the given width.
///
/// # Errors
/// [`FigureError::TooNarrow`] and [`FigureError::TooHigh`] where the page has no room; [`FigureError::Empty`] without
/// panels.
pub fn grid(mut panels: Vec<Panel>, columns: usize, width: Width, letters: bool) -> Result<Scene> {
    if panels.is_empty() {
        return Err(FigureError::Empty("figure"));
    }
    let columns = columns.clamp(1, panels.len());
    let total = width.points();
    let too_narrow = || FigureError::TooNarrow { columns, width: width.millimetres() };
    if !(total.is_finite() && total > 0.0) {
        return Err(too_narrow());
    }
    // Margins follow from ticks, ticks from frames, frames from margins: a few rounds settle them.
    let mut frames = Frames::guess(&panels, columns, total);
    for round in 0..4 {
        let margins = margins(&panels, columns, &frames, letters);
        frames = Frames::fit(&panels, columns, total, &margins).ok_or_else(too_narrow)?;
        if round == 1 {
            for (panel, rect) in panels.iter_mut().zip(&frames.rects) {
                if let Content::Chart(chart) = &mut panel.content {
                    chart.make_room(*rect);
                }
            }
        }
    }
    let mut legend: Vec<Note> = Vec::new();
    for note in panels.iter().flat_map(|p| &p.below) {
        if legend.iter().all(|l| l.text != note.text) {
            legend.push(note.clone());
        }
    }
    let foot = if legend.is_empty() { 0.0 } else { LEGEND_GAP + note::strip_height(&legend, total) };
    let whole = frames.height + foot;
    let height = whole / POINTS_PER_MM;
    if height > MAX_HEIGHT_MM {
        return Err(FigureError::TooHigh { height, limit: MAX_HEIGHT_MM });
    }
    let mut items = Vec::new();
    for (i, panel) in panels.iter().enumerate() {
        paint(panel, i, &panels, columns, &frames, letters, &mut items);
    }
    note::paint_strip(&legend, total, frames.height + LEGEND_GAP, &mut items);
    Ok(Scene { width: total, height: whole, items })
}

fn paint(p: &Panel, i: usize, all: &[Panel], columns: usize, frames: &Frames, letters: bool, items: &mut Vec<Item>) {
    let rect = frames.rects[i];
    let cell_left = frames.cells[i % columns];
    match &p.content {
        Content::Picture(picture) => picture.paint(rect, items),
        Content::Slices(slices) => slices.paint(rect, items),
        Content::Solid(solid) => solid.paint(rect, items),
        Content::Chart(chart) => {
            chart.paint(rect, items);
            let (x, y) = labelled(all, columns, i);
            axis::paint(rect, &chart.x, &chart.y, Sides { x, y, label_left: cell_left }, items);
        }
    }
    let letter = letters.then(|| letter(i));
    let baseline = rect.y - 3.0;
    let mut text = |at: (f64, f64), markup: String, size: f64, weight, align| {
        items.push(Item::Text(Text { at, markup, size, weight, align, upright: false, colour: INK }));
    };
    // Clear of the y label's column, or of the name, which stands over the frame.
    let taken = letter.as_ref().map_or(0.0, |l| cell_left + width(l, LETTER, Weight::Bold) + 3.0 - rect.x);
    if let Some(letter) = letter {
        text((cell_left, baseline), letter, LETTER, Weight::Bold, Align::Start);
    }
    if let Some(name) = &p.name {
        let wide = width(name, TEXT, Weight::Regular);
        let middle = (rect.x + rect.width / 2.0).max(rect.x + taken.max(0.0) + wide / 2.0);
        text((middle, baseline), name.clone(), TEXT, Weight::Regular, Align::Middle);
    }
}

/// a, b, … z, aa, ab, …
fn letter(i: usize) -> String {
    let one = |k: usize| char::from(b'a' + (k % 26) as u8);
    if i < 26 { one(i).to_string() } else { format!("{}{}", one(i / 26 - 1), one(i)) }
}

/// Whether a chart carries its own labels below and at the left; its neighbour's serve where the axes are the same.
fn labelled(panels: &[Panel], columns: usize, i: usize) -> (bool, bool) {
    let chart = |k: usize| match panels.get(k).map(|p| &p.content) {
        Some(Content::Chart(c)) => Some(c),
        _ => None,
    };
    let Some(own) = chart(i) else { return (false, false) };
    let x = chart(i + columns).is_none_or(|below| !below.x.same(&own.x));
    let left = if i.is_multiple_of(columns) { None } else { chart(i - 1) };
    (x, left.is_none_or(|left| !left.y.same(&own.y)))
}

fn margins(panels: &[Panel], columns: usize, frames: &Frames, letters: bool) -> Vec<Margins> {
    let each = panels.iter().enumerate().map(|(i, panel)| {
        let rect = frames.rects[i];
        let head = letters || panel.name.is_some();
        match &panel.content {
            Content::Picture(picture) => Margins {
                left: AXIS,
                right: picture.right(rect.height),
                top: if head || (picture.show_bar && picture.bar.note.is_some()) { HEAD } else { AXIS },
                bottom: AXIS,
            },
            Content::Slices(slices) => Margins {
                left: slices::LETTERS,
                right: slices.right(rect),
                top: if head || slices.noted() { HEAD } else { AXIS },
                bottom: slices::LETTERS,
            },
            Content::Solid(_) => Margins { left: AXIS, right: AXIS, top: if head { HEAD } else { AXIS }, bottom: AXIS },
            Content::Chart(chart) => {
                let (x, y) = labelled(panels, columns, i);
                let half_label = TEXT * CAP / 2.0;
                let ticks = chart.x.ticks(rect.width, true);
                // A label at the right end of the axis reaches beyond it.
                let overhang = ticks
                    .major
                    .iter()
                    .map(|(place, label)| place * rect.width + width(label, TEXT, Weight::Regular) / 2.0 - rect.width);
                Margins {
                    left: if y { axis::y_depth(&chart.y, rect.height) } else { AXIS },
                    right: if x { overhang.fold(AXIS, f64::max) } else { AXIS },
                    top: if head { HEAD } else { half_label },
                    bottom: if x { axis::x_depth(&chart.x, rect.width) } else { half_label },
                }
            }
        }
    });
    each.collect()
}

/// Frames of all panels on the page (pt).
struct Frames {
    rects: Vec<Rect>,
    /// Left edge of each column with its labels.
    cells: Vec<f64>,
    height: f64,
}

impl Frames {
    fn guess(panels: &[Panel], columns: usize, total: f64) -> Frames {
        let side = total / columns as f64 * 0.75;
        let rects = panels.iter().map(|_| Rect::new(0.0, 0.0, side, 0.75 * side)).collect();
        Frames { rects, cells: Vec::new(), height: 0.0 }
    }

    fn fit(panels: &[Panel], columns: usize, total: f64, margins: &[Margins]) -> Option<Frames> {
        let column =
            |c: usize, of: fn(&Margins) -> f64| margins.iter().skip(c).step_by(columns).map(of).fold(0.0, f64::max);
        let lefts: Vec<f64> = (0..columns).map(|c| column(c, |m| m.left)).collect();
        let rights: Vec<f64> = (0..columns).map(|c| column(c, |m| m.right)).collect();
        let around: f64 = lefts.iter().chain(&rights).sum::<f64>() + GAP.0 * (columns - 1) as f64;
        let side = (total - around) / columns as f64;
        if side < NARROWEST {
            return None;
        }
        let mut cells = Vec::with_capacity(columns);
        let mut x = 0.0;
        for c in 0..columns {
            cells.push(x);
            x += lefts[c] + side + rights[c] + GAP.0;
        }
        let mut rects = Vec::with_capacity(panels.len());
        let mut y = 0.0;
        for (row, (panels, margins)) in panels.chunks(columns).zip(margins.chunks(columns)).enumerate() {
            let top = margins.iter().map(|m| m.top).fold(0.0, f64::max);
            let bottom = margins.iter().map(|m| m.bottom).fold(0.0, f64::max);
            let height = side * row_ratio(panels, side);
            y += if row == 0 { 0.0 } else { GAP.1 };
            rects.extend((0..panels.len()).map(|c| Rect::new(cells[c] + lefts[c], y + top, side, height)));
            y += top + height + bottom;
        }
        Some(Frames { rects, cells, height: y })
    }
}

/// Height of a row's frames, `side` points wide, in parts of their width: the lowest map, so that all maps share it, and
/// at least the highest view of a volume, which has nothing to share; or the highest chart.
fn row_ratio(panels: &[Panel], side: f64) -> f64 {
    let (mut map, mut volume, mut chart): (Option<f64>, Option<f64>, f64) = (None, None, 0.0);
    for panel in panels {
        match (&panel.content, panel.content.aspect(side)) {
            (Content::Chart(c), _) => chart = chart.max(c.ratio),
            (Content::Slices(_) | Content::Solid(_), Some(aspect)) => {
                volume = Some(volume.map_or(aspect, |v: f64| v.max(aspect)));
            }
            (_, Some(aspect)) => map = Some(map.map_or(aspect, |m| m.min(aspect))),
            (_, None) => {}
        }
    }
    let shown = map.map(|m| volume.map_or(m, |v| m.max(v))).or(volume);
    match shown {
        // A stripe would leave a chart beside it no height.
        Some(aspect) => aspect.clamp(if chart > 0.0 { 0.3 } else { FLAT }, 2.0),
        None => chart,
    }
}

/// Lowest row of maps, in parts of the width: room for the scale bar.
const FLAT: f64 = 0.15;

#[cfg(test)]
mod tests;
