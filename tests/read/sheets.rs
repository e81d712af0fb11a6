//! Spreadsheets and what rheometers write.

use super::fixtures::office;
use super::fixtures::sheets::{self as made, Cell, Rows, n, row, t, words};
use super::*;

fn names(d: &Dataset) -> Vec<&str> {
    d.channels().iter().map(|c| c.name.as_str()).collect()
}

fn units(d: &Dataset) -> Vec<String> {
    d.channels().iter().map(|c| c.unit.si_symbol()).collect()
}

fn tables(d: &Dataset) -> Vec<&str> {
    d.tables().iter().map(|t| t.name.as_str()).collect()
}

/// The same sheets in every container.
fn containers(sheets: &[(&str, Rows)]) -> [Vec<u8>; 4] {
    let old = made::ole("Workbook", &made::biff(sheets, true));
    [made::xlsx(sheets), old, office::xlsb(sheets), office::ods(sheets)]
}

/// The same sheet in every container.
fn all(rows: Rows) -> [Dataset; 4] {
    containers(&[("S", rows)]).map(|b| open_as("a", b).unwrap())
}

#[test]
fn nanosuite_results_inputs_and_curves() {
    for bytes in containers(&made::nanosuite_sheets()) {
        let d = open_as("a", bytes).unwrap();
        let want = ["Results", "Results (with summary rows)", "Required Inputs", "Test 002", "Test 001"];
        assert_eq!(tables(&d), want);
        assert_eq!(column(&d, "Results: E Average"), [70e9, 71e9, 72e9]);
        assert_eq!(column(&d, "Results: Test"), [1.0, 2.0, 3.0]);
        let whole = column(&d, "Results (with summary rows): E Average");
        assert_eq!(whole, [70e9, 71e9, 72e9, 71e9, 1e9, 1.4e9]);
        assert!(column(&d, "Results (with summary rows): Test")[3].is_nan());
        assert!(metadata(&d, "Results/summary rows").starts_with("Mean (row 6), Std. Dev. (row 7), % COV (row 8)"));
        let results = d.table_at(0).unwrap();
        let time = results.column("Time At Start").unwrap();
        assert_eq!(time.cells, softspot::data::Cells::Text(vec!["13:45:08".into(); 3]));
        assert_eq!(results.column("Tip Name").unwrap().len(), 3);
        let x = d.tables()[3].position.unwrap();
        assert!(close(x[0], 100e-6) && close(x[1], 50e-6), "{x:?}");
        assert_eq!(d.tables()[4].position.map(|p| p[0]), Some(0.0));
        let h = column(&d, "Test 001: Displacement Into Surface");
        assert!(close(h[2], 3.25e-9) && h.len() == 4 && h[3].is_nan(), "the row of END counts: {h:?}");
        let s = column(&d, "Test 001: Stiffness");
        assert!(s[0].is_nan() && s[1] == 200.25, "the largest double is a mark: {s:?}");
    }
}

#[test]
fn a_sweep_of_biff5_with_commas_in_texts() {
    let d = open_as("a", made::sweep()).unwrap();
    assert_eq!(names(&d), ["T", "f", "E'", "E''"]);
    assert_eq!(units(&d), ["K", "Hz", "Pa", "Pa"]);
    let (t, e) = (column(&d, "T"), column(&d, "E'"));
    assert!(close(t[0], 253.15) && close(e[3], 3.25e6) && e.len() == 60);
    assert_eq!(tables(&d), ["Daten"]);
}

#[test]
fn a_grid_a_map_settings_and_steps() {
    for bytes in containers(&made::grid_sheets()) {
        grid(&open_as("a", bytes).unwrap());
    }
}

fn grid(d: &Dataset) {
    let want = ["Feuil1", "Steps / Frequency sweep - 1", "Steps / Frequency sweep - 2"];
    assert_eq!(tables(d), want);
    let own: Vec<_> = names(d).into_iter().filter_map(|n| n.strip_prefix("Feuil1: ")).collect();
    assert_eq!(own, ["hc", "Pmax", "A(nm^2)", "A", "X", "Y"]);
    assert_eq!(units(d)[..6], ["m", "N", "m^2", "", "m", "m"]);
    assert!(close(column(d, "Feuil1: Pmax")[1], 1901e-6));
    let m = map(d, "Map");
    assert_eq!((m.shape(), m.values[[0, 8]], m.values[[2, 1]]), ([3, 9], 8.0, 21.0));
    assert_eq!(d.tables()[0].metadata, [("position columns".to_string(), "X; Y".to_string())]);
    assert_eq!(metadata(d, "Feuil1/Number of Data Points"), "3");
    assert_eq!(metadata(d, "Inputs/Operator"), "A & B");
    assert_eq!(metadata(d, "Inputs/Procedure"), "heat; hold");
    assert_eq!(metadata(d, "Inputs/Mass"), "12.5");
    assert!(d.metadata().iter().any(|(k, v)| k.starts_with("Inputs/Depth limit") && v.contains("2000")));
    assert_eq!(column(d, "Steps / Frequency sweep - 2: Temperature"), [313.15, 314.15]);
    assert_eq!(column(d, "Steps / Frequency sweep - 1: Storage modulus"), [0.0, 1e6]);
    let made = d.table_at(0).unwrap().column("Made").unwrap().cells.clone();
    let days = ["2019-07-22 06:00:00", "2019-07-22 12:00:00", "2019-07-23"];
    assert_eq!(made, softspot::data::Cells::Text(days.map(String::from).to_vec()));
}

