//! Units as instruments write them: parsed at run time, carried with every value, checked across stages.
//!
//! Inside the program every number is coherent SI (METHODS §0) with two conventions: a plane angle is in degrees,
//! an angular frequency in radians per second. [`Unit::to_si`] brings a file's number there; [`display`] chooses the
//! prefix in which a figure or the terminal shows it.

pub mod display;
mod parse;
pub mod quantity;
mod symbol;

use std::fmt;

pub use parse::UnitError;
pub use quantity::Quantity;

/// Exponents of metre, kilogram, second, ampere, kelvin, mole, candela and plane angle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Dimension(pub [i8; 8]);

impl Dimension {
    /// A pure number.
    pub const NONE: Dimension = Dimension([0; 8]);

    fn combine(self, other: Dimension, sign: i8) -> Option<Dimension> {
        let mut out = [0i8; 8];
        for (o, (a, b)) in out.iter_mut().zip(self.0.iter().zip(other.0)) {
            *o = a.checked_add(b.checked_mul(sign)?)?;
        }
        Some(Dimension(out))
    }

    fn power(self, n: i8) -> Option<Dimension> {
        let mut out = [0i8; 8];
        for (o, a) in out.iter_mut().zip(self.0) {
            *o = a.checked_mul(n)?;
        }
        Some(Dimension(out))
    }

    /// The coherent SI spelling, in ASCII, as tables carry it: `m`, `Hz`, `N/m`, `m^2`, `rad/s`, `m^2 kg/(s^3 A)`.
    pub fn si_symbol(self) -> String {
        if let Some((name, _)) = symbol::COHERENT.iter().chain(symbol::QUOTIENTS).find(|(_, d)| *d == self.0) {
            return (*name).to_string();
        }
        let part = |above: bool| -> Vec<String> {
            let own = self.base().filter(|(_, e)| (*e > 0) == above);
            own.map(|(b, e)| if e.abs() == 1 { b.to_string() } else { format!("{b}^{}", e.unsigned_abs()) }).collect()
        };
        let (above, below) = (part(true), part(false));
        let above_text = if above.is_empty() { "1".to_string() } else { above.join(" ") };
        match below.as_slice() {
            [] => above_text,
            [one] => format!("{above_text}/{one}"),
            several => format!("{above_text}/({})", several.join(" ")),
        }
    }

    /// As [`Dimension::si_symbol`], for programs: what has no name of its own is powers of base units, `kg^-1 s^2`.
    pub fn powers(self) -> String {
        if let Some((name, _)) = symbol::COHERENT.iter().find(|(_, d)| *d == self.0) {
            return (*name).to_string();
        }
        let power = |(b, e): (&str, i8)| if e == 1 { b.to_string() } else { format!("{b}^{e}") };
        self.base().map(power).collect::<Vec<_>>().join(" ")
    }

    /// Base units and their powers.
    fn base(self) -> impl Iterator<Item = (&'static str, i8)> {
        // A power of an angle alone is in degrees, like the angle itself.
        let alone = self.0[..7].iter().all(|e| *e == 0);
        let base = ["m", "kg", "s", "A", "K", "mol", "cd", if alone { "deg" } else { "rad" }];
        base.into_iter().zip(self.0).filter(|(_, e)| *e != 0)
    }
}

/// A unit read from a header, a table or a definition.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    /// As the file wrote it, with `µ` and `°` mended.
    pub symbol: String,
    /// Factor to coherent SI.
    pub scale: f64,
    /// Added after scaling; not zero for °C and °F only.
    pub offset: f64,
    /// What it measures.
    pub dimension: Dimension,
    /// A unit this program does not know (`Vickers`): kept, shown, never converted, equal only to its own spelling.
    pub opaque: bool,
}

impl Unit {
    /// The unit of a pure number.
    pub fn none() -> Unit {
        Unit { symbol: String::new(), scale: 1.0, offset: 0.0, dimension: Dimension::NONE, opaque: false }
    }

