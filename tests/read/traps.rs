//! What files hold that misleads readers: conditions in heads, settings among rows, several maps in a text, locales, frames.
//! Each case was once read wrong without a word; see `docs/correctness.md`.

use super::fixtures::sheets::{self as made, Cell, Rows, n, row, t, words};
use super::fixtures::volumes::{Hdf5, Set as Hdf5Set};
use super::*;

fn open(text: &str) -> Dataset {
    open_as("a.txt", text.as_bytes().to_vec()).unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn refusal(text: &str) -> String {
    open_as("a.txt", text.as_bytes().to_vec()).map(|d| names(&d).join(", ")).unwrap_err().to_string()
}

fn names(d: &Dataset) -> Vec<&str> {
    d.channels().iter().map(|c| c.name.as_str()).collect()
}

fn units(d: &Dataset) -> Vec<&str> {
    d.channels().iter().map(|c| c.unit.symbol.as_str()).collect()
}

fn sheet(rows: Rows) -> Dataset {
    open_as("a.xlsx", made::xlsx(&[("S", rows)])).unwrap()
}

/// `rows` lines of `columns` numbers that count from `from`, parted by `mark`.
fn lines(rows: usize, columns: usize, from: usize, mark: &str) -> String {
    let line = |r: usize| (0..columns).map(|c| (from + r * columns + c).to_string()).collect::<Vec<_>>().join(mark);
    (0..rows).map(|r| line(r) + "\n").collect()
}

#[test]
fn settings_between_head_and_rows_and_results_below_are_no_rows() {
    let d = open(
        "Time (s)\tLoad (N)\tTime (s)\tLoad (N)\nRate\t5\tRate\t7\nSpan\t40\tSpan\t40\n0\t1\t0\t5\n1\t2\t1\t6\n2\t3\t2\t7\n",
    );
    assert_eq!(column(&d, "Load"), [1.0, 2.0, 3.0]);
    assert_eq!(metadata(&d, "row `Rate`"), "5; Rate; 7");
    let d = open("t (s)\tF (N)\n0\t1\n1\t2\n2\t3\n\nMaximum load (N)\t3\nEnergy (J)\t5\n");
    assert_eq!((column(&d, "t"), column(&d, "F")), (vec![0.0, 1.0, 2.0], vec![1.0, 2.0, 3.0]));
    let d = open("Length\t10\tmm\nWidth\t5\tmm\n0\t1\t5\n1\t2\t6\n2\t3\t7\n");
    assert_eq!(column(&d, "column_0"), [0.0, 1.0, 2.0]);
    // Words in a column of words stay, and so do labels of specimens among numbers.
    let d = open("Position,Hardness (GPa)\n0,1\n1,2\n2,3\n3,4\nedge,5\n");
    assert_eq!(column(&d, "Hardness").len(), 5);
    let d = open("Specimen,E (GPa)\n1,70\n2,71\nMean,71\nSD,1\nMin,70\nMax,72\n");
    assert_eq!(column(&d, "E"), [70e9, 71e9]);
    let d = open("site\tH (GPa)\nA\t1\nB\t2\nC\t3\n");
    assert_eq!(column(&d, "H"), [1e9, 2e9, 3e9]);
    let mut rows: Rows = vec![words("Time|Stress|Time|Stress"), words("s|Pa|s|Pa")];
    rows.push(vec![t("Rate"), n(5.0), t("Rate"), n(7.0)]);
    rows.push(vec![t("Span"), n(9.0), t("Span"), n(3.0)]);
    rows.extend((0..6).map(|i| (0..4).map(|c| n(f64::from(i + c))).collect::<Vec<Cell>>()));
    let d = sheet(rows);
    assert_eq!((names(&d), column(&d, "Stress").len()), (vec!["Time", "Stress", "Time #2", "Stress #2"], 6));
    let head = [vec![t("Operator"), t("Smith")], row("Width (mm)", &[10.0]), row("Span (mm)", &[2.5])];
    let mut rows: Rows = head.to_vec();
    rows.push(words("Time (s)|Load (N)"));
    rows.extend((0..5).map(|i| vec![n(f64::from(i)), n(2.0 * f64::from(i))]));
    let d = sheet(rows);
    assert_eq!((names(&d), column(&d, "Load").len()), (vec!["Time", "Load"], 5));
}

#[test]
fn words_beside_numbers_take_no_row() {
    let d = open("T (K),E (GPa)\n300,1.0,outlier?\n310,1.5\n320,1.7\n330,1.8\n");
    assert_eq!((column(&d, "E").len(), metadata(&d, "line 2: remark")), (4, "outlier?"));
    let mut rows: Rows = (0..3).map(|i| vec![t("note"), Cell::Empty, n(300.0 + f64::from(i)), n(1.0)]).collect();
    rows.extend((3..9).map(|i| vec![Cell::Empty, Cell::Empty, n(300.0 + f64::from(i)), n(1.0)]));
    let d = sheet(rows);
    assert_eq!(column(&d, "column_1").len(), 9);
}

#[test]
fn tables_and_maps_of_one_text_are_not_laid_under_one_another() {
    let head =
        |name: &str, unit: &str| format!("# Channel: {name}\n# Width: 3,0 µm\n# Height: 2 µm\n# Value units: {unit}\n");
    let d = open(&format!("{}{}{}{}", head("Z", "nm"), lines(2, 3, 0, "\t"), head("U", "V"), lines(4, 3, 9, "\t")));
    assert_eq!((names(&d), units(&d)), (vec!["Z", "U"], vec!["nm", "V"]));
    assert_eq!((map(&d, "Z").shape(), map(&d, "U").shape()), ([2, 3], [4, 3]));
    has_sizes(&map(&d, "Z"), [1e-6, 1e-6]);
    let d = open(&format!("{}\n{}", lines(3, 12, 0, " "), lines(2, 12, 100, " ")));
    assert_eq!((map(&d, "data").shape(), map(&d, "data #2").shape()), ([3, 12], [2, 12]));
    let d = open(&format!("# Height [m]\n{}# Phase [deg]\n{}", lines(3, 12, 0, " "), lines(3, 12, 100, " ")));
    assert_eq!((names(&d), units(&d)), (vec!["Height", "Phase"], vec!["m", "deg"]));
    // The head in another language; with another line between.
    let d = open(&format!(
        "# Kanal: Phase\n# Breite: 5,00 µm\n# Höhe: 4 µm\n# Werteinheiten: deg\n{}",
        lines(4, 5, 0, " ")
    ));
    assert_eq!((map(&d, "Phase").shape(), units(&d)), ([4, 5], vec!["deg"]));
    has_sizes(&map(&d, "Phase"), [1e-6, 1e-6]);
    // Segments below a line of words go on with names and units.
    let d = open("Time (s)\tLoad (N)\n0\t1\n1\t2\nHOLD\n2\t3\n3\t4\nUNLOAD\n4\t5\n");
    assert_eq!((d.tables().len(), column(&d, "HOLD: Load")), (3, vec![3.0, 4.0]));
    let mut rows: Rows = vec![words("t (s)|F (N)")];
    rows.extend((0..4).map(|i| vec![n(f64::from(i)), n(1.0)]));
    rows.push(words("t (s)|h (nm)"));
    rows.extend((0..4).map(|i| vec![n(f64::from(i)), n(2.0)]));
    let d = sheet(rows);
    assert_eq!(d.tables().len(), 2, "{:?}", names(&d));
}

fn has_sizes(m: &Map, want: [f64; 2]) {
    let own = m.pixel.unwrap();
    assert!(close(own[0], want[0]) && close(own[1], want[1]), "{own:?}");
}

#[test]
fn heads_parted_otherwise_and_apart_from_their_rows() {
    let d = open("#time\tq\tTorque\n#s\trad\tN-m\n0\t0\t1\n1\t2\t3\n2\t3\t4\n");
    assert_eq!((names(&d), units(&d)), (vec!["time", "q", "Torque"], vec!["s", "rad", "N*m"]));
    let d = open("Nsig\t2\nSig1\tTime (min)\nSig2\tTemperature (°C)\nOrgFile\tx.001\nStartOfData\n0\t30\n1\t31\n");
    assert_eq!((column(&d, "Time")[1], column(&d, "Temperature")[0]), (60.0, 303.15));
    let d = open(
        "Curve Values:\n     Index        t     Load\n                [s]     [mN]\n         0      0.0      1.5\n         1      0.1      2.5\n",
    );
    assert_eq!((names(&d), units(&d)), (vec!["Index", "t", "Load"], vec!["", "s", "mN"]));
    for head in [
        "Time (s), Contact load (mN)",
        "Time (s)   Contact load (mN)",
        "Time (s) Contact load (mN)",
        "Time (s)\tContact load (mN)",
        "# Time (s), Contact load (mN)",
        "Time (s); Contact load (mN)\n# at 22 °C",
        "Time (s)  Contact load (mN)\n--------  ---------",
        "# Time (s)  Contact load (mN)\n# of today",
    ] {
        let d = open(&format!("{head}\n0.5 1.5\n1.5 2.5\n2.5 3.5\n"));
        assert_eq!((names(&d), units(&d)), (vec!["Time", "Contact load"], vec!["s", "mN"]), "{head}");
    }
    let d = open("Time\tLoad\tDepth\ns\tmN\tnm\nPMMA\tPMMA\tPMMA\n0\t1\t2\n1\t2\t3\n");
    assert_eq!((names(&d), units(&d)), (vec!["Time", "Load", "Depth"], vec!["s", "mN", "nm"]));
    let d = open("Sample\tPMMA\nOperator\tJD\n\nTemps\tForce\ns\tmN\n0\t1\n1\t2\n");
    assert_eq!((names(&d), units(&d), metadata(&d, "Operator")), (vec!["Temps", "Force"], vec!["s", "mN"], "JD"));
    let d = open("# columns: height force\n# units: m N\n1e-6 1e-9\n2e-6 2e-9\n");
    assert_eq!((names(&d), units(&d)), (vec!["height", "force"], vec!["m", "N"]));
    let d = open("0,1,2,3,4,5\n0,3,.1,1,1,1\n1,4,.2,1,1,1\n2,5,.3,1,1,1\n");
    assert_eq!(column(&d, "1"), [3.0, 4.0, 5.0]);
    // What may be numbers is no head.
    assert_eq!(column(&open("0\t1\t2\n0.5\t1.5\t3\n1\t2\t4.2\n"), "column_0").len(), 3);
    // A row that is longer, or a column without a name, moves no name.
    for text in
        ["Time (s);Load (N)\n0;1\n1;2\n2;3;99\n3;4\n", "Time (s)\tLoad (N)\n0\t1\t7\n1\t2\t8\n2\t3\t9\n3\t4\t9\n"]
    {
        assert_eq!(column(&open(text), "Time"), [0.0, 1.0, 2.0, 3.0], "{text}");
    }
    let d = open("Time,Load,Load\n,Trial 1,Trial 2\ns,N,N\n0,1,2\n1,2,3\n2,3,4\n");
    assert_eq!((names(&d), units(&d)), (vec!["Time", "Load / Trial 1", "Load / Trial 2"], vec!["s", "N", "N"]));
    let d = open("Sample,PMMA\nOperator,JD\nTime (s),Load (N)\n0,1\n1,2\n2,3\n");
    assert_eq!((names(&d), metadata(&d, "line 1")), (vec!["Time", "Load"], "Sample,PMMA"));
    let d = open("Column 1: Time (s)\nColumn 2: Load (mN)\nColumn 3: Depth (nm)\n0 1 2\n1 2 3\n2 3 4\n");
    assert_eq!(units(&d), ["s", "mN", "nm"]);
    // A list that only counts: its names, not `2` or `(1) / (2)`, and not its remarks or settings.
    for list in [
        "# 1: Time (s)\n# 2: Load (mN)\n",
        "# 1. Time (s)\n# 2. Load (mN)\n",
        "#1 Time [s]\n#2 Load [mN]\n",
        "(1) Time (s)\n(2) Load (mN)\n",
        "# measured in air\n% [0] Time (s)\n% [1] Load (mN)\n",
    ] {
        let d = open(&format!("{list}1\t2\n2\t3\n3\t4\n"));
        assert_eq!((names(&d), units(&d)), (vec!["Time", "Load"], vec!["s", "mN"]), "{list}");
    }
    for remarks in
        ["# 1. Sample annealed\n# 2. Measured in air\n", "# 1 Hz\n# 2 mN\n", "# 2: Time (s)\n# 3: Load (mN)\n"]
    {
        let d = open(&format!("{remarks}1 2\n2 3\n3 4\n"));
        assert!(!names(&d).contains(&"Time") && units(&d) == ["", ""], "{remarks}: {:?}", names(&d));
    }
    let d = open("# x y z\n# all in nm\n0 1 5\n1 2 6\n2 3 7\n");
    assert_eq!((names(&d), units(&d)), (vec!["x", "y", "z"], vec!["", "", ""]));
    let d = open("t,F,h\n0,0.5,1.5,2\n1,1.5,2.5,3\n2,3.5,4.5,4\n");
    assert_eq!(column(&d, "t"), [0.5, 1.5, 3.5]);
    let d = open("Cycle,Counts\n1,100,ok\n2,110,ok\n3,120,ok\n");
    assert_eq!(column(&d, "Counts"), [100.0, 110.0, 120.0]);
    // A title of as many words as columns is no name.
    let d = open("Load displacement\nLoad (N)\tDisplacement (mm)\n0\t1\n1\t2\n2\t3\n");
    assert_eq!(names(&d), ["Load", "Displacement"]);
    let d = open("Time (s)\tLoad (mN)\tLoad (mN)\n\tsample A\tsample B\n0\t1\t2\n1\t2\t3\n");
    assert_eq!(units(&d), ["s", "mN", "mN"]);
    let d = open("Wavelength (nm),400,410,420\n1,10,11,12\n2,20,21,22\n3,30,31,32\n");
    assert_eq!((names(&d), column(&d, "410")), (vec!["Wavelength", "400", "410", "420"], vec![11.0, 21.0, 31.0]));
}

#[test]
fn heads_of_labview_segments_are_units_and_times_not_rows() {
    const FILE: &str = "LabVIEW Measurement\t\nWriter_Version\t2\nSeparator\tTab\nDecimal_Separator\t.\n\
        Time_Pref\tRelative\n***End_of_Header***\t\n\t\n";
    let segment = |keys: &str, rows: &str| {
        let (x0, step, units) = match keys {
            "multi" => ("0.5\t\t0.5", "0.25\t\t0.25", "Newtons\t\tVolts"),
            "apart" => ("0.5\t0.5", "0.25\t0.5", "Newtons\tVolts"),
            _ => ("0.5\t0.5", "0.25\t0.25", "Newtons\tVolts"),
        };
        let (dimension, names) = match keys {
            "multi" => ("Time\t\tTime", "X_Value\tForce\tX_Value\tDrive"),
            _ => ("Time\tTime", "X_Value\tForce\tDrive"),
        };
        format!(
            "Channels\t2\t\t\nSamples\t2\t2\t\nY_Unit_Label\t{units}\t\nX_Dimension\t{dimension}\t\nX0\t{x0}\t\n\
             Delta_X\t{step}\t\n***End_of_Header***\t\t\t\n{names}\tComment\n{rows}\t\n"
        )
    };
    // No column of times, one, one a channel; a row alone, with the comment of the segment.
    let d = open(&format!("{FILE}{}", segment("no", "\t1.5\t2.5\trun 1\n\t1.25\t2.25\n")));
    assert_eq!((names(&d), units(&d)), (vec!["X_Value", "Force", "Drive"], vec!["s", "Newtons", "Volts"]));
    assert_eq!((column(&d, "X_Value"), column(&d, "Drive")), (vec![0.5, 0.75], vec![2.5, 2.25]));
    let d = open(&format!("{FILE}{}", segment("apart", "\t1.5\t2.5\n\t1.25\t2.25\n")));
    assert_eq!(names(&d), ["Force", "Drive"], "channels of two rates have no time in common");
    let d = open(&format!("{FILE}{}", segment("one", "0.5\t1.5\t2.5\trun 1\n")));
    assert_eq!((names(&d), column(&d, "Force")), (vec!["X_Value", "Force", "Drive"], vec![1.5]));
    let d = open(&format!("{FILE}{}", segment("multi", "0.5\t1.5\t0.5\t2.5\n0.75\t1.25\t0.75\t2.25\n")));
    assert_eq!(names(&d), ["X_Value", "Force", "X_Value #2", "Drive"]);
    assert_eq!(units(&d), ["s", "Newtons", "s", "Volts"]);
    let two = segment("one", "0.5\t1.5\t2.5\n0.75\t1.25\t2.25\n");
    let d = open(&format!("{FILE}{two}{two}"));
    assert_eq!((d.tables().len(), d.channels().len(), d.tables()[1].name.as_str()), (2, 6, "table 2"));
    // Parted by commas, as the head says.
    let comma = segment("one", "0.5\t1.5\t2.5\n0.75\t1.25\t2.25\n");
    let d = open(&format!("{FILE}{comma}").replace("\tTab", "\tComma").replace('\t', ","));
    assert_eq!((names(&d), column(&d, "Force")), (vec!["X_Value", "Force", "Drive"], vec![1.5, 1.25]));
}

#[test]
fn separator_mark_and_groups_are_decided_together() {
    let d = open("\"T (K)\",\"E'' (MPa)\"\n\"300,5\",\"1,5\"\n\"301,5\",\"1,6\"\n");
    assert_eq!((column(&d, "T"), column(&d, "E''")), (vec![300.5, 301.5], vec![1.5e6, 1.6e6]));
    for group in [" ", "\u{a0}", "\u{202f}", "'", "."] {
        let d = open(&format!("T (K);E (MPa)\n300,5;1{group}012,5\n301,5;1{group}013,5\n"));
        assert_eq!(column(&d, "E"), [1012.5e6, 1013.5e6], "{group:?}");
    }
    let d = open("F (N)\n1,5\n2,5\n3,25\n");
    assert_eq!((names(&d), column(&d, "F")), (vec!["F"], vec![1.5, 2.5, 3.25]));
    assert_eq!(column(&open("Cycle,Counts,\n0,1,\n1,2,\n"), "Counts"), [1.0, 2.0]);
    assert!(refusal("Time\tCycles\n0.5\t1,000\n1.0\t1,037\n").contains("decimal mark"));
    assert_eq!(column(&open("Time\tCycles\n0.5\t1,000.5\n1.0\t1,037\n"), "Cycles"), [1000.5, 1037.0]);
    assert!(refusal("t,F\n0,1,5\n1,2,5\n2,5,25\n").contains("line 2"));
    // A number that is missing between blanks: its place tells, or it is asked for.
    let d = open("    x     y     z\n    1           3\n    2     5     6\n    4     7     8\n");
    assert!(column(&d, "y")[0].is_nan() && column(&d, "z") == [3.0, 6.0, 8.0]);
    assert!(refusal("t F h\n0 1 5\n1 6\n2 13 7\n4 9 8\n").contains("line 3"));
}

#[test]
fn matlab_stores_columns_and_its_versions_are_told_apart() {
    for order in [fixtures::Order::Little, fixtures::Order::Big] {
        let d = open_as("a.mat", fixtures::matlab(order)).unwrap();
        let m = map(&d, "map");
        assert_eq!((m.shape(), m.values[[0, 1]], m.values[[1, 0]]), ([2, 3], 2.0, 1.0));
        assert_eq!((column(&d, "list").len(), metadata(&d, "words"), metadata(&d, "none")), (4, "hi", "empty"));
        let v = volume(&d, "s.volume");
        assert_eq!((v.values.dim(), v.values[[1, 0, 1]], v.values[[2, 1, 0]]), ((3, 2, 2), 6.0, 9.0));
    }
}

#[test]
fn matlab_arrays_in_hdf5_are_rows() {
    let numbers: Vec<f64> = (0..24).map(f64::from).collect();
    let class = "MATLAB_class=double";
    let set = |name, shape, n: usize| Hdf5Set::doubles(name, shape, &numbers[..n], class);
    let bytes = Hdf5::file(&[(
        "",
        vec![set("a", &[3, 2], 6), set("b", &[2, 3, 2], 12), set("c", &[2, 2, 3, 2], 24), set("d", &[4, 1], 4)],
    )]);
    let d = open_as("a.mat", bytes).unwrap();
    let m = map(&d, "a");
    assert_eq!((m.shape(), m.values[[0, 1]], m.values[[1, 0]]), ([2, 3], 2.0, 1.0));
    let v = volume(&d, "b");
    assert_eq!((v.values.dim(), v.values[[1, 0, 2]], v.values[[0, 1, 0]]), ((2, 2, 3), 10.0, 1.0));
    let w = volume(&d, "c");
    assert_eq!((w.values.dim(), w.values[[3, 0, 2]]), ((4, 2, 3), 22.0));
    assert_eq!(column(&d, "d"), [0.0, 1.0, 2.0, 3.0]);
    // Windows of rows are rows as well.
    let window = softspot::io::Window::new([0..1, 1..3]);
    assert_eq!(d.window(0, &window).unwrap(), [2.0, 4.0]);
    assert_eq!(d.window(2, &softspot::io::Window::new([3..4, 1..2, 0..2])).unwrap(), [19.0, 21.0]);
}

#[test]
fn one_unreadable_part_does_not_hide_the_rest() {
    let sound = Hdf5Set::doubles("plain", &[2, 3], &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0], "nm");
    let other = Hdf5Set { kind: "virtual", ..Hdf5Set::doubles("other", &[2, 3], &[0.0; 6], "") };
    let d = open_as("a.h5", Hdf5::file(&[("", vec![other, sound])])).unwrap();
    assert_eq!(
        (map(&d, "plain").shape(), metadata(&d, "other")),
        ([2, 3], "not read: it is a virtual array, made of others")
    );
    // An image whose header says nothing of its values.
    let text = fixtures::nanoscope(2);
    let at = text.windows(10).position(|w| w == b"@2:Z scale").unwrap();
    let mut broken = text.clone();
    broken[at..at + 10].copy_from_slice(b"@2:Z scald");
    let d = open_as("a.spm", broken).unwrap();
    assert!(d.channels().len() == 2 && metadata(&d, "image").contains("no `Z scale`"));
    // Climate data: packed numbers.
    let packed = Hdf5Set::doubles("z", &[3], &[10.0, 20.0, 30.0], "scale_factor=0.1");
    let d = open_as("a.h5", Hdf5::file(&[("", vec![packed])])).unwrap();
    assert_eq!(column(&d, "z"), [1.0, 2.0, 3.0]);
}

