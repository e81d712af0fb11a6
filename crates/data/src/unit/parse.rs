//! Recursive-descent parser for unit expressions.

use super::symbol::{DEG_PER_RAD, PREFIXES, SYMBOLS, WORD_PREFIXES, WORDS};
use super::{Dimension, Unit};

/// A text that is not a unit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{part}` in `{text}` is not a unit this program knows")]
pub struct UnitError {
    /// The whole text.
    pub text: String,
    /// The part that is unknown.
    pub part: String,
}

/// Mends the spellings of `µ`, `°` and powers that encodings and vendors produce.
fn normalise(text: &str) -> String {
    let mut s = text.trim().replace("Âµ", "µ").replace("Î¼", "µ").replace("Â°", "°").replace("Â²", "²");
    s = s.replace("**", "^").replace('\u{212b}', "Å").replace('\u{2126}', "Ω");
    let mut out = String::with_capacity(s.len());
    let mut in_power = false;
    for c in s.chars() {
        let raised = match c {
            '⁰' => Some('0'),
            '¹' => Some('1'),
            '²' => Some('2'),
            '³' => Some('3'),
            '⁴' => Some('4'),
            '⁵' => Some('5'),
            '⁶' => Some('6'),
            '⁻' => Some('-'),
            _ => None,
        };
        if let Some(d) = raised {
            if !in_power {
                out.push('^');
            }
            out.push(d);
            in_power = true;
            continue;
        }
        in_power = false;
        out.push(match c {
            '\u{3bc}' | 'ｵ' => 'µ',
            'º' | '\u{2da}' => '°',
            '·' | '⋅' | '×' => '*',
            '−' | '–' => '-',
            '（' => '(',
            '）' => ')',
            '／' => '/',
            '％' => '%',
            other => {
                match SQUARED.iter().find(|(sign, _)| *sign == other) {
                    Some((_, plain)) => out.push_str(plain),
                    None => out.push(other),
                }
                continue;
            }
        });
    }
    // Nanoscope writes the micro sign as a tilde.
    if let Some(rest) = out.strip_prefix('~') {
        out = format!("µ{rest}");
    }
    // `×10³ Pa`, `x1000 MPa`: a factor that the unit begins with.
    let factor =
        out.strip_prefix(['*', 'x', 'X']).map(str::trim_start).filter(|r| r.starts_with(|c: char| c.is_ascii_digit()));
    temperature(&out).map(str::to_string).or(factor.map(str::to_string)).unwrap_or(out)
}

/// The unit of a temperature whose degree and letter stand apart or in the other order: `° C`, `deg F`, `Grad C`, `C°`.
fn temperature(text: &str) -> Option<&'static str> {
    let plain: String = text.chars().filter(|c| !c.is_whitespace() && *c != '.').collect::<String>().to_lowercase();
    // The Cyrillic letter looks the same.
    let plain = plain.replace('с', "c");
    let rest = ["degrees", "degree", "deg", "grad", "°"].iter().find_map(|d| plain.strip_prefix(d));
    match rest.or_else(|| plain.strip_suffix('°'))? {
        "c" | "celsius" => Some("°C"),
        "f" | "fahrenheit" => Some("°F"),
        "k" | "kelvin" => Some("K"),
        _ => None,
    }
}

/// Units that one character of East Asian fonts stands for.
const SQUARED: &[(char, &str)] = &[
    ('℃', "°C"),
    ('℉', "°F"),
    ('㎚', "nm"),
    ('㎛', "µm"),
    ('㎜', "mm"),
    ('㎝', "cm"),
    ('㎡', "m^2"),
    ('㎥', "m^3"),
    ('㎎', "mg"),
    ('㎏', "kg"),
    ('㎐', "Hz"),
    ('㎑', "kHz"),
    ('㎒', "MHz"),
    ('㎩', "Pa"),
    ('㎪', "kPa"),
    ('㎫', "MPa"),
    ('㎬', "GPa"),
    ('㎰', "ps"),
    ('㎱', "ns"),
    ('㎲', "µs"),
    ('㎳', "ms"),
    ('㎷', "mV"),
    ('㎸', "kV"),
];

