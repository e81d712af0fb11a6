//! Relaxation of known truth, after S4 (Fig. 1–4) and S3 (Fig. 3–5, 9): spectra, two-step and one-step stress relaxation,
//! creep of the hierarchical model, anelastic recovery of shear transformation zones and its ageing, a broad process,
//! isotherms of many energies, crystallisation at several heating rates.

use std::fmt::Write as _;
use std::path::Path;

use super::{Loss, PhantomError};
use crate::io::write::atomic;
use crate::num::random::Random;
use crate::relax::GAS_CONSTANT;
use crate::relax::model::havriliak_negami;
use crate::relax::model::hierarchical::Hierarchical;
use crate::relax::model::kww::decay;
use crate::relax::stz::{ELECTRON_VOLT, Zone};
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
const ZONES: [(f64, f64); 5] = [(15.0, 0.010), (16.0, 0.014), (17.0, 0.018), (18.0, 0.025), (19.0, 0.032)];
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
        let _ = writeln!(out, "{t:.5},{:.8}", LEVEL + s + 1e-5 * random.normal());
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

/// Atoms of the zones of the isotherms, the first and the last, and by how much the fraction grows with each atom (S3 Fig. 5b).
const HIERARCHY: (u32, u32, f64) = (14, 21, 1.5);

/// Isotherms of zones of 0.85 to 1.26 eV about 388 K (S3 Fig. 9): fractions grow with size.
fn sweeps() -> String {
    let mut random = Random::named("relaxation sweeps", 0);
    let mut out = "T (K),f (Hz),E'' (MPa)\n".to_string();
    for k in 0..9 {
        let t = 368.0 + 5.0 * f64::from(k);
        for f in grid(0.001, 1.0, 25) {
            let w = std::f64::consts::TAU * f;
            let loss: f64 = (HIERARCHY.0..=HIERARCHY.1)
                .map(|n| {
                    let x = w * Zone { temperature: t, ..ZONE }.time(f64::from(n) * ATOM);
                    libm::pow(HIERARCHY.2, f64::from(n - HIERARCHY.0)) * x / (1.0 + x * x)
                })
                .sum();
            let _ = writeln!(out, "{t},{f:.6},{:.6}", 250.0 * loss * (1.0 + 0.005 * random.normal()));
        }
    }
    out
}

/// Recovery after ageing times: the modulus stiffens, which slows every zone, and the slowest lose their share.
const AGES: [f64; 5] = [1e3, 1e4, 1e5, 1e6, 1e7];
/// Parts by which the modulus grows a decade of ageing; exponent of the fraction of the slowest; zones.
const AGEING: (f64, f64) = (0.005, -0.1);
const AGED: [(f64, f64); 3] = [(15.0, 0.010), (17.0, 0.018), (19.0, 0.032)];

fn aged() -> String {
    let mut random = Random::named("relaxation aged", 0);
    let mut out = "aged (s),t (s),strain\n".to_string();
    for age in AGES {
        let decades = libm::log10(age / AGES[0]);
        let zone = Zone { shear_modulus: ZONE.shear_modulus * (1.0 + AGEING.0 * decades), ..ZONE };
        let part = |k: usize| if k + 1 == AGED.len() { libm::pow(age / AGES[0], AGEING.1) } else { 1.0 };
        for t in grid(1.0, 1e9, 300) {
            let one = |(k, (n, c)): (usize, &(f64, f64))| c * part(k) * libm::exp(-t / zone.time(n * ATOM));
            let s: f64 = AGED.iter().enumerate().map(one).sum();
            let _ = writeln!(out, "{age},{t:.5},{:.8}", LEVEL + s + 2e-5 * random.normal());
        }
    }
    out
}

/// Creep of the hierarchical model under 100 MPa (S4 Eq. 2).
const CREEP: Hierarchical = Hierarchical {
    modulus: 35e9,
    beta_strength: 0.06 / 35e9,
    tau_beta: 5.0,
    alpha_strength: 0.4 / 35e9,
    tau_alpha: 2e4,
    chi: 0.4,
};

fn creep() -> String {
    let mut random = Random::named("relaxation creep", 0);
    let mut out = "t (s),strain\n".to_string();
    for t in grid(0.5, 5e4, 200) {
        let _ = writeln!(out, "{t:.5},{:.10}", 1e8 * CREEP.compliance(t) + 1e-6 * random.normal());
    }
    out
}

/// Energy (J/mol) and rate (1/s) of crystallisation.
const CRYSTALS: (f64, f64) = (190e3, 1e18);

/// Peak temperatures at heating rates: ln(q/T²) = ln(k₀R/E) − E/RT.
fn heating() -> String {
    let mut random = Random::named("relaxation heating", 0);
    let mut out = "q (K/min),T (K)\n".to_string();
    for q in [2.5, 5.0, 10.0, 20.0, 40.0, 80.0] {
        let (mut low, mut high) = (300.0, 900.0);
        for _ in 0..60 {
            let t = 0.5 * (low + high);
            let (e, k) = CRYSTALS;
            let rate = t * t * k * GAS_CONSTANT / e * libm::exp(-e / (GAS_CONSTANT * t));
            if rate < q / 60.0 { low = t } else { high = t }
        }
        let _ = writeln!(out, "{q},{:.3}", low + 0.1 * random.normal());
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
         [creep]           # of the hierarchical model, noise 1e-6\n\
         tau_beta = \"{} s\"\ntau_alpha = \"{} s\"\nchi = {}\n\
         [heating]         # crystallisation, noise 0.1 K\n\
         e_kissinger = \"{} kJ/mol\"\nk0 = {:e}\n\
         [recovery]        # noise 1e-5\n\
         baseline = {LEVEL}\n",
        dma.log10_f_inf(),
        dma.e_beta,
        TWO.0,
        TWO.1[0],
        TWO.1[1],
        ONE.0,
        ONE.1,
        CREEP.tau_beta,
        CREEP.tau_alpha,
        CREEP.chi,
        CRYSTALS.0 / 1e3,
        CRYSTALS.1
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
         [sweeps]          # zones of 14 to 21 atoms, 0.85 to 1.26 eV: one master curve of 1.25 eV, and no one energy\n\
         [aged]            # modulus +{} a decade of ageing, fraction of the slowest as age^{}, noise 2e-5\n\
         [ageing]          # M_inf = {} GPa, a = {} s, b = {} s, beta = {}",
        AGEING.0, AGEING.1, FLOW[0], FLOW[1], FLOW[2], FLOW[3]
    );
    out
}

/// Writes every input into the folder `out`.
pub(super) fn make(out: &Path, _: &str) -> Result<Vec<String>, PhantomError> {
    let dma = Loss {
        beta_strength: Pressure(0.75e9),
        temperatures: [280.0, 530.0, 1.0],
        frequencies: vec![0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0],
        seed: 4,
        ..Loss::default()
    };
    let (two, one) = stress();
    let files = [
        ("dma.csv", dma.csv()?),
        ("two-step.csv", two),
        ("one-step.csv", one),
        ("creep.csv", creep()),
        ("heating.csv", heating()),
        ("recovery.csv", recovery()),
        ("aged.csv", aged()),
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