    /// Parses any spelling met in instrument headers: `~m`, `um`, `µm`, `Âµm`, `nm2`, `mN·m`, `1/(Pa s)`, `°C`, `%`.
    ///
    /// # Errors
    /// [`UnitError`] names the part that is not a unit.
    pub fn parse(text: &str) -> Result<Unit, UnitError> {
        parse::parse(text)
    }

    /// Like [`Unit::parse`], but keeps what it does not know as an opaque unit instead of failing.
    pub fn parse_or_keep(text: &str) -> Unit {
        Unit::parse(text).unwrap_or_else(|_| Unit {
            symbol: text.trim().to_string(),
            scale: 1.0,
            offset: 0.0,
            dimension: Dimension::NONE,
            opaque: true,
        })
    }

    /// The coherent SI unit of a dimension.
    pub fn si(dimension: Dimension) -> Unit {
        Unit { symbol: dimension.si_symbol(), scale: 1.0, offset: 0.0, dimension, opaque: false }
    }

    /// A unit this source code spells; for constants and tests.
    ///
    /// An unknown spelling gives an opaque unit (a unit test of each caller's constant would show it).
    pub fn of(text: &str) -> Unit {
        Unit::parse_or_keep(text)
    }

    /// A value in this unit, in coherent SI.
    pub fn to_si(&self, value: f64) -> f64 {
        value * self.scale + self.offset
    }

    /// The spelling for tables: coherent SI, or the opaque symbol itself.
    pub fn si_symbol(&self) -> String {
        if self.opaque {
            return self.symbol.clone();
        }
        // A torque has the dimension of an energy and is not called joule.
        let torque = self.symbol.contains('N') && self.symbol.ends_with('m');
        match self.dimension.si_symbol() {
            joule if joule == "J" && torque => "N m".to_string(),
            other => other,
        }
    }

    /// As [`Unit::si_symbol`], for programs; see [`Dimension::powers`].
    pub fn powers(&self) -> String {
        match self.si_symbol() {
            own if self.opaque || own == "N m" => own,
            _ => self.dimension.powers(),
        }
    }

    /// The coherent unit of the square of such a value; an opaque unit stays opaque.
    pub fn squared(&self) -> Unit {
        match self.dimension.power(2) {
            // Energies read in eV stay in eV.
            Some(d) if self.symbol.ends_with("eV") => {
                Unit { symbol: "eV^2".into(), scale: Unit::of("eV").scale.powi(2), ..Unit::si(d) }
            }
            Some(d) if !self.opaque => Unit::si(d),
            _ => Unit { symbol: format!("{}^2", self.symbol), opaque: true, ..Unit::none() },
        }
    }

    /// Whether a number in this unit and the same in the other mean the same.
    pub fn converts_as(&self, other: &Unit) -> bool {
        self.same_dimension(other) && self.scale == other.scale && self.offset == other.offset
    }

    /// Whether values of both may be added.
    pub fn same_dimension(&self, other: &Unit) -> bool {
        if self.opaque || other.opaque {
            return self.opaque == other.opaque && self.symbol == other.symbol;
        }
        self.dimension == other.dimension
    }

    /// As messages name it: its symbol in quotes, or `no unit`.
    pub fn in_words(&self) -> String {
        if self.symbol.is_empty() { "no unit".into() } else { format!("`{}`", self.symbol) }
    }

    /// Whether it measures a length.
    pub fn is_length(&self) -> bool {
        self.same_dimension(&Unit::of("m"))
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.symbol)
    }
}

impl serde::Serialize for Unit {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.symbol)
    }
}

impl<'de> serde::Deserialize<'de> for Unit {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Unit, D::Error> {
        let text = String::deserialize(d)?;
        Ok(Unit::parse_or_keep(&text))
    }
}

#[cfg(test)]
mod tests;
