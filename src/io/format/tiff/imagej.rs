//! ImageJ's calibration: lines `key=value` in the image description, pixels per unit in the resolution tags.

use crate::unit::Unit;

/// What the description tells.
#[derive(Debug, PartialEq)]
pub(super) struct Calibration {
    /// Lateral unit, where it is a length.
    pub length: Option<Unit>,
    /// Width and height of a pixel in that unit, where the description has it; else the resolution tags tell.
    pub pixel: Option<[f64; 2]>,
    /// Plane distance in that unit.
    pub spacing: Option<f64>,
    /// Images in the file, where it says so.
    pub images: Option<usize>,
    /// Value = offset + slope · stored number.
    pub slope: f64,
    pub offset: f64,
    pub value_unit: Unit,
}

/// Reads a description; `None` where ImageJ did not write it.
pub(super) fn parse(description: &str) -> Option<Calibration> {
    if !description.starts_with("ImageJ=") {
        return None;
    }
    let get = |key: &str| {
        description.lines().find_map(|l| l.split_once('=').filter(|(k, _)| k.trim() == key).map(|(_, v)| v.trim()))
    };
    let number = |key: &str| get(key).and_then(|v| v.parse::<f64>().ok()).filter(|v| v.is_finite());
    let length = get("unit").filter(|u| !u.is_empty()).and_then(unit).filter(|u| u.same_dimension(&Unit::of("m")));
    // Function 0 is a straight line; ImageJ also writes it to keep signed numbers as unsigned ones.
    let straight = get("cf") == Some("0");
    let value_unit = get("vunit").filter(|u| straight && *u != "Gray Value").and_then(unit);
    Some(Calibration {
        length,
        pixel: None,
        // ImageJ takes a distance of one unit where none is written.
        spacing: Some(number("spacing").map(f64::abs).filter(|v| *v > 0.0).unwrap_or(1.0)),
        images: get("images").and_then(|v| v.parse().ok()),
        slope: if straight { number("c1").unwrap_or(1.0) } else { 1.0 },
        offset: if straight { number("c0").unwrap_or(0.0) } else { 0.0 },
        value_unit: value_unit.unwrap_or_else(Unit::none),
    })
}

/// A unit as ImageJ writes it: the micro sign escaped, lengths spelled out.
fn unit(text: &str) -> Option<Unit> {
    let text = text.replace("\\u00B5", "µ").replace("\\u00b5", "µ");
    let spelled = match text.to_lowercase().as_str() {
        "micrometer" | "micrometre" | "micrometers" | "micrometres" => Some("µm"),
        "nanometer" | "nanometre" | "nanometers" | "nanometres" => Some("nm"),
        "millimeter" | "millimetre" | "millimeters" | "millimetres" => Some("mm"),
        "centimeter" | "centimetre" | "centimeters" | "centimetres" => Some("cm"),
        "angstroms" | "a" => Some("Å"),
        _ => None,
    };
    Unit::parse(spelled.unwrap_or(&text)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions() {
        let c = parse(
            "ImageJ=1.53t\nimages=225\nslices=225\nunit=\\u00B5m\nspacing=0.5\ncf=0\nc0=-32768\nc1=1\nvunit=Gray Value\n",
        );
        let c = c.unwrap();
        assert_eq!(c.length.unwrap().scale, 1e-6);
        assert_eq!((c.spacing, c.images, c.slope, c.offset), (Some(0.5), Some(225), 1.0, -32768.0));
        assert_eq!(c.value_unit, Unit::none());
        assert_eq!(parse("ImageJ=1.5\nunit=pixel\n").unwrap().length, None);
        assert_eq!(parse("ImageJ=1.5\nunit= \n").unwrap().length, None);
        assert!(parse("{\"shape\": [2]}").is_none());
    }
}
