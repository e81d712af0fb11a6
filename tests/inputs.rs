//! Does an input of a definition become the map or the spectrum that the file holds?

mod common;

use common::Study;

/// 6 × 8 points 5 µm apart, in serpentine order with one missing; the hardness is 10 · row + column GPa.
fn indents() -> String {
    let mut lines = vec!["No.,X (µm),Y (µm),H (GPa)".to_string()];
    for line in 0..6usize {
        for i in 0..8usize {
            let column = if line % 2 == 0 { i } else { 7 - i };
            if (line, column) != (2, 3) {
                let (x, y) = (5 * column, 5 * line);
                lines.push(format!("{},{x},{y},{}", lines.len(), 10 * (5 - line) + column));
            }
        }
    }
    lines.join("\n")
}

fn definition(input: &str) -> String {
    format!(
        "[pipeline]\nname = \"s\"\n[sample.A]\nhardness = {{ {input} }}\n\
         [stage.dist]\nrun = \"distribution\"\ninput = \"hardness\"\nuncertainty = \"none\"\n"
    )
}

#[test]
fn a_column_becomes_a_map_by_its_positions() {
    let study = Study::new();
    study.write("indents.csv", indents());
    study.definition(definition("path = \"indents.csv\", channel = \"H\", grid = \"positions\""));
    study.run(&[]).exits(0);
    // 47 points of 10 · row + column, row 3, column 3 missing: the mean is that of 48 less the missing 33.
    let mean = (48.0 * 28.5 - 33.0) / 47.0;
    assert!((study.number("A", "dist", "mean") / (mean * 1e9) - 1.0).abs() < 1e-12);
    assert_eq!(study.row("A", "dist", "mean")["unit"], "Pa");
}

#[test]
fn a_grid_that_does_not_fit_is_said() {
    let study = Study::new();
    study.write("indents.csv", indents()).write("points_6x8.csv", "H (GPa)\n1\n2\n3\n4\n");
    for (input, says) in [
        ("path = \"indents.csv\", channel = \"H\", grid = [6, 8]", "a grid of 6 × 8 points has not 47 values"),
        ("path = \"indents.csv\", channel = \"H\", grid = \"name\"", "tells no grid"),
        ("path = \"points_6x8.csv\", channel = \"H\", grid = \"name\"", "a grid of 6 × 8 points has not 4 values"),
        ("path = \"points_6x8.csv\", channel = \"H\", grid = \"positions\"", "no column X with a length"),
        ("path = \"indents.csv\", grid = [6, 8]", "name one with `channel`: No., X, Y, H"),
        ("path = \"indents.csv\", columns = { modulus = \"H\" }, grid = [6, 8]", "leave `columns` out"),
        ("path = \"indents.csv\", table = \"second\", columns = { modulus = \"H\" }", "there is no table `second`"),
    ] {
        study.definition(definition(input));
        study.run(&[]).exits(1).says(&[says]);
    }
    study.definition(definition("path = \"indents.csv\", channel = \"H\", grid = \"spiral\""));
    study.check().exits(2).says(&["a grid is `[rows, columns]`, `\"positions\"` or `\"name\"`"]);
}
