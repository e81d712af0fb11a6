//! Relaxation of known truth, after S4 (Fig. 1–4) and S3 (Fig. 3–5, 9): spectra, two-step and one-step stress relaxation,
//! anelastic recovery of shear transformation zones, a broad process, isotherms of many energies, ageing.

use std::fmt::Write as _;
use std::path::Path;

use super::{Loss, PhantomError};
use crate::io::write::atomic;
use crate::num::normal::Random;
use crate::relax::model::havriliak_negami;
use crate::relax::model::kww::decay;
use crate::relax::stz::{BOLTZMANN, ELECTRON_VOLT, Zone};
use crate::unit::quantity::Pressure;

/// Logarithmically spaced numbers.
fn grid(from: f64, to: f64, count: usize) -> impl Iterator<Item = f64> {
    (0..count).map(move |i| from * libm::pow(to / from, i as f64 / (count - 1) as f64))
}

/// Zones of an aluminium glass, and the strains they leave: atoms and c_m.
const ZONE: Zone = Zone {
    poisson: 0.324,
    shear_modulus: 19e9,
    temperature: 298.0,
    attempt_frequency: 1e13,
    strain: 0.2,
    dilatancy: 1.0,
    resistance: 0.025,
};
const ATOM: f64 = 16.6e-30;
const ZONES: [(f64, f64); 3] = [(15.0, 0.010), (17.0, 0.018), (19.0, 0.032)];
/// Strain that stays.
const LEVEL: f64 = 0.02;

/// σ/σ₀ of two steps: share, times and exponents.
const TWO: (f64, [f64; 2], [f64; 2]) = (0.05, [6.0, 2.0e4], [0.9, 0.8]);
/// τ and β of one step.
const ONE: (f64, f64) = (900.0, 0.55);

fn stress() -> (String, String) {
    let mut random = Random::named("relaxation stress", 0);
    let header = "t (s),stress (MPa)\n".to_string();
    let (mut two, mut one) = (header.clone(), header);
    let (share, tau, beta) = TWO;
    for t in grid(0.5, 5e4, 400) {
        let s = share * decay(t / tau[0], beta[0]) + (1.0 - share) * decay(t / tau[1], beta[1]);
        let _ = writeln!(two, "{t:.5},{:.6}", 150.0 * (s + 2e-4 * random.normal()));
        let s = 0.15 + 0.85 * decay(t / ONE.0, ONE.1);
        let _ = writeln!(one, "{t:.5},{:.6}", 150.0 * (s + 1e-3 * random.normal()));
    }
    (two, one)
}

fn recovery() -> String {
    let mut random = Random::named("relaxation recovery", 0);
    let mut out = "t (s),strain\n".to_string();
    for t in grid(1.0, 1e8, 400) {
        let s: f64 = ZONES.iter().map(|(n, c)| c * libm::exp(-t / ZONE.time(n * ATOM))).sum();
        let _ = writeln!(out, "{t:.5},{:.8}", LEVEL + s + 2e-5 * random.normal());
    }
    out
}

/// α of the broad process: Cole–Cole about 1 s.
const BROAD: f64 = 0.6;

fn broad() -> String {
    let mut random = Random::named("relaxation broad", 0);
    let mut out = "omega (rad/s),E'' (MPa)\n".to_string();
    for w in grid(1e-4, 1e4, 100) {
        let loss = -1e3 * havriliak_negami(w, BROAD, 1.0).im;
        let _ = writeln!(out, "{w:.6e},{:.6}", loss * (1.0 + 0.01 * random.normal()));
    }
    out
}

