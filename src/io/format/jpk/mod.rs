//! What JPK Instruments (now Bruker) writes: images, force curves and maps of them, fast scans.

pub mod image;

pub use image::Jpk;
