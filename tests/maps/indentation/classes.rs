//! Classes do not depend on threads, and several maps, neighbours and masks go through the program.

use crate::common::{Study, map, outputs};
use softspot::io::write::gsf;
use softspot::num::random::Random;

/// Stripes of three levels with noise; a corner is masked.
fn striped(study: &Study) {
    let mut r = Random::named("striped", 0);
    let noise: Vec<f64> = (0..96 * 96).map(|_| r.normal()).collect();
    let level = |x: usize| [80e9, 95e9, 110e9][(x / 8) % 3];
    let a = map((96, 96), "Pa", |y, x| if y < 6 && x < 6 { f64::NAN } else { level(x) + 2e9 * noise[y * 96 + x] });
    let b = map((96, 96), "Pa", |y, x| 0.06 * level(x) + 0.3e9 * noise[x * 96 + y]);
    study.write("a.gsf", gsf(&a)).write("b.gsf", gsf(&b));
}

fn definition(inputs: &str, more: &str) -> String {
    format!(
        "[pipeline]\nname = \"s\"\n[sample.A]\na = {{ path = \"a.gsf\" }}\nb = {{ path = \"b.gsf\" }}\n\
         [stage.seg]\nrun = \"segment\"\ninput = {inputs}\nsurrogates = 40\n{more}"
    )
}

#[test]
fn the_same_bytes_on_any_number_of_threads() {
    for inputs in ["\"a\"", "[\"a\", \"b\"]"] {
        let classes = |threads: &str| {
            let study = Study::new();
            striped(&study);
            study.definition(definition(inputs, "k = 3\nresamples = 40\n"));
            study.run(&["--jobs", threads, "--quiet"]).exits(0);
            outputs(&study.path("results/s"))
        };
        let (one, four) = (classes("1"), classes("4"));
        assert!(one.len() > 5 && one.keys().eq(four.keys()));
        for (name, bytes) in &one {
            assert!(four[name] == *bytes, "{inputs}: {name}");
        }
    }
}

#[test]
fn several_maps_and_neighbours() {
    let study = Study::new();
    striped(&study);
    study.definition(definition("[\"a\", \"b\"]", "k = \"auto\"\nk_max = 4\nscale = true\nuncertainty = \"none\"\n"));
    study.run(&[]).exits(0);
    assert_eq!(study.number("A", "seg", "k"), 3.0);
    for (class, centre) in [80e9, 95e9, 110e9].into_iter().enumerate() {
        assert!((study.number("A", "seg", &format!("centre_{class}")) / centre - 1.0).abs() < 5e-3);
        assert!((study.number("A", "seg", &format!("fraction_{class}")) - 1.0 / 3.0).abs() < 0.01);
    }
    // Twelve stripes: the four of class 0 have seven edges as long as the map, whose steps along one axis read π/4 of that.
    study.definition(definition("\"a\"", "k = 3\nneighbours = 1.0\nuncertainty = \"none\"\n"));
    study.run(&[]).exits(0);
    let edges = study.number("A", "seg", "boundary_density_0");
    assert!((edges / (std::f64::consts::FRAC_PI_4 * 7.0 / 960e-9) - 1.0).abs() < 0.03, "{edges:e}");
}
