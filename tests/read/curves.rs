//! Text of nanoindenters and rheometers, several tables a file, folders of curves.

use super::fixtures::curves as fixtures;
use super::*;

fn names(d: &Dataset) -> Vec<&str> {
    d.channels().iter().map(|c| c.name.as_str()).collect()
}

fn tables(d: &Dataset) -> Vec<&str> {
    d.tables().iter().map(|t| t.name.as_str()).collect()
}

fn said<'a>(d: &'a Dataset, table: usize, key: &str) -> &'a str {
    let found = d.tables()[table].metadata.iter().find(|(k, _)| k == key);
    found.map(|(_, v)| v.as_str()).unwrap_or_else(|| panic!("no {key} in {:?}", d.tables()[table]))
}

#[test]
fn a_report_of_csm_is_one_table_with_its_statistics() {
    let d = open_as("a", fixtures::csm()).unwrap();
    assert_eq!(names(&d), ["HIT (O&P)", "hm (O&P)"]);
    let hardness = column(&d, "HIT (O&P)");
    assert!(close(hardness[0], 8796.963e6) && hardness[1].is_nan() && close(hardness[2], 9178.243e6));
    assert!(close(column(&d, "hm (O&P)")[2], 0.25e-9));
    assert_eq!(metadata(&d, "HIT (O&P): Mean"), "8796,963");
    assert_eq!(metadata(&d, "Sample"), "Glass - sample 3");
    assert_eq!(metadata(&d, "HM"), "no value of any indent");
}

#[test]
fn indents_that_are_left_out_keep_their_numbers() {
    let text = String::from_utf8(fixtures::csm()).unwrap();
    let fewer: Vec<&str> = text.lines().filter(|l| !l.contains("Data : 2")).collect();
    let reader = READERS.iter().find(|r| r.format().id == "csm").unwrap();
    let source = Source::from_bytes(Path::new("a.txt"), fewer.join("\n").into_bytes());
    let d = reader.open(&source, &Limits::default()).unwrap();
    assert_eq!(column(&d, "Data"), [1.0, 3.0]);
    assert_eq!(column(&d, "hm (O&P)").len(), 2);
    let wrong = text.replace("9178,243", "9.17,243");
    let e = open_as("a", wrong.into_bytes()).map(|_| ()).unwrap_err();
    assert!(e.to_string().contains("line 7") && !e.hint.is_empty(), "{e}");
}

#[test]
fn fischer_gives_results_and_a_table_an_indent() {
    let d = open_as("a", fixtures::fischer()).unwrap();
    assert_eq!(tables(&d), ["results", "indent 1", "indent 2"]);
    assert_eq!(names(&d)[..3], ["results: HM", "results: x", "results: y"]);
    assert!(close(column(&d, "results: HM")[1], 3842.03e6));
    assert!(close(column(&d, "results: x")[1], 44.5406e-3));
    let at = d.tables()[2].position.unwrap();
    assert!(close(at[0], 44.5406e-3) && close(at[1], 6.01354e-3), "{at:?}");
    assert_eq!(column(&d, "indent 1: F"), [0.4, 1.1, 29.9928]);
    assert_eq!(column(&d, "indent 2: h"), [0.031, 0.25, 0.89]);
    assert_eq!(said(&d, 1, "HIT [N/mm²]"), "8553.6");
    assert_eq!(said(&d, 2, "Value"), "2");
    assert_eq!(metadata(&d, "Statistics of block: X."), "3885,31");
    assert_eq!(metadata(&d, "Name of the application"), "T.hap");
    // A number that is none makes no shorter curve.
    let text: String = fixtures::fischer().iter().map(|b| char::from(*b)).collect();
    let damaged = text.replacen("1,1\t0,15", "1,1\t0x15", 1);
    assert_ne!(damaged, text);
    let e = open_as("a", damaged.chars().map(|c| c as u8).collect()).map(|_| ()).unwrap_err();
    assert!(e.to_string().contains("line ") && !e.hint.is_empty(), "{e}");
}

#[test]
fn hysitron_takes_units_from_names_and_the_stage_from_the_header() {
    let d = open_as("a", fixtures::hld()).unwrap();
    assert_eq!(tables(&d), ["Sample Approach", "Test"]);
    assert_eq!(names(&d)[3..], ["Test: Time", "Test: Disp", "Test: Force", "Test: Disp_V", "Test: Piezo_LowV"]);
    assert!(close(column(&d, "Test: Disp")[0], 5.5e-9));
    assert!(close(column(&d, "Test: Force")[1], 206.5e-6));
    assert!(close(column(&d, "Sample Approach: MotorDisp")[1], 0.5e-3));
    assert_eq!(d.channels()[7].unit.si_symbol(), "V");
    let at = d.tables()[0].position.unwrap();
    assert!(close(at[0], 1.5e-3) && close(at[1], -2e-3), "{at:?}");
    assert_eq!(metadata(&d, "Contact Threshold"), "250 µN");
    let cut = String::from_utf8_lossy(&fixtures::hld()).replace("Test Data Points: 3", "Test Data Points: 30");
    let e = open_as("a", cut.into_bytes()).map(|_| ()).unwrap_err();
    assert!(e.what.contains("3 rows of the 30"), "{e}");
}

