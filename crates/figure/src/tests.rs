use super::plot::*;
use super::scene::{Align, Item, Rect};
use super::*;
use softspot_data::unit::Unit;

pub(super) fn figure(panel: Panel) -> Figure {
    let scene = layout::grid(vec![panel], 1, Width::Single, true).expect("one panel fits");
    Figure { scene, title: "T <1>".into(), description: "n = 3 & more".into() }
}

fn heights() -> Quantity {
    Quantity::new("Height", Unit::of("m"))
}

fn masked_map() -> Map {
    let values = (0..64).map(|i| if i < 32 { f64::NAN } else { f64::from(i) }).collect();
    let mut map = Map::new(values, [8, 8], [1e-8, 1e-8], heights());
    map.bar = false;
    map
}

/// Red, green, blue at a place given in parts of the image.
pub(super) fn pixel(png: &[u8], x: f64, y: f64) -> [u8; 3] {
    let mut reader = ::png::Decoder::new(std::io::Cursor::new(png)).read_info().expect("a PNG");
    let mut data = vec![0; reader.output_buffer_size().expect("fits memory")];
    let info = reader.next_frame(&mut data).expect("a frame");
    let at = ((y * f64::from(info.height)) as usize * info.width as usize + (x * f64::from(info.width)) as usize) * 3;
    [data[at], data[at + 1], data[at + 2]]
}

#[test]
fn same_bytes_twice() {
    let f = figure(masked_map().draw().expect("sound map"));
    let g = figure(masked_map().draw().expect("sound map"));
    assert_eq!(export::svg(&f), export::svg(&g));
    assert_eq!(export::png(&f, 150).expect("png"), export::png(&g, 150).expect("png"));
    assert_eq!(export::pdf(&f).expect("pdf"), export::pdf(&g).expect("pdf"));
}

#[test]
fn coordinates_have_two_decimals_and_metadata_is_escaped() {
    let svg = export::svg(&figure(masked_map().draw().expect("sound map")));
    assert!(svg.contains("<title>T &lt;1&gt;</title>") && svg.contains("<desc>n = 3 &amp; more</desc>"));
    assert!(svg.contains("width=\"243.78pt\""));
    let drawn: String = svg.lines().filter(|l| !l.contains("base64")).collect();
    let long = drawn.split(|c: char| !c.is_ascii_digit() && c != '.').filter_map(|n| n.split_once('.'));
    assert!(long.map(|(_, decimals)| decimals.len()).all(|n| n <= 2));
}

#[test]
fn png_carries_size_and_text() {
    let png = export::png(&figure(masked_map().draw().expect("sound map")), 300).expect("png");
    let reader = ::png::Decoder::new(std::io::Cursor::new(&png)).read_info().expect("a PNG");
    let info = reader.info();
    assert_eq!(info.width, 1016);
    assert_eq!(info.pixel_dims.map(|d| d.xppu), Some(11811));
    assert_eq!(info.utf8_text.len(), 2);
    assert!(matches!(export::png(&figure(masked_map().draw().expect("map")), 3), Err(FigureError::Resolution(3))));
}

#[test]
fn masked_pixels_are_hatched_in_grey() {
    let png = export::png(&figure(masked_map().draw().expect("sound map")), 300).expect("png");
    let grey = |p: [u8; 3]| p[0] == p[1] && p[1] == p[2];
    let top: Vec<[u8; 3]> = (0..60).map(|i| pixel(&png, 0.3 + 0.002 * f64::from(i), 0.3)).collect();
    assert!(top.iter().all(|p| grey(*p)));
    assert!(top.iter().any(|p| p[0] > 200) && top.iter().any(|p| p[0] < 170));
    assert!(!grey(pixel(&png, 0.6, 0.75)));
}

