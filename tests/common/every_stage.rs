//! One study in which every stage runs, on small phantoms: what it prints is held against what is declared, and what must
//! not move a number is changed.

use std::path::Path;

use softspot::pipeline::{Options, ResultRow, Run, prepare, run};

use super::Study;

/// Samples, each with its inputs. Names begin with a mark that can be replaced.
const SAMPLES: [&str; 3] = [
    r#"
[sample.S-one]
tg = "461 K"
frequency = { phantom = "la-cu-zr/la60ni15al25" }
dma = { phantom = "la-cu-zr/la60ni15al25-dma", columns = { frequency = "f (Hz)", temperature = "T (K)", storage = "E' (MPa)", loss = "E'' (MPa)" } }
phase = { phantom = "zr-ni-film/as-deposited-phase", convention = "lag" }
amplitude = { phantom = "zr-ni-film/as-deposited-amplitude" }
set_points = { path = "set-points.csv", convention = "lag", columns = { amplitude = "ratio", phase = { name = "phase", unit = "deg" } } }
ct = { path = "field.tif", quantity = "Grey value" }
cascade = { path = "cascade.tif", quantity = "Grey value" }
curves = { phantom = "vit105-indentation/vit105", columns = { x = "x (µm)", y = "y (µm)", time = "t (ms)", load = "P (µN)", depth = "h (nm)" } }
table = { phantom = "vit105-indentation/composite", columns = { x = "X (µm)", y = "Y (µm)", modulus = "E (GPa)", hardness = "H (GPa)", depth = "depth (nm)" } }
phases = { phantom = "vit105-indentation/phases" }
stress = { phantom = "la60ni15al25-relaxation/two-step", columns = { time = "t (s)", stress = "stress (MPa)" } }
states = { phantom = "la60ni15al25-relaxation/ageing", columns = { time = "t (s)", modulus = "E (GPa)" } }
creep = { phantom = "la60ni15al25-relaxation/creep", columns = { time = "t (s)", strain = "strain" } }
heating = { phantom = "la60ni15al25-relaxation/heating", columns = { heating_rate = "q (K/min)", temperature = "T (K)" } }
recovery = { phantom = "la60ni15al25-relaxation/recovery", columns = { time = "t (s)", strain = "strain" } }
aged = { phantom = "la60ni15al25-relaxation/aged", columns = { ageing_time = "aged (s)", time = "t (s)", strain = "strain" } }
isotherm = { phantom = "la60ni15al25-relaxation/broad", columns = { angular_frequency = "omega (rad/s)", loss = "E'' (MPa)" } }
moduli = { path = "moduli.csv", columns = { frequency = "f (Hz)", storage = "E' (MPa)", loss = "E'' (MPa)" } }
wells = { path = "wells.csv", columns = { time = "tau (s)", loss = "G (MPa)" } }
sweeps = { phantom = "la60ni15al25-relaxation/sweeps", columns = { temperature = "T (K)", frequency = "f (Hz)", loss = "E'' (MPa)" } }
"#,
    r#"
[sample.S-two]
tg = "404 K"
frequency = { phantom = "la-cu-zr/la60cu15al25" }
dma = { phantom = "la-cu-zr/la60cu15al25-dma", columns = { frequency = "f (Hz)", temperature = "T (K)", storage = "E' (MPa)", loss = "E'' (MPa)" } }
"#,
    r#"
[sample.S-three]
tg = "675 K"
frequency = { phantom = "la-cu-zr/vit105" }
dma = { phantom = "la-cu-zr/vit105-dma", columns = { frequency = "f (Hz)", temperature = "T (K)", storage = "E' (MPa)", loss = "E'' (MPa)" } }
"#,
];

/// Stages of the maps and spectra that every sample has.
const COMMON: &str = r#"
[stage.T-crop]
run = "crop"
input = "frequency"
rows = [0, 128]
columns = [0, 160]
[stage.T-mask]
run = "mask"
input = "T-crop"
outliers = 6
[stage.T-level]
run = "level"
input = "T-mask"
method = "rows"
row = "polynomial"
degree = 1
[stage.T-filter]
run = "filter"
input = "T-level"
method = "gaussian"
sigma = "4 nm"
[stage.T-resample]
run = "resample"
input = "T-level"
pixel = "4 nm"
[stage.T-profile]
run = "profile"
input = "T-level"
[stage.T-dist]
run = "distribution"
input = "T-level"
resamples = 40
[stage.T-corr]
run = "correlation"
input = "T-level"
noise = true
resamples = 40
contact_radius = "4 nm"
[stage.T-contact]
run = "contact-resonance"
input = "T-crop"
mode = 1
free_frequency = "300 kHz"
spring_constant = "40 N/m"
contact = "sphere"
reference = { frequency = "1.1 MHz", modulus = "76 GPa" }
tip_modulus = "165 GPa"
[stage.T-peaks]
run = "spectrum-peaks"
input = "dma"
resamples = 40
[stage.T-beta]
run = "arrhenius"
input = "T-peaks"
resamples = 40
[stage.T-alpha]
run = "arrhenius"
input = "T-peaks"
peak = "alpha"
law = "vft"
resamples = 40
"#;

