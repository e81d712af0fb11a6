//! Text as the bundled fonts set it: width, markup of sub- and superscripts, breaking into lines.
//!
//! The fonts carry no kerning and no ligatures, so a width is the sum of advances on every system.

use super::style::SCRIPT;
use std::sync::OnceLock;
use ttf_parser::Face;

/// Name of the bundled family.
pub const FAMILY: &str = "softspot Sans";
/// Regular face, TrueType.
pub static REGULAR: &[u8] = include_bytes!("../assets/fonts/softspot-sans-regular.ttf");
/// Bold face, TrueType.
pub static BOLD: &[u8] = include_bytes!("../assets/fonts/softspot-sans-bold.ttf");

/// Advance of a glyph that no face has, in parts of the size.
pub(crate) const UNKNOWN: f64 = 0.6;

/// Regular or bold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Body text.
    Regular,
    /// Panel letters and verdicts.
    Bold,
}

/// Where a run stands against the baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shift {
    /// On it.
    Base,
    /// Lowered and smaller.
    Sub,
    /// Raised and smaller.
    Super,
}

impl Shift {
    /// Downward shift in parts of the text size.
    pub fn drop(self) -> f64 {
        match self {
            Shift::Base => 0.0,
            Shift::Sub => 0.18,
            Shift::Super => -0.34,
        }
    }

    /// Size in parts of the text size.
    pub fn scale(self) -> f64 {
        if self == Shift::Base { 1.0 } else { SCRIPT }
    }
}

/// Splits `T/T_{α}` into runs; without a closing brace the rest is taken as it stands.
pub fn runs(markup: &str) -> Vec<(Shift, String)> {
    let mut out: Vec<(Shift, String)> = Vec::new();
    let mut rest = markup;
    while !rest.is_empty() {
        let open = [("_{", Shift::Sub), ("^{", Shift::Super)]
            .into_iter()
            .filter_map(|(mark, shift)| rest.find(mark).map(|at| (at, shift)))
            .min_by_key(|(at, _)| *at);
        let found = open.and_then(|(at, shift)| rest[at + 2..].find('}').map(|len| (at, shift, len)));
        let Some((at, shift, len)) = found else {
            push(&mut out, Shift::Base, rest);
            break;
        };
        push(&mut out, Shift::Base, &rest[..at]);
        push(&mut out, shift, &rest[at + 2..at + 2 + len]);
        rest = &rest[at + 3 + len..];
    }
    out
}

fn push(out: &mut Vec<(Shift, String)>, shift: Shift, text: &str) {
    if !text.is_empty() {
        // A control character is not XML; a line break in a label is a space.
        let clean = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        out.push((shift, clean));
    }
}

/// Width of marked-up text (pt) at `size` (pt).
pub fn width(markup: &str, size: f64, weight: Weight) -> f64 {
    runs(markup).iter().map(|(shift, text)| advance(text, weight) * size * shift.scale()).sum()
}

/// Sum of advances in parts of the size.
fn advance(text: &str, weight: Weight) -> f64 {
    static FACES: OnceLock<[Option<Face<'static>>; 2]> = OnceLock::new();
    let faces = FACES.get_or_init(|| [Face::parse(REGULAR, 0).ok(), Face::parse(BOLD, 0).ok()]);
    let Some(face) = &faces[usize::from(weight == Weight::Bold)] else {
        return UNKNOWN * text.chars().count() as f64;
    };
    let em = f64::from(face.units_per_em().max(1));
    let glyph = |c: char| face.glyph_index(c).and_then(|g| face.glyph_hor_advance(g)).map(|a| f64::from(a) / em);
    text.chars().map(|c| glyph(c).unwrap_or(UNKNOWN)).sum()
}

/// Breaks at spaces so that no line is wider than `limit` (pt), where a single word allows.
pub fn wrap(markup: &str, size: f64, weight: Weight, limit: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in markup.split(' ').filter(|w| !w.is_empty()) {
        match lines.last_mut() {
            Some(line) if width(&format!("{line} {word}"), size, weight) <= limit => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_string()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_sums_of_advances() {
        // Advances of the faces in 1/1000 em: H 741, 0 572, − 572; bold H 765.
        assert!((width("H0−", 10.0, Weight::Regular) - (7.41 + 5.72 + 5.72)).abs() < 1e-9);
        assert!((width("H", 10.0, Weight::Bold) - 7.65).abs() < 1e-9);
        assert!((width("H_{0}", 10.0, Weight::Regular) - (7.41 + 5.72 * SCRIPT)).abs() < 1e-9);
    }

    #[test]
    fn markup_splits_and_survives_what_is_not_markup() {
        let r = runs("La_{60}Ni^{x}");
        assert_eq!(r.len(), 4);
        assert_eq!(r[1], (Shift::Sub, "60".to_string()));
        assert_eq!(runs("vit_105 _{"), vec![(Shift::Base, "vit_105 _{".to_string())]);
        assert!(runs("").is_empty());
    }

    #[test]
    fn signs_of_figures_are_in_both_faces() {
        for weight in [REGULAR, BOLD] {
            let face = Face::parse(weight, 0).expect("bundled face");
            for c in "0123456789−–×·±≤≥∞√°µ′″⁻¹²³⁰₀αβγξτΩΔ→ \u{2009}\u{a0}ρχ".chars()
            {
                assert!(face.glyph_index(c).is_some(), "{c:?} is missing");
            }
        }
    }

    #[test]
    fn lines_keep_within_the_limit() {
        let lines = wrap("the smallest p possible with four samples is 0.083", 7.0, Weight::Regular, 80.0);
        assert!(lines.len() > 1);
        assert!(lines.iter().all(|l| width(l, 7.0, Weight::Regular) <= 80.0));
    }
}
