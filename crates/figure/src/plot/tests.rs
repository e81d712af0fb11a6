//! Plots of volumes and of what is counted in them.

use super::box_counts::{Counts, Fit};
use super::local_slopes::{Plateau, Slopes};
use super::slices::Slice;
use super::states::State;
use super::structure_function::{Legend, Length, Null};
use super::*;
use crate::scene::{Item, Rect, Scene};
use crate::tests::{figure, texts};
use crate::{Figure, FigureError, Panel, Width, export, layout};

/// Slices of a volume of shape 6, 8, 10 whose values name their voxels.
fn volume() -> Slices {
    let [nz, ny, nx] = [6, 8, 10];
    let value = |z: usize, y: usize, x: usize| (100 * z + 10 * y + x) as f64;
    let slice = |values: Vec<f64>| {
        let labels = values.iter().map(|v| u32::from(*v > 350.0)).collect();
        Slice { values, labels }
    };
    let xy = (0..ny * nx).map(|k| value(3, k / nx, k % nx)).collect();
    let xz = (0..nz * nx).map(|k| value(k / nx, 4, k % nx)).collect();
    let zy = (0..ny * nz).map(|k| value(k % nz, k / nz, 5)).collect();
    let mut slices = Slices::new([slice(xy), slice(xz), slice(zy)], [nz, ny, nx], [2e-8, 1e-8, 1e-8], attenuation());
    slices.name = Some("Vit 105".into());
    slices
}

fn attenuation() -> Quantity {
    Quantity::new("Attenuation", Unit::of("1/m"))
}

fn ball() -> Solid {
    let voxel = |i: i32| {
        let [z, y, x] = [i / 144 - 6, i / 12 % 12 - 6, i % 12 - 6];
        if z * z + y * y + x * x < 26 { 1 + u8::from(x > 0) } else { 0 }
    };
    let mut solid = Solid::new((0..1728).map(voxel).collect(), [12; 3], [1e-9; 3]);
    solid.names = vec!["soft".into(), "stiff".into()];
    solid
}

fn counts(series: usize) -> BoxCounts {
    let points: Vec<[f64; 2]> = (0..10).map(|k| [1e-9 * f64::from(1 << k), 1e6 / f64::from(1 << (2 * k))]).collect();
    let fit = Fit { dimension: 2.0, interval: Some([1.9, 2.1]), range: [2e-9, 6.4e-8], through: [1e-9, 1e6] };
    let crossover = Some(Length { value: 7e-8, interval: Some([5e-8, 9e-8]) });
    let one = |k: usize| Counts {
        name: format!("level {k}"),
        points: points.iter().map(|p| [p[0], p[1] * (1.0 + 30.0 * k as f64)]).collect(),
        fit: (k == 0).then_some(fit),
        crossover,
        series: k,
    };
    let band = points.iter().map(|p| [p[0], 0.02 * p[1], 0.05 * p[1]]).collect();
    BoxCounts {
        label: "N(ε)".into(),
        counts: (0..series).map(one).collect(),
        null: Some(Null { label: "surrogates".into(), band }),
        range: None,
        n: Some(4096),
        notes: vec![],
        verdict: None,
        legend: Legend::Inside,
    }
}

fn slopes() -> LocalSlopes {
    let points: Vec<[f64; 2]> = (0..10).map(|k| [1e-9 * f64::from(1 << k), 2.0 + 0.004 * f64::from(k * k)]).collect();
    let plateau = Some(Plateau { value: 2.02, tolerance: 0.1, range: [1e-9, 3e-8] });
    let band = points.iter().map(|p| [p[0], 2.6, 2.8]).collect();
    LocalSlopes {
        label: "−d ln N/d ln ε".into(),
        slopes: vec![Slopes { name: String::new(), points, plateau, crossover: None, series: 0 }],
        null: Some(Null { label: "surrogates".into(), band }),
        space: Some(3.0),
        range: None,
        notes: vec![],
        verdict: Some("no scaling range".into()),
        legend: Legend::Below,
    }
}

fn states(n: usize) -> States {
    let density = |k: usize| {
        let bin = |i: i32| {
            let z = f64::from(i - 20 - 9 * k as i32) / 6.0;
            [1e9 * f64::from(i), libm::exp(-z * z / 2.0) / 15e9]
        };
        (0..60).map(bin).collect()
    };
    let state = |k: usize| State { name: format!("state {k}"), density: density(k), series: k };
    States {
        quantity: Quantity::new("Modulus", Unit::of("Pa")),
        states: (0..n).map(state).collect(),
        range: None,
        notes: vec![],
        verdict: None,
    }
}

fn images(items: &[Item], out: &mut Vec<Rect>) {
    for item in items {
        match item {
            Item::Image(image) => out.push(image.rect),
            Item::Clip(_, inner) => images(inner, out),
            Item::Path(_) | Item::Text(_) => {}
        }
    }
}