/// Stages of what the first sample alone has.
const SINGLE: &str = r#"
[stage.T-kissinger]
run = "arrhenius"
input = "heating"
law = "kissinger"
resamples = 40
[stage.T-diss]
run = "dissipation"
input = { phase = "phase", amplitude = "amplitude" }
spring_constant = "26 N/m"
quality_factor = 420
free_amplitude = "20 nm"
setpoint = "9 nm"
[stage.T-set-points]
run = "dissipation-curve"
input = "set_points"
[stage.T-part]
run = "crop"
input = "T-diss.energy"
rows = [0, 128]
columns = [0, 128]
[stage.T-top]
run = "regions"
input = "T-part"
by = "pixels"
top = "10 %"
resamples = 40
surrogates = 40
[stage.T-law]
run = "cluster-sizes"
input = { sizes = "T-top", surrogates = "T-top.surrogates" }
resamples = 40
[stage.T-boxes]
run = "box-counting"
input = "T-top"
surrogates = 40
[stage.T-pattern]
run = "pattern"
input = "T-part"
surrogates = 40
[stage.T-axes]
run = "orientation"
input = { regions = "T-top", surrogates = "T-top.surrogates" }
direction = "x"
resamples = 40
[stage.T-grey]
run = "distribution"
input = "ct"
block = "240 nm"
resamples = 40
[stage.T-lags]
run = "correlation"
input = "ct"
[stage.T-low]
run = "regions"
input = "ct"
side = "low"
by = "pixels"
top = "15 %"
resamples = 40
surrogates = 40
[stage.T-order]
run = "box-counting"
input = "T-low"
surrogates = 40
[stage.T-dense]
run = "regions"
input = "cascade"
by = "absolute"
threshold = "0.5"
resamples = 40
surrogates = 0
[stage.T-fractal]
run = "box-counting"
input = "T-dense"
fit = "all"
surrogates = 0
[stage.T-depth]
run = "volume-profile"
input = { volume = "ct", regions = "T-low" }
along = "radial"
axis = "z"
[stage.T-load]
run = "orientation"
input = { regions = "T-low", surrogates = "T-low.surrogates" }
direction = "z"
resamples = 40
[stage.T-fit]
run = "indentation"
input = "curves"
model = "kelvin"
radius = "2 µm"
poisson = 0.363
contact_point = "zero"
[stage.T-grid]
run = "indentation"
input = "table"
model = "given"
[stage.T-small]
run = "crop"
input = "phases"
rows = [0, 64]
columns = [0, 64]
[stage.T-classes]
run = "segment"
input = "T-small"
k = 3
resamples = 40
surrogates = 40
[stage.T-chosen]
run = "segment"
input = ["T-grid.modulus", "T-grid.hardness"]
scale = true
k = "auto"
k_max = 3
resamples = 40
surrogates = 40
[stage.T-transient]
run = "stress-relaxation"
input = "stress"
[stage.T-creep]
run = "spectrum-fit"
input = "creep"
model = "hierarchical"
[stage.T-broad]
run = "spectrum-fit"
input = "isotherm"
model = "auto"
[stage.T-moduli]
run = "spectrum-fit"
input = "moduli"
model = "havriliak-negami"
background = "spring-pot"
[stage.T-decay]
run = "spectrum-fit"
input = "stress"
model = "kww"
processes = 2
[stage.T-times]
run = "relaxation-times"
input = "recovery"
range = ["0.1 s", "1e9 s"]
drift = true
resamples = 40
stz = { poisson = 0.324, shear_modulus = "19 GPa", atomic_volume = "16.6e-30 m^3", temperature = "298 K", attempt_frequency = "1e13 Hz" }
[stage.T-tracks]
run = "relaxation-times"
input = "aged"
range = ["0.1 s", "1e10 s"]
resamples = 40
[stage.T-spectrum]
run = "relaxation-times"
input = "moduli"
resamples = 40
[stage.T-master]
run = "master-curve"
input = "sweeps"
reference = "388 K"
resamples = 40
[stage.T-defects]
run = "quasi-point-defects"
input = "dma"
[stage.T-flow]
run = "ageing"
input = "states"
[stage.T-well]
run = "ageing"
input = "wells"
model = "double-well"
"#;

/// Stages that see all samples.
const STUDY: &str = r#"
[stage.T-link]
run = "link"
input = ["T-dist", "T-corr", "T-peaks"]
resamples = 100
pairs = [["T-corr.xi", "T-peaks.beta_intensity"], ["T-dist.span", "tg"]]
[stage.T-compare]
run = "compare"
input = ["T-level", "T-dist", "T-corr"]
pairs = [["S-one", "S-two"]]
metrics = ["T-dist.span", "T-corr.xi"]
[stage.T-figure]
run = "figure"
input = "T-corr"
plot = "structure-function"
[stage.T-report]
run = "report"
overview = ["T-dist.span", "T-corr.xi"]
"#;

