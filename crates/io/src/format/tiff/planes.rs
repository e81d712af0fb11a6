//! Which page is which plane: channels, depths and times of hyperstacks.

use std::collections::BTreeMap;

/// How many channels, depths and times an image has, in this order.
pub(super) type Counts = [usize; 3];

/// The pages of an image of several axes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Layout {
    counts: Counts,
    /// The page of each plane: channels fastest, then depths, then times.
    pages: Vec<usize>,
    /// Names of channels, as many as are known.
    pub colours: Vec<String>,
}

/// The axis along which planes follow one another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Axis {
    /// Planes of a body.
    Depth,
    /// Anything else, which has no length.
    Other,
}

/// Planes that are one channel.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stack {
    /// What tells it from the others, empty where there are none.
    pub name: String,
    pub pages: Vec<usize>,
    pub axis: Axis,
}

impl Stack {
    /// All pages, in their order.
    pub(super) fn plain(pages: Vec<usize>) -> Stack {
        Stack { name: String::new(), pages, axis: Axis::Depth }
    }
}

impl Layout {
    /// Planes that follow one another from page 0 on, channels fastest, then depths, then times.
    pub(super) fn even(counts: Counts, pages: usize) -> Option<Layout> {
        (product(counts) == Some(pages)).then(|| Layout { counts, pages: (0..pages).collect(), colours: Vec::new() })
    }

    /// Planes whose pages are listed one by one; `None` where one has no page.
    pub(super) fn listed(counts: Counts, pages: &BTreeMap<Counts, usize>) -> Option<Layout> {
        // No more planes than pages are asked for, so that a lie costs nothing.
        let n = product(counts).filter(|n| *n <= pages.len())?;
        let page = |i: usize| {
            let (rest, channel) = (i / counts[0], i % counts[0]);
            pages.get(&[channel, rest % counts[1], rest / counts[1]]).copied()
        };
        Some(Layout { counts, pages: (0..n).map(page).collect::<Option<_>>()?, colours: Vec::new() })
    }

    /// The channels that it is read as: bodies where there are depths, else series of images in time, else images.
    pub(super) fn stacks(&self) -> Vec<Stack> {
        let [channels, depths, times] = self.counts;
        let page = |c: usize, z: usize, t: usize| self.pages.get(c + channels * (z + depths * t)).copied();
        let colour = |c: usize| match self.colours.get(c) {
            _ if channels == 1 => String::new(),
            Some(name) => format!(" {name}"),
            None => format!(" c={c}"),
        };
        let mut out = Vec::new();
        if depths == 1 {
            for c in 0..channels {
                let pages = (0..times).filter_map(|t| page(c, 0, t)).collect();
                out.push(Stack { name: colour(c), pages, axis: Axis::Other });
            }
            return out;
        }
        for t in 0..times {
            for c in 0..channels {
                let time = if times == 1 { String::new() } else { format!(" t={t}") };
                let pages = (0..depths).filter_map(|z| page(c, z, t)).collect();
                out.push(Stack { name: time + &colour(c), pages, axis: Axis::Depth });
            }
        }
        out
    }
}

fn product([channels, depths, times]: Counts) -> Option<usize> {
    channels.checked_mul(depths)?.checked_mul(times).filter(|n| *n > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_series_and_images() {
        let named = |l: Layout| l.stacks().into_iter().map(|s| (s.name, s.pages, s.axis)).collect::<Vec<_>>();
        let one = |name: &str, pages: &[usize], axis| (name.to_string(), pages.to_vec(), axis);
        assert_eq!(named(Layout::even([1, 3, 1], 3).unwrap()), [one("", &[0, 1, 2], Axis::Depth)]);
        assert_eq!(named(Layout::even([1, 1, 3], 3).unwrap()), [one("", &[0, 1, 2], Axis::Other)]);
        let both = named(Layout::even([2, 1, 2], 4).unwrap());
        assert_eq!(both, [one(" c=0", &[0, 2], Axis::Other), one(" c=1", &[1, 3], Axis::Other)]);
        let mut all = Layout::even([2, 2, 2], 8).unwrap();
        all.colours = vec!["red".into()];
        let all = named(all);
        assert_eq!(all[..2], [one(" t=0 red", &[0, 2], Axis::Depth), one(" t=0 c=1", &[1, 3], Axis::Depth)]);
        assert_eq!(all[2], one(" t=1 red", &[4, 6], Axis::Depth));
        assert_eq!(Layout::even([2, 1, 2], 5), None);
        assert_eq!(Layout::even([usize::MAX, usize::MAX, 1], 5), None);
        assert_eq!(Layout::listed([usize::MAX, 1, 1], &BTreeMap::new()), None);
        assert_eq!(Layout::listed([2, 1, 1], &BTreeMap::from([([0, 0, 0], 1), ([1, 0, 1], 0)])), None);
    }
}
