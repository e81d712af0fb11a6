//! Tables and matrices of text.

use softspot::data::Cells;

use super::*;

fn open(text: &str) -> Result<Dataset, ReadError> {
    open_as("a.txt", text.as_bytes().to_vec())
}

fn names(d: &Dataset) -> Vec<&str> {
    d.channels().iter().map(|c| c.name.as_str()).collect()
}

#[test]
fn names_units_words_and_empty_cells() {
    let d = open_as("a", fixtures::csv()).unwrap();
    assert_eq!(names(&d), ["T", "E''", "tan δ"]);
    assert_eq!(column(&d, "T"), [293.15, 303.15, 313.65]);
    let t = d.table().unwrap().unwrap();
    assert_eq!(t.columns.len(), 4);
    assert_eq!(t.column("sample").unwrap().cells, Cells::Text(vec!["La60".into(); 3]));
    assert_eq!(t.column("E''").unwrap().cells, Cells::Number(vec![Some(12.5e6), None, Some(10e6)]));
    assert_eq!(t.column("E''").unwrap().header(), "E'' [Pa]");
}

#[test]
fn a_rheometer_in_utf16_with_decimal_commas_and_a_row_of_units() {
    let d = open_as("a", fixtures::utf16()).unwrap();
    assert_eq!(names(&d), ["Point No.", "Time", "Torque", "Temperature"]);
    assert_eq!(column(&d, "Time"), [0.010, 0.021]);
    let torque = column(&d, "Torque");
    assert!(close(torque[1], -1.2326e-3), "{torque:?}");
    assert_eq!(column(&d, "Temperature"), [293.15, 293.65]);
    assert_eq!(metadata(&d, "Test"), "run 1");
}

#[test]
fn blanks_between_numbers_tabs_between_names_latin1() {
    let d = open_as("a", fixtures::latin1()).unwrap();
    assert_eq!(names(&d), ["Freq", "G'", "Load", "Temp"]);
    assert_eq!(d.channels()[0].unit.si_symbol(), "rad/s");
    assert!(close(column(&d, "Load")[1], 2.5e-6));
    assert!(close(column(&d, "Temp")[0], 303.14));
    assert_eq!(metadata(&d, "label"), "PI");
}

#[test]
fn a_matrix_is_a_map() {
    let d = open_as("a", fixtures::matrix()).unwrap();
    let m = map(&d, "Height");
    assert_eq!(m.shape(), [3, 9]);
    assert_eq!((m.values[[0, 0]], m.values[[1, 2]]), (0.0, 12e-9));
    let p = m.pixel_size().unwrap();
    assert!(close(p[0], 2e-6) && close(p[1], 1e-6));
    assert!(d.table().unwrap().is_none());
    let plain = open(&"1 2 3 4 5 6 7 8 9\n".repeat(3)).unwrap();
    assert_eq!(map(&plain, "data").pixel, None);
}

#[test]
fn few_columns_without_names_are_a_table() {
    let d = open("1.0e-01 1.5\n5.1 8.3e-01\n").unwrap();
    assert_eq!(names(&d), ["column_0", "column_1"]);
    assert_eq!(column(&d, "column_1"), [1.5, 0.83]);
}

#[test]
fn groups_over_names_and_columns_of_different_length() {
    let d = open("A,,B,\nX,Y,X,Y\n1,2,3,4\n5,6,7,8\n,,9,10\n").unwrap();
    assert_eq!(names(&d), ["A / X", "A / Y", "B / X", "B / Y"]);
    assert_eq!(column(&d, "A / X"), [1.0, 5.0]);
    assert_eq!(column(&d, "B / Y"), [4.0, 8.0, 10.0]);
    assert_eq!(d.table().unwrap().unwrap().rows(), 3);
}

