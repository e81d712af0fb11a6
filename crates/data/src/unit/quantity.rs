//! Quantities of a definition: a TOML string with a unit, of a stated dimension.

use super::Unit;

/// A number with the unit it was written in.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// Coherent SI value.
    pub si: f64,
    /// The unit as written.
    pub unit: Unit,
}

impl Quantity {
    /// Parses `"1.2 kHz"`, `"80nm"`, `"5 %"`, `"-3 deg"`, `"0.4"`.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the text.
    pub fn parse(text: &str) -> Result<Quantity, String> {
        let t = text.trim().replace('−', "-");
        let end = t
            .char_indices()
            .find(|(i, c)| {
                let exponent = matches!(c, 'e' | 'E')
                    && t[i + 1..].starts_with(|n: char| n.is_ascii_digit() || n == '-' || n == '+')
                    && *i > 0;
                let sign = matches!(c, '+' | '-') && (*i == 0 || matches!(t.as_bytes()[i - 1], b'e' | b'E'));
                !(c.is_ascii_digit() || *c == '.' || sign || exponent)
            })
            .map_or(t.len(), |(i, _)| i);
        let number: f64 =
            t[..end].parse().map_err(|_| format!("`{text}` is not a number with a unit, such as \"1.2 kHz\""))?;
        if !number.is_finite() {
            return Err(format!("`{text}` is not finite"));
        }
        let unit = Unit::parse(&t[end..]).map_err(|e| e.to_string())?;
        let si = unit.to_si(number);
        if !si.is_finite() {
            return Err(format!("`{text}` is too large a number"));
        }
        Ok(Quantity { si, unit })
    }
}

/// Declares a parameter type that reads a string with a unit of one dimension and holds the SI value.
macro_rules! quantity_type {
    ($name:ident, $unit:literal, $what:literal, $example:literal) => {
        #[doc = concat!("A ", $what, " in ", $unit, "; written in a definition as a string such as `\"", $example, "\"`.")]
        #[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
        pub struct $name(pub f64);

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(&format_args!("{} {}", self.0, $unit))
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<$name, D::Error> {
                let text: String = serde::Deserialize::deserialize(d)
                    .map_err(|_| serde::de::Error::custom(concat!("expected a ", $what, " as a string with its unit, such as \"", $example, "\"")))?;
                let q = Quantity::parse(&text).map_err(serde::de::Error::custom)?;
                if !q.unit.same_dimension(&Unit::of($unit)) {
                    return Err(serde::de::Error::custom(format!(
                        concat!("`{}` is not a ", $what, "; write it with its unit, such as \"", $example, "\""), text
                    )));
                }
                Ok($name(q.si))
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "description": concat!("A ", $what, " with its unit."), "examples": [$example] })
            }
        }
    };
}

quantity_type!(Length, "m", "length", "80 nm");
quantity_type!(Frequency, "Hz", "frequency", "1.2 kHz");
quantity_type!(Pressure, "Pa", "modulus or pressure", "76 GPa");
quantity_type!(SpringConstant, "N/m", "spring constant", "40 N/m");
quantity_type!(Force, "N", "force", "500 nN");
quantity_type!(Duration, "s", "time", "10 s");
quantity_type!(Space, "m^3", "volume", "16.6e-30 m^3");
quantity_type!(Temperature, "K", "temperature", "461 K");
quantity_type!(Angle, "deg", "angle", "45 deg");
quantity_type!(Fraction, "1", "fraction", "5 %");
quantity_type!(Velocity, "m/s", "rate of a length", "0.05 nm/s");
quantity_type!(Compliance, "m/N", "compliance", "0.5 nm/mN");
