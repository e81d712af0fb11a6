//! An array of an HDF5 file, read window by window.

use hdf5_reader::{Dataset, SliceInfo, SliceInfoElem};

use super::element::{Bits, Number};
use super::{Element, Field, NOT_READ, broken};
use crate::{ReadError, Store, Window};

/// Words of an array that are read.
const WORDS: usize = 1 << 20;

/// An array whose claims its file can hold.
#[derive(Clone)]
pub(crate) struct Array {
    format: &'static str,
    dataset: Dataset,
    /// As stored; empty for a single value.
    pub shape: Vec<usize>,
    /// What its elements are.
    pub element: Element,
    /// Bytes of one element.
    size: usize,
    /// Where not all of an integer's bits count.
    bits: Option<Bits>,
    /// Whether the last two axes are stored in the other order.
    columns_first: bool,
}

impl Array {
    /// Checks what the header claims against `possible`, the bytes that the whole file can unfold to.
    pub(super) fn new(format: &'static str, dataset: Dataset, possible: u64) -> Result<Array, String> {
        let size = dataset.raw_element_size().map_err(|e| format!("{NOT_READ}: {e}"))?;
        let bytes = dataset.shape().iter().try_fold(size as u64, |a, b| a.checked_mul(*b));
        let shape: Option<Vec<usize>> = dataset.shape().iter().map(|n| usize::try_from(*n).ok()).collect();
        // An array that was declared and never given a size has no axis and no element.
        let never = dataset.num_elements().is_ok_and(|n| n == 0);
        let shape = shape.map(|s| if s.is_empty() && never { vec![0] } else { s });
        let element = Element::of(dataset.dtype());
        let bits = dataset.raw_datatype().ok().map_or(Ok(None), |message| Bits::of(dataset.dtype(), &message));
        let bits = bits.map_err(|what| format!("{NOT_READ}: {what}"))?;
        match shape {
            Some(shape) if bytes.is_some_and(|b| b <= possible) => {
                Ok(Array { format, dataset, shape, element, size, bits, columns_first: false })
            }
            _ => Err(format!(
                "{NOT_READ}: the header claims {:?} elements, more than the file can hold",
                dataset.shape()
            )),
        }
    }

    /// The same array with its last two axes in the other order: MATLAB stores columns one behind the other.
    pub(crate) fn by_columns(mut self) -> Array {
        let n = self.shape.len();
        if n > 1 {
            self.shape.swap(n - 2, n - 1);
            self.columns_first = !self.columns_first;
        }
        self
    }

    /// The same numbers with other axes: without those of length one, or with the first ones joined.
    pub(crate) fn flat(mut self, shape: Vec<usize>) -> Array {
        if shape.iter().product::<usize>() == self.count() {
            self.columns_first &= shape.len() > 1;
            self.shape = shape;
        }
        self
    }

    /// Elements; 1 for a single value.
    pub(crate) fn count(&self) -> usize {
        self.shape.iter().product()
    }

    /// The numbers in a window of it; `[0..1]` for a single value.
    ///
    /// # Errors
    /// [`ReadError`] if it holds no numbers or is broken.
    pub(crate) fn read(&self, window: &Window) -> Result<Vec<f64>, ReadError> {
        let slice =
            |r: &std::ops::Range<usize>| SliceInfoElem::Slice { start: r.start as u64, end: r.end as u64, step: 1 };
        let stored = self.dataset.shape();
        if self.shape.len() > 2 && self.shape.len() < stored.len() {
            // Joined axes are cut behind the reading.
            let whole = stored.iter().map(|n| slice(&(0..*n as usize))).collect();
            let values = self.by_rows(self.stored(SliceInfo { selections: whole })?, &self.shape);
            let lost = || ReadError::new(self.format, "an array has other numbers than its header says");
            return window.cut(values, &self.shape).ok_or_else(lost);
        }
        let mut ranges = if self.shape.is_empty() { Vec::new() } else { window.ranges().to_vec() };
        if ranges.len() < stored.len() {
            let mut own = ranges.into_iter();
            let axis = |n: &u64| if *n == 1 { Some(0..1) } else { own.next() };
            ranges = stored.iter().map_while(axis).collect();
        }
        let n = ranges.len();
        if self.columns_first && n > 1 {
            ranges.swap(n - 2, n - 1);
        }
        let values = self.stored(SliceInfo { selections: ranges.iter().map(slice).collect() })?;
        Ok(self.by_rows(values, &window.shape()))
    }