#[test]
fn tables_side_by_side_and_a_remark() {
    let rows = vec![
        words("Time (s)|Load (mN)||Time (s)|Load (mN)"),
        vec![n(0.0), n(1.0), Cell::Empty, n(0.0), n(5.0)],
        vec![n(1.0), n(2.0), Cell::Empty, n(1.0), n(6.0)],
        vec![n(2.0), n(3.0)],
        vec![],
        words("measured at night"),
    ];
    for d in all(rows) {
        assert_eq!(tables(&d), ["S", "S #2"]);
        assert_eq!(column(&d, "S: Load").len(), 3);
        assert_eq!(column(&d, "S #2: Load"), [5e-3, 6e-3]);
        assert_eq!(metadata(&d, "S/row 6"), "measured at night");
    }
}

#[test]
fn merged_groups_blank_rows_and_labels() {
    let rows = vec![
        words("|Loading|||Unloading"),
        words("No.|h|P|note|h|P"),
        words("|nm|mN||nm|mN"),
        words("Cycle 1"),
        vec![n(1.0), n(10.0), n(0.5), t("ok"), n(8.0), n(0.25)],
        vec![],
        words("Cycle 2"),
        vec![n(2.0), n(20.0), t("---"), t("slip"), n(18.0), t("#N/A")],
    ];
    for d in all(rows) {
        assert_eq!(names(&d), ["No.", "Loading / h", "Loading / P", "Unloading / h", "Unloading / P"]);
        assert_eq!(units(&d), ["", "m", "N", "m", "N"]);
        let h = column(&d, "Loading / h");
        assert!(h[0].is_nan() && close(h[1], 10e-9) && close(h[3], 20e-9), "{h:?}");
        assert!(column(&d, "Loading / P")[3].is_nan() && column(&d, "Unloading / P")[3].is_nan());
    }
}

#[test]
fn settings_and_groups_above_names_that_look_like_units() {
    let data = |n_columns: usize| (0..3).map(|r| (0..n_columns).map(|c| n((10 * r + c) as f64)).collect()).collect();
    let table = |head: &[&str], n_columns: usize| -> Rows {
        let body: Rows = data(n_columns);
        head.iter().map(|h| words(h)).chain(body).collect()
    };
    for (head, want) in [
        (&["Sample|Glass 1", "N|F|h|S"][..], &["N", "F", "h", "S"][..]),
        (&["Operator|Smith", "T|f|E"], &["T", "f", "E"]),
        (&["Operator|Smith", "Time|Load", "s|mN"], &["Time", "Load"]),
        (&["Loading||Unloading", "h|F|h|F"], &["Loading / h", "Loading / F", "Unloading / h", "Unloading / F"]),
        (&["Time|Load", "s|mN"], &["Time", "Load"]),
        (&["t", "s"], &["t"]),
    ] {
        for d in all(table(head, want.len())) {
            assert_eq!(names(&d), want, "{head:?}");
        }
    }
}

#[test]
fn containers_of_another_writer() {
    for (version, padding) in
        [(cfb::Version::V3, 0), (cfb::Version::V3, 9000), (cfb::Version::V4, 0), (cfb::Version::V4, 99_000)]
    {
        let mut file = cfb::CompoundFile::create_with_version(version, std::io::Cursor::new(Vec::new())).unwrap();
        let mut put = |path: &str, bytes: &[u8]| {
            std::io::Write::write_all(&mut file.create_stream(path).unwrap(), bytes).unwrap();
        };
        put("/first", &[1; 5000]);
        let mut stream = made::biff(&made::nanosuite_sheets(), true);
        stream.resize(stream.len() + padding, 0);
        put("/Workbook", &stream);
        put("/\u{5}SummaryInformation", &[2; 70]);
        file.create_storage("/folder").unwrap();
        std::io::Write::write_all(&mut file.create_stream("/folder/inner").unwrap(), &[3; 10]).unwrap();
        file.flush().unwrap();
        let bytes = file.into_inner().into_inner();
        let source = Source::from_bytes(Path::new("a"), bytes.clone());
        let mut members = source.members().to_vec();
        members.sort();
        assert_eq!(members, ["\u{5}SummaryInformation", "Workbook", "first", "folder/inner"]);
        let d = open_as("a", bytes).unwrap();
        assert_eq!(column(&d, "Results: E Average"), [70e9, 71e9, 72e9], "{version:?} {padding}");
    }
}

