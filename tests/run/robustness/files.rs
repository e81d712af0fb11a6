//! Files that are damaged, hostile, or not what their name says.

use crate::common::{Study, bad_input, fails_alone, field, map, two_samples};
use softspot::io::write::{csv_map, gsf, npy_map};

const BAD: &str = "{ path = \"bad.gsf\" }";

#[test]
fn a_truncated_file_fails_alone_and_says_where_it_ends() {
    let bytes = gsf(&field(48, 2));
    let cut = bytes.len() - 1000;
    bad_input(
        "bad.gsf",
        &bytes[..cut],
        BAD,
        &["bad.gsf", "truncated", &format!("offset {cut}"), "copy the file again"],
    );
}

#[test]
fn an_empty_file_fails_alone_and_asks_for_the_copy() {
    bad_input("bad.gsf", b"", BAD, &["bad.gsf", "empty", "was the copy"]);
}

#[test]
fn noise_is_of_no_known_format_and_the_message_shows_its_first_bytes() {
    let noise: Vec<u8> = (0..4096u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    bad_input("bad.gsf", &noise, BAD, &["bad.gsf", "no known format", "softspot stages --formats"]);
}

#[test]
fn the_content_counts_and_not_the_extension() {
    // An NPY named .gsf is read for what it is.
    let study = Study::new();
    study.field("good.gsf", 1).write("bad.gsf", npy_map(&field(48, 2)));
    study.definition(two_samples("{ path = \"bad.gsf\", unit = \"Hz\", pixel = [\"20 nm\", \"20 nm\"] }"));
    study.run(&[]).exits(0);
    assert!((study.number("bad", "dist", "std") - 150.0).abs() < 60.0);
}

#[test]
fn a_file_that_is_said_to_be_of_another_format_is_refused() {
    bad_input("bad.gsf", &gsf(&field(48, 2)), "{ path = \"bad.gsf\", format = \"gwy\" }", &["bad.gsf", "gwy"]);
    bad_input(
        "bad.gsf",
        &gsf(&field(48, 2)),
        "{ path = \"bad.gsf\", format = \"gfs\" }",
        &["bad.gsf", "no format `gfs`", "gsf"],
    );
}

#[test]
fn a_header_that_claims_a_million_million_pixels_costs_no_memory() {
    let head = "Gwyddion Simple Field 1.0\nXRes = 1000000\nYRes = 1000000\nXReal = 1e-6\nYReal = 1e-6\nXYUnits = m\nZUnits = Hz\n\0\0\0";
    bad_input(
        "bad.gsf",
        head.as_bytes(),
        BAD,
        &["bad.gsf", "1000000", "more than the file can hold", "copy the file again"],
    );
    let mut npy = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
    let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000, 1000000), }";
    npy.extend(format!("{header:<117}\n").as_bytes());
    bad_input("bad.npy", &npy, "{ path = \"bad.npy\" }", &["bad.npy", "1000000", "more than the file can hold"]);
    bad_input(
        "bad.gsf",
        head.replace("1000000", "99999999999999999999").as_bytes(),
        BAD,
        &["bad.gsf", "99999999999999999999", "not a number of pixels"],
    );
}

#[test]
fn a_missing_file_is_named_with_the_remedy() {
    let study = Study::new();
    study.field("good.gsf", 1).definition(two_samples("{ path = \"away/bad.gsf\" }"));
    study.check().exits(2).says(&["study.toml:8", "away/bad.gsf", "relative to the definition"]);
    let ran = study.run(&[]);
    fails_alone(&study, &ran, &["away/bad.gsf", "cannot be read", "relative to the definition"]);
}

#[test]
fn braces_in_the_path_of_a_plain_sample_are_explained() {
    let study = Study::new();
    study.field("good.gsf", 1).definition(two_samples("{ path = \"{}/bad.gsf\" }"));
    let ran = study.run(&[]);
    fails_alone(&study, &ran, &["{}/bad.gsf", "`*`"]);
}

#[test]
fn a_missing_channel_proposes_the_near_one() {
    let mut m = field(48, 2);
    m.quantity = "Frequency".into();
    bad_input(
        "bad.gsf",
        &gsf(&m),
        "{ path = \"bad.gsf\", channel = \"Frequenzy\" }",
        &["bad.gsf", "`Frequenzy`", "did you mean `Frequency`?"],
    );
}

#[test]
fn a_unit_that_contradicts_the_file_is_an_error() {
    bad_input(
        "bad.gsf",
        &gsf(&field(48, 2)),
        "{ path = \"bad.gsf\", unit = \"nm\" }",
        &["bad.gsf", "contradicts", "`Hz`", "leave it out"],
    );
    // Not only the dimension: kHz for Hz would be a factor of a thousand.
    bad_input("bad.gsf", &gsf(&field(48, 2)), "{ path = \"bad.gsf\", unit = \"kHz\" }", &["bad.gsf", "contradicts"]);
    bad_input(
        "bad.npy",
        &npy_map(&field(48, 2)),
        "{ path = \"bad.npy\", unit = \"wombats\" }",
        &["bad.npy", "`wombats`", "not a unit"],
    );
}