pub(super) fn parse(text: &str) -> Result<Unit, UnitError> {
    let symbol = normalise(text);
    if let Some(whole) = lookup(&symbol) {
        return Ok(Unit { symbol, scale: whole.0, offset: whole.1, dimension: Dimension(whole.2), opaque: false });
    }
    let chars: Vec<char> = symbol.chars().collect();
    let mut parser = Parser { chars: &chars, at: 0, text: &symbol };
    let (mut scale, dimension) = parser.product(0)?;
    if parser.at < chars.len() {
        return Err(parser.error(parser.at));
    }
    // A pure angle is carried in degrees, an angle combined with anything else (rad/s) in radians.
    let angle = dimension.0[7];
    let mut rest = dimension;
    rest.0[7] = 0;
    if angle != 0 && rest != Dimension::NONE {
        scale /= DEG_PER_RAD.powi(i32::from(angle));
        if (scale - 1.0).abs() < 4.0 * f64::EPSILON {
            scale = 1.0;
        }
    }
    if !(scale.is_finite() && scale > 0.0) {
        return Err(UnitError { text: symbol.clone(), part: symbol });
    }
    Ok(Unit { symbol, scale, offset: 0.0, dimension, opaque: false })
}

/// Factor, offset and exponents of one symbol with or without a prefix.
fn lookup(name: &str) -> Option<(f64, f64, [i8; 8])> {
    if let Some(s) = SYMBOLS.iter().find(|s| s.name == name) {
        return Some((s.scale, s.offset, s.dims));
    }
    let short = PREFIXES.iter().find_map(|(p, f)| {
        let base = name.strip_prefix(p)?;
        let s = SYMBOLS.iter().find(|s| s.prefixable && s.name == base)?;
        Some((s.scale * f, 0.0, s.dims))
    });
    short.or_else(|| word(&name.to_lowercase()))
}

/// A unit spelled out: `nanometers`, `kilohertz`, `degrees`.
fn word(name: &str) -> Option<(f64, f64, [i8; 8])> {
    let whole = |text: &str| {
        let singular = text.strip_suffix('s').unwrap_or(text);
        let symbol = WORDS.iter().find(|(w, _)| *w == text || *w == singular)?.1;
        SYMBOLS.iter().find(|s| s.name == symbol)
    };
    if let Some(s) = whole(name) {
        return Some((s.scale, s.offset, s.dims));
    }
    WORD_PREFIXES.iter().find_map(|(p, f)| {
        let s = whole(name.strip_prefix(p)?).filter(|s| s.prefixable)?;
        Some((s.scale * f, 0.0, s.dims))
    })
}

struct Parser<'a> {
    chars: &'a [char],
    at: usize,
    text: &'a str,
}

/// What products of two units without a sign between them measure: `N m`, `Pa s`, `A h`, `V s`, `N s`, `kg m`, `Pa m`, `m K`,
/// `J s`. Others, such as `h nm` and `bar g`, are words that look like units.
const PRODUCTS: &[[i8; 8]] = &[
    [2, 1, -2, 0, 0, 0, 0, 0],
    [-1, 1, -1, 0, 0, 0, 0, 0],
    [0, 0, 1, 1, 0, 0, 0, 0],
    [2, 1, -2, -1, 0, 0, 0, 0],
    [1, 1, -1, 0, 0, 0, 0, 0],
    [1, 1, 0, 0, 0, 0, 0, 0],
    [0, 1, -2, 0, 0, 0, 0, 0],
    [1, 0, 0, 0, 1, 0, 0, 0],
    [2, 1, -1, 0, 0, 0, 0, 0],
    // A number and a unit.
    [0; 8],
];

/// Symbols that coherent units without a name are printed with.
const BASE: &[&str] = &["m", "kg", "s", "A", "K", "mol", "cd", "deg", "rad"];

/// Nesting of brackets beyond which a header is hostile, not scientific.
const MAX_DEPTH: usize = 8;

