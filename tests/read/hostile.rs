//! Files of a hundred kilobytes or more that repeat a little without end: what costs the square of a file is refused or
//! costs no more than the file. Time and memory are those that a broken file may take (`damage`).

use super::damage::try_own;
use super::fixtures::{Bytes, Order, component, object};
use super::*;

/// A section's name that each of its many entries repeats.
fn section(open: &str, close: &str, entry: &str) -> String {
    format!("{open}{}{close}{}", "x".repeat(100_000), entry.repeat(20_000))
}

/// Puts text before the first place where `before` stands.
fn inserted(bytes: &[u8], before: &[u8], text: &str) -> Vec<u8> {
    let at = bytes.windows(before.len()).position(|w| w == before).unwrap();
    [&bytes[..at], text.as_bytes(), &bytes[at..]].concat()
}

#[test]
fn names_of_sections_that_every_entry_repeats() {
    let item = component("a", b'b', &[1]);
    let inner = object("GwyContainer", &item.repeat(20_000));
    let long = component(&"x".repeat(100_000), b'o', &inner);
    let field = &fixtures::gwy()[4 + "GwyContainer\0".len() + 4..];
    let gwy = [b"GWYP".to_vec(), object("GwyContainer", &[field, &long].concat())].concat();
    try_own("a.gwy", "gwy", gwy.clone());
    let d = open_as("a.gwy", gwy).unwrap();
    assert!(d.metadata().iter().filter(|(k, _)| k.ends_with("…/a")).count() == 20_000, "nothing is left out");
    let spm = inserted(&fixtures::nanoscope(2), b"\\*Ciao image list", &section("\\*", "\r\n", "\\a: 1\r\n"));
    try_own("a.spm", "nanoscope", spm);
    try_own("a.nid", "nanosurf", inserted(&fixtures::spm::nid(), b"#!", &section("[", "]\r\n", "a=1\r\n")));
    let trios = inserted(&fixtures::curves::trios(), b"[File Parameters]", &section("[", "]\n", "a\t1\n"));
    try_own("a.txt", "trios-text", trios);
    let fields = "('a', '<f4'), ".repeat(20_000);
    let descr = format!("[('{}', [{fields}])]", "x".repeat(100_000));
    let head = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': (1,), }}\n");
    let length = (head.len() as u32).to_le_bytes();
    let npy = [b"\x93NUMPY\x02\x00", &length[..], head.as_bytes(), &[0; 80_000]].concat();
    try_own("a.npy", "npy", npy.clone());
    assert_eq!(open_as("a.npy", npy).unwrap().channels().len(), 20_000);
}

#[test]
fn names_that_are_all_the_same() {
    let header = vec!["a"; 20_000].join(",");
    let numbers = vec!["1"; 20_000].join(",");
    let csv = format!("{header}\n{numbers}\n{numbers}\n");
    try_own("a.csv", "text", csv.clone().into_bytes());
    let d = open_as("a.csv", csv.into_bytes()).unwrap();
    assert_eq!(d.channels().last().unwrap().name, "a #20000");
    let columns = |cell: &str| vec![cell; 20_000].join("\t");
    let rows = format!("Test Data Points: 1\r\n{}\r\n{}\r\n", columns("Disp_nm"), columns("1"));
    try_own("a.hld", "hysitron-hld", inserted(&fixtures::curves::hld(), b"Test Data Points: 3", &rows));
}

/// Directories that begin eight bytes after one another, each with four thousand tags.
#[test]
fn pages_that_lie_in_each_other() {
    let (pages, tags, step) = (8000u32, 4096u32, 8u32);
    let mut b = Bytes::new(Order::Little);
    b.raw(b"II").u16(42).u32(8);
    b.out.resize((8 + step * pages + 12 * tags + 16) as usize, 0);
    for page in 0..pages {
        let at = 8 + step * page;
        b.out[at as usize..][..2].copy_from_slice(&(tags as u16).to_le_bytes());
        let next = if page + 1 < pages { at + step } else { 0 };
        b.out[(at + 2 + 12 * tags) as usize..][..4].copy_from_slice(&next.to_le_bytes());
    }
    try_own("a.tif", "tiff", b.out.clone());
    let e = open_as("a.tif", b.out).map(|_| ()).unwrap_err();
    assert!(e.what.contains("more tags together"), "{e}");
}

/// Ten thousand sheets that all begin at the same byte, with records that hold no cell.
#[test]
fn sheets_that_lie_in_each_other() {
    use fixtures::sheets::record;
    let mut globals = Vec::new();
    record(&mut globals, 0x0809, &[0, 6, 5, 0, 0, 0, 0, 0]);
    let each = 4 + 6 + 3;
    let begin = (globals.len() + 10_000 * each + 4) as u32;
    for _ in 0..10_000 {
        record(&mut globals, 0x0085, &[&begin.to_le_bytes()[..], &[0, 0, 1, 0, b'a']].concat());
    }
    record(&mut globals, 0x000a, &[]);
    assert_eq!(globals.len(), begin as usize);
    record(&mut globals, 0x0809, &[0, 6, 0x10, 0, 0, 0, 0, 0]);
    for _ in 0..50_000 {
        record(&mut globals, 0x0099, &[]);
    }
    let mut file = cfb::CompoundFile::create(std::io::Cursor::new(Vec::new())).unwrap();
    std::io::Write::write_all(&mut file.create_stream("Workbook").unwrap(), &globals).unwrap();
    let bytes = file.into_inner().into_inner();
    try_own("a.xls", "xls", bytes.clone());
    let e = open_as("a.xls", bytes).map(|_| ()).unwrap_err();
    assert!(e.what.contains("lie in each other"), "{e}");
}
