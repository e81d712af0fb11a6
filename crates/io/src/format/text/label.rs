//! A column's label: its name and the unit behind it.

use softspot_data::unit::Unit;

/// Brackets around units.
const BRACKETS: [(char, char); 4] = [('(', ')'), ('[', ']'), ('（', '）'), ('［', '］')];

/// Splits `T (K)`, `E'' [MPa]`, `Load(µN)`, `ω / rad s-1`, `Time, s`, `Load in kN` into name and unit; what stands behind a unit
/// stays in the name: `E' (MPa, 1 Hz)`, `Load (N) raw`.
///
/// Only what parses as a unit is taken for one: `Depth (raw)` stays a name, and so do `E" (4 Hz)`, where the brackets hold a
/// condition, `T / Tg`, which is a ratio, and `log E' (MPa)`, whose numbers have no unit. `C` behind a temperature is °C.
pub(in crate::format) fn split(label: &str) -> (String, Unit) {
    let label = unquoted(label);
    if is_logarithm(label) {
        return (label.to_string(), Unit::none());
    }
    for (open, close) in BRACKETS {
        let Some((name, text)) = last_brackets(label, open, close).filter(|(name, _)| !name.trim().is_empty()) else {
            continue;
        };
        let name = name.trim().trim_end_matches('/').trim_end();
        if let Some(unit) = unit_of(text, name) {
            return (name.to_string(), unit);
        }
        // `(MPa, 1 Hz)`: the unit, then what the column was measured at.
        if let Some((first, rest)) = text.split_once([',', ';'])
            && let Some(unit) = unit_of(first, name)
        {
            return (format!("{name} ({})", rest.trim()), unit);
        }
    }
    for (open, close) in BRACKETS {
        let Some((name, (text, rest))) = label.split_once(open).and_then(|(n, r)| Some((n, r.split_once(close)?)))
        else {
            continue;
        };
        if let Some(unit) = behind_slash(text, name) {
            return (format!("{} {}", name.trim(), rest.trim()).trim().to_string(), unit);
        }
    }
    for between in [" / ", ", ", " in ", "/"] {
        if let Some((name, unit)) = label.split_once(between)
            && !(between == "/" && ends_with_unit(name))
            && let Some(unit) = behind_slash(unit, name)
        {
            return (name.trim().to_string(), unit);
        }
    }
    (label.to_string(), Unit::none())
}

/// A label without the quotes around it; `E"` keeps its own.
fn unquoted(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(text).trim()
}

/// What stands before the brackets at the end, and in them: `Cp`, `J/(g K)`.
fn last_brackets(label: &str, open: char, close: char) -> Option<(&str, &str)> {
    let inner = label.strip_suffix(close)?;
    let mut depth = 1;
    for (i, c) in inner.char_indices().rev() {
        depth += i32::from(c == close) - i32::from(c == open);
        if depth == 0 {
            return Some((inner.get(..i)?, inner.get(i + c.len_utf8()..)?));
        }
    }
    None
}

/// Whether a unit begins before the slash: `Stress N/mm²`, `mm/min`.
fn ends_with_unit(name: &str) -> bool {
    let mut words = name.split_whitespace().rev();
    let last = words.next().unwrap_or_default();
    let known = Unit::parse(last).is_ok() && last.contains(char::is_alphabetic);
    known && (words.next().is_some() || last.chars().count() > 1)
}

