//! Opening a file of four images of 2048² pixels and reading one of them, beside reading that image's bytes into
//! fresh memory: Gwyddion's doubles, Igor's single precision, Nanoscope's integers, TIFF pages of 16 bits. And
//! inspecting (opening) a TIFF stack of 2 GiB.
//!
//! The files are in the page cache. Peer: gwyfile 0.3 (Python), 87 ms for four .gwy images of 1024² single-precision
//! numbers; igor2 1.3 ms, tifffile 0.9 ms for the same (the peer scripts' `bench_io.py`).

use std::hint::black_box;
use std::io::{Read, Seek, SeekFrom, Write};
use std::time::Duration;

use criterion::{BenchmarkGroup, Criterion, criterion_group, criterion_main, measurement::WallTime};
use softspot::io::{Limits, open};
use tempfile::NamedTempFile;

const SIDE: usize = 2048;
const PIXELS: usize = SIDE * SIDE;
const IMAGES: usize = 4;

fn component(name: &str, kind: u8, value: &[u8]) -> Vec<u8> {
    [name.as_bytes(), &[0, kind], value].concat()
}

fn object(kind: &str, body: &[u8]) -> Vec<u8> {
    [kind.as_bytes(), &[0], &(body.len() as u32).to_le_bytes(), body].concat()
}

fn gwy() -> Vec<u8> {
    let field = |seed: usize| {
        let mut data = (PIXELS as u32).to_le_bytes().to_vec();
        data.extend((0..PIXELS).flat_map(|i| ((i * 7919 + seed) as f64 * 1e-12).to_le_bytes()));
        let side = (SIDE as i32).to_le_bytes();
        let body = [
            component("xres", b'i', &side),
            component("yres", b'i', &side),
            component("xreal", b'd', &1e-6f64.to_le_bytes()),
            component("yreal", b'd', &1e-6f64.to_le_bytes()),
            component("si_unit_z", b'o', &object("GwySIUnit", &component("unitstr", b's', b"m\0"))),
            component("data", b'D', &data),
        ];
        object("GwyDataField", &body.concat())
    };
    let body: Vec<u8> = (0..IMAGES).flat_map(|i| component(&format!("/{i}/data"), b'o', &field(i))).collect();
    [b"GWYP".to_vec(), object("GwyContainer", &body)].concat()
}

/// Igor 5: four layers of 32-bit floats.
fn ibw() -> Vec<u8> {
    let mut b = vec![0u8; 384];
    b[0..2].copy_from_slice(&5i16.to_le_bytes());
    b[4..8].copy_from_slice(&((320 + 4 * PIXELS * IMAGES) as i32).to_le_bytes());
    b[64 + 12..64 + 16].copy_from_slice(&((PIXELS * IMAGES) as i32).to_le_bytes());
    b[64 + 16..64 + 18].copy_from_slice(&2i16.to_le_bytes());
    for (i, n) in [SIDE, SIDE, IMAGES].into_iter().enumerate() {
        b[64 + 68 + 4 * i..64 + 72 + 4 * i].copy_from_slice(&(n as i32).to_le_bytes());
        b[64 + 84 + 8 * i..64 + 92 + 8 * i].copy_from_slice(&1f64.to_le_bytes());
    }
    // Labelled layers are images.
    b[44..48].copy_from_slice(&(32 * (1 + IMAGES) as i32).to_le_bytes());
    let sum = b[..384].as_chunks::<2>().0.iter().fold(0i16, |a, c| a.wrapping_add(i16::from_le_bytes(*c)));
    b[2..4].copy_from_slice(&sum.wrapping_neg().to_le_bytes());
    b.extend((0..PIXELS * IMAGES).flat_map(|i| ((i % 7919) as f32).to_le_bytes()));
    for i in 0..=IMAGES {
        let mut label = format!("Height{i}").into_bytes();
        label.resize(32, 0);
        b.extend(label);
    }
    b
}

fn nanoscope() -> Vec<u8> {
    const START: usize = 8192;
    let mut text = String::from("\\*File list\r\n\\Version: 0x09300201\r\n\\@Sens. Zsens: V 12.5 nm/V\r\n");
    for i in 0..IMAGES {
        let offset = START + 4 * PIXELS * i;
        text.push_str(&format!(
            "\\*Ciao image list\r\n\\Data offset: {offset}\r\n\\Data length: {}\r\n\\Bytes/pixel: 4\r\n\
             \\Samps/line: {SIDE}\r\n\\Number of lines: {SIDE}\r\n\\Scan Size: 1 1 ~m\r\n\
             \\@2:Image Data: S [Height] \"Height {i}\"\r\n\
             \\@2:Z scale: V [Sens. Zsens] (0.0000762939453125 V/LSB) 5 V\r\n",
            4 * PIXELS
        ));
    }
    text.push_str("\\*File list end\r\n\u{1a}");
    let mut bytes = text.into_bytes();
    bytes.resize(START, 0);
    bytes.extend((0..PIXELS * IMAGES).flat_map(|i| ((i % 7919) as i32).to_le_bytes()));
    bytes
}