fn said(scene: &Scene) -> Vec<String> {
    texts(&scene.items).into_iter().map(|(text, _)| text).collect()
}

#[test]
fn a_voxel_is_as_large_in_all_slices() {
    for panels in [1, 2] {
        let all: Vec<Panel> = (0..panels).map(|_| volume().draw().expect("sound slices")).collect();
        let scene = layout::grid(all, panels, Width::Double, panels > 1).expect("room");
        let mut found = Vec::new();
        images(&scene.items, &mut found);
        let [xy, xz, zy] = [found[0], found[1], found[2]];
        let scale = xy.width / 10.0;
        let close = |a: f64, b: f64| (a - b).abs() < 1e-9 * b;
        assert!(close(xy.height, 8.0 * scale) && close(xz.width, xy.width) && close(zy.height, xy.height));
        // Twice as long in z.
        assert!(close(xz.height, 12.0 * scale) && close(zy.width, 12.0 * scale));
        assert!(xz.y > xy.bottom() && zy.x > xy.right());
        // One colour bar, as high as the slices together.
        assert_eq!(found.len(), 4 * panels);
        assert_eq!(said(&scene).iter().filter(|t| t.contains("nm")).count(), panels);
    }
}

#[test]
fn slices_that_do_not_fit_are_refused() {
    let refused = |change: fn(&mut Slices)| {
        let mut slices = volume();
        change(&mut slices);
        slices.draw().expect_err("unsound slices")
    };
    assert!(matches!(refused(|s| s.cuts[1] = 8), FigureError::Cut { cut: 8, voxels: 8 }));
    assert!(matches!(refused(|s| s.voxel[0] = f64::NAN), FigureError::VoxelSize(..)));
    assert!(matches!(refused(|s| s.range = map::Range::Fixed(1.0, 1.0)), FigureError::Limits(..)));
    let wrong = refused(|s| s.zy.values.truncate(3));
    assert!(matches!(wrong, FigureError::Shape { what: "zy slice", found: 3, expected: 48 }));
    assert!(matches!(refused(|s| s.shape = [0, 8, 10]), FigureError::Cut { .. }));
}

#[test]
fn poor_volumes_are_drawn() {
    let mut masked = volume();
    masked.xy.values = vec![f64::NAN; 80];
    let mut layer = volume();
    (layer.shape, layer.cuts) = ([1, 8, 10], [0, 4, 5]);
    layer.xz = Slice { values: vec![1.0; 10], labels: vec![] };
    layer.zy = Slice { values: vec![f64::INFINITY; 8], labels: vec![7; 3] };
    let mut empty = ball();
    empty.mask.fill(0);
    let mut full = ball();
    full.mask.fill(200);
    full.view = solid::View { azimuth: f64::NAN, elevation: 900.0 };
    let mut one = Solid::new(vec![1], [1, 1, 1], [1e-9, 3e-9, 1e-10]);
    one.view = solid::View { azimuth: -90.0, elevation: 0.0 };
    let drawn = [masked.draw(), layer.draw(), empty.draw(), full.draw(), one.draw()];
    for panel in drawn {
        assert!(export::png(&figure(panel.expect("a panel")), 60).is_ok());
    }
    let mut wrong = ball();
    wrong.mask.pop();
    assert!(matches!(wrong.draw(), Err(FigureError::Shape { found: 1727, expected: 1728, .. })));
    assert!(matches!(Solid::new(vec![1], [1; 3], [1.0, 0.0, 1.0]).draw(), Err(FigureError::VoxelSize(..))));
}

#[test]
fn charts_of_poor_counts_are_drawn_or_refused() {
    let n = f64::NAN;
    let sets: [&[f64]; 6] = [&[], &[n, n], &[1.0], &[5.0, 5.0], &[f64::INFINITY, 0.0, -1.0], &[1e-150, 1e150, 2.0]];
    for values in sets {
        let pairs: Vec<[f64; 2]> = values.iter().enumerate().map(|(i, v)| [i as f64 + 1.0, *v]).collect();
        let band: Vec<[f64; 3]> = values.iter().map(|v| [*v, n, -*v]).collect();
        let null = Some(Null { label: String::new(), band });
        let bad = Length { value: n, interval: Some([n, 1.0]) };
        let mut boxes = counts(1);
        (boxes.counts[0].points, boxes.counts[0].crossover, boxes.null) = (pairs.clone(), Some(bad), null.clone());
        boxes.counts[0].fit = Some(Fit { dimension: n, interval: None, range: [n, 0.0], through: [0.0, n] });
        let mut local = slopes();
        (local.slopes[0].points, local.slopes[0].crossover, local.null) = (pairs.clone(), Some(bad), null);
        local.slopes[0].plateau = Some(Plateau { value: n, tolerance: 0.1, range: [0.0, n] });
        local.space = Some(n);
        let mut densities = states(1);
        densities.states[0].density = pairs;
        for panel in [boxes.draw(), local.draw()].into_iter().flatten() {
            assert!(export::png(&figure(panel), 60).is_ok());
        }
        // Densities of 1e150 have no room for their labels.
        if let Ok(panel) = densities.draw()
            && let Err(e) = layout::grid(vec![panel], 1, Width::Single, true)
        {
            assert!(matches!(e, FigureError::TooNarrow { .. }), "{e}");
        }
    }
    let mut none = counts(1);
    none.counts.clear();
    assert!(matches!(none.draw(), Err(FigureError::Empty(_))));
    let mut limits = slopes();
    limits.range = Some((0.0, 1.0));
    assert!(matches!(limits.draw(), Err(FigureError::Limits(..))));
    assert!(matches!(states(0).draw(), Err(FigureError::Empty(_))));
}

