//! Draws every plot from synthetic data: `cargo run --example gallery OUT`.

use softspot::figure::plot::{arrhenius, histogram, link, loss, map, structure_function, *};
use softspot::figure::{Figure, Panel, Width, export, layout};
use softspot::unit::Unit;
use std::f64::consts::PI;
use std::path::Path;

type Outcome = Result<(), Box<dyn std::error::Error>>;

const SAMPLES: [&str; 3] = ["Vit 105", "La_{60}Cu_{15}Al_{25}", "La_{60}Ni_{15}Al_{25}"];

fn main() -> Outcome {
    let out = std::env::args().nth(1).ok_or("which folder?")?;
    let out = Path::new(&out);
    std::fs::create_dir_all(out)?;
    save(out, "loss", vec![loss_spectra()?], 1, Width::Single)?;
    save(out, "maps", maps()?, 3, Width::Double)?;
    save(out, "states", states()?, 2, Width::OneAndHalf)?;
    save(out, "structure", structure()?, 3, Width::Double)?;
    save(out, "one", vec![one_structure(1, None, structure_function::Legend::Inside)?], 1, Width::Single)?;
    save(out, "relaxation", vec![arrhenius_plot()?, scatter(false)?], 2, Width::Double)?;
    save(out, "classes", vec![scatter(true)?], 1, Width::Single)?;
    save(out, "masked", masked()?, 2, Width::Double)
}

