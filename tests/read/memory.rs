//! Counts what a thread allocates, so that a test can say how much a broken file takes.
#![allow(unsafe_code, reason = "an allocator is unsafe by its trait; it only counts and hands on")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static NOW: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

fn add(n: usize) {
    let now = NOW.get().saturating_add(n);
    NOW.set(now);
    PEAK.set(PEAK.get().max(now));
}

// SAFETY: every call is handed to the system's allocator unchanged; the counters are plain numbers of the thread.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(layout.size());
        // SAFETY: as the caller promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        add(layout.size());
        // SAFETY: as the caller promised.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.set(NOW.get().saturating_sub(layout.size()));
        // SAFETY: as the caller promised.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// Begins to count anew; gives what is held already.
pub(crate) fn reset() -> usize {
    PEAK.set(NOW.get());
    NOW.get()
}

/// The most that was held since.
pub(crate) fn peak() -> usize {
    PEAK.get()
}

#[test]
fn it_counts() {
    let before = reset();
    drop(std::hint::black_box(vec![1u8; 1 << 20]));
    let taken = peak() - before;
    assert!((1 << 20..2 << 20).contains(&taken), "{taken}");
}