#[test]
fn percent_formats_formulas_and_damaged_sheets() {
    let percent = |i: u32| vec![n(f64::from(i)), Cell::Percent(f64::from(i) * 0.01)];
    let mut rows: Rows = vec![words("t (s)|Strain (%)")];
    rows.extend((0..5).map(percent));
    assert!(close(column(&sheet(rows), "Strain")[4], 0.04));
    let mut rows: Rows = vec![words("t (s)|y (nm)")];
    rows.extend((0..5).map(|i| vec![n(f64::from(i)), Cell::Formula]));
    let d = sheet(rows.clone());
    assert!(metadata(&d, "S/not read").starts_with("5 cells hold formulas without results"));
    // A digit of a stored sheet that is another one: the checksum tells.
    let bytes = made::xlsx(&[("S", rows)]);
    let at = bytes.windows(8).position(|w| w == b"<x:v>3</").unwrap();
    let mut wrong = bytes.clone();
    wrong[at + 5] = b'7';
    assert!(open_as("a.xlsx", wrong).is_err());
    let mut parts = made::xlsx_parts(&[("S", (0..9).map(|i| vec![n(f64::from(i)), n(1.0)]).collect())]);
    let half = parts[0].1.len() / 2;
    parts[0].1.truncate(half);
    let e = open_as("a.xlsx", made::archive(&parts)).map(|_| ()).unwrap_err();
    assert!(e.what.contains("ends in the middle"), "{e}");
}
