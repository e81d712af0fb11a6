//! A column's label: its name and the unit behind it.

use softspot_data::unit::Unit;

/// Splits `T (K)`, `E'' [MPa]`, `Load(µN)`, `ω / rad s-1` into name and unit.
///
/// Only what parses as a unit is taken for one: `Depth (raw)` stays a name, and so do `E" (4 Hz)`, where the brackets hold a
/// condition, and `T / Tg`, which is a ratio. `C` behind a temperature is °C.
pub(in crate::format) fn split(label: &str) -> (String, Unit) {
    let label = label.trim().trim_matches('"').trim();
    for (open, close) in [('(', ')'), ('[', ']'), ('（', '）'), ('［', '］')] {
        let Some(inner) = label.strip_suffix(close) else { continue };
        let Some((name, unit)) = inner.rsplit_once(open) else { continue };
        if let Some(unit) = unit_of(unit, name).filter(|_| !name.trim().is_empty()) {
            return (name.trim().to_string(), unit);
        }
    }
    if let Some((name, unit)) = label.split_once(" / ")
        && let Some(unit) = behind_slash(unit, name)
    {
        return (name.trim().to_string(), unit);
    }
    (label.to_string(), Unit::none())
}

/// The unit in a cell of its own: `MPa`, `[s]`, `(%)`, `-`; `None` where it is no unit, or the condition of a column.
pub(in crate::format) fn unit_of(text: &str, name: &str) -> Option<Unit> {
    let text = bare(text);
    if matches!(text, "C" | "c" | "deg. C" | "Cel" | "oC") && is_temperature(name) {
        return Some(Unit::of("°C"));
    }
    if text == "F" && is_temperature(name) {
        return Some(Unit::of("°F"));
    }
    if is_condition(text, name) {
        return None;
    }
    // `Pa-s` is a product, not a difference.
    Unit::parse(text).or_else(|_| Unit::parse(&text.replace('-', "*"))).ok()
}

fn bare(text: &str) -> &str {
    let text = text.trim().trim_matches('"').trim();
    let inner = |open: char, close: char| text.strip_prefix(open).and_then(|t| t.strip_suffix(close));
    inner('[', ']').or_else(|| inner('(', ')')).unwrap_or(text).trim()
}

/// Whether a number stands before a unit, `4 Hz`, `300 K`, `2.5 1/s`: what the column was measured at. A factor is a power of
/// ten, and none of a frequency, a temperature or a rate, unless the column is one.
pub(in crate::format) fn is_condition(text: &str, name: &str) -> bool {
    let text = bare(text);
    let digits = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | '+' | '-'))).unwrap_or(text.len());
    let (number, rest) = text.split_at(digits);
    let unit = rest.trim_start();
    let Ok(value) = number.replace(',', ".").parse::<f64>() else { return false };
    // `1/s`, `10^3 Pa` and `1e6 Pa` begin with a number as well.
    if unit.is_empty()
        || unit.starts_with(['/', '^', '*', '·', '×'])
        || (rest.starts_with(['e', 'E']) && is_power(rest))
    {
        return false;
    }
    let Ok(parsed) = Unit::parse(unit) else { return false };
    let at = ["Hz", "K", "rad/s", "K/s"].iter().any(|u| parsed.same_dimension(&Unit::of(u)));
    let own = is_temperature(name) || is_frequency(name);
    (at && !own) || !is_power_of_ten(value)
}

/// `e6`, `E-3`: the exponent of a number.
fn is_power(text: &str) -> bool {
    text.chars().nth(1).is_some_and(|c| c.is_ascii_digit() || matches!(c, '+' | '-'))
}

fn is_power_of_ten(v: f64) -> bool {
    v > 0.0 && (libm::log10(v) - libm::log10(v).round()).abs() < 1e-9
}

/// What stands behind a slash, where it is a unit in use for such a quantity: `Temp./°C`, `F/N`, `ω/rad s-1`. `T/Tg`, `1/aT`,
/// `dE/dT` and `H/E` are ratios.
pub(in crate::format) fn behind_slash(unit: &str, name: &str) -> Option<Unit> {
    let text = bare(unit);
    let name = name.trim();
    let mut tokens =
        text.split(|c: char| !(c.is_alphabetic() || matches!(c, '%' | '°' | 'µ'))).filter(|t| !t.is_empty());
    let first = tokens.clone().next()?;
    let single = tokens.clone().count() == 1;
    let lower = name.to_lowercase();
    let of = |words: &[&str], letters: &[&str]| words.iter().any(|w| lower.contains(w)) || letters.contains(&name);
    let usual = match first {
        _ if name.is_empty() || name.parse::<f64>().is_ok() => false,
        "s" if single => of(&["time", "zeit"], &["t", "t'", "τ", "tau"]),
        "h" if single => of(&["time", "zeit"], &["t"]),
        "K" | "C" if single => is_temperature(name) || of(&["tm", "tx"], &["T_g", "T_m", "T_x"]),
        "N" if single => of(&["load", "force", "kraft"], &["F", "P", "L", "Fn", "Fz", "F_n"]),
        "V" if single => of(&["volt", "signal", "defl", "bias", "spannung"], &["U", "V"]),
        "m" | "g" | "A" | "J" | "W" | "T" | "S" | "P" | "F" | "H" | "L" | "d" if single => false,
        _ => tokens.all(|t| USUAL.contains(&t)),
    };
    usual.then(|| unit_of(text, name)).flatten()
}

/// Symbols that stand behind a slash.
const USUAL: &[&str] = &[
    "s", "ms", "µs", "us", "ns", "min", "h", "hr", "K", "mK", "°C", "N", "mN", "µN", "uN", "nN", "kN", "pN", "Pa",
    "mPa", "kPa", "MPa", "GPa", "hPa", "bar", "mbar", "psi", "Hz", "mHz", "kHz", "MHz", "V", "mV", "kV", "µV", "nm",
    "µm", "um", "mm", "cm", "pm", "m", "Å", "%", "‰", "°", "deg", "rad", "mrad", "g", "mg", "µg", "ug", "kg", "J",
    "mJ", "µJ", "kJ", "nJ", "aJ", "fJ", "W", "mW", "µW", "uW", "eV", "meV", "keV", "mol", "a", "u", "mA", "µA", "nA",
];

/// `f`, `ω`, `Frequency`, `Angular frequency`.
fn is_frequency(name: &str) -> bool {
    let name = name.trim().to_lowercase();
    matches!(name.as_str(), "f" | "ν" | "ω" | "omega" | "w") || name.contains("freq") || name.contains("rate")
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
            ("E\" (4 Hz)", "E\" (4 Hz)", ""),
            ("tan δ (0.5 Hz)", "tan δ (0.5 Hz)", ""),
            ("σ (300 K)", "σ (300 K)", ""),
            ("E (1 Hz)", "E (1 Hz)", ""),
            ("G (25 °C)", "G (25 °C)", ""),
            ("E (10^3 MPa)", "E", "10^3 MPa"),
            ("Load (1e-6 N)", "Load (1e-6 N)", ""),
            ("T / Tg", "T / Tg", ""),
            ("A / A0", "A / A0", ""),
            ("F / N", "F", "N"),
            ("S / N", "S / N", ""),
            ("时间（s）", "时间", "s"),
            ("温度(℃)", "温度", "°C"),
        ] {
            let (n, u) = split(label);
            assert_eq!((n.as_str(), u.symbol.as_str()), (name, unit), "{label}");
        }
    }
}