fn save(out: &Path, name: &str, panels: Vec<Panel>, columns: usize, width: Width) -> Outcome {
    let letters = panels.len() > 1;
    let scene = layout::grid(panels, columns, width, letters)?;
    let figure = Figure { scene, title: name.into(), description: format!("Synthetic data; {}.", histogram::RULE) };
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

/// Sum of waves about a length of `xi` pixels, plus noise: 256 × 256.
fn field(xi: f64, amplitude: f64, mean: f64, seed: usize) -> Vec<f64> {
    let waves: Vec<[f64; 3]> = (0..60)
        .map(|k| {
            let angle = PI * noise(seed + 3 * k);
            let q = (0.5 + noise(seed + 3 * k + 1).abs()) * 2.0 * PI / (6.0 * xi);
            [q * libm::cos(angle), q * libm::sin(angle), PI * noise(seed + 3 * k + 2)]
        })
        .collect();
    let value = |i: usize, j: usize| {
        let sum: f64 = waves.iter().map(|w| libm::cos(w[0] * i as f64 + w[1] * j as f64 + w[2])).sum();
        mean + amplitude * (sum / 5.5 + 0.15 * noise(seed + 7 + i * 256 + j))
    };
    (0..256 * 256).map(|k| value(k / 256, k % 256)).collect()
}

fn frequency() -> Quantity {
    Quantity::new("Resonance frequency", Unit::of("Hz"))
}

fn sample_fields() -> [Vec<f64>; 3] {
    [field(2.0, 70.0, 850e3, 1), field(9.0, 160.0, 850e3, 900), field(30.0, 280.0, 850e3, 5000)]
}

fn maps() -> softspot::figure::Result<Vec<Panel>> {
    let fields = sample_fields();
    let (low, high) = map::robust_range(fields.iter().map(Vec::as_slice)).unwrap_or((0.0, 1.0));
    let mut panels = Vec::new();
    for (k, values) in fields.iter().enumerate() {
        let mut m = Map::new(values.clone(), [256, 256], [4e-9, 4e-9], frequency());
        m.range = map::Range::Shared(low, high);
        m.bar = k == 2;
        m.name = Some(SAMPLES[k].into());
        m.line = Some([[100.0, 0.0], [100.0, 255.0]]);
        panels.push(m.draw()?);
    }
    for (k, values) in fields.iter().enumerate() {
        let row = values[100 * 256..101 * 256].to_vec();
        let profile = Profile {
            distance: (0..256).map(|j| f64::from(j) * 4e-9).collect(),
            values: row,
            quantity: frequency(),
            range: Some((849_250.0, 850_750.0)),
            series: k,
            points: false,
            notes: vec![],
        };
        panels.push(profile.draw()?);
    }
    Ok(panels)
}

fn states() -> softspot::figure::Result<Vec<Panel>> {
    let states = [("as-cast", field(20.0, 260.0, 701.2e3, 31)), ("annealed", field(6.0, 110.0, 701.7e3, 77))];
    let (low, high) = map::robust_range(states.iter().map(|(_, v)| v.as_slice())).unwrap_or((0.0, 1.0));
    let mut panels = Vec::new();
    let mut samples = Vec::new();
    for (k, (name, values)) in states.into_iter().enumerate() {
        let mut m = Map::new(values.clone(), [256, 256], [4e-9, 4e-9], frequency());
        m.range = map::Range::Shared(low, high);
        m.bar = k == 1;
        m.name = Some(name.into());
        panels.push(m.draw()?);
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / values.len() as f64;
        let fit = vec![histogram::Gaussian { mean, fwhm: 2.3548 * variance.sqrt(), weight: 1.0 }];
        samples.push(histogram::Sample { name: name.into(), values, fit, threshold: None, series: k });
    }
    let single = Histogram {
        samples: samples[..1].to_vec(),
        quantity: frequency(),
        range: None,
        notes: vec!["n\u{a0}= 65\u{2009}536".into()],
    };
    panels.push(single.draw()?);
    let notes = vec!["overlap 0.47 [0.44,\u{a0}0.50]".into()];
    panels.push(Histogram { samples, quantity: frequency(), range: None, notes }.draw()?);
    Ok(panels)
}

fn one_structure(
    k: usize,
    verdict: Option<&str>,
    legend: structure_function::Legend,
) -> softspot::figure::Result<Panel> {
    let xi = [6e-9, 38e-9, 160e-9][k];
    let plateau = [4.2e3, 3.1e4, 1.3e5][k];
    let h = |r: f64| 900.0 + plateau * (1.0 - libm::exp(-libm::pow(r / xi, 1.4)));
    let r = |i: usize| 2e-9 * libm::pow(10.0, i as f64 * 0.055);
    let count = 47;
    let spread = |i: usize| 0.02 + 0.0035 * i as f64;
    StructureFunction {
        quantity: Quantity::new("H(r)", Unit::of("Hz^2")),
        points: (0..count).map(|i| [r(i), h(r(i)) * (1.0 + 0.6 * spread(i) * noise(i + 100 * k))]).collect(),
        model: (0..38).map(|i| [r(i), h(r(i))]).collect(),
        band: (0..count).map(|i| [r(i), h(r(i)) * (1.0 - spread(i)), h(r(i)) * (1.0 + 1.2 * spread(i))]).collect(),
        null: Some(structure_function::Null {
            label: "noise floor".into(),
            band: (0..count).map(|i| [r(i), 800.0, 1000.0]).collect(),
        }),
        fit_range: Some([2e-9, 220e-9]),
        xi: Some(structure_function::Length { value: xi, interval: Some([0.86 * xi, 1.17 * xi]) }),
        n: Some(65_536),
        verdict: verdict.map(Into::into),
        log_r: true,
        log_h: true,
        series: k,
        legend,
    }
    .draw()
}

fn structure() -> softspot::figure::Result<Vec<Panel>> {
    let verdicts = ["resolution-limited", "resolved", "window-limited"];
    (0..3)
        .map(|k| Ok(one_structure(k, Some(verdicts[k]), structure_function::Legend::Below)?.with_name(SAMPLES[k])))
        .collect()
}

fn loss_spectra() -> softspot::figure::Result<Panel> {
    let beta = [(0.05, 0.72, 0.16), (0.13, 0.78, 0.10), (0.22, 0.66, 0.09)];
    let curves = (0..3).map(|k| {
        let (height, place, width) = beta[k];
        let points = (0..180).map(|i| {
            let t = 0.45 + 0.0033 * i as f64;
            let bell = |c: f64, w: f64| libm::exp(-0.5 * (t - c) * (t - c) / (w * w));
            let alpha = if t < 1.0 { libm::exp(-(1.0 - t) / 0.055) } else { bell(1.0, 0.02) };
            [t, (alpha + height * bell(place, width) * if t < 1.0 { 1.0 - alpha } else { 0.0 } + 0.012).min(1.0)]
        });
        loss::Curve { name: SAMPLES[k].into(), points: points.collect(), series: k }
    });
    Loss { curves: curves.collect(), log: false, notes: vec!["f = 1\u{a0}Hz".into()] }.draw()
}

fn arrhenius_plot() -> softspot::figure::Result<Panel> {
    let laws = [(9.2e4, 3e13, [420.0, 520.0]), (7.6e4, 8e12, [340.0, 430.0]), (6.1e4, 5e12, [270.0, 360.0])];
    let samples = laws.into_iter().enumerate().map(|(k, (energy, f0, [from, to]))| {
        let f = |t: f64| f0 * libm::exp(-energy / (8.314 * t));
        let t = |i: usize, n: usize| from + (to - from) * i as f64 / (n - 1) as f64;
        arrhenius::Relaxation {
            name: SAMPLES[k].into(),
            peaks: (0..6)
                .map(|i| {
                    let (true_t, temperature) = (t(i, 6), t(i, 6) + 3.0 * noise(40 * k + i));
                    arrhenius::Peak {
                        temperature,
                        interval: Some([temperature - 5.0, temperature + 5.0]),
                        frequency: f(true_t),
                    }
                })
                .collect(),
            model: (0..30).map(|i| [t(i, 30), f(t(i, 30))]).collect(),
            band: (0..30)
                .map(|i| {
                    let d = 1.2 + 0.6 * libm::fabs(i as f64 - 15.0) / 15.0;
                    [t(i, 30), f(t(i, 30)) / d, f(t(i, 30)) * d]
                })
                .collect(),
            energy: Some(format!("E = {:.0} ± {} kJ/mol", energy / 1e3, 3 + k).replace(' ', "\u{a0}")),
            series: k,
            look: k,
        }
    });
    Arrhenius { samples: samples.collect(), base: arrhenius::Base::Ten, label: None, notes: vec![] }.draw()
}

fn scatter(classes: bool) -> softspot::figure::Result<Panel> {
    let data = [(6.1e-9, 62e3, 1.0), (38e-9, 84e3, 2.0), (160e-9, 92e3, 3.0), (31e-9, 79e3, 3.0)];
    let names = [SAMPLES[0], SAMPLES[1], SAMPLES[2], "Pd_{40}Ni_{10}Cu_{30}P_{20}"];
    let points = data.into_iter().enumerate().map(|(k, (x, e, class))| link::Point {
        name: names[k].into(),
        x,
        x_interval: Some([0.85 * x, 1.2 * x]),
        y: if classes { class } else { e },
        y_interval: (!classes).then_some([0.95 * e, 1.05 * e]),
        series: k,
    });
    let y = if classes {
        let names = ["none", "wing", "shoulder", "peak"].map(String::from).to_vec();
        link::Ordinate::Classes { label: "β relaxation".into(), names }
    } else {
        link::Ordinate::Metric(Quantity::new("E_{β}", Unit::of("J/mol")))
    };
    let notes = vec![
        "ρ\u{a0}=\u{a0}0.80, p\u{a0}=\u{a0}0.33 (exact)".into(),
        "With 4 samples no p below 0.083 is possible.".into(),
    ];
    Link {
        points: points.collect(),
        x: Quantity::new("Correlation length ξ", Unit::of("m")),
        log_x: true,
        y,
        verdict: None,
        notes,
    }
    .draw()
}

fn masked() -> softspot::figure::Result<Vec<Panel>> {
    let mut values = field(12.0, 4e-10, 0.0, 8);
    for (k, value) in values.iter_mut().enumerate() {
        let (i, j) = ((k / 256) as f64 - 90.0, (k % 256) as f64 - 170.0);
        if i * i + j * j < 1200.0 {
            *value = f64::NAN;
        }
    }
    let height = Quantity::new("Height", Unit::of("m"));
    let mut tall = Map::new(values.clone(), [256, 256], [2e-9, 2e-9], height.clone());
    tall.colours = softspot::figure::ColourMap::Vik { centre: 0.0 };
    tall.verdict = Some("not above the null".into());
    let mut flat = Map::new(values, [256, 256], [1.4e-9, 2e-9], height);
    flat.colours = softspot::figure::ColourMap::Cividis;
    flat.name = Some("anisotropic pixels".into());
    Ok(vec![tall.draw()?, flat.draw()?])
}