    /// The numbers of a part of what is stored, in its order.
    fn stored(&self, part: SliceInfo) -> Result<Vec<f64>, ReadError> {
        let values = self.dataset.read_slice::<Number>(&part).map_err(|e| self.fail(&e))?.into_iter().map(|n| n.0);
        Ok(match self.bits {
            Some(bits) => values.map(|v| bits.take(v)).collect(),
            None => values.collect(),
        })
    }

    /// Bits of its numbers and whether they have a sign, where they are integers.
    pub(crate) fn integer(&self) -> Option<(u32, bool)> {
        match self.dataset.dtype() {
            hdf5_reader::Datatype::FixedPoint { size, signed, .. } => Some((u32::from(*size) * 8, *signed)),
            _ => None,
        }
    }

    /// Where its header stands in the file: what references name.
    pub(crate) fn address(&self) -> u64 {
        self.dataset.address()
    }

    /// The address of the first array that gives each axis its scale, as `DIMENSION_LIST` of the high-level library says.
    pub(crate) fn scales(&self) -> Vec<Option<u64>> {
        let list = || {
            let all = self.dataset.raw_attributes().ok()?;
            let list = all.iter().find(|a| a.name() == "DIMENSION_LIST")?;
            let size = self.dataset.vlen_reference_size();
            // A list is its length, the address of its heap and its index there.
            let width = size.checked_sub(8)?;
            let first = |entry: &[u8]| {
                let bytes = self.dataset.resolve_vlen_reference_bytes(entry, width).ok()?;
                Some(bytes.get(..width)?.iter().rev().fold(0u64, |a, b| a << 8 | u64::from(*b)))
            };
            let entries = list.message().raw_data.chunks_exact(size);
            Some(entries.take(self.dataset.ndim()).map(first).collect::<Vec<Option<u64>>>())
        };
        list().filter(|l| l.len() == self.shape.len()).unwrap_or_default()
    }

    /// Numbers of a window of that shape in the order of rows.
    fn by_rows(&self, values: Vec<f64>, shape: &[usize]) -> Vec<f64> {
        let ([.., rows, columns], true) = (shape, self.columns_first) else { return values };
        let plane = |p: &[f64]| (0..rows * columns).map(|i| p[i % columns * rows + i / columns]).collect::<Vec<_>>();
        values.chunks_exact((rows * columns).max(1)).flat_map(plane).collect()
    }

    /// All its numbers.
    ///
    /// # Errors
    /// As [`Array::read`].
    pub(crate) fn numbers(&self) -> Result<Vec<f64>, ReadError> {
        self.read(&Window::whole(&self.shape))
    }

    /// The one number of an array of one element.
    pub(crate) fn number(&self) -> Option<f64> {
        let one = self.element == Element::Number && self.count() == 1;
        one.then(|| self.numbers().ok()).flatten()?.first().copied()
    }

    /// All its words.
    ///
    /// # Errors
    /// [`ReadError`] if it holds none, too many, or is broken.
    pub(crate) fn words(&self) -> Result<Vec<String>, ReadError> {
        if self.count() > WORDS {
            return Err(ReadError::new(self.format, "an array has more words than are read").hint("split the file"));
        }
        self.dataset.read_strings().map_err(|e| self.fail(&e))
    }

    /// All values of one field of its records.
    ///
    /// # Errors
    /// [`ReadError`] if it is broken.
    pub(crate) fn field(&self, field: &Field) -> Result<Vec<f64>, ReadError> {
        let raw = self.dataset.read_raw_bytes().map_err(|e| self.fail(&e))?;
        let mut out = Vec::with_capacity(self.count());
        for record in raw.chunks_exact(self.size.max(1)) {
            let number = record.get(field.offset..).and_then(|r| r.get(..field.sample.size()));
            let bytes = number.ok_or_else(|| ReadError::new(self.format, "a field lies outside of its record"))?;
            field.sample.extend(&mut out, bytes, field.endian, 1.0, 0.0);
        }
        Ok(self.by_rows(out, &self.shape))
    }

    /// Its numbers, to be read when they are asked for.
    pub(crate) fn store(&self) -> Store {
        let own = self.clone();
        Store::windowed(move |w| own.read(w))
    }

    /// The values of one field, to be read when they are asked for.
    pub(crate) fn field_store(&self, field: &Field) -> Store {
        let (own, field) = (self.clone(), field.clone());
        Store::whole(move || own.field(&field))
    }

    fn fail(&self, e: &hdf5_reader::error::Error) -> ReadError {
        let own = broken(self.format, e);
        ReadError { what: format!("`{}`: {}", self.dataset.name(), own.what), ..own }
    }
}
