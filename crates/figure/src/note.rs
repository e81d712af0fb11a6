//! Blocks of text inside a frame: legends, results, verdicts.

use super::mark::shape;
use super::scene::{Align, Item, Paint, Path, Rect, Stroke, Text};
use super::style::{CAP, INK, LEADING, Marker, PAPER, Rgb, TEXT};
use super::text::{Weight, width, wrap};

/// Sample of what a line of a legend names.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Key {
    /// A line.
    Line(Stroke),
    /// A data point.
    Point(Marker, Rgb),
    /// An area.
    Patch(Paint),
}

/// One line of a block.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// Sample before the text.
    pub key: Option<Key>,
    /// Text with markup.
    pub text: String,
    /// Bold for verdicts.
    pub weight: Weight,
}

impl Note {
    /// Plain text.
    pub fn plain(text: impl Into<String>) -> Note {
        Note { key: None, text: text.into(), weight: Weight::Regular }
    }

    /// Bold text.
    pub fn bold(text: impl Into<String>) -> Note {
        Note { key: None, text: text.into(), weight: Weight::Bold }
    }

    /// A line of a legend.
    pub fn keyed(key: Key, text: impl Into<String>) -> Note {
        Note { key: Some(key), text: text.into(), weight: Weight::Regular }
    }

    fn indent(&self) -> f64 {
        if self.key.is_some() { KEY + 3.0 } else { 0.0 }
    }
}

/// Width of a sample (pt).
const KEY: f64 = 13.0;

/// Rows of a legend across a page `limit` wide (pt), each with its width.
fn rows(notes: &[Note], limit: f64) -> Vec<(f64, Vec<Note>)> {
    let mut out: Vec<(f64, Vec<Note>)> = Vec::new();
    for note in notes {
        let wide = note.indent() + width(&note.text, TEXT, note.weight);
        match out.last_mut() {
            Some((sum, row)) if *sum + STRIP_GAP + wide <= limit => {
                *sum += STRIP_GAP + wide;
                row.push(note.clone());
            }
            _ => out.push((wide, vec![note.clone()])),
        }
    }
    out
}

/// Between the entries of a legend across a page (pt).
const STRIP_GAP: f64 = 14.0;

/// Height of a legend across a page (pt).
pub(crate) fn strip_height(notes: &[Note], limit: f64) -> f64 {
    rows(notes, limit).len() as f64 * LEADING
}

/// Draws a legend across a page, centred, from `top` down.
pub(crate) fn paint_strip(notes: &[Note], limit: f64, top: f64, out: &mut Vec<Item>) {
    for (k, (sum, row)) in rows(notes, limit).into_iter().enumerate() {
        let mut x = (limit - sum) / 2.0;
        for note in row {
            let wide = note.indent() + width(&note.text, TEXT, note.weight);
            let area = Rect::new(x, top + k as f64 * LEADING, wide, LEADING);
            // Half a point more than its own width, lest rounding break the entry.
            paint(&vec![note], wide + 0.5, area, true, out);
            x += wide + STRIP_GAP;
        }
    }
}

/// Lines that stand together.
pub(crate) type Block = Vec<Note>;

/// Lines after breaking, with what stands before each.
fn lines(block: &Block, limit: f64) -> Vec<(Note, f64)> {
    let mut out = Vec::new();
    for note in block {
        let parts = balanced(note, limit - note.indent());
        for (i, text) in parts.into_iter().enumerate() {
            let key = if i == 0 { note.key } else { None };
            out.push((Note { key, text, weight: note.weight }, note.indent()));
        }
    }
    out
}

/// As few lines as the limit allows, of about one length: no word alone on the last.
fn balanced(note: &Note, limit: f64) -> Vec<String> {
    let mut best = wrap(&note.text, TEXT, note.weight, limit);
    let mut narrower = limit - 4.0;
    while best.len() > 1 && narrower > 0.0 {
        let parts = wrap(&note.text, TEXT, note.weight, narrower);
        if parts.len() > best.len() {
            break;
        }
        best = parts;
        narrower -= 4.0;
    }
    best
}

/// Size of a block broken at `limit` (pt).
pub(crate) fn size(block: &Block, limit: f64) -> (f64, f64) {
    let lines = lines(block, limit);
    let wide = lines.iter().map(|(n, indent)| indent + width(&n.text, TEXT, n.weight)).fold(0.0, f64::max);
    (wide, lines.len() as f64 * LEADING)
}

/// Draws a block from the left top corner of `area`, over a veil of paper where it could not be set clear.
pub(crate) fn paint(block: &Block, limit: f64, area: Rect, clear: bool, out: &mut Vec<Item>) {
    if !clear {
        out.push(Item::Path(Path::rect(area.grown(1.5), Some(Paint::veil(PAPER, 0.85)), None)));
    }
    for (i, (note, indent)) in lines(block, limit).into_iter().enumerate() {
        let baseline = area.y + i as f64 * LEADING + (LEADING + TEXT * CAP) / 2.0;
        let middle = baseline - TEXT * CAP / 2.0;
        match note.key {
            Some(Key::Line(stroke)) => {
                out.push(Item::Path(Path::line(&[(area.x, middle), (area.x + KEY, middle)], stroke)));
            }
            Some(Key::Point(marker, colour)) => out.push(shape(marker, (area.x + KEY / 2.0, middle), colour)),
            Some(Key::Patch(fill)) => {
                let patch = Rect::new(area.x, middle - 2.4, KEY, 4.8);
                out.push(Item::Path(Path::rect(patch, Some(fill), None)));
            }
            None => {}
        }
        out.push(Item::Text(Text {
            at: (area.x + indent, baseline),
            markup: note.text,
            size: TEXT,
            weight: note.weight,
            align: Align::Start,
            upright: false,
            colour: INK,
        }));
    }
}
