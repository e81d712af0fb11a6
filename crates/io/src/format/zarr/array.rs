//! An array, read window by window.

use std::ops::Range;
use std::sync::Arc;

use zarrs::array::{ArrayBytes, ArraySubset};
use zarrs::storage::ReadableStorageTraits;

use super::ID;
use super::files::Files;
use super::node::Node;
use crate::cursor::{Endian, Sample};
use crate::{Limits, ReadError, Store};

/// Chunks that one window may touch.
const CHUNKS: usize = 1 << 22;

/// An opened array.
#[derive(Clone)]
pub(super) struct Array {
    path: String,
    array: Arc<zarrs::array::Array<dyn ReadableStorageTraits>>,
    shape: Vec<usize>,
    chunk: Vec<usize>,
    sample: Sample,
    parts: usize,
    elements: u64,
}

impl Array {
    /// Opens an array whose metadata were found to be sound.
    ///
    /// # Errors
    /// [`ReadError`] if it uses what is not read.
    pub(super) fn open(files: &Files, node: &Node, limits: &Limits) -> Result<Array, ReadError> {
        let fail = |e: &dyn std::fmt::Display| {
            ReadError::new(ID, format!("`{}`: {e}", node.path))
                .hint("write it with gzip, zstd or blosc, or without compression")
        };
        // Each array is the root of its own store: HyperSpy's groups have names that Zarr reserves.
        let store = files.store(&node.path).map_err(|e| fail(&e))?;
        let array = zarrs::array::Array::open(store, "/").map_err(|e| fail(&e))?;
        let sound = array.shape().iter().map(|n| *n as usize).eq(node.shape.iter().copied());
        let size = array.data_type().fixed_size();
        if !sound || size != Some(node.sample.size() * node.parts) {
            return Err(fail(&"its metadata contradict each other"));
        }
        Ok(Array {
            path: node.path.clone(),
            array: Arc::new(array),
            shape: node.shape.clone(),
            chunk: node.chunk.clone(),
            sample: node.sample,
            parts: node.parts,
            elements: limits.elements,
        })
    }

    pub(super) fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Numbers of an element: two of a complex one.
    pub(super) fn parts(&self) -> usize {
        self.parts
    }

    /// One number of each element in a window.
    ///
    /// # Errors
    /// [`ReadError`] if a chunk is broken.
    pub(super) fn read(&self, part: usize, ranges: &[Range<usize>]) -> Result<Vec<f64>, ReadError> {
        let fail = |what: String| ReadError::new(ID, format!("`{}`: {what}", self.path));
        let count = ranges.iter().try_fold(1usize, |a, r| a.checked_mul(r.len()));
        if count.is_none_or(|n| n as u64 > self.elements) {
            return Err(fail("more elements than the limit to read at once".into()).hint("read it in smaller windows"));
        }
        let touched = ranges.iter().zip(&self.chunk).try_fold(1usize, |a, (r, c)| a.checked_mul(r.len() / c + 2));
        if touched.is_none_or(|n| n > CHUNKS) {
            return Err(fail("more chunks than can be read at once".into()).hint("read it in smaller windows"));
        }
        let own: Vec<Range<u64>> = ranges.iter().map(|r| r.start as u64..r.end as u64).collect();
        let subset = ArraySubset::new_with_ranges(&own);
        let bytes: ArrayBytes<'_> = self.array.retrieve_array_subset(&subset).map_err(|e| {
            fail(format!("a chunk cannot be read: {e}")).hint("the file is damaged; copy the folder again")
        })?;
        let bytes = bytes.into_fixed().map_err(|e| fail(e.to_string()))?;
        // The crate hands numbers over in the order of this computer.
        let endian = if cfg!(target_endian = "big") { Endian::Big } else { Endian::Little };
        let values = self.sample.decode(&bytes, endian, 1.0, 0.0);
        if self.parts == 1 {
            return Ok(values);
        }
        Ok(values.into_iter().skip(part).step_by(self.parts).collect())
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