#[test]
fn names_in_a_comment_and_equal_names() {
    let d = open("# t G\n1 2\n3 4\n").unwrap();
    assert_eq!(names(&d), ["t", "G"]);
    let d = open("Depth (nm)\tDepth (V)\tDepth (V)\n1\t2\t3\n4\t5\t6\n").unwrap();
    assert_eq!(names(&d), ["Depth", "Depth (V)", "Depth (V) #2"]);
    assert!(close(column(&d, "Depth")[0], 1e-9));
}

#[test]
fn numbers_are_never_guessed() {
    let e = open("a;b\n1,300;2,500\n4,100;7,250\n").map(|_| ()).unwrap_err();
    assert!(e.what.contains("thousands") && e.to_string().contains("line 2"), "{e}");
    let d = open("a;b\n1.300.000,5;2,5\n4,1;7,25\n").unwrap();
    assert_eq!(column(&d, "a"), [1_300_000.5, 4.1]);
    let e = open("a;b\n1.012;0,5\n1.013;0,6\n").map(|_| ()).unwrap_err();
    assert!(e.what.contains("which of them is the decimal mark") && e.to_string().contains("line 2"), "{e}");
    let e = open("a,b\n\"1,300\",2\n\"2,500\",3\n").map(|_| ()).unwrap_err();
    assert!(e.what.contains("group thousands"), "{e}");
    let d = open("x\n0.1234567890123456\n").unwrap();
    assert_eq!(column(&d, "x"), [0.123_456_789_012_345_6]);
}

#[test]
fn a_charge_in_coulomb_is_no_temperature() {
    let d = open("q,T\nC,C\n1,20\n2,30\n").unwrap();
    assert_eq!(column(&d, "q"), [1.0, 2.0]);
    assert_eq!(column(&d, "T"), [293.15, 303.15]);
}

#[test]
fn several_tables_are_told_apart_by_the_words_between_them() {
    let d = open("a,b\n1,2\n3,4\n5,6\n\na,b\n7,8\n9,10\n11,12\n").unwrap();
    assert_eq!(names(&d), ["table 1: a", "table 1: b", "table 2: a", "table 2: b"]);
    assert_eq!(column(&d, "table 2: a"), [7.0, 9.0, 11.0]);
    let d = open("[loading]\nt\tF\ns\tmN\n1\t2\n3\t4\n5\t6\n\n[holding]\ntarget = 5 mN\nt\tF\ns\tmN\n7\t8\n").unwrap();
    assert_eq!(names(&d), ["loading: t", "loading: F", "holding: t", "holding: F"]);
    assert!(close(column(&d, "holding: F")[0], 8e-3));
    assert_eq!(d.tables()[1].metadata, [("line 8".into(), "[holding]".into()), ("target".into(), "5 mN".into())]);
    // Statistics without names of their own are no table.
    let d = open("a b\n1 2\n3 4\n5 6\n7 8\nmean\n4 5\n").unwrap();
    assert_eq!(names(&d), ["a", "b"]);
    // Blank lines alone part the segments of one curve.
    let d = open("a,b\n1,2\n3,4\n5,6\n\n7,8\n9,10\n11,12\n").unwrap();
    assert_eq!(column(&d, "a").len(), 6);
}

#[test]
fn rows_of_settings_and_remarks() {
    let d = open("2\nLattice=\"1 0 0 2\" size 3 7 9\n1 0.5 a\n2 0.7 b\n3 0.9 a\n").unwrap();
    assert_eq!(names(&d), ["column_0", "column_1"]);
    assert_eq!(column(&d, "column_1"), [0.5, 0.7, 0.9]);
    let d = open("t G\n1 2\n3 4\n5 6 bad point\n").unwrap();
    assert_eq!((column(&d, "G"), metadata(&d, "line 4: remark")), (vec![2.0, 4.0, 6.0], "bad point"));
    let e = open("t G H\n1 2 7\n3 bad point of 4\n5 6 8\n").map(|_| ()).unwrap_err();
    assert!(e.to_string().contains("line 3"), "{e}");
}

