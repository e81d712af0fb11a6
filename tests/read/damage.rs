//! A broken file is an error, soon and without taking memory; never a panic.

use std::time::{Duration, Instant};

use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::{Rng, SeedableRng};

use softspot::io::{Reader, Window};

use super::*;

/// Places at which every file is cut.
const CUTS: usize = 100;
/// What a broken file may take: time on a busy machine, and memory.
const PATIENCE: Duration = Duration::from_secs(1);
const MEMORY: usize = 200 << 20;

/// Opens and reads everything by one reader; whatever comes out is fine as long as it comes, soon and in little room.
fn try_reader(reader: &dyn Reader, name: &str, bytes: Vec<u8>) {
    try_source(reader, name, &Source::from_bytes(Path::new(name), bytes));
}

fn try_source(reader: &dyn Reader, name: &str, source: &Source) {
    let limits = Limits { elements: 1 << 22, channels: 4096, inflated: 1 << 26 };
    let begun = Instant::now();
    let before = memory::reset();
    let id = reader.format().id;
    let mut errors = Vec::new();
    match reader.open(source, &limits) {
        Ok(d) => {
            for (i, c) in d.channels().iter().enumerate().take(64) {
                errors.extend(d.read(i).err());
                if c.elements() > 0 {
                    errors.extend(d.window(i, &Window::new(c.shape.iter().map(|n| n / 2..n / 2 + 1))).err());
                }
            }
            errors.extend(d.table_at(0).err().filter(|_| !d.tables().is_empty()));
        }
        Err(e) => errors.push(e),
    }
    let taken = memory::peak().saturating_sub(before);
    assert!(taken < MEMORY, "{id} takes {} MiB for {name}", taken >> 20);
    // A machine busy with other things may pause a test; a reader that is slow is slow twice.
    if begun.elapsed() > PATIENCE {
        let again = Instant::now();
        let _ = reader.open(source, &limits).map(|d| d.channels().len());
        assert!(again.elapsed() < PATIENCE, "{id} takes {:?} for {name}", again.elapsed());
    }
    for e in errors {
        let named = !e.format.is_empty() || e.path.is_some();
        assert!(named && !e.what.is_empty(), "{id}, {name}: an error says too little: {e:?}");
    }
}

/// By the reader of that format; every other one only has a look at it.
pub(crate) fn try_own(name: &str, format: &str, bytes: Vec<u8>) {
    let source = Source::from_bytes(Path::new(name), bytes.clone());
    for reader in READERS {
        reader.sniff(&source);
    }
    let own = READERS.iter().find(|r| r.format().id == format).unwrap();
    try_reader(*own, name, bytes);
}

#[test]
fn any_file_to_any_reader() {
    for (name, _, bytes) in fixtures::all() {
        for reader in READERS {
            try_reader(*reader, name, bytes.clone());
            try_reader(*reader, name, bytes[..bytes.len() / 2].to_vec());
        }
    }
}

#[test]
fn what_fuzzing_found_stays_mended() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/regressions");
    let mut tried = 0;
    for folder in std::fs::read_dir(&root).unwrap().map(|e| e.unwrap().path()) {
        let id = folder.file_name().unwrap().to_string_lossy().into_owned();
        for file in std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()) {
            try_own("x.bin", &id, std::fs::read(&file).unwrap());
            tried += 1;
        }
    }
    assert!(tried > 0, "no regression file in {}", root.display());
}

#[test]
fn cut_at_any_length() {
    for (name, format, bytes) in fixtures::all() {
        // Headers are cut everywhere, long data now and then.
        let step = (bytes.len() / CUTS).max(1);
        for n in (0..bytes.len()).step_by(step).chain(bytes.len().saturating_sub(9)..bytes.len()) {
            try_own(name, format, bytes[..n].to_vec());
        }
    }
}

#[test]
fn bytes_changed_at_random() {
    let mut rng = Pcg64Mcg::seed_from_u64(7);
    for (name, format, bytes) in fixtures::all() {
        for round in 0..changes() {
            try_own(name, format, changed(&bytes, round, &mut rng));
        }
    }
}

/// Changed copies of every file.
fn changes() -> usize {
    common::many(250, 1000)
}

/// A copy of the bytes with one to four places changed.
fn changed(bytes: &[u8], round: usize, rng: &mut Pcg64Mcg) -> Vec<u8> {
    let extreme = [0u8, 1, 0x7f, 0x80, 0xff];
    let mut b = bytes.to_vec();
    for _ in 0..=round % 4 {
        let at = rng.next_u32() as usize % b.len();
        let len = 1 + rng.next_u32() as usize % 4;
        let value = match rng.next_u32() % 2 {
            0 => extreme[rng.next_u32() as usize % extreme.len()],
            _ => rng.next_u32() as u8,
        };
        b.iter_mut().skip(at).take(len).for_each(|x| *x = value);
    }
    b
}

