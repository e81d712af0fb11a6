//! The study `pipelines/nano-ct.toml` on phantoms of half the side: dimensions that went in come out, and none of the
//! control.

use std::path::Path;

use softspot::data::Value;

#[test]
fn fractal_order_is_found_where_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let kind = softspot::phantom::KINDS.iter().find(|k| k.id == "nano-ct").unwrap();
    kind.make(&dir.path().join("nano-ct"), "side = 64").unwrap();
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/nano-ct.toml")).unwrap();
    // Without the two that show the same as another.
    let mut text = text;
    if crate::common::many(0, 1) == 0 {
        for sample in ["strong", "fractal"] {
            let from = text.find(&format!("[sample.{sample}]")).unwrap();
            let to = from + text[from..].find("\n\n").unwrap();
            text.replace_range(from..to, "");
        }
    }
    let n = crate::common::many(40, 100);
    let overrides: Vec<String> =
        ["low.surrogates", "boxes.surrogates", "law.resamples"].map(|key| format!("stage.{key}={n}")).into();
    let run = crate::common::run_whole(&text, dir.path(), &overrides, &dir.path().join("out"));
    let metric = |sample: &str, stage: &str, name: &str| run.row(sample, stage, name).unwrap().metric.clone();
    let number = |sample: &str, stage: &str, name: &str| metric(sample, stage, name).as_number().unwrap();
    // A part more or less of eight at each of 10³ cubes: 0.02 in D.
    let there = |sample: &str| text.contains(&format!("[sample.{sample}]"));
    let went_in = [("strong", 2.4), ("fragile", 2.5), ("deformed", 2.2), ("fractal", 2.6)];
    for (sample, d) in went_in.into_iter().filter(|(s, _)| there(s)) {
        let found = number(sample, "boxes", "d_f");
        assert!((found - d).abs() < 0.05, "{sample}: {found}");
        assert!(number(sample, "boxes", "d_f_p") < 0.05);
        assert!((number(sample, "boxes", "d_2") - d).abs() < 0.06, "{sample}");
    }
    // Fractal up to 32 voxels of 30 nm.
    for sample in ["strong", "fragile"].into_iter().filter(|s| there(s)) {
        let low = number(sample, "boxes", "d_f_low");
        let high = number(sample, "boxes", "d_f_high");
        assert!(low < 4e-8 && (4e-7..1.2e-6).contains(&high), "{sample} {low} {high}");
    }
    let none = metric("control", "boxes", "d_f");
    assert_eq!(none.value, Value::Missing);
    assert!(none.note.contains("no scaling range"), "{}", none.note);
    // Regions of the control are those of its surrogates; layers lie across z.
    assert!(number("control", "low", "aspect_ratio_p") > 0.05);
    assert!(number("deformed", "load", "order") < -0.3, "{}", number("deformed", "load", "order"));
    // Less dense towards the axis by 80, of which the thirds see two thirds; noise of the set comes on top.
    let difference = metric("fragile", "depth", "difference");
    assert!(difference.interval.unwrap()[1] < 0.0, "{difference:?}");
    for figure in ["fig-slices", "fig-solid", "fig-grey", "fig-counts", "fig-slopes", "fig-link"] {
        assert!(dir.path().join(format!("out/figures/{figure}.svg")).is_file(), "{figure}");
    }
}
