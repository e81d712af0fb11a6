//! OME-TIFF: the size of pixels in the XML of the first page's description.

use crate::unit::Unit;

use super::imagej::Calibration;

/// Reads a description; `None` where it is no OME-XML, or has no size.
pub(super) fn parse(description: &str) -> Option<Calibration> {
    let start = description.find("<OME").and_then(|at| description.get(at..))?;
    let pixels = start.find("<Pixels").and_then(|at| start.get(at..))?.split('>').next()?;
    let get = |key: &str| {
        let (_, rest) = pixels.split_once(&format!(" {key}=\""))?;
        rest.split('"').next()
    };
    // The unit is a micrometre where nothing is said.
    let size = |axis: &str| {
        let unit = get(&format!("PhysicalSize{axis}Unit")).unwrap_or("µm");
        let unit = Unit::parse(unit).ok().filter(|u| u.same_dimension(&Unit::of("m")))?;
        get(&format!("PhysicalSize{axis}"))?.parse::<f64>().ok().filter(|v| *v > 0.0).map(|v| unit.to_si(v))
    };
    let (x, y) = (size("X")?, size("Y")?);
    Some(Calibration {
        length: Some(Unit::of("m")),
        pixel: Some([x, y]),
        spacing: size("Z"),
        images: None,
        slope: 1.0,
        offset: 0.0,
        value_unit: Unit::none(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let xml = "<?xml version=\"1.0\"?><OME><Image><Pixels ID=\"0\" PhysicalSizeX=\"0.5\" PhysicalSizeXUnit=\"nm\" \
                   PhysicalSizeY=\"2\" SizeX=\"4\"></Pixels></Image></OME>";
        let c = parse(xml).unwrap();
        assert_eq!((c.pixel, c.spacing), (Some([0.5e-9, 2e-6]), None));
        assert!(parse("<OME><Pixels SizeX=\"1\"/></OME>").is_none() && parse("ImageJ=1").is_none());
    }
}