#[test]
fn folders_whose_files_are_cut_changed_or_away() {
    let mut rng = Pcg64Mcg::seed_from_u64(8);
    for (format, name, files) in fixtures::several() {
        let at = tempfile::tempdir().unwrap();
        fixtures::volumes::write(at.path(), &files);
        let reader = READERS.iter().find(|r| r.format().id == format).unwrap();
        let attempt = || {
            // A dataset that is one file may be the one that is away.
            if let Ok(source) = Source::open(&at.path().join(name)) {
                for r in READERS {
                    r.sniff(&source);
                }
                try_source(*reader, name, &source);
            }
        };
        for (file, bytes) in &files {
            let path = at.path().join(file);
            std::fs::remove_file(&path).unwrap();
            attempt();
            let step = (bytes.len() / CUTS).max(1);
            for n in (0..bytes.len()).step_by(step) {
                std::fs::write(&path, &bytes[..n]).unwrap();
                attempt();
            }
            for round in 0..changes() / files.len() {
                std::fs::write(&path, changed(bytes, round, &mut rng)).unwrap();
                attempt();
            }
            std::fs::write(&path, bytes).unwrap();
        }
    }
}

#[test]
fn noise_behind_every_magic() {
    let mut rng = Pcg64Mcg::seed_from_u64(11);
    for (name, format, bytes) in fixtures::all() {
        for _ in 0..100 {
            let keep = 4 + rng.next_u32() as usize % 60;
            let mut b = bytes[..bytes.len().min(keep)].to_vec();
            b.extend((0..400).map(|_| rng.next_u32() as u8));
            try_own(name, format, b);
        }
    }
}

#[test]
fn claims_of_a_million_million_pixels_meet_the_limit() {
    let text = |s: &str, from: &str, to: &str| s.replace(from, to).into_bytes();
    let gsf = String::from_utf8_lossy(&fixtures::gsf()[..112]).replace("XRes = 4", "XRes = 1000000");
    let gsf = text(&gsf, "YRes = 3", "YRes = 1000000");
    let npy = fixtures::npy("'<f8'", false, "(1000000, 1000000)", &[0; 64]);
    let mut gwy = fixtures::gwy();
    let at = gwy.windows(6).position(|w| w == b"xres\0i").unwrap() + 6;
    gwy[at..at + 4].copy_from_slice(&1_000_000i32.to_le_bytes());
    let at = gwy.windows(6).position(|w| w == b"yres\0i").unwrap() + 6;
    gwy[at..at + 4].copy_from_slice(&1_000_000i32.to_le_bytes());
    let mut ibw = fixtures::ibw_columns();
    ibw[64 + 12..64 + 16].copy_from_slice(&2_000_000_000i32.to_le_bytes());
    ibw[64 + 68..64 + 72].copy_from_slice(&2_000_000_000i32.to_le_bytes());
    ibw[64 + 72..64 + 80].fill(0);
    let spm = String::from_utf8_lossy(&fixtures::nanoscope(2)).replace("Samps/line: 4", "Samps/line: 999999999");
    let tiff = fixtures::tiff(fixtures::Order::Little, &[vec![0; 12]], [1_000_000, 1_000_000], 8, 1, "", (1, 1));
    let gsf = [gsf, vec![0; 64]].concat();
    for (name, bytes) in
        [("a.gsf", gsf), ("a.npy", npy), ("a.gwy", gwy), ("a.ibw", ibw), ("a.spm", spm.into_bytes()), ("a.tif", tiff)]
    {
        let begun = Instant::now();
        let e = open_as(name, bytes).map(|_| ()).unwrap_err();
        assert!(e.what.contains("limit") || e.what.contains("can hold"), "{name}: {e}");
        assert!(begun.elapsed() < Duration::from_secs(1));
    }
}

#[test]
fn a_size_of_zero_an_empty_file_and_a_folder() {
    let gsf = String::from_utf8_lossy(&fixtures::gsf()).replace("XRes = 4", "XRes = 0");
    let e = open_as("a.gsf", gsf.into_bytes()).map(|_| ()).unwrap_err();
    assert!(e.what.contains("zero"), "{e}");
    let e = open_as("a.gsf", Vec::new()).map(|_| ()).unwrap_err();
    assert!(e.what.contains("empty"), "{e}");
    let e = softspot::io::open(&folder(), None, &Limits::default()).map(|_| ()).unwrap_err();
    assert!(e.what.contains("folder"), "{e}");
    let e = open_as("a.bin", vec![0xde, 0xad, 0xbe, 0xef, 0]).map(|_| ()).unwrap_err();
    assert!(e.what.contains("no known format") && !e.hint.is_empty(), "{e}");
}

#[test]
fn errors_say_where_and_what_to_do() {
    let mut gwy = fixtures::gwy();
    gwy.truncate(gwy.len() - 40);
    let e = open_as("a.gwy", gwy).map(|_| ()).unwrap_err().to_string();
    assert!(e.contains("truncated") && e.contains("offset"), "{e}");
}
