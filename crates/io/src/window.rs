//! A rectangular part of an array, so that no reader has to load the whole.

use std::ops::Range;

/// One range of indices an axis, in the order of the channel's shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window(Vec<Range<usize>>);

impl Window {
    /// These indices along each axis.
    pub fn new(ranges: impl IntoIterator<Item = Range<usize>>) -> Window {
        Window(ranges.into_iter().collect())
    }

    /// All of an array.
    pub fn whole(shape: &[usize]) -> Window {
        Window(shape.iter().map(|n| 0..*n).collect())
    }

    /// The ranges.
    pub fn ranges(&self) -> &[Range<usize>] {
        &self.0
    }

    /// Elements along each axis.
    pub fn shape(&self) -> Vec<usize> {
        self.0.iter().map(|r| r.end.saturating_sub(r.start)).collect()
    }

    /// Whether it lies in an array of that shape and is not empty.
    pub fn fits(&self, shape: &[usize]) -> bool {
        self.0.len() == shape.len() && self.0.iter().zip(shape).all(|(r, n)| r.start < r.end && r.end <= *n)
    }

    /// Whether it is the whole array.
    pub fn is_whole(&self, shape: &[usize]) -> bool {
        self.0.len() == shape.len() && self.0.iter().zip(shape).all(|(r, n)| r.start == 0 && r.end == *n)
    }

    /// Cuts it out of numbers in C order; `None` where they do not have that shape.
    pub fn cut(&self, values: Vec<f64>, shape: &[usize]) -> Option<Vec<f64>> {
        let n = shape.iter().try_fold(1usize, |a, b| a.checked_mul(*b));
        if n != Some(values.len()) || !self.fits(shape) {
            return None;
        }
        if self.is_whole(shape) {
            return Some(values);
        }
        let mut out = Vec::with_capacity(self.shape().iter().product());
        let mut steps = vec![1usize; shape.len()];
        for axis in (1..shape.len()).rev() {
            steps[axis - 1] = steps[axis] * shape[axis];
        }
        self.runs(|start, n| {
            let from: usize = start.iter().zip(&steps).map(|(i, s)| i * s).sum();
            out.extend_from_slice(values.get(from..from + n).unwrap_or_default());
        });
        Some(out)
    }

    /// Calls `f` with the first index and the length of every run along the last axis, in C order.
    pub fn runs(&self, mut f: impl FnMut(&[usize], usize)) {
        let Some((last, outer)) = self.0.split_last() else { return };
        if self.0.iter().any(Range::is_empty) {
            return;
        }
        let mut index: Vec<usize> = self.0.iter().map(|r| r.start).collect();
        loop {
            f(&index, last.len());
            let mut axis = outer.len();
            loop {
                let Some(next) = axis.checked_sub(1) else { return };
                axis = next;
                index[axis] += 1;
                if index[axis] < outer[axis].end {
                    break;
                }
                index[axis] = outer[axis].start;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_volume() {
        let values: Vec<f64> = (0..24).map(f64::from).collect();
        let w = Window::new([0..2, 1..3, 2..4]);
        assert_eq!(w.cut(values.clone(), &[2, 3, 4]).unwrap(), [6., 7., 10., 11., 18., 19., 22., 23.]);
        assert_eq!(Window::whole(&[2, 3, 4]).cut(values.clone(), &[2, 3, 4]).unwrap(), values);
        assert_eq!(Window::new([1..1, 0..3, 0..4]).cut(values.clone(), &[2, 3, 4]), None);
        assert_eq!(Window::new([0..3, 0..3, 0..4]).cut(values, &[2, 3, 4]), None);
        assert_eq!(Window::new([2..5]).cut(vec![0., 1., 2., 3., 4.], &[5]).unwrap(), [2., 3., 4.]);
    }
}
