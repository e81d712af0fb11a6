//! Draws the plots of volumes from synthetic data: `cargo run --example volume_gallery OUT`.

use softspot::figure::plot::box_counts::{Counts, Fit};
use softspot::figure::plot::local_slopes::{Plateau, Slopes};
use softspot::figure::plot::slices::Slice;
use softspot::figure::plot::states::State;
use softspot::figure::plot::structure_function::{Legend, Length, Null};
use softspot::figure::plot::{map::Range, solid::View, *};
use softspot::figure::{Figure, Panel, Width, export, layout};
use softspot::unit::Unit;
use std::f64::consts::PI;
use std::path::Path;

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> Outcome {
    let out = std::env::args().nth(1).ok_or("which folder?")?;
    let out = Path::new(&out);
    std::fs::create_dir_all(out)?;
    let [one, two] = [slices(false)?, slices(true)?];
    save(out, "slices", vec![one.clone()], 1, Width::Single)?;
    save(out, "slices_masked", vec![one, two], 2, Width::Double)?;
    save(out, "film", vec![film()?], 1, Width::OneAndHalf)?;
    save(out, "solid", vec![solid([96, 96, 96], [1e-9; 3], 0.5, View::default())?], 1, Width::Single)?;
    let flat = solid([24, 120, 100], [2e-9, 1e-9, 1e-9], 0.4, View { azimuth: 215.0, elevation: 40.0 })?;
    save(out, "solids", vec![categories()?, flat], 2, Width::Double)?;
    save(out, "mixed", vec![slices(false)?, solid([64; 3], [3e-9; 3], 0.6, View::default())?], 2, Width::Double)?;
    let film = solid([10, 100, 120], [2e-9; 3], 0.7, View::default())?;
    save(out, "narrow", vec![slices(true)?, film, counts(2, Legend::Inside)?], 3, Width::Double)?;
    let legends = [Legend::Inside, Legend::Below];
    for (name, legend) in ["fractal", "fractal_below"].into_iter().zip(legends) {
        let panels = vec![counts(1, legend)?, counts(2, legend)?, slopes(1, legend)?, slopes(2, legend)?];
        save(out, name, panels, 2, Width::Double)?;
    }
    save(out, "verdict", vec![no_range()?], 1, Width::Single)?;
    save(out, "states_of_matter", vec![states(2)?, states(4)?], 2, Width::Double)
}

fn save(out: &Path, name: &str, panels: Vec<Panel>, columns: usize, width: Width) -> Outcome {
    let letters = panels.len() > 1;
    let start = std::time::Instant::now();
    let scene = layout::grid(panels, columns, width, letters)?;
    println!("{name}: {:.2} s", start.elapsed().as_secs_f64());
    let figure = Figure { scene, title: name.into(), description: "Synthetic data.".into() };
    std::fs::write(out.join(format!("{name}.svg")), export::svg(&figure))?;
    std::fs::write(out.join(format!("{name}.png")), export::png(&figure, export::DPI)?)?;
    std::fs::write(out.join(format!("{name}.pdf")), export::pdf(&figure)?)?;
    Ok(())
}

