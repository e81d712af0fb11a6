//! Are phantoms inputs like any other: the same numbers as from their files, and said to be synthetic?

use crate::common::{Study, softspot};

const STAGES: &str = r#"
[stage.dist]
run = "distribution"
input = "frequency"
resamples = 40
[stage.relax]
run = "spectrum-peaks"
input = "dma"
resamples = 40
"#;

const COLUMNS: &str =
    "columns = { frequency = \"f (Hz)\", temperature = \"T (K)\", storage = \"E' (MPa)\", loss = \"E'' (MPa)\" }";

/// A study with the first glass of `la-cu-zr`, from files or as phantoms; its results and its report.
fn results(inputs: &str) -> (String, String) {
    let study = Study::new();
    if inputs.contains("path") {
        softspot(&["phantom", "la-cu-zr", &study.path("files").display().to_string()]).exits(0);
    }
    study.write("s.toml", format!("[pipeline]\nname = \"s\"\n[sample.A]\n{inputs}{STAGES}"));
    let definition = study.path("s.toml").display().to_string();
    softspot(&["run", &definition]).exits(0);
    let read = |name: &str| std::fs::read_to_string(study.path("results/s").join(name)).unwrap();
    (read("results.csv"), read("report.html"))
}

#[test]
fn a_phantom_gives_what_its_file_gives() {
    let (rows, report) = results(&format!(
        "frequency = {{ phantom = \"la-cu-zr/vit105\" }}\ndma = {{ phantom = \"la-cu-zr/vit105-dma\", {COLUMNS} }}\n"
    ));
    let (of_files, plain) = results(&format!(
        "frequency = {{ path = \"files/vit105.gsf\" }}\ndma = {{ path = \"files/vit105-dma.csv\", {COLUMNS} }}\n"
    ));
    assert_eq!(rows, of_files);
    assert!(report.contains("All inputs are phantoms") && !plain.contains("phantoms:"));
    assert!(report.contains("vit105-dma <small>(phantom)</small>"));
}

#[test]
fn phantoms_that_there_are_not() {
    let refuse = |input: &str, parts: &[&str]| {
        let study = Study::new();
        study.write(
            "s.toml",
            format!(
                "[pipeline]\nname = \"s\"\n[sample.A]\nfrequency = {input}\n{}",
                &STAGES[..STAGES.find("resamples").unwrap()]
            ),
        );
        softspot(&["check", &study.path("s.toml").display().to_string()]).exits(2).says(parts);
    };
    refuse("{ phantom = \"la-cu-zn/vit105\" }", &["there is no phantom `la-cu-zn`", "did you mean `la-cu-zr`"]);
    refuse("{ phantom = \"la-cu-zr/vit106\" }", &["no file `vit106`", "did you mean `la-cu-zr/vit105`"]);
    refuse("{ phantom = \"la-cu-zr\" }", &["has no file ``", "la-cu-zr/vit105-dma"]);
    refuse("{ phantom = \"field\", path = \"x.gsf\" }", &["`path` and `phantom = \"field\"` at once", "leave one out"]);
    refuse("{ channel = \"Height\" }", &["an input without a file", "`phantom = \"…\"`"]);
}