#[test]
fn steps_of_trios_are_tables() {
    let d = open_as("a", fixtures::trios()).unwrap();
    assert_eq!(tables(&d), ["Frequency sweep - 1", "Flow ramp - 2"]);
    assert_eq!(column(&d, "Frequency sweep - 1: Temperature"), [298.65, 297.65]);
    assert_eq!(column(&d, "Frequency sweep - 1: Storage modulus"), [0.5e6, 0.25e6]);
    assert_eq!(column(&d, "Flow ramp - 2: Stress"), [5500.0, 6500.0, 7500.0]);
    // A constant per radian is no angle.
    assert_eq!(column(&d, "Flow ramp - 2: Strain constant")[0], 12.5);
    let columns: Vec<_> = d.columns_of(0).map(|(name, _)| name).collect();
    assert_eq!(columns, ["Angular frequency", "Temperature", "Storage modulus", "Termination reason"]);
    assert_eq!(metadata(&d, "File Parameters / Instrument name"), "5332-0001");
}

#[test]
fn a_lims_export_has_the_same_tables() {
    let d = open_as("a", fixtures::lims()).unwrap();
    assert_eq!(tables(&d), ["Frequency sweep (150.0 °C)", "Frequency sweep (-40.0 °C)"]);
    assert_eq!(column(&d, "Frequency sweep (-40.0 °C): Loss modulus"), [430.25e6, 0.125e6]);
    assert!(close(column(&d, "Frequency sweep (150.0 °C): Temperature")[1], 423.15));
    assert_eq!(metadata(&d, "Parameters: File Parameters / Instrument type"), "AresG2");
}

#[test]
fn intervals_of_a_rheometer_are_tables() {
    let d = open_as("a", fixtures::rheocompass()).unwrap();
    assert_eq!(tables(&d), ["Creep, Interval 1", "Creep, Interval 2", "Recovery, Interval 1"]);
    assert_eq!(column(&d, "Creep, Interval 1: Time"), [0.5, 1.5, 2.5]);
    assert_eq!(column(&d, "Creep, Interval 2: Shear Stress"), [100.25e3, 95.25e3]);
    assert_eq!(column(&d, "Recovery, Interval 1: Shear Stress"), [7500.0]);
    assert_eq!(metadata(&d, "Project"), "gels");
    assert_eq!(said(&d, 2, "Result"), "Recovery");
}

#[test]
fn netzsch_names_stand_in_a_comment_with_units_behind_a_slash() {
    let d = open_as("a", fixtures::netzsch()).unwrap();
    assert_eq!(names(&d), ["Temp.", "Time", "DSC", "Segment"]);
    assert!(close(column(&d, "Temp.")[0], 293.65));
    assert_eq!(column(&d, "Time"), [0.0, 60.0]);
    assert!(close(column(&d, "DSC")[1], 1500.0));
    assert_eq!(metadata(&d, "SAMPLE"), "La60");
}

#[test]
fn a_curve_of_micro_materials_is_told_by_its_name() {
    let d = open_as("500nmA 2 100 -200.txt", fixtures::micro_materials()).unwrap();
    assert_eq!((d.format(), names(&d)), ("micro-materials", vec!["Time", "Depth", "Load"]));
    let at = d.tables()[0].position.unwrap();
    assert!(close(at[0], 100e-6) && close(at[1], -200e-6), "{at:?}");
    assert_eq!(said(&d, 0, "Target"), "500 nm");
    let plain = open_as("x.bin", fixtures::micro_materials()).unwrap();
    assert_eq!((plain.format(), names(&plain)), ("text", vec!["column_0", "column_1", "column_2"]));
}

#[test]
fn a_folder_of_curves_is_one_dataset() {
    let folder = tempfile::tempdir().unwrap();
    let open = || softspot::io::open(folder.path(), None, &Limits::default());
    let write = |name: &str, bytes: Vec<u8>| std::fs::write(folder.path().join(name), bytes).unwrap();
    assert!(open().is_err());
    for (t, g) in [("10", "3.5"), ("-5", "1.5"), ("5", "2.5")] {
        write(&format!("foam_{t}C.csv"), format!("ω (rad/s)\tG' (kPa)\n1\t{g}\n2\t{g}\n").into_bytes());
    }
    let d = open().unwrap();
    assert_eq!((d.format(), tables(&d)), ("curve-folder", vec!["foam_-5C", "foam_5C", "foam_10C"]));
    assert_eq!(column(&d, "foam_10C: G'"), [3500.0, 3500.0]);
    assert_eq!(d.columns_of(0).map(|(name, _)| name).collect::<Vec<_>>(), ["ω", "G'"]);
    assert_eq!(said(&d, 0, "temperature in the name"), "-5 °C");
    write("foam_15C.csv", fixtures::trios());
    let e = open().map(|_| ()).unwrap_err();
    assert!(e.to_string().contains("foam_15C.csv") && !e.hint.is_empty(), "{e}");
    write("notes.txt", b"words".to_vec());
    assert!(open().map(|_| ()).unwrap_err().what.contains("folder"));
}

#[test]
fn a_folder_of_micro_materials_has_positions() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["500nmA 10 300 -200.txt", "500nmA 2 100 -200.txt", ".hidden"] {
        std::fs::write(folder.path().join(name), fixtures::micro_materials()).unwrap();
    }
    let d = softspot::io::open(folder.path(), None, &Limits::default()).unwrap();
    assert_eq!(tables(&d), ["500nmA 2 100 -200", "500nmA 10 300 -200"]);
    assert!(close(d.tables()[1].position.unwrap()[0], 300e-6));
    assert_eq!(column(&d, "500nmA 10 300 -200: Depth"), [-36.5, 101.5, 498.5]);
}
