//! Reading a .gwy of four images of 1024² doubles (32 MiB, the whole of it) and of two (16 MiB), all channels.
//!
//! Peer: gwyfile 0.3 (Python), 87 ms for four images of 1024² single-precision numbers stored as doubles; AFMReader
//! 2.2 s. To run it beside this one: the peer scripts' `bench_io.py --match gwy`. The file is in the page cache for
//! both.

use std::hint::black_box;
use std::io::Write;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use softspot::io::{Limits, open};

const SIDE: usize = 1024;

/// `name`, its type letter and its value, as Gwyddion stores them.
fn component(name: &str, kind: u8, value: &[u8]) -> Vec<u8> {
    [name.as_bytes(), &[0, kind], value].concat()
}

fn object(kind: &str, body: &[u8]) -> Vec<u8> {
    [kind.as_bytes(), &[0], &(body.len() as u32).to_le_bytes(), body].concat()
}

fn image(seed: usize) -> Vec<u8> {
    let mut data = ((SIDE * SIDE) as u32).to_le_bytes().to_vec();
    data.extend((0..SIDE * SIDE).flat_map(|i| ((i * 7919 + seed) as f64 * 1e-12).to_le_bytes()));
    let side = (SIDE as i32).to_le_bytes();
    let metre = component("si_unit_z", b'o', &object("GwySIUnit", &component("unitstr", b's', b"m\0")));
    let body = [
        component("xres", b'i', &side),
        component("yres", b'i', &side),
        component("xreal", b'd', &1e-6f64.to_le_bytes()),
        component("yreal", b'd', &1e-6f64.to_le_bytes()),
        metre,
        component("data", b'D', &data),
    ];
    object("GwyDataField", &body.concat())
}

fn file(images: usize) -> Vec<u8> {
    let body: Vec<u8> = (0..images)
        .flat_map(|i| {
            let title = component(&format!("/{i}/data/title"), b's', format!("Image {i}\0").as_bytes());
            [component(&format!("/{i}/data"), b'o', &image(i)), title].concat()
        })
        .collect();
    [b"GWYP".to_vec(), object("GwyContainer", &body)].concat()
}

fn gwy(c: &mut Criterion) {
    let mut group = c.benchmark_group("reading_gwy");
    group.sample_size(20).measurement_time(Duration::from_secs(2)).warm_up_time(Duration::from_millis(500));
    for images in [2usize, 4] {
        let bytes = file(images);
        let Ok(mut temporary) = tempfile::Builder::new().suffix(".gwy").tempfile() else { continue };
        if temporary.write_all(&bytes).and_then(|()| temporary.flush()).is_err() {
            continue;
        }
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        drop(bytes);
        group.bench_function(BenchmarkId::from_parameter(format!("{images} images")), |b| {
            b.iter(|| {
                let data = open(temporary.path(), None, &Limits::default()).expect("the file is well formed");
                let read = |i| data.read(i).expect("the file is well formed");
                (0..data.channels().len()).for_each(|i| drop(black_box(read(i))));
            });
        });
    }
    group.finish();
}

criterion_group!(benches, gwy);
criterion_main!(benches);
