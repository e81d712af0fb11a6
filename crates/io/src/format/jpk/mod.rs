//! What JPK Instruments (now Bruker) writes: images, force curves and maps of them, fast scans.

mod conversion;
pub mod fast;
pub mod force;
pub mod image;
mod properties;

pub use fast::JpkFast;
pub use force::JpkForce;
pub use image::Jpk;