/// The unit in a cell of its own: `MPa`, `[s]`, `(%)`, `-`; `None` where it is no unit, or the condition of a column.
pub(in crate::format) fn unit_of(text: &str, name: &str) -> Option<Unit> {
    let text = bare(text);
    if is_logarithm(name) || is_condition(text, name) {
        return None;
    }
    // `tan(d)` is a function; `Flow (in)` goes in, unless it is a length.
    let function = matches!(name.trim().to_lowercase().as_str(), "tan" | "sin" | "cos");
    if function && text.chars().count() == 1 || text == "in" && !usual(name).is_some_and(|u| u.is_length()) {
        return None;
    }
    // `E (min)`, `Modulus (h)`: a letter or a word that is a unit of another quantity.
    if matches!(text, "h" | "s" | "d" | "L" | "min") && !usual(name).is_none_or(|u| u.same_dimension(&Unit::of(text))) {
        return None;
    }
    let unit = match text {
        "C" | "c" | "deg. C" | "Cel" | "oC" if is_temperature(name) => Unit::of("°C"),
        "F" if is_temperature(name) => Unit::of("°F"),
        // `Pa-s` is a product, not a difference; `sec.` is an abbreviation.
        _ => Unit::parse(text)
            .or_else(|_| Unit::parse(text.trim_end_matches('.')))
            .or_else(|_| Unit::parse(&text.replace('-', "*")))
            .ok()?,
    };
    if unit.offset != 0.0 && is_difference(name) {
        let symbol = if unit.scale == 1.0 { "K".to_string() } else { format!("{} K", unit.scale) };
        return Some(Unit { symbol, offset: 0.0, ..unit });
    }
    // A rate of turning is no number of turns.
    let turns = Unit::of("Hz");
    if is_angular(name) && unit.same_dimension(&turns) && !text.contains("Hz") {
        let symbol = if unit.scale == 1.0 { "rad/s".to_string() } else { unit.symbol.clone() };
        return Some(Unit { symbol, dimension: Unit::of("rad/s").dimension, ..unit });
    }
    Some(unit)
}

fn bare(text: &str) -> &str {
    let text = unquoted(text);
    let inner = |open: char, close: char| text.strip_prefix(open).and_then(|t| t.strip_suffix(close));
    inner('[', ']').or_else(|| inner('(', ')')).unwrap_or(text).trim()
}

/// Whether a number stands before a unit, `4 Hz`, `300 K`, `10 mN`: what the column was measured at. A factor is a power of ten
/// with its exponent, `10^3 MPa`, or one of a unit that the column is usually in.
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
    // `Load (10 mN)` counts in tens of millinewtons; `E (10 mN)` was measured at a load.
    !is_power_of_ten(value) || !usual(name).is_some_and(|u| u.same_dimension(&parsed))
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
    // Brackets behind a slash hold nothing but units: `DSC/(mW/mg)`.
    if !name.is_empty() && unit.trim().starts_with('(') && name.contains(char::is_alphabetic) {
        return unit_of(text, name);
    }
    let mut tokens =
        text.split(|c: char| !(c.is_alphabetic() || matches!(c, '%' | '°' | 'µ'))).filter(|t| !t.is_empty());
    let first = tokens.clone().next()?;
    // `1/s` is a unit whatever the name; `s` is one of times.
    let single = tokens.clone().count() == 1 && !text.contains(|c: char| c.is_ascii_digit() || matches!(c, '/' | '^'));
    let lower = name.to_lowercase();
    let any = |words: &[&str], letters: &[&str]| words.iter().any(|w| lower.contains(w)) || letters.contains(&name);
    let usual = match first {
        _ if name.is_empty() || name.parse::<f64>().is_ok() => false,
        "s" | "min" | "h" | "hr" | "ms" if single => is_time(name),
        "K" | "C" if single => is_temperature(name) || any(&["tm", "tx"], &["T_g", "T_m", "T_x"]),
        "N" if single => any(&["load", "force", "kraft"], &["F", "P", "L", "Fn", "Fz", "F_n"]),
        "V" if single => any(&["volt", "signal", "defl", "bias", "spannung"], &["U", "V"]),
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
    "Ω", "kΩ", "MΩ", "Ohm",
];

/// The unit of what a name usually stands for.
pub(in crate::format) fn usual(name: &str) -> Option<Unit> {
    let name = name.trim();
    let lower = name.to_lowercase();
    let any = |words: &[&str], letters: &[&str]| words.iter().any(|w| lower.contains(w)) || letters.contains(&name);
    let moduli = ["E", "E'", "E''", "E\"", "E*", "Er", "E_r", "EIT", "G", "G'", "G''", "G\"", "G*", "H", "HIT", "σ"];
    let unit = match () {
        () if is_time(name) => "s",
        () if any(&["modul", "stress", "hardness", "pressure", "spannung", "härte"], &moduli) => "Pa",
        () if any(&["load", "force", "kraft"], &["F", "P", "L", "Fn", "Fz", "F_n"]) => "N",
        () if is_angular(name) => "rad/s",
        () if is_frequency(name) => "Hz",
        () if is_temperature(name) && name != "t" => "K",
        () if any(
            &["depth", "displacement", "height", "position", "thick", "width", "length", "tiefe", "weg"],
            &["h", "d", "x", "y", "z", "l", "w"],
        ) =>
        {
            "m"
        }
        () => return None,
    };
    Some(Unit::of(unit))
}