#[test]
fn a_pixel_that_contradicts_the_file_or_has_no_size_is_an_error() {
    let bytes = gsf(&field(48, 2));
    bad_input(
        "bad.gsf",
        &bytes,
        "{ path = \"bad.gsf\", pixel = [\"1 nm\", \"1 nm\"] }",
        &["bad.gsf", "contradicts", "leave it out"],
    );
    let npy = npy_map(&field(48, 2));
    bad_input("bad.npy", &npy, "{ path = \"bad.npy\", pixel = [\"0 nm\", \"1 nm\"] }", &["bad.npy", "positive"]);
    bad_input("bad.npy", &npy, "{ path = \"bad.npy\", pixel = [\"1 nm\", \"-1 nm\"] }", &["bad.npy", "positive"]);
    bad_input("bad.npy", &npy, "{ path = \"bad.npy\", pixel = [\"1 nm\"] }", &["bad.npy", "2 lengths", "row step"]);
}

#[test]
fn a_physical_size_of_zero_or_less_in_the_header_is_none_and_lengths_ask_for_a_pixel() {
    let good = gsf(&map((8, 8), "Hz", |y, x| (y * x) as f64));
    let text = String::from_utf8_lossy(&good[..200]).to_string();
    let line = text.lines().find(|l| l.starts_with("XReal")).unwrap();
    for wrong in ["0", "-1e-6", "nan", "inf"] {
        let head = text.split('\0').next().unwrap().replace(line, &format!("XReal = {wrong}"));
        let mut bytes = head.into_bytes();
        bytes.resize((bytes.len() / 4 + 1) * 4, 0);
        bytes.extend(vec![0; 256]);
        let study = Study::new();
        study.write("bad.gsf", bytes).definition(format!(
            "[pipeline]\nname = \"s\"\n[sample.bad]\nfrequency = {BAD}\n[stage.corr]\nrun = \"correlation\"\ninput = \"frequency\"\n"
        ));
        study.run(&[]).exits(1).says(&["bad", "pixel"]);
    }
}

#[test]
fn a_table_where_a_map_is_wanted_fails_its_sample_and_not_the_study() {
    let study = bad_input(
        "bad.csv",
        b"T (K),E'' (MPa)\n300,1\n301,2\n302,1\n",
        "{ path = \"bad.csv\" }",
        &["bad.csv", "is a table", "takes a map", "right file"],
    );
    study.check().exits(2).says(&["study.toml:8", "sample `bad`", "is a table", "takes a map"]);
}

#[test]
fn a_folder_a_pipe_and_a_device_are_no_inputs_and_do_not_hang() {
    let study = bad_input("bad/x", b"", "{ path = \"bad\" }", &["bad", "is a folder", "name a file in it"]);
    let pipe = study.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().is_ok_and(|s| s.success()));
    for path in ["pipe", "/dev/zero"] {
        study.definition(two_samples(&format!("{{ path = \"{path}\" }}")));
        let ran = study.run(&[]);
        fails_alone(&study, &ran, &[path, "not a regular file", "save the data as a file"]);
    }
}

#[test]
fn a_loop_of_links_is_an_error_and_no_loop() {
    let study = Study::new();
    std::os::unix::fs::symlink(study.path("b.gsf"), study.path("a.gsf")).unwrap();
    std::os::unix::fs::symlink(study.path("a.gsf"), study.path("b.gsf")).unwrap();
    study.field("good.gsf", 1).definition(two_samples("{ path = \"a.gsf\" }"));
    let ran = study.run(&[]);
    fails_alone(&study, &ran, &["a.gsf", "symbolic links", "check the path"]);
}

#[test]
fn inputs_are_only_read() {
    use std::os::unix::fs::PermissionsExt;
    let study = Study::new();
    study.field("good.gsf", 1).field("bad.gsf", 2).definition(two_samples(BAD));
    let before = std::fs::read(study.path("bad.gsf")).unwrap();
    std::fs::set_permissions(study.path("bad.gsf"), std::fs::Permissions::from_mode(0o444)).unwrap();
    study.run(&[]).exits(0);
    assert!(std::fs::read(study.path("bad.gsf")).unwrap() == before);
}

#[test]
fn a_matrix_with_a_word_in_it_is_no_map_of_invented_values() {
    let text = String::from_utf8(csv_map(&map((6, 6), "Hz", |y, x| (100 + y * 10 + x) as f64))).unwrap();
    assert!(text.contains(",143,"));
    bad_input(
        "bad.csv",
        text.replace(",143,", ",what,").as_bytes(),
        "{ path = \"bad.csv\" }",
        &["bad.csv", "is a table"],
    );
}