/// Puts a study together.
pub fn definition(samples: &[usize], stages: &[&str]) -> String {
    let samples: String = samples.iter().map(|i| SAMPLES[*i]).collect();
    format!("[pipeline]\nname = \"every-stage\"\nseed = 7\n{samples}{}", stages.concat())
}

/// The whole study.
pub fn whole() -> String {
    definition(&[0, 1, 2], &[COMMON, SINGLE, STUDY])
}

/// What all samples have, in another order and without other stages.
pub fn common(samples: &[usize]) -> String {
    definition(samples, &[COMMON])
}

/// The same with the study stages.
pub fn common_study(samples: &[usize]) -> String {
    definition(samples, &[COMMON, STUDY])
}

/// Writes the inputs that are no phantoms of a study.
pub fn folder() -> Study {
    let study = Study::new();
    let kind = softspot::phantom::KINDS.iter().find(|k| k.id == "volume").unwrap();
    kind.make(&study.path("field.tif"), "side = 64\nxi = \"90 nm\"\nseed = 3\n").unwrap();
    kind.make(&study.path("cascade.tif"), "structure = \"cascade\"\nside = 64\nrange = 64\nseed = 4\n").unwrap();
    // sin φ − A/A₀ of a step in dissipation at 0.5.
    let rows: String = (5..96)
        .map(|k| {
            let a = f64::from(k) / 100.0;
            let energy = 0.05 + 0.3 * (1.0 - a) / (1.0 + libm::exp((a - 0.5) / 0.03));
            format!("{a},{}\n", libm::asin((a + energy).min(1.0)).to_degrees())
        })
        .collect();
    study.write("set-points.csv", format!("ratio,phase\n{rows}"));
    // A Debye process of 2 GPa at 1 s on 30 GPa, with a spring-pot of 0.2 GPa s^0.2.
    let rows: String = (0..61)
        .map(|k| {
            let f = libm::exp10(-3.0 + f64::from(k) / 10.0);
            let w = 2.0 * std::f64::consts::PI * f;
            let (debye, pot) = (2000.0 / (1.0 + w * w), 200.0 * libm::pow(w, 0.2));
            let noise = 1.0 + 0.002 * f64::from((k * 7919) % 13 - 6) / 6.0;
            let storage = 30_000.0 - debye + pot * libm::cos(0.1 * std::f64::consts::PI);
            let loss = debye * w + pot * libm::sin(0.1 * std::f64::consts::PI);
            format!("{f},{},{}\n", storage * noise, loss * (2.0 - noise))
        })
        .collect();
    study.write("moduli.csv", format!("f (Hz),E' (MPa),E'' (MPa)\n{rows}"));
    // ln τ falls twice as fast as ln G″max rises.
    let rows: String = (0..8).map(|k| format!("{},{}\n", 0.9f64.powi(2 * k), 700.0 * 0.9f64.powi(-k))).collect();
    study.write("wells.csv", format!("tau (s),G (MPa)\n{rows}"));
    study
}

/// How a study is run.
#[derive(Default)]
pub struct How {
    /// Threads.
    pub jobs: Option<usize>,
    /// Bytes for volumes.
    pub memory: Option<u64>,
    /// `key=value`.
    pub overrides: Vec<String>,
}

/// Runs a definition in `folder` into a results folder of its own, and asserts that nothing failed.
#[track_caller]
pub fn results(folder: &Path, text: &str, how: &How) -> Run {
    let plan = prepare(text, folder, &how.overrides).unwrap_or_else(|e| panic!("{e:#?}"));
    assert!(plan.problems.is_empty(), "{:#?}", plan.problems);
    let out = tempfile::tempdir().unwrap();
    let options = Options { jobs: how.jobs, memory: how.memory, ..Options::new(out.path().join("out")) };
    let run = run(&plan, &options).unwrap();
    assert!(run.is_whole(), "{:#?}", run.failures);
    run
}

/// Rows of the whole study, run once for all tests.
pub fn whole_rows() -> &'static [ResultRow] {
    static ROWS: std::sync::OnceLock<Vec<ResultRow>> = std::sync::OnceLock::new();
    ROWS.get_or_init(|| results(&folder().path(""), &whole(), &How::default()).rows)
}

/// A row with the bits of its numbers.
pub fn bits(row: &ResultRow) -> String {
    let m = &row.metric;
    let number = |v: f64| format!("{:016x}", v.to_bits());
    let value = m.as_number().map_or_else(|| format!("{:?}", m.value), number);
    format!("{} {:?} {:?} {}", value, m.interval.map(|i| i.map(number)), m.n.map(number), m.unit.symbol)
}
