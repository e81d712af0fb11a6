//! Does an input of a definition become the map or the spectrum that the file holds?

use crate::common::Study;

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

/// 6 × 8 numbers of two bytes behind 10 bytes of something else, as big-endian programs write them: 10 · row + column.
fn bare(add: u16) -> Vec<u8> {
    let numbers = (0..48u16).flat_map(|i| (add + 10 * (i / 8) + i % 8).to_be_bytes());
    [7u8; 10].into_iter().chain(numbers).collect()
}

#[test]
fn bare_numbers_are_read_by_the_layout_in_the_definition() {
    let study = Study::new();
    study.write("scan.vol", bare(0));
    let layout =
        |raw: &str| definition(&format!("path = \"scan.vol\", unit = \"GPa\", pixel = [\"2 nm\", \"2 nm\"], {raw}"));
    study.definition(layout("raw = { shape = [6, 8], type = \"u16\", order = \"big\", skip = 10 }"));
    study.run(&[]).exits(0);
    assert_eq!(study.number("A", "dist", "mean"), 28.5e9);
    for (raw, says) in [
        ("raw = { shape = [6, 8], type = \"u16\" }", "the layout wants 96 bytes and the file has 106"),
        ("raw = { shape = [6, 9], type = \"u16\", skip = 10 }", "wants 118 bytes"),
        ("raw = { shape = [4294967296, 4294967296, 99], type = \"u16\" }", "wants more than there can be"),
        ("raw = { shape = [48], type = \"u16\", skip = 10 }", "`raw` wants the shape"),
        ("raw = { shape = [0, 8], type = \"u16\" }", "`raw` wants the shape"),
        ("raw = { shape = [6, 8], type = \"u16\", skip = 10 }, format = \"vol\"", "leave `format` out"),
    ] {
        study.definition(layout(raw));
        study.run(&[]).exits(1).says(&["scan.vol", says]);
    }
    study.definition(layout("raw = { shape = [6, 8], type = \"u12\" }"));
    study.check().exits(2).says(&["u12"]);
    study.definition(layout("raw = { shape = [6, 8], type = \"u16\", order = \"middle\" }"));
    study.check().exits(2).says(&["middle"]);
}

#[test]
fn what_lies_beside_a_header_is_part_of_the_input() {
    let study = Study::new();
    let header = "ObjectType = Image\nNDims = 2\nDimSize = 8 6\nElementType = MET_USHORT\n\
                  BinaryDataByteOrderMSB = True\nHeaderSize = 10\nElementDataFile = scan.raw\n";
    study.write("scan.mhd", header).write("scan.raw", bare(0));
    study.definition(definition("path = \"scan.mhd\", unit = \"GPa\""));
    study.run(&[]).exits(0);
    assert_eq!(study.number("A", "dist", "mean"), 28.5e9);
    study.write("scan.raw", bare(100));
    study.run(&[]).exits(0);
    assert_eq!(study.number("A", "dist", "mean"), 128.5e9, "the numbers changed, the header did not");
    // A header must not lead out of its folder.
    study.write("deep/scan.mhd", header.replace("scan.raw", "../scan.raw"));
    study.definition(definition("path = \"deep/scan.mhd\", unit = \"GPa\""));
    study.run(&[]).exits(1).says(&["which is not in its folder"]);
}

/// What a definition says of units holds for maps; a table's columns have their own, and no offset is dropped.
#[test]
fn units_of_a_definition_agree_with_the_file() {
    let study = Study::new();
    study.write("t.csv", "T (°C),E (GPa)\n20,1\n30,2\n40,3\n");
    for (input, says) in [
        ("path = \"t.csv\", columns = { temperature = \"T\", loss = \"E\" }, unit = \"K\"", "`unit` is for maps"),
        ("path = \"t.csv\", columns = { temperature = { name = \"T\", unit = \"K\" }, loss = \"E\" }", "contradicts"),
        ("path = \"t.csv\", columns = { temperature = { name = \"T\", unit = \"°F\" }, loss = \"E\" }", "contradicts"),
    ] {
        study.definition(format!(
            "[pipeline]\nname = \"s\"\n[sample.A]\ndma = {{ {input} }}\n\
             [stage.relax]\nrun = \"spectrum-peaks\"\ninput = \"dma\"\nuncertainty = \"none\"\n"
        ));
        study.run(&[]).exits(1).says(&[says]);
    }
}

/// Tables of the same names are stacked only where they measure the same.
#[test]
fn tables_of_other_units_are_not_stacked() {
    let study = Study::new();
    let table = |unit: &str| format!("t,F\ns,{unit}\n1,2\n3,4\n5,6\n\nnext\n");
    study.write("same.csv", table("mN") + &table("mN")).write("other.csv", table("mN") + &table("V"));
    study.definition(definition("path = \"other.csv\""));
    study.run(&[]).exits(1).says(&["2 tables of different columns"]);
}
