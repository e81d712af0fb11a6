//! The inputs of the embedded study: three alloys with wing, shoulder and peak, and one glass in two states.
//!
//! After S2: 1 µm × 1 µm, 512² pixels, 1.05 MHz; spans 0.3, 0.7, 1.2 kHz; ξ = 7, 40, 160 nm.

use std::path::Path;

use super::{Field, Loss, PhantomError, write};
use crate::io::write::gsf;
use crate::unit::quantity::{Length, Pressure, Temperature};

struct Sample {
    name: &'static str,
    span: &'static str,
    xi: f64,
    alpha: f64,
    tilt: [&'static str; 2],
    seed: u64,
}

const SAMPLES: [Sample; 5] = [
    Sample { name: "vit105", span: "0.3 kHz", xi: 7e-9, alpha: 0.8, tilt: ["0.15 kHz", "-0.1 kHz"], seed: 105 },
    Sample { name: "la60cu15al25", span: "0.7 kHz", xi: 40e-9, alpha: 0.85, tilt: ["-0.2 kHz", "0.1 kHz"], seed: 6015 },
    Sample { name: "la60ni15al25", span: "1.2 kHz", xi: 160e-9, alpha: 0.9, tilt: ["0.1 kHz", "0.2 kHz"], seed: 6027 },
    Sample { name: "pd40-as-cast", span: "0.9 kHz", xi: 30e-9, alpha: 0.85, tilt: ["0.1 kHz", "0.1 kHz"], seed: 40 },
    Sample { name: "pd40-annealed", span: "0.5 kHz", xi: 15e-9, alpha: 0.85, tilt: ["-0.1 kHz", "0.15 kHz"], seed: 41 },
];

/// Uncorrelated noise of a contact-resonance frequency.
const NOISE: &str = "6 Hz";

fn field(s: &Sample) -> Field {
    Field {
        span: s.span.into(),
        xi: Length(s.xi),
        alpha: s.alpha,
        noise: NOISE.into(),
        tilt: s.tilt.map(String::from),
        seed: s.seed,
        ..Field::default()
    }
}

fn spectra() -> [(&'static str, Loss); 3] {
    let common = Loss { frequencies: vec![0.5, 1.0, 2.0, 4.0, 8.0, 16.0], noise: 0.004, ..Loss::default() };
    let vit105 = Loss {
        tg: Temperature(675.0),
        fragility: 45.0,
        alpha_strength: Pressure(9e9),
        beta_strength: Pressure(0.5e9),
        t_beta: Temperature(800.0),
        e_beta: 146.0,
        beta_shape: 0.3,
        modulus: Pressure(85e9),
        temperatures: [430.0, 780.0, 1.0],
        seed: 675,
        ..common.clone()
    };
    let cu = Loss {
        tg: Temperature(404.0),
        alpha_strength: Pressure(3.2e9),
        beta_strength: Pressure(0.55e9),
        t_beta: Temperature(366.0),
        e_beta: 87.0,
        beta_shape: 0.4,
        modulus: Pressure(33e9),
        temperatures: [270.0, 470.0, 1.0],
        seed: 404,
        ..common.clone()
    };
    let ni = Loss {
        tg: Temperature(461.0),
        beta_strength: Pressure(0.75e9),
        temperatures: [280.0, 530.0, 1.0],
        seed: 461,
        ..common
    };
    [("vit105", vit105), ("la60cu15al25", cu), ("la60ni15al25", ni)]
}

/// Writes every input into the folder `out`.
pub(super) fn make(out: &Path, parameters: &str) -> Result<Vec<String>, PhantomError> {
    if parameters.lines().any(|l| !l.trim().is_empty() && !l.trim().starts_with('#')) {
        return Err(PhantomError::Parameters("the study has no parameters; use the kinds `field` and `loss`".into()));
    }
    let mut files = Vec::new();
    for s in &SAMPLES {
        let f = field(s);
        files.extend(write(&out.join(format!("{}.gsf", s.name)), &gsf(&f.map()?), &f.truth())?);
    }
    for (name, loss) in spectra() {
        files.extend(write(&out.join(format!("{name}-dma.csv")), loss.csv()?.as_bytes(), &loss.truth())?);
    }
    Ok(files)
}
