//! Do figures keep their bytes? Hashes of the SVG of every plot of a small study; on a change the PNG is stored.
//!
//! `SOFTSPOT_WRITE_GOLDEN=1 cargo test --test house golden` accepts what is drawn now, after looking at it.

use std::collections::BTreeMap;
use std::path::Path;

const STUDY: &str = r#"
[pipeline]
name = "golden"
seed = 7

[sample.La60Ni15Al25]
tg = "461 K"
map = { path = "a.gsf" }
dma = { path = "a.csv", columns = { frequency = "f (Hz)", temperature = "T (K)", loss = "E'' (MPa)" } }

[sample.Vit105]
tg = "675 K"
map = { path = "b.gsf" }
dma = { path = "b.csv", columns = { frequency = "f (Hz)", temperature = "T (K)", loss = "E'' (MPa)" } }

[sample.third]
map = { path = "c.gsf" }
dma = { path = "a.csv", columns = { frequency = "f (Hz)", temperature = "T (K)", loss = "E'' (MPa)" } }

[stage.level]
run = "level"
input = "map"

[stage.corr]
run = "correlation"
input = "level"
resamples = 40
contact_radius = "4 nm"

[stage.cut]
run = "profile"
input = "level"

[stage.relax]
run = "spectrum-peaks"
input = "dma"

[stage.act]
run = "arrhenius"
input = "relax"

[stage.link]
run = "link"
input = ["corr", "relax"]
pairs = [["corr.xi", "relax.beta_intensity"], ["corr.xi", "relax.beta_class"]]
resamples = 100

[stage.top]
run = "regions"
input = "level"
top = "20 %"
min_pixels = 4
surrogates = 40
resamples = 40

[stage.law]
run = "cluster-sizes"
input = { sizes = "top", surrogates = "top.surrogates" }
x_min = "2 nm"
resamples = 40

[stage.pattern]
run = "pattern"
input = "level"
surrogates = 40

[stage.fig-regions]
run = "figure"
input = ["level", "level", "top.labels", "top", "top", "top", "top.surrogates"]
plot = ["map", "histogram", "outlines", "diameters", "inclination", "aspect-radius", "null"]
columns = 4

[stage.fig-pattern]
run = "figure"
input = ["pattern.power", "pattern"]
plot = ["pattern", "radial"]

[stage.fig-map]
run = "figure"
input = ["level", "cut"]
plot = ["map", "profile"]

[stage.fig-histogram]
run = "figure"
input = "level"
plot = "histogram"
width = "single"

[stage.fig-structure]
run = "figure"
input = "corr"
plot = "structure-function"

[stage.fig-loss]
run = "figure"
input = "relax.normalised"
plot = "loss"
width = "single"

[stage.fig-arrhenius]
run = "figure"
input = "act"
plot = "arrhenius"
width = "single"

[stage.fig-link]
run = "figure"
input = "link"
plot = "link"
"#;

fn phantom(kind: &str, out: &Path, parameters: &str) {
    let kind = softspot::phantom::KINDS.iter().find(|k| k.id == kind).unwrap();
    kind.make(out, parameters).unwrap();
}

#[test]
fn figures_keep_their_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let map = |xi: &str, span: &str, seed: u32| {
        format!(
            "shape = [96, 96]\nwidth = \"192 nm\"\nxi = \"{xi}\"\nspan = \"{span}\"\nseed = {seed}\ntilt = [\"100 Hz\", \"0 Hz\"]\n"
        )
    };
    phantom("field", &at("a.gsf"), &map("16 nm", "1.2 kHz", 1));
    phantom("field", &at("b.gsf"), &map("5 nm", "0.3 kHz", 2));
    phantom("field", &at("c.gsf"), &map("9 nm", "0.7 kHz", 3));
    phantom("loss", &at("a.csv"), "temperatures = [290.0, 530.0, 2.0]\n");
    phantom(
        "loss",
        &at("b.csv"),
        "tg = \"675 K\"\nt_beta = \"800 K\"\ne_beta = 146.0\nbeta_shape = 0.3\ntemperatures = [430.0, 780.0, 2.0]\n",
    );
    let run = crate::common::run_whole(STUDY, dir.path(), &[], &at("out"));
    let stored = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/house/golden/figures.txt");
    // The caption carries the run key, which changes with the version; the drawing is what is compared.
    let hash = |svg: &str| {
        let drawing = svg.split_once("</desc>").map_or(svg, |(_, d)| d);
        blake3::hash(drawing.as_bytes()).to_hex()[..32].to_string()
    };
    let now: BTreeMap<String, String> = run.figures.iter().map(|f| (f.name.clone(), hash(&f.file.svg))).collect();
    assert_eq!(now.len(), 8);
    let text: String = now.iter().map(|(n, h)| format!("{n} {h}\n")).collect();
    if std::env::var_os("SOFTSPOT_WRITE_GOLDEN").is_some() {
        std::fs::write(&stored, &text).unwrap();
    }
    let before = std::fs::read_to_string(&stored).unwrap();
    if before != text {
        let shown = Path::new(env!("CARGO_TARGET_TMPDIR")).join("golden");
        std::fs::create_dir_all(&shown).unwrap();
        for f in &run.figures {
            std::fs::write(shown.join(format!("{}.png", f.name)), &f.file.png).unwrap();
        }
        panic!(
            "figures changed; look at {} and accept them with SOFTSPOT_WRITE_GOLDEN=1\nbefore:\n{before}now:\n{text}",
            shown.display()
        );
    }
}