impl Parser<'_> {
    fn error(&self, from: usize) -> UnitError {
        let part: String = self.chars[from.min(self.chars.len())..].iter().collect();
        UnitError { text: self.text.to_string(), part }
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn product(&mut self, depth: usize) -> Result<(f64, Dimension), UnitError> {
        let mut scale = 1.0;
        let mut dims = Dimension::NONE;
        let mut sign = 1i8;
        let mut expect = true;
        // Factors without an operator between them, and whether one of them has a power.
        let (from, mut side_by_side, mut power) = (self.at, false, false);
        loop {
            match self.peek() {
                None | Some(')') => break,
                Some(' ') => self.at += 1,
                Some('*' | '.') if !expect => {
                    self.at += 1;
                    sign = 1;
                    expect = true;
                }
                Some('/') if !expect => {
                    self.at += 1;
                    sign = -1;
                    expect = true;
                }
                // `F (N)` is a name and its unit, no product.
                Some('(') if !expect => return Err(self.error(self.at)),
                Some(_) => {
                    let from = self.at;
                    side_by_side |= !expect;
                    let (s, d) = self.factor(depth)?;
                    power |= self.chars[from..self.at].iter().any(|c| c.is_ascii_digit() || *c == '^');
                    scale *= if sign > 0 { s } else { 1.0 / s };
                    dims = dims.combine(d, sign).ok_or_else(|| self.error(from))?;
                    sign = 1;
                    expect = false;
                }
            }
        }
        if expect {
            return Err(self.error(self.at.saturating_sub(1)));
        }
        let own: String = self.chars[from..self.at].iter().collect();
        let base = |t: &str| t.is_empty() || BASE.contains(&t);
        if side_by_side && !power && !PRODUCTS.contains(&dims.0) && !own.split([' ', '/', '(', ')']).all(base) {
            return Err(self.error(from));
        }
        Ok((scale, dims))
    }

    fn factor(&mut self, depth: usize) -> Result<(f64, Dimension), UnitError> {
        let from = self.at;
        let (scale, dims) = match self.peek() {
            Some('(') if depth < MAX_DEPTH => {
                self.at += 1;
                let inner = self.product(depth + 1)?;
                if self.peek() != Some(')') {
                    return Err(self.error(from));
                }
                self.at += 1;
                inner
            }
            Some(c) if c.is_ascii_digit() => {
                while self.peek().is_some_and(|c| c.is_ascii_digit() || c == '.') {
                    self.at += 1;
                }
                self.decimal_exponent();
                let text: String = self.chars[from..self.at].iter().collect();
                (text.parse::<f64>().map_err(|_| self.error(from))?, Dimension::NONE)
            }
            _ => {
                while self.peek().is_some_and(|c| c.is_alphabetic() || matches!(c, '°' | 'µ' | '%' | '‰')) {
                    self.at += 1;
                }
                let name: String = self.chars[from..self.at].iter().collect();
                let (s, _, d) = lookup(&name).filter(|_| !name.is_empty()).ok_or_else(|| self.error(from))?;
                (s, Dimension(d))
            }
        };
        let n = self.exponent(from)?;
        let dims = dims.power(n).ok_or_else(|| self.error(from))?;
        Ok((scale.powi(i32::from(n)), dims))
    }

    /// `e6`, `E-9` behind a number; `eV` is none.
    fn decimal_exponent(&mut self) {
        let rest = self.chars.get(self.at..).unwrap_or_default();
        let Some((_, rest)) = rest.split_first().filter(|(c, _)| matches!(c, 'e' | 'E')) else { return };
        let sign = usize::from(rest.first().is_some_and(|c| matches!(c, '+' | '-')));
        let digits = rest.iter().skip(sign).take_while(|c| c.is_ascii_digit()).count();
        if digits > 0 {
            self.at += 1 + sign + digits;
        }
    }

    /// `^2`, `^-1`, or digits straight after a symbol (`nm2`, `s-1`).
    fn exponent(&mut self, from: usize) -> Result<i8, UnitError> {
        if self.peek() == Some('^') {
            self.at += 1;
        } else if !self.peek().is_some_and(|c| c.is_ascii_digit() || c == '-') {
            return Ok(1);
        }
        let start = self.at;
        if self.peek() == Some('-') {
            self.at += 1;
        }
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        // Half powers, `m^0.5` and `m^1/2`, are no unit of any quantity here.
        let next = self.chars.get(self.at + 1).is_some_and(char::is_ascii_digit);
        if next && matches!(self.peek(), Some('.' | '/')) {
            return Err(self.error(from));
        }
        let text: String = self.chars[start..self.at].iter().collect();
        // `V0` is a name.
        text.parse::<i8>().ok().filter(|n| *n != 0).ok_or_else(|| self.error(from))
    }
}