#[test]
fn what_is_no_number_is_not_guessed() {
    let rows = vec![words("a|b"), words("1,300|1"), words("2,500|2"), words("3,000|3")];
    for d in all(rows) {
        assert_eq!(names(&d), ["b"]);
        assert!(metadata(&d, "S/a: kept as text").contains("1,300"));
    }
    let rows = vec![words("a|b"), vec![n(1.0), n(1.0)], vec![t("5 nm"), n(2.0)]];
    for d in all(rows) {
        assert_eq!(names(&d), ["b"]);
        assert_eq!(metadata(&d, "S/a: kept as text"), "row 3 holds `5 nm`");
    }
    let e = open_as("a", made::xlsx(&[("S", vec![words("a|b"), words("c|d")])])).map(|_| ()).unwrap_err();
    assert!(e.what.contains("no sheet") && !e.hint.is_empty(), "{e}");
}

#[test]
fn two_tables_below_each_other_without_a_gap_in_their_titles() {
    let block = |title: &str, from: f64| {
        vec![words(title), words("T|G'|tan(delta)"), words("[°C]|[Pa]|[-]"), row("", &[]), {
            vec![n(from), n(1e6), n(0.1)]
        }]
    };
    let rows = [block("Ramp 1", 20.0), vec![vec![n(30.0), n(2e6), n(0.2)]], block("Ramp 2", 50.0)].concat();
    for d in all(rows) {
        assert_eq!(tables(&d), ["S / Ramp 1", "S / Ramp 2"]);
        assert_eq!(column(&d, "S / Ramp 1: T"), [293.15, 303.15]);
        assert_eq!(column(&d, "S / Ramp 2: tan(delta)"), [0.1]);
    }
}

#[test]
fn names_as_people_and_programs_write_them() {
    let rows = vec![
        words("Test|Depth\n(nm)|Temp./°C|F/N|H/E|Drift? (1-Y|0-N)|Ratio"),
        vec![n(1.0), n(5.0), n(20.0), n(0.5), n(0.75), n(1.0), n(0.3)],
        vec![n(2.0), n(6.0), n(21.0), n(0.5), n(0.75), n(1.0), n(0.3)],
    ];
    for d in all(rows) {
        assert_eq!(names(&d), ["Test", "Depth", "Temp.", "F", "H/E", "Drift? (1-Y; 0-N)", "Ratio"]);
        assert_eq!(units(&d), ["", "m", "K", "N", "", "", ""]);
        assert_eq!(column(&d, "Ratio"), [0.3, 0.3], "the names stand over their columns again");
    }
}

#[test]
fn steps_of_trios() {
    let d = open_as("a", made::trios()).unwrap();
    assert_eq!(tables(&d), ["Amplitude - 1", "Ramp - 2"]);
    assert_eq!(column(&d, "Ramp - 2: Temperature"), [303.15, 313.65]);
    assert_eq!(column(&d, "Ramp - 2: Storage modulus"), [0.5e6, 0.25e6]);
    assert!(!names(&d).contains(&"Amplitude - 1: Storage modulus"), "nothing was measured");
    assert!(close(column(&d, "Ramp - 2: Torque (mN.m)")[0], 1.5e-3));
    assert!(close(column(&d, "Ramp - 2: Torque (µN.m)")[0], 1.5e-3));
    assert_eq!(metadata(&d, "Sample/Density"), "1000.0 kg/m³");
    let broken = String::from_utf8(made::trios()).unwrap().replace("\"Rows\"", "\"Lines\"");
    let e = open_as("a", broken.into_bytes()).map(|_| ()).unwrap_err();
    assert!(!e.what.is_empty() && !e.hint.is_empty(), "{e}");
}

