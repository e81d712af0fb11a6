//! The scale bar: a round length, lower left, on a plate of paper so that it reads on any ground.

use super::axis::{power_of_ten, shown};
use super::scene::{Align, Item, Paint, Path, Rect, Text};
use super::style::{CAP, INK, PAPER, TEXT};
use super::text::{Weight, width};
use softspot_data::unit::Unit;

/// Round length between 15 and 30 % of `width` (m): 1, 2 or 5 × 10ⁿ.
///
/// For widths of 1.34 to 1.66 × 10ⁿ none of the three lies in that range; 2.5 × 10ⁿ does.
pub fn length(width: f64) -> f64 {
    let power = libm::log10(width * 0.3).floor() as i32;
    let fits = |l: f64| l >= 0.15 * width && l <= 0.3 * width;
    let lengths = (power - 1..=power + 1).flat_map(|p| [1.0, 2.0, 5.0].map(|m| times(m, p)));
    // The longest that fits reads best.
    lengths.rev().find(|l| fits(*l)).unwrap_or_else(|| times(2.5, power))
}

fn times(mantissa: f64, power: i32) -> f64 {
    if power >= 0 { mantissa * power_of_ten(power) } else { mantissa / power_of_ten(-power) }
}

fn label(length: f64) -> String {
    let (factor, symbol) = shown(length, &Unit::of("m"));
    let number = format!("{:.3}", length / factor);
    format!("{}\u{a0}{symbol}", number.trim_end_matches('0').trim_end_matches('.'))
}

/// Plate to text, thickness of the bar, text to bar (pt).
const PAD: f64 = 2.2;
const THICK: f64 = 1.6;
const GAP: f64 = 2.0;

/// Height of a bar below a picture with its label (pt).
pub(crate) const HEIGHT: f64 = TEXT * CAP + GAP + THICK;

/// Draws the bar of a picture `width_m` metres and `wide` points wide on paper, from its left top corner.
pub(crate) fn paint_below(x: f64, y: f64, wide: f64, width_m: f64, out: &mut Vec<Item>) {
    let length = length(width_m);
    let bar = length / width_m * wide;
    let text = label(length);
    let middle = x + width(&text, TEXT, Weight::Regular).max(bar) / 2.0;
    let line = Rect::new(middle - bar / 2.0, y + TEXT * CAP + GAP, bar, THICK);
    out.push(Item::Path(Path::rect(line, Some(Paint::solid(INK)), None)));
    out.push(label_item((middle, y + TEXT * CAP), text));
}

fn label_item(at: (f64, f64), markup: String) -> Item {
    let (size, weight, align) = (TEXT, Weight::Regular, Align::Middle);
    Item::Text(Text { at, markup, size, weight, align, upright: false, colour: INK })
}

/// Draws the bar of a map `width` metres wide into its box.
pub(crate) fn paint(map: Rect, width_m: f64, out: &mut Vec<Item>) {
    let length = length(width_m);
    let bar = length / width_m * map.width;
    let text = label(length);
    let wide = width(&text, TEXT, Weight::Regular).max(bar);
    let (pad, thick, gap) = (PAD, THICK, GAP);
    let plate_height = pad + TEXT * CAP + gap + thick + pad;
    let plate = Rect::new(map.x + 3.5, map.bottom() - 3.5 - plate_height, wide + 2.0 * pad, plate_height);
    let middle = plate.x + plate.width / 2.0;
    let line = Rect::new(middle - bar / 2.0, plate.bottom() - pad - thick, bar, thick);
    out.push(Item::Path(Path::rect(plate, Some(Paint::veil(PAPER, 0.85)), None)));
    out.push(Item::Path(Path::rect(line, Some(Paint::solid(INK)), None)));
    out.push(label_item((middle, plate.y + pad + TEXT * CAP), text));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_round_and_fits() {
        for i in 0..2000 {
            let width = 1e-10 * libm::pow(10.0, f64::from(i) * 0.005);
            let l = length(width);
            assert!(l >= 0.1499 * width && l <= 0.3001 * width, "{width} {l}");
            let mantissa = l / libm::pow(10.0, libm::log10(l * (1.0 + 1e-9)).floor());
            assert!([1.0, 2.0, 2.5, 5.0].iter().any(|m| (mantissa - m).abs() < 1e-6), "{mantissa}");
        }
        assert_eq!(label(length(1e-6)), "200\u{a0}nm");
        assert_eq!(label(length(4e-6)), "1\u{a0}µm");
    }
}