/// Head of a TIFF whose pages of `bits`-bit grey follow one another behind all directories; its length, too.
fn tiff_head(pages: usize, side: usize, bits: usize) -> Vec<u8> {
    const ENTRIES: usize = 9;
    let directory = 8 + 20 * ENTRIES + 8;
    let page = side * side * bits / 8;
    let start = (16 + directory * pages).next_multiple_of(4096);
    let mut out = b"II+\0\x08\0\0\0".to_vec();
    out.extend(16u64.to_le_bytes());
    for i in 0..pages {
        out.extend((ENTRIES as u64).to_le_bytes());
        let at = start + i * page;
        for (tag, value) in [
            (256u16, side),
            (257, side),
            (258, bits),
            (259, 1),
            (262, 1),
            (273, at),
            (277, 1),
            (278, side),
            (279, page),
        ] {
            out.extend(tag.to_le_bytes());
            out.extend(16u16.to_le_bytes());
            out.extend(1u64.to_le_bytes());
            out.extend((value as u64).to_le_bytes());
        }
        let next = if i + 1 < pages { 16 + directory * (i + 1) } else { 0 };
        out.extend((next as u64).to_le_bytes());
    }
    out.resize(start, 0);
    out
}

fn tiff() -> Vec<u8> {
    let mut bytes = tiff_head(IMAGES, SIDE, 16);
    bytes.extend((0..PIXELS * IMAGES).flat_map(|i| ((i % 7919) as u16).to_le_bytes()));
    bytes
}

fn on_disk(bytes: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().expect("a temporary file");
    file.write_all(bytes).and_then(|()| file.flush()).expect("room for the file");
    file
}

/// Reading so many bytes of a file.
fn bytes_alone(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, file: &NamedTempFile, n: usize) {
    group.bench_function(format!("{name}: read its {} MiB", n >> 20), |b| {
        b.iter(|| {
            // Memory that no earlier round has touched: more than the allocator keeps.
            let mut own = Vec::with_capacity(n.max(64 << 20));
            let mut file = std::fs::File::open(file.path()).expect("the file is there");
            file.seek(SeekFrom::End(-(n as i64))).expect("the file is long enough");
            black_box(file.read_to_end(&mut own).expect("the file can be read"));
        });
    });
}

fn pair(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, sample: usize, bytes: &[u8]) {
    let file = on_disk(bytes);
    group.bench_function(format!("{name}: open, read one of four"), |b| {
        b.iter(|| {
            let data = open(file.path(), None, &Limits::default()).expect("the file is well formed");
            black_box(data.read(data.channels().len() - 1).expect("the file is well formed"));
        });
    });
    bytes_alone(group, name, &file, PIXELS * sample);
    // What the numbers take in memory, whatever they take in the file.
    group.bench_function(format!("{name}: fill its {} MiB of doubles", (8 * PIXELS) >> 20), |b| {
        b.iter(|| black_box(vec![1.0f64; PIXELS]));
    });
}

fn reading(c: &mut Criterion) {
    let mut group = c.benchmark_group("reading");
    group.sample_size(20).measurement_time(Duration::from_secs(2)).warm_up_time(Duration::from_millis(300));
    pair(&mut group, "gwy", 8, &gwy());
    pair(&mut group, "ibw", 4, &ibw());
    pair(&mut group, "nanoscope", 4, &nanoscope());
    let bytes = tiff();
    let file = on_disk(&bytes);
    group.bench_function("tiff: open, read one plane of four", |b| {
        b.iter(|| {
            let data = open(file.path(), None, &Limits::default()).expect("the file is well formed");
            let plane = softspot::io::Window::new([3..4, 0..SIDE, 0..SIDE]);
            black_box(data.window(0, &plane).expect("the file is well formed"));
        });
    });
    bytes_alone(&mut group, "tiff", &file, 2 * PIXELS);
    // 2 GiB with holes instead of numbers: only the directories are looked at.
    for (pages, side, bits) in [(2048, 1024, 8), (256, 2048, 16), (1, 32768, 16)] {
        let head = tiff_head(pages, side, bits);
        let mut file = on_disk(&head);
        let end = head.len() as u64 + (pages * side * side * bits / 8) as u64;
        let written =
            file.seek(SeekFrom::Start(end - 1)).and_then(|_| file.write_all(&[0])).and_then(|()| file.flush());
        written.expect("room for the file");
        group.bench_function(format!("inspect a stack of {pages} pages, {} GiB", end >> 30), |b| {
            b.iter(|| {
                black_box(open(file.path(), None, &Limits::default()).expect("the file is well formed"))
                    .channels()
                    .len()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, reading);
criterion_main!(benches);
