//! The prefix in which people see a quantity: at most three digits before the point (FIGURES, axes).

use super::{Dimension, Unit};

/// How to show SI values: divide by `factor`, label with `label`.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// SI value of one displayed unit; subtract `offset` first.
    pub factor: f64,
    /// Typographic unit, such as `kHz`, `µm²`, `kJ/mol`; empty for a pure number.
    pub label: String,
}

impl Shown {
    /// An SI value as displayed.
    pub fn value(&self, si: f64) -> f64 {
        si / self.factor
    }
}

const STEPS: &[(i32, &str)] = &[
    (-18, "a"),
    (-15, "f"),
    (-12, "p"),
    (-9, "n"),
    (-6, "µ"),
    (-3, "m"),
    (0, ""),
    (3, "k"),
    (6, "M"),
    (9, "G"),
    (12, "T"),
];

/// Prefix for values whose largest magnitude is `magnitude` (coherent SI).
///
/// Energies read in eV stay in eV. Kelvin, degrees, angular frequencies and pure numbers take no prefix.
pub fn choose(magnitude: f64, unit: &Unit) -> Shown {
    if unit.opaque {
        return Shown { factor: 1.0, label: unit.symbol.clone() };
    }
    let ev = Unit::of("eV").scale;
    let (base, scale) = match unit.symbol.as_str() {
        "eV^2" => ("eV^2".to_string(), ev * ev),
        s if s.ends_with("eV") => ("eV".to_string(), ev),
        _ => (unit.dimension.si_symbol(), 1.0),
    };
    let (power, head, tail) = head_of(&base, unit.dimension);
    if head.is_empty() {
        return Shown { factor: scale, label: pretty(&base) };
    }
    let m = magnitude.abs() / scale;
    let mut best = (0, "");
    if m.is_finite() && m > 0.0 {
        // The largest prefix that leaves at least one digit before the point.
        let fits = |e: i32| m / 10f64.powi(e * power) >= 0.9995;
        let mut candidates: Vec<_> = STEPS.iter().filter(|(e, _)| fits(*e)).collect();
        candidates.sort_by_key(|(e, _)| e * power);
        if let Some(found) = candidates.last() {
            best = **found;
        } else if power > 0 {
            best = STEPS[0];
        }
    }
    let factor = if best.0 == 0 { 1.0 } else { 10f64.powi(best.0 * power) };
    Shown {
        factor: scale * factor,
        label: pretty(&format!("{}{}{}", lead(power), with_prefix(best.1, &head, power), tail)),
    }
}

/// A value with its unit as a sentence shows it: `1.20 kHz`, `35.4 nm`.
pub fn quantity(si: f64, unit: &Unit) -> String {
    let shown = choose(si, unit);
    let number = significant(shown.value(si), 3);
    if shown.label.is_empty() {
        number
    } else if shown.label == "deg" {
        format!("{number}°")
    } else {
        format!("{number}\u{a0}{}", shown.label)
    }
}

/// `digits` significant digits without an exponent where that is short, with a true minus sign.
pub fn significant(value: f64, digits: usize) -> String {
    if value == 0.0 {
        return "0".into();
    }
    if !value.is_finite() {
        return "–".into();
    }
    let exponent = libm::log10(value.abs()).floor() as i32;
    let text = if (-4..7).contains(&exponent) {
        let decimals = (digits as i32 - 1 - exponent).max(0) as usize;
        format!("{value:.decimals$}")
    } else {
        let mantissa = value / 10f64.powi(exponent);
        let decimals = digits.saturating_sub(1);
        format!("{mantissa:.decimals$}\u{a0}×\u{a0}10{}", superscript(exponent))
    };
    text.replace('-', "−")
}

/// An integer in superscript digits.
pub fn superscript(n: i32) -> String {
    n.to_string()
        .chars()
        .map(|c| match c {
            '-' => '⁻',
            '0' => '⁰',
            '1' => '¹',
            '2' => '²',
            '3' => '³',
            '4' => '⁴',
            '5' => '⁵',
            '6' => '⁶',
            '7' => '⁷',
            '8' => '⁸',
            _ => '⁹',
        })
        .collect()
}

fn lead(power: i32) -> &'static str {
    if power < 0 { "1/" } else { "" }
}

fn with_prefix(prefix: &str, head: &str, power: i32) -> String {
    match power.abs() {
        1 => format!("{prefix}{head}"),
        n => format!("{prefix}{head}^{n}"),
    }
}

/// Power, symbol that takes the prefix, and what follows it.
fn head_of(symbol: &str, dimension: Dimension) -> (i32, String, String) {
    let none = (1, String::new(), String::new());
    if symbol.is_empty()
        || symbol == "deg"
        || symbol == "K"
        || symbol.starts_with("rad")
        || dimension == Dimension::NONE
    {
        return none;
    }
    let (power, body) = match symbol.strip_prefix("1/") {
        Some(rest) => (-1, rest),
        None => (1, symbol),
    };
    let end = body.find([' ', '/', '^']).unwrap_or(body.len());
    let head = body[..end].to_string();
    if matches!(head.as_str(), "kg" | "K") {
        return none;
    }
    let rest = &body[end..];
    match rest.strip_prefix('^') {
        Some(r) => {
            let digits = r.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(r.len());
            match r[..digits].parse::<i32>() {
                Ok(n) if n != 0 => (power * n, head, r[digits..].to_string()),
                _ => none,
            }
        }
        None => (power, head, rest.to_string()),
    }
}

/// ASCII powers as superscripts, `1/m^2` as `m⁻²`.
fn pretty(symbol: &str) -> String {
    let (inverse, body) = match symbol.strip_prefix("1/") {
        Some(rest) => (true, rest),
        None => (false, symbol),
    };
    if body == "Ohm" {
        return "Ω".into();
    }
    let mut out = String::new();
    let mut chars = body.chars().peekable();
    let mut powered = false;
    while let Some(c) = chars.next() {
        if c == '^' {
            let mut digits = String::new();
            while let Some(d) = chars.peek().filter(|d| d.is_ascii_digit() || **d == '-') {
                digits.push(*d);
                chars.next();
            }
            let n: i32 = digits.parse().unwrap_or(1);
            out.push_str(&superscript(if inverse { -n } else { n }));
            powered = true;
        } else {
            out.push(if c == ' ' { '\u{2009}' } else { c });
        }
    }
    if inverse && !powered {
        out.push_str("⁻¹");
    }
    out
}
