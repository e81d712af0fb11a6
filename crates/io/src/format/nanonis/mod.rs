//! The three formats of the Nanonis control system (SPECS): scan images, grid spectroscopy, curves.
//!
//! Sources: the manual of the Nanonis programming interface and file formats, files of the versions Generic 4 and 5.

mod curve;
mod grid;
mod scan;

pub use curve::NanonisDat;
pub use grid::Nanonis3ds;
pub use scan::NanonisSxm;

use super::text::label;
use softspot_data::unit::Unit;

/// Name and unit of `Current [bwd] (A)` and of `Current (A) [bwd] [filt]`: a tag may stand behind the unit.
fn signal(text: &str) -> (String, Unit) {
    let (name, unit) = label::split(text);
    if unit.symbol.is_empty()
        && let Some((before, tags)) = text.split_once(") [")
    {
        let (name, unit) = label::split(&format!("{before})"));
        return (format!("{name} [{}", tags.trim()), unit);
    }
    (name, unit)
}

/// A number as the program writes it: `20E-3`, and with a decimal comma where Windows is set so.
fn number(text: &str) -> Option<f64> {
    use super::text::number::{Mark, parse};
    parse(text, Mark::Point).or_else(|| parse(text, Mark::Comma))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_before_and_behind_the_unit() {
        for (text, name, unit) in [
            ("Current (A)", "Current", "A"),
            ("Current [bwd] (A)", "Current [bwd]", "A"),
            ("Current (A) [bwd] [filt]", "Current [bwd] [filt]", "A"),
            ("Vert. Deflection (V) [filt]", "Vert. Deflection [filt]", "V"),
            ("Z-Ctrl hold", "Z-Ctrl hold", ""),
        ] {
            let (n, u) = signal(text);
            assert_eq!((n.as_str(), u.symbol.as_str()), (name, unit), "{text}");
        }
        assert_eq!((number(" -900E-6"), number("1,5951E+0"), number("N/A")), (Some(-9e-4), Some(1.5951), None));
    }
}