#[test]
fn sheets_that_claim_much_or_hold_nonsense() {
    let sheet = |cells: &str| {
        let mut parts = made::xlsx_parts(&[("S", vec![vec![n(1.0)]])]);
        parts[0].1 = format!("<worksheet><sheetData>{cells}</sheetData></worksheet>");
        made::archive(&parts)
    };
    let corner = "<row><c><v>1</v></c><c r=\"XFD1048576\"><v>2</v></c><c r=\"ZZZZZZ9\"><v>3</v></c><c r=\"A0\"/></row>";
    let scattered: String =
        (1..3000).map(|i| format!("<c r=\"{}{i}\"><v>1</v></c>", ["A", "XFD", "ABC"][i % 3])).collect();
    let far: String = (1..2000u32)
        .map(|i| {
            let (a, b, c) = (i % 26, i / 26 % 26, i / 676);
            let letter = |n: u32| char::from(b'A' + n as u8);
            format!("<row r=\"{i}\"><c r=\"{}{}{}{i}\"><v>1</v></c></row>", letter(c), letter(b), letter(a))
        })
        .collect();
    for text in [corner, &scattered, &far, "<row r=\"-1\"><c t=\"s\"><v>99</v></c></row>", "<row", "<c><v>1</c>"] {
        let begun = std::time::Instant::now();
        if let Ok(d) = open_as("a", sheet(text)) {
            for i in 0..d.channels().len().min(100) {
                d.read(i).unwrap();
            }
        }
        assert!(begun.elapsed().as_secs() < 2, "{}", &text[..text.len().min(60)]);
    }
}

#[test]
fn broken_parts_in_a_sound_archive() {
    use rand_pcg::rand_core::{Rng, SeedableRng};
    let mut rng = rand_pcg::Pcg64Mcg::seed_from_u64(3);
    let sheets = made::nanosuite_sheets();
    let bytes = |(name, text): (String, String)| (name, text.into_bytes());
    let xlsx = made::xlsx_parts(&sheets).into_iter().map(bytes).collect();
    let ods: Vec<(String, Vec<u8>)> = office::ods_parts(&sheets).into_iter().map(bytes).collect();
    let workbooks: [Vec<(String, Vec<u8>)>; 3] = [xlsx, ods, office::xlsb_parts(&sheets)];
    for round in 0..600 {
        let mut parts = workbooks[round % 3].clone();
        for _ in 0..3 {
            // What an archive of OpenDocument says it is, is left.
            let i = rng.next_u32() as usize % parts.len();
            if parts[i].0 == "mimetype" {
                continue;
            }
            let at = rng.next_u32() as usize % parts[i].1.len();
            parts[i].1[at] = b"<>\"/=&;x9\x01\x80\xff "[rng.next_u32() as usize % 13];
        }
        if let Ok(d) = open_as("a", made::archive(&parts)) {
            for i in 0..d.channels().len() {
                let _ = d.read(i);
            }
        }
    }
}

#[test]
fn rows_and_cells_of_opendocument_that_are_repeated() {
    let sheet = |rows: &str| {
        let mut parts = office::ods_parts(&[("S", vec![vec![n(1.0)]])]);
        parts[2].1 =
            format!("<office:spreadsheet><table:table table:name=\"S\">{rows}</table:table></office:spreadsheet>");
        made::archive(&parts)
    };
    let cell = |v: f64, times: u32| {
        format!(
            "<table:table-cell office:value-type=\"float\" office:value=\"{v}\" table:number-columns-repeated=\"{times}\"/>"
        )
    };
    let row = |cells: &str, times: u32| {
        format!("<table:table-row table:number-rows-repeated=\"{times}\">{cells}</table:table-row>")
    };
    let text = [row(&(cell(1.0, 9) + &cell(2.0, 1)), 3), row(&cell(5.0, 10), 1)].concat();
    let m = map(&open_as("a", sheet(&text)).unwrap(), "S");
    assert_eq!((m.shape(), m.values[[2, 9]], m.values[[3, 9]], m.values[[0, 8]]), ([4, 10], 2.0, 5.0, 1.0));
    // A hundred bytes that claim 10^10 cells.
    let e = open_as("a", sheet(&row(&cell(1.0, 16_384), 1_048_576))).map(|_| ()).unwrap_err();
    assert!(e.what.contains("repeats its cells") && !e.hint.is_empty(), "{e}");
    let parts = office::ods_parts(&[("S", vec![vec![n(1.0)]])]);
    let mut secret = parts.clone();
    secret[1].1 = "<manifest:encryption-data/>".into();
    let e = open_as("a", made::archive(&secret)).map(|_| ()).unwrap_err();
    assert!(e.what.contains("encrypted"), "{e}");
    let mut cut = parts;
    let half = cut[2].1.len() / 2;
    cut[2].1.truncate(half);
    let e = open_as("a", made::archive(&cut)).map(|_| ()).unwrap_err();
    assert!(e.what.contains("ends in the middle"), "{e}");
}

#[test]
fn an_encrypted_workbook_says_so() {
    let mut stream = made::biff(&made::nanosuite_sheets(), true);
    // The code page's record becomes that of a password.
    let at = stream.windows(4).position(|w| w == [0x42, 0, 2, 0]).unwrap();
    stream[at] = 0x2f;
    let e = open_as("a", made::ole("Workbook", &stream)).map(|_| ()).unwrap_err();
    assert!(e.what.contains("encrypted") && !e.hint.is_empty(), "{e}");
}