/// `log E'`, `log10(G')`, `ln t`, `lg f`.
fn is_logarithm(name: &str) -> bool {
    let lower = name.trim().to_lowercase();
    let rest = ["log10", "log", "lg", "ln"].iter().find_map(|l| lower.strip_prefix(l));
    rest.is_some_and(|r| r.starts_with([' ', '(', '_', '|']))
}

/// `ΔT`, `dT`, `Temperature difference`, `temperature rise`.
fn is_difference(name: &str) -> bool {
    let lower = name.trim().to_lowercase();
    lower.starts_with(['δ', '∆'])
        || name.trim() == "dT"
        || ["differ", "delta", " rise", "increment"].iter().any(|w| lower.contains(w))
}

/// `ω`, `Angular frequency`.
fn is_angular(name: &str) -> bool {
    let name = name.trim().to_lowercase();
    matches!(name.as_str(), "ω" | "omega") || name.contains("angular") || name.contains("kreisfreq")
}

/// `t`, `Time`, `Loading time`, `Temps`, `Dauer`.
fn is_time(name: &str) -> bool {
    let lower = name.trim().to_lowercase();
    let words = ["time", "zeit", "dauer", "duration", "period", "lifetime"];
    words.iter().any(|w| lower.contains(w))
        || ["temps", "tempo"].iter().any(|w| lower == *w || lower.starts_with(&format!("{w} ")))
        || matches!(name.trim(), "t" | "t'" | "τ" | "tau")
}

/// `f`, `ω`, `Frequency`, `Angular frequency`.
fn is_frequency(name: &str) -> bool {
    let name = name.trim().to_lowercase();
    matches!(name.as_str(), "f" | "ν" | "ω" | "omega" | "w") || name.contains("freq") || name.contains("rate")
}

/// `T`, `Temp.`, `Temperature`, `Sample temperature`, `Ts`.
fn is_temperature(name: &str) -> bool {
    let name = name.trim().to_lowercase();
    matches!(name.as_str(), "t" | "ts" | "tg" | "θ") || name.contains("temp") && !is_time(&name)
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
            ("Load (1e-6 N)", "Load", "1e-6 N"),
            ("Load (10 mN)", "Load", "10 mN"),
            ("E (10 mN)", "E (10 mN)", ""),
            ("Modulus (1 mN)", "Modulus (1 mN)", ""),
            ("Hardness (100 g)", "Hardness (100 g)", ""),
            ("G (×10³ Pa)", "G", "10^3 Pa"),
            ("E (min)", "E (min)", ""),
            ("t (min)", "t", "min"),
            ("ΔT (°C)", "ΔT", "K"),
            ("Temperature difference [°C]", "Temperature difference", "K"),
            ("ω (1/s)", "ω", "rad/s"),
            ("log E' (MPa)", "log E' (MPa)", ""),
            ("log10(G') (Pa)", "log10(G') (Pa)", ""),
            ("E' (MPa, 1 Hz)", "E' (1 Hz)", "MPa"),
            ("E' (MPa) 1 Hz", "E' 1 Hz", "MPa"),
            ("Load (N) (raw)", "Load (raw)", "N"),
            ("Time, s", "Time", "s"),
            ("Load in kN", "Load", "kN"),
            ("F/N", "F", "N"),
            ("T/Tg", "T/Tg", ""),
            ("V/V0", "V/V0", ""),
            ("E\"", "E\"", ""),
            ("Stress N/mm²", "Stress N/mm²", ""),
            ("mm/min", "mm/min", ""),
            ("U/min", "U/min", ""),
            ("σ in N/mm²", "σ", "N/mm^2"),
            ("Drehzahl in 1/min", "Drehzahl", "1/min"),
            ("Stress, N/mm²", "Stress", "N/mm^2"),
            ("tan(d)", "tan(d)", ""),
            ("Flow (in)", "Flow (in)", ""),
            ("Thickness (in)", "Thickness", "in"),
            ("Temps (s)", "Temps", "s"),
            ("Time at temperature (min)", "Time at temperature", "min"),
            ("Cp (J/(g·K))", "Cp", "J/(g*K)"),
            ("Time (sec.)", "Time", "sec"),
            ("R / Ω", "R", "Ω"),
            ("α/(1/K)", "α", "1/K"),
            ("K (MPa m^0.5)", "K (MPa m^0.5)", ""),
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
