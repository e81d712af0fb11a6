//! An array, read window by window.

use std::ops::Range;
use std::sync::Arc;

use super::ID;
use super::files::Files;
use super::grid::Request;
use super::node::Node;
use crate::{Limits, ReadError, Store};

/// An opened array.
#[derive(Clone)]
pub(super) struct Array {
    files: Files,
    node: Arc<Node>,
    elements: u64,
}

impl Array {
    pub(super) fn new(files: &Files, node: &Arc<Node>, limits: &Limits) -> Array {
        Array { files: files.clone(), node: Arc::clone(node), elements: limits.elements }
    }

    pub(super) fn shape(&self) -> &[usize] {
        &self.node.shape
    }

    /// Numbers of an element: two of a complex one.
    pub(super) fn parts(&self) -> usize {
        self.node.number.parts
    }

    /// One number of each element in a window.
    ///
    /// # Errors
    /// [`ReadError`] if a chunk is broken.
    pub(super) fn read(&self, part: usize, ranges: &[Range<usize>]) -> Result<Vec<f64>, ReadError> {
        let node = &self.node;
        let fail = |what: String| ReadError::new(ID, format!("`{}`: {what}", node.path));
        let count = ranges.iter().try_fold(1usize, |a, r| a.checked_mul(r.len()));
        if count.is_none_or(|n| n as u64 > self.elements) {
            return Err(fail("more elements than the limit to read at once".into()).hint("read it in smaller windows"));
        }
        let fill = node.fill.get(part).copied().unwrap_or(f64::NAN);
        let chunk = |index: &[usize]| self.files.chunk(&node.key(index)).map_err(|e| e.what);
        node.grid.read(ranges, Request { number: node.number, part, fill }, &chunk).map_err(|e| {
            fail(format!("a chunk cannot be read: {e}")).hint("the file is damaged; copy the folder again")
        })
    }

    /// The array at these first indices and at index 0 of so many last axes, to be read when it is asked for.
    pub(super) fn store(&self, part: usize, first: Vec<usize>, zeros: usize) -> Store {
        let own = self.clone();
        Store::windowed(move |w| {
            let before = first.iter().map(|i| *i..i.saturating_add(1));
            let behind = std::iter::repeat_n(0..1, zeros);
            let ranges: Vec<_> = before.chain(w.ranges().iter().cloned()).chain(behind).collect();
            own.read(part, &ranges)
        })
    }
}
