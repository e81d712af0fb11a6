//! Range, mean and standard deviation of a channel, read part by part.

use std::iter::once;

use crate::io::{Channel, Dataset, ReadError, Window};
use crate::num::sum::moments;

/// Elements read at a time.
const PART: usize = 1 << 22;
/// Elements from which on a channel is looked at only when asked for.
const LARGE: usize = 1 << 26;

/// What is said of a channel's numbers, in SI.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Statistics {
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub mean: Option<f64>,
    /// Population standard deviation (ddof 0).
    pub std: Option<f64>,
    /// Numbers that are missing or not finite.
    pub invalid: usize,
}

/// Whether reading the channel takes longer than anyone waits for a listing.
pub(super) fn is_large(channel: &Channel) -> bool {
    channel.elements() > LARGE
}

/// What can be said of a channel, or why it cannot be read.
pub(super) fn tried(dataset: &Dataset, index: usize) -> (Statistics, Option<ReadError>) {
    Statistics::of(dataset, index).map_or_else(|e| (Statistics::default(), Some(e)), |s| (s, None))
}

impl Statistics {
    /// Of all numbers of a channel.
    fn of(dataset: &Dataset, index: usize) -> Result<Statistics, ReadError> {
        let channel = &dataset.channels()[index];
        let mut total = Statistics::default();
        let (mut n, mut mean, mut m2) = (0.0, 0.0, 0.0);
        for window in parts(&channel.shape, dataset.in_parts(index)) {
            let mut values = dataset.window(index, &window)?;
            let all = values.len();
            values.retain(|v| v.is_finite());
            total.invalid += all - values.len();
            if values.is_empty() {
                continue;
            }
            let least = values.iter().copied().fold(f64::INFINITY, f64::min);
            let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            total.min = Some(total.min.map_or(least, |m: f64| m.min(least)));
            total.max = Some(total.max.map_or(most, |m: f64| m.max(most)));
            // Chan, Golub, LeVeque 1983: moments of two parts give those of the whole.
            let (own, count) = (moments(&values), values.len() as f64);
            let shift = own.mean - mean;
            m2 += own.std * own.std * count + shift * shift * n * count / (n + count);
            mean += shift * count / (n + count);
            n += count;
        }
        if n > 0.0 {
            total.mean = Some(mean);
            total.std = Some((m2 / n).sqrt());
        }
        Ok(total)
    }
}

/// Windows that cover an array: runs of whole planes, or of rows where one plane is large.
fn parts(shape: &[usize], cut: bool) -> Vec<Window> {
    if shape.contains(&0) {
        return Vec::new();
    }
    let elements = shape.iter().fold(1usize, |a, b| a.saturating_mul(*b));
    if !cut || elements <= PART {
        return vec![Window::whole(shape)];
    }
    let Some((first, rest)) = shape.split_first() else { return Vec::new() };
    let plane = rest.iter().fold(1usize, |a, b| a.saturating_mul(*b));
    if plane > PART && rest.len() > 1 {
        let inner = parts(rest, true);
        return (0..*first)
            .flat_map(|z| inner.iter().map(move |w| Window::new(once(z..z + 1).chain(w.ranges().iter().cloned()))))
            .collect();
    }
    let step = (PART / plane.max(1)).max(1);
    (0..*first)
        .step_by(step)
        .map(|z| {
            let lines = z..(z + step).min(*first);
            Window::new(once(lines).chain(rest.iter().map(|n| 0..*n)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_every_element_once() {
        for shape in [vec![10], vec![3, 4], vec![5, 2048, 4096], vec![PART * 2 + 3], vec![2, 5000, 5000], vec![7, 9000]]
        {
            let windows = parts(&shape, true);
            let total: usize = windows.iter().map(|w| w.shape().iter().product::<usize>()).sum();
            assert_eq!(total, shape.iter().product::<usize>(), "{shape:?}");
            assert!(windows.iter().all(|w| w.fits(&shape)));
        }
        assert!(parts(&[3, 0], true).is_empty());
    }
}
