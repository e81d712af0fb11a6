//! Writing: atomically, so that a reader never sees half a file, in the formats `convert` knows.

mod atomic;
mod gsf;

pub use atomic::{WriteError, atomic};
pub use gsf::gsf;
