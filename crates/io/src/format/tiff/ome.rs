//! OME-TIFF: images, the size of their pixels and the pages of their planes, in the XML of the first page.
//!
//! Source: OME data model 2016-06 and the OME-TIFF specification (docs.openmicroscopy.org).

use std::collections::BTreeMap;

use crate::format::text::length::length;
use crate::format::text::xml::{Element, Event, Reader};
use softspot_data::unit::Unit;

use super::imagej::Calibration;
use super::planes::{Counts, Layout};

/// An image of the file.
pub(super) struct Image {
    pub name: String,
    pub calibration: Calibration,
    /// `None` where not all of its planes are said to be in this file.
    pub layout: Option<Layout>,
}

/// What `Pixels` and the elements in it tell.
struct Pixels {
    name: String,
    calibration: Calibration,
    counts: Counts,
    /// Of channels (0), depths (1) and times (2) the one that runs fastest, then the others.
    order: [usize; 3],
    colours: Vec<String>,
    blocks: Vec<Pages>,
}

/// `TiffData`: planes that follow one another from one on.
struct Pages {
    first: Counts,
    /// Page of the first.
    page: Option<usize>,
    planes: Option<usize>,
    /// The file, where it is named.
    file: Option<String>,
}

/// Reads the images of a description for the file `own` of so many pages with so many samples a pixel; empty where it
/// is no OME-XML.
pub(super) fn parse(description: &str, pages: usize, samples: usize, own: &str) -> Vec<Image> {
    if !description.contains("<OME") && !description.contains(":OME") {
        return Vec::new();
    }
    let mut found: Vec<Pixels> = Vec::new();
    let mut name = String::new();
    for event in Reader::new(description) {
        let Event::Open(e) = event else { continue };
        match (e.name, found.last_mut()) {
            ("Image", _) => name = text(&e, "Name"),
            ("Pixels", _) => found.push(Pixels::new(&e, std::mem::take(&mut name), samples)),
            ("Channel", Some(image)) => image.colours.push(text(&e, "Name")),
            ("TiffData", Some(image)) => image.blocks.push(Pages::new(&e)),
            ("UUID", Some(image)) => {
                let file = e.attribute("FileName").map(|f| f.into_owned());
                image.blocks.last_mut().into_iter().for_each(|b| b.file.clone_from(&file));
            }
            _ => {}
        }
    }
    found.into_iter().map(|p| p.image(pages, own)).collect()
}

fn text(e: &Element, key: &str) -> String {
    e.attribute(key).map(|v| v.trim().to_string()).unwrap_or_default()
}

fn whole(e: &Element, key: &str) -> Option<usize> {
    e.attribute(key)?.trim().parse().ok()
}

impl Pages {
    fn new(e: &Element) -> Pages {
        Pages {
            first: ["FirstC", "FirstZ", "FirstT"].map(|k| whole(e, k).unwrap_or(0)),
            page: whole(e, "IFD"),
            // Its name before 2008.
            planes: whole(e, "PlaneCount").or_else(|| whole(e, "NumPlanes")),
            file: None,
        }
    }
}

impl Pixels {
    fn new(e: &Element, name: String, samples: usize) -> Pixels {
        // The unit is a micrometre where nothing is said.
        let size = |axis: &str| {
            let unit = e.attribute(&format!("PhysicalSize{axis}Unit"));
            let unit = unit.map_or_else(|| Some(Unit::of("µm")), |u| length(&u))?;
            let value = e.attribute(&format!("PhysicalSize{axis}"))?.trim().parse::<f64>().ok()?;
            (value > 0.0).then(|| unit.to_si(value))
        };
        let pixel = size("X").zip(size("Y")).map(|(x, y)| [x, y]);
        let [c, z, t] = ["SizeC", "SizeZ", "SizeT"].map(|k| whole(e, k).unwrap_or(1));
        // Colours that a pixel holds together are channels of OME's, but no planes.
        let c = if samples > 1 && c.is_multiple_of(samples) { c / samples } else { c };
        let order = e.attribute("DimensionOrder").unwrap_or_default();
        let axes: Vec<usize> = order.chars().filter_map(|a| "CZT".find(a)).collect();
        Pixels {
            name,
            calibration: Calibration {
                length: pixel.map(|_| Unit::of("m")),
                pixel,
                spacing: size("Z"),
                ..Calibration::default()
            },
            counts: [c, z, t],
            order: match axes[..] {
                [a, b, c] if a != b && b != c && a != c => [a, b, c],
                _ => [1, 0, 2],
            },
            colours: Vec::new(),
            blocks: Vec::new(),
        }
    }