#[test]
fn maps_of_poor_data_are_drawn_or_refused() {
    let draw = |values: Vec<f64>, shape| Map::new(values, shape, [1e-9, 1e-9], heights()).draw();
    let sets: [(Vec<f64>, [usize; 2]); 6] = [
        (vec![3e-9], [1, 1]),
        (vec![f64::NAN; 4], [2, 2]),
        (vec![0.0; 9], [3, 3]),
        (vec![f64::INFINITY, 1.0, f64::NEG_INFINITY, 2.0], [2, 2]),
        (vec![1e300, -1e300, 1e-308, 0.0], [2, 2]),
        (vec![1.0; 5000], [1, 5000]),
    ];
    for (values, shape) in sets {
        let f = figure(draw(values, shape).expect("a figure"));
        assert!(export::png(&f, 72).is_ok());
        assert!(export::pdf(&f).is_ok());
    }
    assert!(matches!(draw(vec![], [0, 0]), Err(FigureError::Shape { .. })));
    assert!(matches!(draw(vec![1.0], [2, 2]), Err(FigureError::Shape { .. })));
    assert!(Map::new(vec![1.0], [1, 1], [0.0, f64::NAN], heights()).draw().is_err());
    let mut map = masked_map();
    map.range = map::Range::Fixed(2.0, 2.0);
    assert!(matches!(map.draw(), Err(FigureError::Limits(..))));
}

#[test]
fn charts_of_poor_data_are_drawn_or_refused() {
    let n = f64::NAN;
    let sets: [&[f64]; 6] =
        [&[], &[n, n], &[1.0], &[5.0, 5.0, 5.0], &[f64::INFINITY, 0.0, -1e300], &[1e-300, 1e300, 2.0]];
    for values in sets {
        let series = 0;
        let pairs: Vec<[f64; 2]> = values.iter().enumerate().map(|(i, v)| [i as f64, *v]).collect();
        let profile = Profile {
            distance: (0..values.len()).map(|i| i as f64).collect(),
            values: values.to_vec(),
            quantity: heights(),
            range: None,
            series,
            points: true,
            notes: vec!["a note".into()],
        };
        let sample = histogram::Sample {
            name: "s".into(),
            values: values.to_vec(),
            fit: vec![histogram::Gaussian { mean: n, fwhm: 0.0, weight: 1.0 }],
            threshold: Some(n),
            series,
        };
        let histogram = Histogram { samples: vec![sample], quantity: heights(), range: None, notes: vec![] };
        let length = structure_function::Length { value: n, interval: Some([n, 1.0]) };
        let h = StructureFunction {
            quantity: heights(),
            points: pairs.clone(),
            model: pairs.clone(),
            band: values.iter().map(|v| [*v, n, -*v]).collect(),
            null: Some(structure_function::Null { label: String::new(), band: vec![[0.0, n, 1.0]] }),
            fit_range: Some([n, 1.0]),
            xi: Some(length),
            n: Some(0),
            verdict: Some("no scaling range".into()),
            log_r: true,
            log_h: true,
            series,
            legend: structure_function::Legend::Inside,
        };
        let curve = loss::Curve { name: "s".into(), points: pairs.clone(), series };
        let peak = |v: &f64| arrhenius::Peak { temperature: *v, interval: Some([n, *v]), frequency: *v };
        let relaxation = arrhenius::Relaxation {
            name: "s".into(),
            peaks: values.iter().map(peak).collect(),
            model: pairs.clone(),
            band: vec![[n, 0.0, 1.0]],
            energy: None,
            series,
            look: series,
        };
        let point = |v: &f64| link::Point {
            name: "s".into(),
            x: *v,
            x_interval: Some([n, *v]),
            y: *v,
            y_interval: Some([-1.0, f64::INFINITY]),
            series,
        };
        let link = Link {
            points: values.iter().map(point).collect(),
            x: heights(),
            log_x: false,
            y: link::Ordinate::Metric(heights()),
            verdict: None,
            notes: vec![],
        };
        let drawn = [
            profile.draw(),
            histogram.draw(),
            h.draw(),
            Loss { curves: vec![curve], log: true, notes: vec![] }.draw(),
            Arrhenius { samples: vec![relaxation], base: arrhenius::Base::E, label: None, notes: vec![] }.draw(),
            link.draw(),
        ];
        for panel in drawn.into_iter().flatten() {
            assert!(export::png(&figure(panel), 60).is_ok());
        }
    }
}

