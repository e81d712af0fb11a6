//! DMA tables as they come: unsorted, doubled, cut, with words in them.

use crate::common::{DMA, Ran, Study, dma};

const STAGES: &str = "[stage.relax]\nrun = \"spectrum-peaks\"\ninput = \"dma\"\nuncertainty = \"none\"\n\
    [stage.act]\nrun = \"arrhenius\"\ninput = \"relax\"\nuncertainty = \"none\"\n\
    [stage.fig]\nrun = \"figure\"\ninput = \"relax.normalised\"\nplot = \"loss\"\nwidth = \"single\"\n";

fn study(bad: &str, columns: &str) -> (Study, Ran) {
    let study = Study::new();
    study.write("good.csv", dma(&[1.0, 4.0], 1)).write("bad.csv", bad).definition(format!(
        "[pipeline]\nname = \"s\"\n[sample.good]\ndma = {{ path = \"good.csv\", {DMA} }}\n[sample.bad]\ndma = {{ path = \"bad.csv\", {columns} }}\n{STAGES}"
    ));
    let ran = study.run(&[]);
    (study, ran)
}

#[track_caller]
fn good_is_complete(study: &Study) {
    assert!((study.number("good", "relax", "t_alpha") - 494.5).abs() < 3.0);
    assert!(study.number("good", "relax", "beta_intensity") > 0.0);
}

#[track_caller]
fn fails(bad: &str, columns: &str, reason: &[&str]) {
    let (study, ran) = study(bad, columns);
    ran.exits(1).says(reason);
    good_is_complete(&study);
    let note = study.row("bad", "relax", "t_alpha");
    assert!(note["value"].is_empty() && reason.iter().all(|r| note["note"].contains(r)), "{note:?}");
}

#[test]
fn the_order_of_rows_and_repeated_temperatures_change_nothing() {
    let plain = dma(&[1.0], 3);
    let mut lines: Vec<&str> = plain.lines().skip(1).collect();
    lines.reverse();
    let middle = lines.len() / 2;
    lines.rotate_left(middle);
    let twice: Vec<&str> = lines.iter().chain(&lines).copied().collect();
    let shuffled = format!("{}\n{}\n", plain.lines().next().unwrap(), twice.join("\n"));
    let (a, ran) = study(&plain, DMA);
    ran.exits(0);
    let (b, ran) = study(&shuffled, DMA);
    ran.exits(0);
    for metric in ["t_alpha", "e_loss_max"] {
        let (x, y) = (a.number("bad", "relax", metric), b.number("bad", "relax", metric));
        assert!((x / y - 1.0).abs() < 1e-9, "{metric}: {x} and {y}");
    }
    assert_eq!(a.row("bad", "relax", "beta_class")["value"], b.row("bad", "relax", "beta_class")["value"]);
}

#[test]
fn a_curve_without_an_alpha_peak_is_no_relaxation_of_invented_temperature() {
    let rising: String =
        (0..60).map(|i| format!("1,{},1000,{}\n", 300 + i, 10.0 * libm::exp(f64::from(i) / 20.0))).collect();
    let (study, ran) = study(&format!("f (Hz),T (K),E' (MPa),E'' (MPa)\n{rising}"), DMA);
    good_is_complete(&study);
    let row = study.row("bad", "relax", "t_alpha");
    // Either a reason, or a value that carries the warning.
    assert!(row["note"].contains("beyond the range") || row["value"].is_empty(), "{row:?}\n{}", ran.err);
    let flat: String = (0..60).map(|i| format!("1,{},1000,10\n", 300 + i)).collect();
    let (study, ran) = self::study(&format!("f (Hz),T (K),E' (MPa),E'' (MPa)\n{flat}"), DMA);
    ran.says(&[]);
    let row = study.row("bad", "relax", "beta_class");
    assert!(row["value"].is_empty() || row["value"] == "none", "{row:?}");
}

#[test]
fn too_few_rows_say_how_many_are_needed() {
    let few: String = dma(&[1.0], 1).lines().take(9).map(|l| format!("{l}\n")).collect();
    fails(&few, DMA, &["8 valid points", "at least 12"]);
}

#[test]
fn words_among_the_numbers_are_reported() {
    let broken = dma(&[1.0], 1).replacen("1,320,", "1,n/a?,", 1);
    fails(&broken, DMA, &["bad.csv", "T"]);
}

#[test]
fn a_missing_column_proposes_the_near_one() {
    fails(
        &dma(&[1.0], 1),
        "columns = { temperature = \"Temp (K)\", loss = \"E'' (MPa)\" }",
        &["bad.csv", "no column `Temp (K)`", "temperature"],
    );
    fails(
        &dma(&[1.0], 1),
        "columns = { temperature = \"T (K)\", loss = \"E'' (GPa)\" }",
        &["bad.csv", "no column `E'' (GPa)`", "E''"],
    );
    fails(&dma(&[1.0], 1), "columns = { temperature = \"T (K)\" }", &["no loss column", "columns = { loss"]);
}

#[test]
fn a_column_in_the_wrong_unit_says_what_to_write() {
    fails(
        &dma(&[1.0], 1),
        "columns = { temperature = \"f (Hz)\", loss = \"E'' (MPa)\" }",
        &["bad.csv", "`f (Hz)` is in `Hz`", "no temperature"],
    );
    let bare = dma(&[1.0], 1).replacen("T (K)", "T", 1);
    fails(
        &bare,
        "columns = { temperature = \"T\", loss = \"E'' (MPa)\" }",
        &["`T` has no unit", "temperature = { name = \"T\", unit = \"K\" }"],
    );
}