/// A repeatable number from −1 to 1 for each index.
fn noise(i: usize) -> f64 {
    let mut x = (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x2545_f491_4f6c_dd1d;
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((x >> 11) as f64) / (1u64 << 52) as f64 - 1.0
}

/// Sum of waves about a length of `xi` (in the voxel's unit): of about unit variance.
fn volume(shape: [usize; 3], voxel: [f64; 3], xi: f64, seed: usize) -> Vec<f64> {
    let waves: Vec<[f64; 4]> = (0..40)
        .map(|k| {
            let at = |j: usize| noise(seed + 5 * k + j);
            let (c, phi, q) = (at(0), PI * at(1), (0.6 + at(2).abs()) * 2.0 * PI / (5.0 * xi));
            let s = (1.0 - c * c).sqrt();
            [q * s * libm::cos(phi), q * s * libm::sin(phi), q * c, PI * at(3)]
        })
        .collect();
    let mut out = Vec::with_capacity(shape.iter().product());
    for z in 0..shape[0] {
        for y in 0..shape[1] {
            for x in 0..shape[2] {
                let p = [x as f64 * voxel[2], y as f64 * voxel[1], z as f64 * voxel[0]];
                let wave = |w: &[f64; 4]| libm::cos(w[0] * p[0] + w[1] * p[1] + w[2] * p[2] + w[3]);
                out.push(waves.iter().map(wave).sum::<f64>() / 20f64.sqrt());
            }
        }
    }
    out
}

/// Central slices of a volume of shape z, y, x.
fn cut(v: &[f64], [nz, ny, nx]: [usize; 3], threshold: f64) -> [Slice; 3] {
    let at = |z: usize, y: usize, x: usize| v[(z * ny + y) * nx + x];
    let slice = |values: Vec<f64>| {
        let labels = values.iter().map(|v| u32::from(*v > threshold)).collect();
        Slice { values: values.into_iter().map(|v| 0.2 + 0.03 * v).collect(), labels }
    };
    let xy = (0..ny * nx).map(|k| at(nz / 2, k / nx, k % nx)).collect();
    let xz = (0..nz * nx).map(|k| at(k / nx, ny / 2, k % nx)).collect();
    let zy = (0..ny * nz).map(|k| at(k % nz, k / nz, nx / 2)).collect();
    [slice(xy), slice(xz), slice(zy)]
}

fn attenuation() -> Quantity {
    Quantity::new("Attenuation", Unit::of("1/m"))
}

fn slices(masked: bool) -> softspot::figure::Result<Panel> {
    let (shape, voxel) = ([64, 128, 128], [2e-7, 1e-7, 1e-7]);
    let mut v = volume(shape, [2.0, 1.0, 1.0], 5.0, 11);
    if masked {
        for (i, value) in v.iter_mut().enumerate() {
            let (y, x) = ((i / 128 % 128) as f64 - 64.0, (i % 128) as f64 - 64.0);
            if x * x + y * y > 62.0 * 62.0 {
                *value = f64::NAN;
            }
        }
    }
    let mut slices = Slices::new(cut(&v, shape, 1.0), shape, voxel, attenuation());
    slices.name = Some(if masked { "La_{60}Ni_{15}Al_{25}" } else { "Vit 105" }.into());
    slices.verdict = masked.then(|| "not above the null".into());
    slices.draw()
}

fn film() -> softspot::figure::Result<Panel> {
    let (shape, voxel) = ([12, 90, 160], [2e-9, 2e-9, 2e-9]);
    let v = volume(shape, [1.0; 3], 5.0, 31);
    let mut slices = Slices::new(cut(&v, shape, 1.0), shape, voxel, attenuation());
    (slices.cuts, slices.range) = ([3, 70, 20], Range::Fixed(0.1, 0.3));
    slices.draw()
}

fn solid(shape: [usize; 3], voxel: [f64; 3], threshold: f64, view: View) -> softspot::figure::Result<Panel> {
    let v = volume(shape, voxel.map(|v| v / 1e-9), 6.0, 21);
    let mask = v.iter().map(|v| u8::from(*v > threshold)).collect();
    let mut solid = Solid::new(mask, shape, voxel);
    (solid.view, solid.name) = (view, Some("Vit 105".into()));
    solid.draw()
}

/// Balls of three categories and single voxels.
fn categories() -> softspot::figure::Result<Panel> {
    let n = 100;
    let mut mask = vec![0u8; n * n * n];
    for k in 0..70 {
        let at = |j: usize| 50.0 + 48.0 * noise(900 + 4 * k + j);
        let (c, r) = ([at(0), at(1), at(2)], 3.0 + 7.0 * noise(900 + 4 * k + 3).abs());
        for (i, m) in mask.iter_mut().enumerate() {
            let p = [i / (n * n), i / n % n, i % n];
            let d: f64 = (0..3).map(|a| (p[a] as f64 - c[a]) * (p[a] as f64 - c[a])).sum();
            if d < r * r {
                *m = 1 + (k % 3) as u8;
            }
        }
    }
    for k in 0..60 {
        mask[((noise(5000 + k).abs() * (n * n * n) as f64) as usize).min(n * n * n - 1)] = 1;
    }
    let mut solid = Solid::new(mask, [n; 3], [5e-8; 3]);
    solid.names = vec!["soft".into(), "stiff".into(), "pores".into()];
    solid.verdict = Some("no scaling range".into());
    solid.draw()
}

/// N(ε) of a set of dimension `d` below `xi` and 3 above it.
fn boxes(d: f64, xi: f64) -> Vec<[f64; 2]> {
    (0..14)
        .map(|k| {
            let e = 2e-9 * libm::pow(1.45, f64::from(k));
            let n = if e < xi { libm::pow(e / xi, -d) } else { libm::pow(e / xi, -3.0) };
            [e, 4e3 * n * (1.0 + 0.05 * noise(40 + k as usize))]
        })
        .collect()
}

fn local(points: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let slope = |w: &[[f64; 2]]| {
        let s = -libm::log(w[2][1] / w[0][1]) / libm::log(w[2][0] / w[0][0]);
        [w[1][0], s]
    };
    points.windows(3).map(slope).collect()
}

const RANGE: Option<(f64, f64)> = Some((1.5e-9, 4e-7));

fn series(k: usize) -> (&'static str, f64, f64) {
    [("soft", 2.31, 4e-8), ("stiff", 2.62, 7e-8)][k]
}

fn counts(n: usize, legend: Legend) -> softspot::figure::Result<Panel> {
    let one = |k: usize| {
        let (name, d, xi) = series(k);
        let factor = if k == 0 { 1.0 } else { 5.0 };
        let points: Vec<[f64; 2]> = boxes(d, xi).into_iter().map(|[e, v]| [e, factor * v]).collect();
        let through = [2e-9, factor * 4e3 * libm::pow(2e-9 / xi, -d)];
        let fit = Fit { dimension: d, interval: Some([d - 0.06, d + 0.05]), range: [3e-9, 0.9 * xi], through };
        let crossover = Some(Length { value: xi, interval: Some([0.85 * xi, 1.2 * xi]) });
        Counts { name: name.into(), points, fit: Some(fit), crossover, series: k }
    };
    BoxCounts {
        label: "N(ε)".into(),
        counts: (0..n).map(one).collect(),
        null: None,
        range: RANGE,
        n: (n == 1).then_some(184_320),
        notes: vec![],
        verdict: None,
        legend,
    }
    .draw()
}

fn slopes(n: usize, legend: Legend) -> softspot::figure::Result<Panel> {
    let one = |k: usize| {
        let (name, d, xi) = series(k);
        let plateau = Some(Plateau { value: d, tolerance: 0.1, range: [3e-9, 0.9 * xi] });
        let crossover = (n == 1).then_some(Length { value: xi, interval: Some([0.85 * xi, 1.2 * xi]) });
        Slopes { name: name.into(), points: local(&boxes(d, xi)), plateau, crossover, series: k }
    };
    LocalSlopes {
        label: "−d ln N/d ln ε".into(),
        slopes: (0..n).map(one).collect(),
        null: Some(null()),
        space: Some(3.0),
        range: RANGE,
        notes: vec![],
        verdict: None,
        legend,
    }
    .draw()
}

fn null() -> Null {
    let band = boxes(2.9, 1e-8).iter().map(|p| [p[0], 2.78, 2.93 + 0.02 * noise(3)]).collect();
    Null { label: "surrogates".into(), band }
}

fn no_range() -> softspot::figure::Result<Panel> {
    let points = (0..12).map(|k| [2e-9 * libm::pow(1.45, f64::from(k)), 2.0 + 0.08 * f64::from(k)]).collect();
    let slopes = vec![Slopes { name: String::new(), points, plateau: None, crossover: None, series: 1 }];
    LocalSlopes {
        label: "−d ln N/d ln ε".into(),
        slopes,
        null: Some(null()),
        space: Some(3.0),
        range: None,
        notes: vec!["longest stretch within ±\u{a0}0.1: 0.24 decades".into()],
        verdict: Some("no scaling range".into()),
        legend: Legend::Inside,
    }
    .draw()
}

fn states(n: usize) -> softspot::figure::Result<Panel> {
    let names = ["as cast", "annealed 1\u{a0}h", "annealed 10\u{a0}h", "crystalline"];
    let state = |k: usize| {
        let (mean, s) = (80e9 + 6e9 * k as f64, 4e9 - 0.5e9 * k as f64);
        let bin = |i: i32| {
            let x = 62e9 + 0.7e9 * f64::from(i);
            let z = (x - mean) / s;
            [x, libm::exp(-z * z / 2.0) / (s * (2.0 * PI).sqrt()) * (1.0 + 0.06 * noise(i as usize + 100 * k))]
        };
        State { name: names[k].into(), density: (0..72).map(bin).collect(), series: k }
    };
    States {
        quantity: Quantity::new("Indentation modulus", Unit::of("Pa")),
        states: (0..n).map(state).collect(),
        range: None,
        notes: vec!["bins of 0.7\u{a0}GPa".into()],
        verdict: None,
    }
    .draw()
}