#[test]
fn what_is_no_table_is_said() {
    for text in ["hello", "width = 5\nheight = 6\ndepth = 7\n", "a,b\nc,d\n", "\n\n", "# only\n"] {
        assert!(open(text).is_err(), "{text:?}");
    }
    assert!(open("{\"a\": 1}").is_err());
    assert!(open("1 2\n3 4\n\0\0").is_err());
}

#[test]
fn rows_of_statistics_are_no_data() {
    let d = open("No.,H (GPa)\n1,5\n2,6\n3,7\n4,8\nMean,6.5\nStd. Dev.,1.29\n").unwrap();
    assert_eq!(names(&d), ["No.", "H"]);
    assert_eq!(column(&d, "H"), [5e9, 6e9, 7e9, 8e9]);
    assert_eq!((metadata(&d, "row `Mean`"), metadata(&d, "row `Std. Dev.`")), ("6.5", "1.29"));
    // A table that is made of statistics keeps them.
    let d = open("what,H\nmean,6.5\nmedian,6.4\nmax,8\n").unwrap();
    assert_eq!(column(&d, "H"), [6.5, 6.4, 8.0]);
}

#[test]
fn units_in_brackets_belong_to_the_name_before_them() {
    let d = open("Time (s) Load (mN)\n1 20\n2 30\n").unwrap();
    assert_eq!(names(&d), ["Time", "Load"]);
    assert!(close(column(&d, "Load")[1], 0.03));
    let d = open("\"Load\n(mN)\",\"Depth\n(nm)\"\n1,2\n3,4\n").unwrap();
    assert_eq!(names(&d), ["Load", "Depth"]);
    assert!(close(column(&d, "Depth")[1], 4e-9));
}

#[test]
fn a_separator_may_be_declared_and_blanks_may_group_thousands() {
    let d = open("sep=;\nx;y\n1,5;2,25\n3,5;4\n").unwrap();
    assert_eq!((names(&d), column(&d, "y")), (vec!["x", "y"], vec![2.25, 4.0]));
    let d = open("x|y\n1.5|2\n3.5|4\n").unwrap();
    assert_eq!(column(&d, "x"), [1.5, 3.5]);
    // Two cells by either separator: the names decide, where there are any.
    assert_eq!(column(&open("x,y\n1 234,2\n2 345,3\n").unwrap(), "x"), [1234.0, 2345.0]);
    let e = open("x y\n1 234,2\n2 345,3\n").map(|d| names(&d).join(", ")).unwrap_err();
    assert!(e.what.contains("thousands") && e.to_string().contains("line 2"), "{e}");
    for grouped in ["x\ty\n1 234\t2\n45\t3\n", "x;y\n1\u{a0}234;2\n45;3\n"] {
        let d = open(grouped).unwrap();
        assert_eq!((names(&d), column(&d, "x")), (vec!["x", "y"], vec![1234.0, 45.0]));
    }
    // A column that could be read only by guessing is kept as words, and that is said.
    let d = open("a,share\n1,5 %\n2,6 %\n").unwrap();
    assert_eq!((names(&d), metadata(&d, "share: kept as text")), (vec!["a"], "line 2 holds `5 %`"));
}

#[test]
fn marks_for_what_is_missing() {
    let d = open("a,b\n1,1.#INF00\n2,-infinity\n3,1.#QNAN\n4,5\n").unwrap();
    let b = column(&d, "b");
    assert!(b[..3].iter().all(|v| v.is_nan()) && b[3] == 5.0, "{b:?}");
}

/// Short rows under a wide one would be filled up with missing values without end.
#[test]
fn rows_are_not_padded_beyond_reason() {
    let text = format!("{}1\n{}", "1,".repeat(3999), "1,2\n".repeat(4000));
    let e = open(&text).map(|_| ()).unwrap_err();
    assert!(e.what.contains("differ too much in length"), "{e}");
}
