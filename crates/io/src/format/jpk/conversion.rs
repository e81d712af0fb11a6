//! How JPK turns stored numbers into forces and heights: an encoder, then a chain of calibration slots.
//!
//! The encoder gives the base slot (`volts`, `absolute`); each further slot is a straight line from the one named in
//! `base-calibration-slot`: volts → distance (sensitivity) → force (spring constant). Archives of force curves and
//! HDF5 files of fast scans say it with the same keys.

use crate::cursor::Sample;

/// More slots than any channel has: a chain that long goes in circles.
const MOST: usize = 16;

/// The numbers of a channel in one of its slots: `scale · stored + offset` in that unit.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Conversion {
    pub scale: f64,
    pub offset: f64,
    pub unit: String,
}

/// Looks up a key of one channel: `encoder.type`, `conversion-set.conversions.default`.
pub(super) trait Lookup {
    fn get(&self, key: &str) -> Option<String>;

    fn number(&self, key: &str) -> Option<f64> {
        self.get(key)?.parse().ok().filter(|v: &f64| v.is_finite())
    }
}

/// The type of the stored numbers, as the encoder or the kind of the data names it.
pub(super) fn sample(channel: &impl Lookup) -> Option<Sample> {
    let encoder = channel.get("encoder.type").unwrap_or_default();
    // `signedinteger-limited` and the like store the same numbers.
    let encoders = [
        ("signedshort", Sample::I16),
        ("unsignedshort", Sample::U16),
        ("signedinteger", Sample::I32),
        ("unsignedinteger", Sample::U32),
        ("signedlong", Sample::I64),
        ("unsignedlong", Sample::U64),
    ];
    if let Some((_, sample)) = encoders.iter().find(|(start, _)| encoder.starts_with(start)) {
        return Some(*sample);
    }
    // Without an encoder the numbers are as they are.
    let kind = channel.get("type").unwrap_or_default();
    Some(match kind.trim_end_matches("-data") {
        "float" => Sample::F32,
        "double" => Sample::F64,
        "short" => Sample::I16,
        "integer" => Sample::I32,
        "long" => Sample::I64,
        _ => return None,
    })
}

/// The name of the default slot.
pub(super) fn default_slot(channel: &impl Lookup) -> Option<String> {
    channel.get("conversion-set.conversions.default").filter(|s| !s.is_empty())
}

/// The conversion into a slot; `None` where the chain from the base to it is not whole.
pub(super) fn into_slot(channel: &impl Lookup, slot: &str) -> Option<Conversion> {
    let mut encoder = line(channel, "encoder")?;
    let base = channel.get("conversion-set.conversions.base").unwrap_or_default();
    if slot == base {
        if encoder.unit.is_empty() {
            encoder.unit = channel.get("unit.unit").unwrap_or_default();
        }
        return Some(encoder);
    }
    let mut chain = Vec::new();
    let mut at = slot.to_string();
    while at != base {
        if chain.len() >= MOST {
            return None;
        }
        let key = format!("conversion-set.conversion.{at}");
        if channel.get(&format!("{key}.defined")).is_some_and(|d| d == "false") {
            return None;
        }
        chain.push(line(channel, &key)?);
        at = channel.get(&format!("{key}.base-calibration-slot"))?;
    }
    let unit = chain.first()?.unit.clone();
    let mut out = encoder;
    for step in chain.iter().rev() {
        out = Conversion {
            scale: out.scale * step.scale,
            offset: out.offset * step.scale + step.offset,
            unit: String::new(),
        };
    }
    Some(Conversion { unit, ..out })
}

/// The straight line under `…scaling`; what has none is left as it is.
fn line(channel: &impl Lookup, key: &str) -> Option<Conversion> {
    let unit = channel.get(&format!("{key}.scaling.unit.unit")).or_else(|| channel.get(&format!("{key}.scaling.unit")));
    let kind = channel.get(&format!("{key}.scaling.type"));
    if kind.is_some_and(|k| k != "linear" && k != "null") {
        return None;
    }
    Some(Conversion {
        scale: channel.number(&format!("{key}.scaling.multiplier")).unwrap_or(1.0),
        offset: channel.number(&format!("{key}.scaling.offset")).unwrap_or(0.0),
        unit: unit.unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Keys(&'static [(&'static str, &'static str)]);

    impl Lookup for Keys {
        fn get(&self, key: &str) -> Option<String> {
            self.0.iter().find(|(k, _)| *k == key).map(|(_, v)| (*v).to_string())
        }
    }

    #[test]
    fn chains() {
        let keys = Keys(&[
            ("encoder.type", "signedinteger-limited"),
            ("encoder.scaling.multiplier", "2"),
            ("encoder.scaling.offset", "1"),
            ("encoder.scaling.unit.unit", "V"),
            ("conversion-set.conversions.base", "volts"),
            ("conversion-set.conversion.distance.scaling.multiplier", "10"),
            ("conversion-set.conversion.distance.base-calibration-slot", "volts"),
            ("conversion-set.conversion.force.scaling.multiplier", "3"),
            ("conversion-set.conversion.force.scaling.offset", "5"),
            ("conversion-set.conversion.force.scaling.unit.unit", "N"),
            ("conversion-set.conversion.force.base-calibration-slot", "distance"),
            ("conversion-set.conversion.loop.base-calibration-slot", "loop"),
            ("conversion-set.conversion.off.defined", "false"),
        ]);
        let force = Conversion { scale: 60.0, offset: 35.0, unit: "N".into() };
        assert_eq!(into_slot(&keys, "force"), Some(force));
        assert_eq!(into_slot(&keys, "volts").map(|c| c.unit), Some("V".into()));
        assert_eq!(into_slot(&keys, "loop"), None);
        assert_eq!(into_slot(&keys, "off"), None);
        assert_eq!(into_slot(&keys, "nowhere"), None);
        assert_eq!(sample(&keys), Some(Sample::I32));
    }
}
