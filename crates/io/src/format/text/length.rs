//! Lengths whose unit programs for microscopes spell out: ImageJ, OME-TIFF, OME-Zarr.

use softspot_data::unit::Unit;

/// The unit of a length by its symbol or its English name; `None` of anything else.
pub(in crate::format) fn length(text: &str) -> Option<Unit> {
    let text = text.trim().replace("\\u00B5", "µ").replace("\\u00b5", "µ");
    let lower = text.to_lowercase();
    let name = lower.strip_suffix('s').filter(|n| n.len() > 3).unwrap_or(&lower);
    let symbol = match name {
        "meter" | "metre" => "m",
        "centimeter" | "centimetre" => "cm",
        "millimeter" | "millimetre" => "mm",
        "micrometer" | "micrometre" | "micron" => "µm",
        "nanometer" | "nanometre" => "nm",
        "picometer" | "picometre" => "pm",
        "angstrom" | "ångström" => "Å",
        "inch" | "inche" | "in" => "inch",
        "thou" | "mil" => "25.4 µm",
        "foot" | "feet" | "ft" => "0.3048 m",
        "yard" | "yd" => "0.9144 m",
        // ImageJ's own; ampere is no length.
        "a" => "Å",
        _ => text.as_str(),
    };
    Unit::parse(symbol).ok().filter(Unit::is_length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_and_names() {
        for (text, metres) in [
            ("nm", 1e-9),
            ("nanometer", 1e-9),
            ("Micrometers", 1e-6),
            ("\\u00B5m", 1e-6),
            ("microns", 1e-6),
            ("inches", 0.0254),
            ("in", 0.0254),
            ("thou", 25.4e-6),
            ("foot", 0.3048),
            ("A", 1e-10),
        ] {
            let scale = length(text).unwrap_or_else(|| panic!("{text}")).scale;
            assert!((scale / metres - 1.0).abs() < 1e-12, "{text}: {scale}");
        }
        for text in ["", "pixel", "reference frame", "s", "Hz", "meter per second"] {
            assert_eq!(length(text), None, "{text}");
        }
    }
}