#[test]
fn verdicts_nulls_and_results_are_written() {
    let scene = |panel: Result<Panel>| figure(panel.expect("a panel")).scene;
    let boxes = said(&scene(counts(1).draw()));
    for text in ["D\u{a0}=\u{a0}2.00 [1.90,\u{a0}2.10]", "surrogates", "fit range", "power law"] {
        assert!(boxes.iter().any(|t| t == text), "{text} in {boxes:?}");
    }
    assert!(boxes.iter().any(|t| t.starts_with("ξ\u{a0}=\u{a0}70.0")));
    let several = said(&scene(counts(2).draw()));
    assert!(several.iter().any(|t| t == "level 1") && !several.iter().any(|t| t == "fit range"));
    let local = said(&scene(slopes().draw()));
    for text in ["no scaling range", "d\u{a0}=\u{a0}3", "plateau ±\u{a0}0.1", "surrogates"] {
        assert!(local.iter().any(|t| t == text), "{text} in {local:?}");
    }
    let view = said(&scene(ball().draw()));
    for text in ["x", "y", "z", "soft", "stiff"] {
        assert!(view.iter().any(|t| t == text), "{text} in {view:?}");
    }
    assert!(ball().caption().contains("azimuth 35°") && ball().caption().contains("plane of the picture"));
}

#[test]
fn figures_of_volumes_are_tidy_and_the_same_twice() {
    let panels = || {
        let mut verdict = ball();
        verdict.verdict = Some("window-limited".into());
        let mut slices = volume();
        slices.verdict = Some("window-limited".into());
        let drawn = [slices.draw(), ball().draw(), verdict.draw(), counts(1).draw(), slopes().draw(), states(3).draw()];
        drawn.map(|p| p.expect("a panel")).to_vec()
    };
    for (width, columns) in [(Width::OneAndHalf, 2), (Width::Double, 3), (Width::Single, 1)] {
        // One column of all is longer than a page.
        let kept = |panels: Vec<Panel>| if columns == 1 { panels[..2].to_vec() } else { panels };
        let scene = layout::grid(kept(panels()), columns, width, true).expect("room");
        let page = Rect::new(0.0, 0.0, scene.width, scene.height + 0.1);
        let texts = texts(&scene.items);
        for (i, (label, rect)) in texts.iter().enumerate() {
            let inside = rect.x >= page.x && rect.y >= page.y && rect.right() <= page.right();
            assert!(inside && rect.bottom() <= page.bottom(), "{label} leaves the page: {rect:?}");
            for (other, box_) in &texts[i + 1..] {
                assert!(!rect.grown(-0.3).meets(&box_.grown(-0.3)), "{label} meets {other}");
            }
        }
        assert_eq!(scene, layout::grid(kept(panels()), columns, width, true).expect("room"));
    }
    let whole = Figure {
        scene: layout::grid(panels(), 3, Width::Double, true).expect("room"),
        title: String::new(),
        description: String::new(),
    };
    assert!(export::pdf(&whole).is_ok() && export::svg(&whole).contains("image/png"));
}

#[test]
fn a_flat_view_leaves_its_neighbours_their_height() {
    let mut film = ball();
    (film.shape, film.mask) = ([1, 12, 144], vec![1; 1728]);
    let heights = |panels: Vec<Panel>| {
        let scene = layout::grid(panels, 2, Width::Double, false).expect("room");
        let mut found = Vec::new();
        images(&scene.items, &mut found);
        found[0].height
    };
    let (slices, film) = (volume().draw().expect("slices"), film.draw().expect("a view"));
    let beside = heights(vec![slices.clone(), film]);
    assert!((beside - heights(vec![slices.clone(), slices])).abs() < 0.25 * beside);
}