    fn image(mut self, pages: usize, own: &str) -> Image {
        let layout = self.layout(pages, own).map(|mut l| {
            l.colours = self.colours.drain(..).take_while(|c| !c.is_empty()).collect();
            l
        });
        Image { name: self.name, calibration: self.calibration, layout }
    }

    /// The page of every plane.
    fn layout(&self, pages: usize, own: &str) -> Option<Layout> {
        let all = self.counts.iter().try_fold(1usize, |n, c| n.checked_mul(*c)).filter(|n| *n <= pages)?;
        let mut found = BTreeMap::new();
        let everything = Pages { first: [0; 3], page: None, planes: None, file: None };
        let blocks = if self.blocks.is_empty() { std::slice::from_ref(&everything) } else { &self.blocks };
        for block in blocks.iter().filter(|b| b.file.as_deref().is_none_or(|f| f == own)) {
            let n = block.planes.unwrap_or(if block.page.is_some() { 1 } else { all });
            let from = self.index(block.first)?;
            for i in 0..n.min(all.checked_sub(from)?) {
                let page = block.page.unwrap_or(0).checked_add(i).filter(|p| *p < pages)?;
                found.insert(self.plane(from + i), page);
            }
        }
        Layout::listed(self.counts, &found)
    }

    /// The number of a plane in the image's order.
    fn index(&self, plane: Counts) -> Option<usize> {
        let (mut index, mut step) = (0usize, 1usize);
        for axis in self.order {
            let at = plane.get(axis).copied().filter(|at| *at < self.counts[axis])?;
            index = index.checked_add(at.checked_mul(step)?)?;
            step = step.checked_mul(self.counts[axis])?;
        }
        Some(index)
    }

    /// The plane of a number in the image's order.
    fn plane(&self, mut index: usize) -> Counts {
        let mut plane = [0; 3];
        for axis in self.order {
            let n = self.counts[axis].max(1);
            plane[axis] = index % n;
            index /= n;
        }
        plane
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages_of(image: &Image) -> Vec<(String, Vec<usize>)> {
        let stacks = image.layout.as_ref().map(Layout::stacks).unwrap_or_default();
        stacks.into_iter().map(|s| (s.name, s.pages)).collect()
    }

    #[test]
    fn sizes() {
        let xml = "<?xml version=\"1.0\"?><OME><Image><Pixels ID=\"0\" PhysicalSizeX=\"0.5\" PhysicalSizeXUnit='nm' \
                   PhysicalSizeY=\"2\" SizeX=\"4\"></Pixels></Image></OME>";
        let images = parse(xml, 1, 1, "a");
        let [image] = &images[..] else { panic!() };
        assert_eq!((image.calibration.pixel, image.calibration.spacing), (Some([0.5e-9, 2e-6]), None));
        assert_eq!(pages_of(image), [(String::new(), vec![0])]);
        let none = parse("<OME><Pixels SizeX=\"1\"/></OME>", 1, 1, "a");
        assert_eq!((none[0].calibration.pixel, none[0].calibration.length.clone()), (None, None));
        assert!(parse("ImageJ=1", 1, 1, "a").is_empty());
    }

    #[test]
    fn planes() {
        let one = |inner: &str, order: &str, pages: usize| {
            let xml = format!(
                "<o:OME><o:Image Name='I'><o:Pixels DimensionOrder='{order}' SizeC='2' SizeZ='3' SizeT='1'>{inner}\
                 </o:Pixels></o:Image></o:OME>"
            );
            pages_of(&parse(&xml, pages, 1, "a.tif")[0])
        };
        let names = "<o:Channel Name='red'/><o:Channel Name='blue'/>";
        let named = |c: &str, pages: &[usize]| (format!(" {c}"), pages.to_vec());
        assert_eq!(one(names, "XYZCT", 6), [named("red", &[0, 1, 2]), named("blue", &[3, 4, 5])]);
        assert_eq!(one("<TiffData/>", "XYCZT", 6), [named("c=0", &[0, 2, 4]), named("c=1", &[1, 3, 5])]);
        let turned = "<TiffData IFD='3' PlaneCount='3'/><TiffData FirstC='1' IFD='0' PlaneCount='3'/>";
        assert_eq!(one(turned, "XYZCT", 6), [named("c=0", &[3, 4, 5]), named("c=1", &[0, 1, 2])]);
        let elsewhere = "<TiffData IFD='0' PlaneCount='6'><UUID FileName='b.tif'>urn</UUID></TiffData>";
        assert!(one(elsewhere, "XYZCT", 6).is_empty());
        assert!(one("<TiffData IFD='4' PlaneCount='6'/>", "XYZCT", 6).is_empty());
        assert!(one("<TiffData FirstZ='9'/>", "XYZCT", 6).is_empty());
        assert!(one("", "XYZCT", 5).is_empty());
    }
}