/// Isotherms of processes of 0.85 to 1.26 eV, equally strong: each Arrhenius with 10¹³ Hz.
fn sweeps() -> String {
    let mut random = Random::named("relaxation sweeps", 0);
    let mut out = "T (K),f (Hz),E'' (MPa)\n".to_string();
    for k in 0..10 {
        let t = 300.0 + 7.0 * f64::from(k);
        let kt = BOLTZMANN * t / ELECTRON_VOLT;
        for f in grid(0.01, 100.0, 25) {
            let w = std::f64::consts::TAU * f;
            let loss: f64 = (0..=82)
                .map(|i| {
                    let x = w * 1e-13 * libm::exp((0.85 + 0.005 * f64::from(i)) / kt);
                    x / (1.0 + x * x)
                })
                .sum();
            let _ = writeln!(out, "{t},{f:.6},{:.6}", 10.0 * loss * (1.0 + 0.005 * random.normal()));
        }
    }
    out
}

/// Flow units that heal: M∞ in GPa, a and b in s, β.
const FLOW: [f64; 4] = [35.0, 20.0, 300.0, 0.5];

fn ageing() -> String {
    let mut random = Random::named("relaxation ageing", 0);
    let mut out = "t (s),E (GPa)\n".to_string();
    for t in grid(10.0, 1e5, 80) {
        let c = libm::pow(FLOW[1] / (t + FLOW[2]), FLOW[3]);
        let _ = writeln!(out, "{t:.4},{:.6}", FLOW[0] / (1.0 + c) * (1.0 + 1e-4 * random.normal()));
    }
    out
}

fn truth(dma: &Loss) -> String {
    let mut out = format!(
        "# Truth of the files beside.\n\
         [dma]             # La60Ni15Al25: VFT alpha process and Arrhenius beta process, log10 f_inf = {:.3}\n\
         e_beta = \"{} kJ/mol\"\n\
         [two-step]        # noise 2e-4 of the first stress\n\
         beta_step = {}\ntau = [\"{} s\", \"{} s\"]\n\
         [one-step]        # noise 1e-3\n\
         kww_tau = \"{} s\"\nkww_beta = {}\nrelaxed = 0.85\n\
         [recovery]        # noise 2e-5\n\
         baseline = {LEVEL}\n",
        dma.log10_f_inf(),
        dma.e_beta,
        TWO.0,
        TWO.1[0],
        TWO.1[1],
        ONE.0,
        ONE.1
    );
    for (n, c) in ZONES {
        let _ = writeln!(
            out,
            "# n = {n}: tau = {:.4e} s, c = {c}, {:.4} eV",
            ZONE.time(n * ATOM),
            ZONE.energy(n * ATOM) / ELECTRON_VOLT
        );
    }
    let _ = writeln!(
        out,
        "[broad]           # one Cole-Cole process\ncc_alpha = {BROAD}\n\
         [sweeps]          # processes of 0.85 to 1.26 eV: one master curve, and no one energy\n\
         [ageing]          # M_inf = {} GPa, a = {} s, b = {} s, beta = {}",
        FLOW[0], FLOW[1], FLOW[2], FLOW[3]
    );
    out
}

/// Writes every input into the folder `out`.
pub(super) fn make(out: &Path, _: &str) -> Result<Vec<String>, PhantomError> {
    let dma = Loss {
        beta_strength: Pressure(0.75e9),
        temperatures: [280.0, 530.0, 1.0],
        frequencies: vec![0.5, 1.0, 2.0, 4.0, 8.0, 16.0],
        seed: 4,
        ..Loss::default()
    };
    let (two, one) = stress();
    let files = [
        ("dma.csv", dma.csv()?),
        ("two-step.csv", two),
        ("one-step.csv", one),
        ("recovery.csv", recovery()),
        ("broad.csv", broad()),
        ("sweeps.csv", sweeps()),
        ("ageing.csv", ageing()),
        ("la60ni15al25-relaxation.truth.toml", truth(&dma)),
    ];
    let mut written = Vec::new();
    for (name, text) in files {
        let path = out.join(name);
        atomic(&path, text.as_bytes())?;
        written.push(path.display().to_string());
    }
    Ok(written)
}
