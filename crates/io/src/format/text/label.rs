//! A column's label: its name and the unit behind it.

use softspot_data::unit::Unit;

/// Splits `T (K)`, `E'' [MPa]`, `Load(µN)`, `ω / rad s-1` into name and unit.
///
/// Only what parses as a unit is taken for one: `Depth (raw)` stays a name. `C` behind a temperature is °C.
pub(in crate::format) fn split(label: &str) -> (String, Unit) {
    let label = label.trim().trim_matches('"').trim();
    for (open, close) in [('(', ')'), ('[', ']')] {
        let Some(inner) = label.strip_suffix(close) else { continue };
        let Some((name, unit)) = inner.rsplit_once(open) else { continue };
        if let Some(unit) = unit_of(unit, name).filter(|_| !name.trim().is_empty()) {
            return (name.trim().to_string(), unit);
        }
    }
    if let Some((name, unit)) = label.split_once(" / ")
        && let Some(unit) = unit_of(unit, name)
    {
        return (name.trim().to_string(), unit);
    }
    (label.to_string(), Unit::none())
}

/// The unit in a cell of its own: `MPa`, `[s]`, `(%)`, `-`; `None` where it is no unit.
pub(in crate::format) fn unit_of(text: &str, name: &str) -> Option<Unit> {
    let text = text.trim().trim_matches('"').trim();
    let bare = |open: char, close: char| text.strip_prefix(open).and_then(|t| t.strip_suffix(close));
    let text = bare('[', ']').or_else(|| bare('(', ')')).unwrap_or(text).trim();
    if matches!(text, "C" | "c" | "deg. C" | "Cel" | "oC") && is_temperature(name) {
        return Some(Unit::of("°C"));
    }
    if text == "F" && is_temperature(name) {
        return Some(Unit::of("°F"));
    }
    // `Pa-s` is a product, not a difference.
    Unit::parse(text).or_else(|_| Unit::parse(&text.replace('-', "*"))).ok()
}

/// `T`, `Temp.`, `Temperature`, `Sample temperature`, `Ts`.
fn is_temperature(name: &str) -> bool {
    let name = name.trim().to_lowercase();
    matches!(name.as_str(), "t" | "ts" | "tg" | "θ") || name.contains("temp")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_units() {
        for (label, name, unit) in [
            ("T (K)", "T", "K"),
            ("E'' [MPa]", "E''", "MPa"),
            ("Extend Z-Sense(nm)", "Extend Z-Sense", "nm"),
            ("T (C)", "T", "°C"),
            ("Temperature [°C]", "Temperature", "°C"),
            ("charge (C)", "charge", "C"),
            ("Depth (raw)", "Depth (raw)", ""),
            ("G (t)", "G (t)", ""),
            ("Viscosity (Pa-s)", "Viscosity", "Pa*s"),
            ("omega / rad/s", "omega", "rad/s"),
            ("(nm)", "(nm)", ""),
            ("Quality Factor", "Quality Factor", ""),
        ] {
            let (n, u) = split(label);
            assert_eq!((n.as_str(), u.symbol.as_str()), (name, unit), "{label}");
        }
    }
}
