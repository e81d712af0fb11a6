//! A map as characters: two pixels a cell in colour, or shades where there is no colour.

use std::io::IsTerminal;

use super::statistics;
use crate::data::Kind;
use crate::figure::ColourMap;
use crate::io::{Dataset, Window};
use crate::num::quantile::quantiles;

/// Cells across and down at most.
const WIDTH: usize = 56;
const HEIGHT: usize = 24;
/// Shades from low to high.
const SHADES: [char; 5] = [' ', '░', '▒', '▓', '█'];

/// What the terminal can show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Depth {
    /// 24-bit colours.
    True,
    /// The 6 × 6 × 6 cube of 256 colours.
    Cube,
    /// Characters only.
    Shades,
}

impl Depth {
    /// Of standard output; `None` where it is no terminal.
    pub(super) fn of_terminal() -> Option<Depth> {
        let get = |key: &str| std::env::var(key).unwrap_or_default();
        let term = get("TERM");
        if !std::io::stdout().is_terminal() || term == "dumb" {
            return None;
        }
        let colour = get("COLORTERM");
        Some(if !get("NO_COLOR").is_empty() || term.is_empty() {
            Depth::Shades
        } else if colour == "truecolor" || colour == "24bit" {
            Depth::True
        } else if term.contains("256") {
            Depth::Cube
        } else {
            Depth::Shades
        })
    }
}

/// A channel's map, or the middle plane of its volume; `None` for columns, and where reading would take long.
pub(super) fn preview(dataset: &Dataset, index: usize, depth: Depth) -> Option<String> {
    let channel = dataset.channels().get(index)?;
    let (window, rows, columns) = match (channel.kind, channel.shape.as_slice()) {
        (Kind::Map, &[rows, columns]) => (Window::whole(&[rows, columns]), rows, columns),
        (Kind::Volume, &[z, rows, columns]) => (Window::new([z / 2..z / 2 + 1, 0..rows, 0..columns]), rows, columns),
        _ => return None,
    };
    if statistics::is_large(channel) && !dataset.in_parts(index) {
        return None;
    }
    let values = dataset.window(index, &window).ok()?;
    let aspect = match channel.physical_size.as_deref() {
        Some([w, h, ..]) if *w > 0.0 && (h / w).is_normal() => h / w,
        _ => rows as f64 / columns as f64,
    };
    let what = if channel.kind == Kind::Volume { ", middle plane" } else { "" };
    Some(format!("\n  {}{what}\n{}", channel.name, draw(&values, rows, columns, aspect, depth)?))
}

/// Draws values row by row; `aspect` is height over width.
fn draw(values: &[f64], rows: usize, columns: usize, aspect: f64, depth: Depth) -> Option<String> {
    // A cell is twice as high as it is wide and holds two pixels.
    let wide = columns.clamp(1, WIDTH);
    let high = (wide as f64 * aspect).clamp(1.0, 2.0 * HEIGHT as f64).round() as usize;
    let wide = ((high as f64 / aspect).round() as usize).clamp(1, wide);
    let small = averaged(values, rows, columns, high, wide);
    let mut valid: Vec<f64> = small.iter().copied().filter(|v| v.is_finite()).collect();
    if valid.is_empty() {
        return None;
    }
    let [low, top] = quantiles(&mut valid, [0.01, 0.99]);
    let span = if top > low { top - low } else { 1.0 };
    let place = |r: usize, c: usize| {
        let v = small.get(r * wide + c).copied().filter(|v| v.is_finite());
        v.map(|v| ((v - low) / span).clamp(0.0, 1.0))
    };
    let mut text = String::new();
    for pair in 0..high.div_ceil(2) {
        text.push_str("  ");
        for c in 0..wide {
            let two = [place(2 * pair, c), (2 * pair + 1 < high).then(|| place(2 * pair + 1, c)).flatten()];
            cell(&mut text, two, depth);
        }
        text.push_str(if depth == Depth::Shades { "\n" } else { "\x1b[0m\n" });
    }
    Some(text)
}