/// Boxes of all texts (pt), ink to ink.
pub(super) fn texts(items: &[Item]) -> Vec<(String, Rect)> {
    let mut out = Vec::new();
    for item in items {
        match item {
            Item::Clip(_, inner) => out.extend(texts(inner)),
            Item::Text(t) => {
                let wide = text::width(&t.markup, t.size, t.weight);
                let back = match t.align {
                    Align::Start => 0.0,
                    Align::Middle => wide / 2.0,
                    Align::End => wide,
                };
                let (x, y, up, down) = (t.at.0, t.at.1, t.size * style::CAP, 0.24 * t.size);
                let rect = if t.upright {
                    Rect::new(x - up, y + back - wide, up + down, wide)
                } else {
                    Rect::new(x - back, y - up, wide, up + down)
                };
                out.push((t.markup.clone(), rect));
            }
            Item::Path(_) | Item::Image(_) => {}
        }
    }
    out
}

#[test]
fn texts_stay_on_the_page_and_apart() {
    let mut panels = Vec::new();
    for k in 0..2 {
        let mut map = masked_map();
        map.quantity = Quantity::new("Contact resonance frequency", Unit::of("Hz"));
        map.values = (0..64).map(|i| 1.05e6 + 10.0 * f64::from(i)).collect();
        map.bar = k == 1;
        map.name = Some("La_{60}Ni_{15}Al_{25}".into());
        panels.push(map.draw().expect("sound map"));
    }
    for series in 0..2 {
        let points = [[420e-9, 3.2], [36e-9, 2.0], [38e-9, 2.1], [6e-9, 0.4]];
        let point = |(k, [x, y]): (usize, [f64; 2])| link::Point {
            name: format!("Sample {k}"),
            x,
            x_interval: Some([0.8 * x, 1.3 * x]),
            y,
            y_interval: Some([0.9 * y, 1.2 * y]),
            series: series + k,
        };
        let link = Link {
            points: points.into_iter().enumerate().map(point).collect(),
            x: Quantity::new("Correlation length ξ", Unit::of("m")),
            log_x: series == 0,
            y: link::Ordinate::Metric(Quantity::new("Activation energy", Unit::of("eV"))),
            verdict: Some("not above the null".into()),
            notes: vec!["With 4 samples no p below 0.083 is possible.".into()],
        };
        panels.push(link.draw().expect("sound link"));
    }
    for width in [Width::OneAndHalf, Width::Double] {
        let scene = layout::grid(panels.clone(), 2, width, true).expect("room");
        let page = Rect::new(0.0, 0.0, scene.width, scene.height);
        let texts = texts(&scene.items);
        for (i, (label, rect)) in texts.iter().enumerate() {
            let inside = rect.x >= page.x && rect.y >= page.y && rect.right() <= page.right();
            assert!(inside && rect.bottom() <= page.bottom() + 0.1, "{label} leaves the page: {rect:?}");
            for (other, box_) in &texts[i + 1..] {
                assert!(!rect.grown(-0.3).meets(&box_.grown(-0.3)), "{label} meets {other}");
            }
        }
    }
}

#[test]
fn labels_in_any_script_are_drawn() {
    let mut map = masked_map();
    map.name = Some("試料 №1 _{ unclosed \u{7} 😀".into());
    map.verdict = Some("a_very_long_verdict_without_spaces_that_no_panel_could_hold_in_one_line_of_text".into());
    let f = figure(map.draw().expect("sound map"));
    assert!(export::png(&f, 72).is_ok() && export::pdf(&f).is_ok());
}
