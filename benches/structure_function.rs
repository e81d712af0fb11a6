//! The radial structure function H(r) of a map without invalid pixels, pair counts exact, all threads.
//!
//! Peer: numpy + scipy.fft with two workers (scipy 1.17, its own scripts, 4096² doubles, two cores): zero padding to
//! twice the side and lags to half the side 1.03 s in 2.1 GiB (17 × the map), padding to 64 px more and lags to 64 px
//! 0.47 s. To run it beside this one: the peer scripts' `bench_corr.py --match scipy_H2d` on the same machine, in
//! turns. "half" and "64px" are its two cases; "all" has no peer, no lag is left out.
//!
//! Also: the same with a twentieth of the pixels invalid, and two simulated fields, which is what a replicate of
//! the bootstrap begins with. The peak memory of one call in a process of its own is printed as a multiple of the map.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group};
use ndarray::Array2;
use softspot::num::random::Random;
use softspot::spatial::covariance::Covariance;
use softspot::spatial::field::Simulator;
use softspot::spatial::structure_function::{Request, structure_function};

/// The field of the peer scripts: ξ = 12 px, α = 0.8.
const FIELD: Covariance = Covariance { sigma: 1.0, xi: 12.0, alpha: 0.8, noise: 0.0 };

fn field(side: usize) -> Array2<f64> {
    let simulator = Simulator::new([side, side], [1.0, 1.0], &FIELD);
    let [z, _] = simulator.pair(&mut Random::named("bench", side as u64));
    z
}

fn request(r_max: f64, sectors: usize) -> Request {
    Request { pixel: [1.0, 1.0], r_max, sectors, plane: false }
}

/// A line of /proc/self/status in bytes, where there is one.
fn memory(key: &str) -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with(key))?;
    line.split_whitespace().nth(1)?.parse::<f64>().ok().map(|kib| kib * 1024.0)
}

/// Names the case whose peak memory a child process measures: "side r_max sectors masked".
const PEAK: &str = "SOFTSPOT_BENCH_PEAK";

/// Prints the peak of one call, made in a process of its own, which has touched nothing but the map.
fn peak(name: &str, side: usize, request: &Request, masked: bool) {
    let Ok(program) = std::env::current_exe() else { return };
    let case = format!("{side} {} {} {masked}", request.r_max, request.sectors);
    let output = std::process::Command::new(program).env(PEAK, case).output();
    let ratio = output.map(|o| String::from_utf8_lossy(&o.stdout).into_owned()).unwrap_or_default();
    println!("peak memory, {name}/{side}: {} × the map (map and program included)", ratio.trim());
}

/// The child's part: VmHWM over the size of the map.
fn measure_peak(case: &str) -> Option<f64> {
    let mut words = case.split(' ');
    let side: usize = words.next()?.parse().ok()?;
    let request = request(words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let masked = words.next()? == "true";
    let mut random = Random::named("peak", 0);
    let z = Array2::from_shape_simple_fn((side, side), || {
        let u = random.uniform();
        if masked && u > 0.95 { f64::NAN } else { u }
    });
    black_box(structure_function(z.view(), &request).ok());
    Some(memory("VmHWM")? / (side * side * 8) as f64)
}

fn maps(c: &mut Criterion) {
    let mut group = c.benchmark_group("structure_function");
    group.sample_size(10).measurement_time(Duration::from_secs(3)).warm_up_time(Duration::from_secs(1));
    for side in [512usize, 2048, 4096] {
        let z = field(side);
        let n = side as f64;
        group.throughput(Throughput::Elements((side * side) as u64));
        let cases = [("all", f64::INFINITY, 0), ("half", n / 2.0, 0), ("quarter", n / 4.0, 0), ("64px", 64.0, 0)];
        // Directions too: what the correlation stage asks for.
        for (name, r_max, sectors) in cases.into_iter().chain([("quarter, 12 sectors", n / 4.0, 12)]) {
            let request = request(r_max, sectors);
            peak(name, side, &request, false);
            group.bench_function(BenchmarkId::new(name, side), |b| {
                b.iter(|| structure_function(black_box(z.view()), &request));
            });
        }
        let mut holes = z;
        holes.iter_mut().filter(|v| **v > 1.645).for_each(|v| *v = f64::NAN);
        let request = request(n / 4.0, 0);
        peak("quarter, masked", side, &request, true);
        group.bench_function(BenchmarkId::new("quarter, masked", side), |b| {
            b.iter(|| structure_function(black_box(holes.view()), &request));
        });
    }
    group.finish();
}

fn fields(c: &mut Criterion) {
    let mut group = c.benchmark_group("simulated_pair");
    group.sample_size(10).measurement_time(Duration::from_secs(2)).warm_up_time(Duration::from_millis(500));
    for side in [512usize, 1024] {
        let simulator = Simulator::new([side, side], [1.0, 1.0], &FIELD);
        group.bench_function(BenchmarkId::from_parameter(side), |b| {
            b.iter_batched(|| Random::named("bench", 1), |mut r| simulator.pair(&mut r), BatchSize::PerIteration);
        });
    }
    group.finish();
}

criterion_group!(benches, maps, fields);

fn main() {
    if let Ok(case) = std::env::var(PEAK) {
        if let Some(ratio) = measure_peak(&case) {
            println!("{ratio:.2}");
        }
        return;
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}
