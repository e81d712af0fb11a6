//! Ctrl-C: once to end cleanly, twice to end at once.

use std::sync::atomic::{AtomicBool, Ordering};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Installs the handler.
pub(super) fn install() {
    // Where no handler can be installed the system's default ends the run; the cache survives that too.
    let _ = ctrlc::set_handler(|| {
        if INTERRUPTED.swap(true, Ordering::SeqCst) {
            std::process::exit(i32::from(super::INTERRUPTED));
        }
        super::render::note("interrupted: finishing what is being written; press Ctrl-C again to stop at once");
    });
}

/// Whether the user asked to stop.
pub(super) fn requested() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}
