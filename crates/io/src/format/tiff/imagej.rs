//! ImageJ's calibration: lines `key=value` in the image description, pixels per unit in the resolution tags.

use crate::format::text::length::length;
use softspot_data::unit::Unit;

use super::planes::Counts;

/// What the numbers and the pixels measure.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Calibration {
    /// Unit of x, where it is a length.
    pub length: Option<Unit>,
    /// Units of y and z in that of x, where they are others.
    pub others: [f64; 2],
    /// Width and height of a pixel in that unit, where the description has it; else the resolution tags tell.
    pub pixel: Option<[f64; 2]>,
    /// Plane distance in that unit, where it is written.
    pub spacing: Option<f64>,
    /// Value = offset + slope · stored number.
    pub slope: f64,
    pub offset: f64,
    pub value_unit: Unit,
}

impl Default for Calibration {
    fn default() -> Calibration {
        Calibration {
            length: None,
            others: [1.0; 2],
            pixel: None,
            spacing: None,
            slope: 1.0,
            offset: 0.0,
            value_unit: Unit::none(),
        }
    }
}

/// What a description tells.
pub(super) struct Description {
    pub calibration: Calibration,
    /// Planes in the file, where it says so.
    pub images: Option<usize>,
    /// Of channels, depths and times, where one of them is said; channels run fastest, times slowest.
    pub counts: Option<Counts>,
}

/// Reads a description; `None` where ImageJ did not write it.
pub(super) fn parse(description: &str) -> Option<Description> {
    if !description.starts_with("ImageJ=") {
        return None;
    }
    let get = |key: &str| {
        description.lines().find_map(|l| l.split_once('=').filter(|(k, _)| k.trim() == key).map(|(_, v)| v.trim()))
    };
    let number = |key: &str| get(key).and_then(|v| v.parse::<f64>().ok()).filter(|v| v.is_finite());
    let count = |key: &str| get(key).and_then(|v| v.parse::<usize>().ok());
    // Function 0 is a straight line; ImageJ also writes it to keep signed numbers as unsigned ones.
    let straight = get("cf") == Some("0");
    let value_unit = get("vunit").filter(|u| straight && *u != "Gray Value").and_then(value_unit);
    let counts = ["channels", "slices", "frames"].map(count);
    let x = get("unit").filter(|u| !u.is_empty()).and_then(length);
    // An axis whose unit differs from that of x has an entry of its own; of a unit that is no length nothing is known.
    let other = |key: &str| match (get(key).filter(|u| !u.is_empty()), &x) {
        (Some(own), Some(x)) => length(own).map_or(f64::NAN, |u| u.scale / x.scale),
        _ => 1.0,
    };
    let others = [other("yunit"), other("zunit")];
    Some(Description {
        calibration: Calibration {
            length: x,
            others,
            pixel: None,
            spacing: number("spacing").map(f64::abs).filter(|v| *v > 0.0),
            slope: if straight { number("c1").unwrap_or(1.0) } else { 1.0 },
            offset: if straight { number("c0").unwrap_or(0.0) } else { 0.0 },
            value_unit: value_unit.unwrap_or_else(Unit::none),
        },
        images: count("images"),
        counts: counts.iter().any(Option::is_some).then(|| counts.map(|n| n.unwrap_or(1))),
    })
}

/// A unit of values as ImageJ writes it, the micro sign escaped.
fn value_unit(text: &str) -> Option<Unit> {
    Unit::parse(&text.replace("\\u00B5", "µ").replace("\\u00b5", "µ")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions() {
        let d = parse(
            "ImageJ=1.53t\nimages=225\nslices=225\nunit=\\u00B5m\nspacing=0.5\ncf=0\nc0=-32768\nc1=1\nvunit=Gray Value\n",
        );
        let d = d.unwrap();
        assert_eq!((d.images, d.counts), (Some(225), Some([1, 225, 1])));
        let c = d.calibration;
        assert_eq!(c.length.unwrap().scale, 1e-6);
        assert_eq!((c.spacing, c.slope, c.offset), (Some(0.5), 1.0, -32768.0));
        assert_eq!(c.value_unit, Unit::none());
        let units = parse("ImageJ=1.5\nunit=micron\nyunit=nm\nzunit=mm\nspacing=2\n").unwrap().calibration;
        assert!((units.others[0] - 1e-3).abs() < 1e-15 && (units.others[1] - 1e3).abs() < 1e-9, "{units:?}");
        assert!(parse("ImageJ=1.5\nunit=nm\nyunit=s\n").unwrap().calibration.others[0].is_nan());
        for none in ["ImageJ=1.5\nunit=pixel\n", "ImageJ=1.5\nunit= \n"] {
            let d = parse(none).unwrap();
            assert_eq!((d.calibration.length, d.counts), (None, None));
        }
        assert!(parse("{\"shape\": [2]}").is_none());
    }
}