fn cell(text: &mut String, two: [Option<f64>; 2], depth: Depth) {
    let rgb = |v: f64| ColourMap::Batlow.at(v);
    let cube = |v: f64| {
        let [r, g, b] = rgb(v).map(|c| u32::from(c) * 5 / 255);
        16 + 36 * r + 6 * g + b
    };
    match (depth, two) {
        (Depth::Shades, [a, b]) => {
            let both: Vec<f64> = [a, b].into_iter().flatten().collect();
            let mean = both.iter().sum::<f64>() / both.len().max(1) as f64;
            text.push(SHADES[((mean * 5.0) as usize).min(4)]);
        }
        (_, [None, None]) => text.push_str("\x1b[0m "),
        (Depth::True, [a, b]) => {
            let code = |layer: u8, v: f64| {
                let [r, g, b] = rgb(v);
                format!("\x1b[{layer};2;{r};{g};{b}m")
            };
            halves(text, a.map(|v| code(38, v)), b.map(|v| (code(38, v), code(48, v))));
        }
        (Depth::Cube, [a, b]) => {
            let code = |layer: u8, v: f64| format!("\x1b[{layer};5;{}m", cube(v));
            halves(text, a.map(|v| code(38, v)), b.map(|v| (code(38, v), code(48, v))));
        }
    }
}

/// Upper half in the foreground over the lower half; a half without value keeps the terminal's ground.
fn halves(text: &mut String, upper: Option<String>, lower: Option<(String, String)>) {
    match (upper, lower) {
        (Some(u), Some((_, l))) => text.push_str(&format!("{u}{l}▀")),
        (Some(u), None) => text.push_str(&format!("\x1b[0m{u}▀")),
        (None, Some((l, _))) => text.push_str(&format!("\x1b[0m{l}▄")),
        (None, None) => text.push(' '),
    }
}

/// Mean of the valid values in each of `high` × `wide` cells.
fn averaged(values: &[f64], rows: usize, columns: usize, high: usize, wide: usize) -> Vec<f64> {
    let mut sums = vec![(0.0, 0usize); high * wide];
    // Where a cell is smaller than a pixel it shows the pixel it lies in.
    let own = |i: usize, n: usize, cells: usize| -> std::ops::Range<usize> {
        let from = i * cells / n;
        from..((i + 1) * cells / n).max(from + 1).min(cells.max(from + 1))
    };
    for r in 0..rows {
        for c in 0..columns {
            let Some(v) = values.get(r * columns + c).copied().filter(|v| v.is_finite()) else { continue };
            for y in own(r, rows, high) {
                for x in own(c, columns, wide) {
                    if let Some(s) = sums.get_mut(y * wide + x) {
                        *s = (s.0 + v, s.1 + 1);
                    }
                }
            }
        }
    }
    sums.into_iter().map(|(s, n)| if n > 0 { s / n as f64 } else { f64::NAN }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_dark_above_and_light_below() {
        let values: Vec<f64> = (0..64 * 64).map(|i| if i < 64 * 32 { 0.0 } else { 1.0 }).collect();
        let text = draw(&values, 64, 64, 1.0, Depth::Shades).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 24);
        assert!(lines[0].trim().is_empty() && lines[23].contains("████"));
        let colour = draw(&values, 64, 64, 1.0, Depth::True).unwrap();
        assert!(colour.contains("\x1b[38;2;") && colour.lines().count() == 24);
        assert!(draw(&values, 64, 64, 1.0, Depth::Cube).unwrap().contains("\x1b[38;5;"));
    }

    #[test]
    fn any_shape_and_missing_values() {
        for (rows, columns, aspect) in [(1, 1, 1.0), (2, 900, 2.0 / 900.0), (900, 2, 450.0), (3, 5, 10.0)] {
            let mut values: Vec<f64> = (0..rows * columns).map(|i| i as f64).collect();
            values[0] = f64::NAN;
            values.push(1.0);
            let text = draw(&values, rows, columns, aspect, Depth::True);
            assert!(text.is_none_or(|t| t.lines().count() <= HEIGHT), "{rows} {columns}");
        }
        assert!(draw(&[f64::NAN; 4], 2, 2, 1.0, Depth::True).is_none());
    }
}
