//! A reducer of one's own: how often neighbouring voxels along z lie on different sides of a level, in a volume that is
//! gone through three planes at a time. `cargo run --example own_reducer`.

use softspot::data::Volume;
use softspot::phantom::Solid;
use softspot::reduce::{Block, Drive, Reducer, reduce};

/// Crossings of a level along z.
struct Crossings {
    level: f64,
}

impl Reducer for Crossings {
    /// Crossings and pairs: whole numbers, so that no order of adding matters.
    type Partial = (u64, u64);
    type Output = f64;
    const ID: &'static str = "crossings";

    /// The plane behind a block belongs to its last pairs.
    fn halo(&self) -> [usize; 2] {
        [0, 1]
    }

    fn empty(&self) -> (u64, u64) {
        (0, 0)
    }

    fn map(&self, block: &Block<'_>) -> (u64, u64) {
        let mut out = (0, 0);
        for z in block.own.clone().filter(|z| z + 1 < block.shape[0]) {
            for (a, b) in block.plane(z).iter().zip(block.plane(z + 1)) {
                if !a.is_nan() && !b.is_nan() {
                    out.0 += u64::from((*a > self.level) != (*b > self.level));
                    out.1 += 1;
                }
            }
        }
        out
    }

    fn merge(&self, left: (u64, u64), right: (u64, u64)) -> (u64, u64) {
        (left.0 + right.0, left.1 + right.1)
    }

    fn finish(&self, (crossings, pairs): (u64, u64)) -> f64 {
        crossings as f64 / pairs as f64
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let volume: Volume = Solid { side: 64, ..Solid::default() }.volume()?;
    let crossings = Crossings { level: 0.0 };
    let whole = reduce(&volume, &crossings, &Drive::simple())?;
    let parts = reduce(&volume, &crossings, &Drive { planes: Some(3), ..Drive::simple() })?;
    assert!(whole == parts, "where blocks end makes no difference");
    // Rice: the chance that two normal numbers of correlation ρ differ in sign is arccos(ρ)/π.
    let rho = libm::exp(-(30.0f64 / 150.0).powi(2));
    println!(
        "{whole:.4} crossings a step; a Gaussian field of this covariance has {:.4}",
        libm::acos(rho) / std::f64::consts::PI
    );
    Ok(())
}
