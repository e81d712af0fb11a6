//! Values in groups of neighbours by size: what a statistic of the distribution needs of millions of them.

/// Values that lie next to each other when sorted, about a common origin.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Group {
    /// How many.
    pub n: f64,
    /// Their sum.
    pub sum: f64,
    /// Sum of their squares.
    pub squares: f64,
}

impl Group {
    /// One value.
    pub fn one(v: f64) -> Group {
        Group { n: 1.0, sum: v, squares: v * v }
    }

    /// Both together.
    pub fn and(self, other: Group) -> Group {
        Group { n: self.n + other.n, sum: self.sum + other.sum, squares: self.squares + other.squares }
    }

    /// Mean.
    pub fn mean(&self) -> f64 {
        self.sum / self.n
    }

    /// Mean squared distance from the mean.
    pub fn variance(&self) -> f64 {
        (self.squares / self.n - self.mean().powi(2)).max(0.0)
    }
}

/// Groups in standard units: zero mean, unit variance; `None` where all are the same.
pub fn standard(groups: &[Group]) -> Option<Vec<Group>> {
    let origin = groups.iter().fold(Group::default(), |a, b| a.and(*b)).mean();
    let shift = |g: &Group| Group {
        n: g.n,
        sum: g.sum - g.n * origin,
        squares: g.n * (g.variance() + (g.mean() - origin).powi(2)),
    };
    let moved: Vec<Group> = groups.iter().map(shift).collect();
    let std = moved.iter().fold(Group::default(), |a, b| a.and(*b)).variance().sqrt();
    let scaled = |g: &Group| Group { n: g.n, sum: g.sum / std, squares: g.squares / (std * std) };
    (std > 0.0).then(|| moved.iter().map(scaled).collect())
}

/// Values in standard units – zero mean, unit variance – as groups by rising value.
#[derive(Clone, Debug)]
pub struct Groups {
    /// The groups, none empty.
    pub groups: Vec<Group>,
    /// Mean of the values.
    pub origin: f64,
    /// Their standard deviation.
    pub scale: f64,
}

impl Groups {
    /// At most `most` groups of equal number from sorted values; `None` of a constant or of nothing.
    pub fn of(sorted: &[f64], most: usize) -> Option<Groups> {
        let m = crate::num::sum::moments(sorted);
        if !(m.std > 0.0) || most == 0 {
            return None;
        }
        let n = sorted.len();
        let count = most.min(n);
        let at = |i: usize| (i as u128 * n as u128 / count as u128) as usize;
        let group = |i: usize| {
            let members = sorted[at(i)..at(i + 1)].iter();
            members.fold(Group::default(), |g, v| g.and(Group::one((v - m.mean) / m.std)))
        };
        Some(Groups { groups: (0..count).map(group).collect(), origin: m.mean, scale: m.std })
    }

    /// In the unit of the values.
    pub fn restore(&self, standard: f64) -> f64 {
        self.origin + self.scale * standard
    }

    /// In standard units.
    pub fn standard(&self, value: f64) -> f64 {
        (value - self.origin) / self.scale
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_keep_the_moments() {
        let sorted: Vec<f64> = (0..1000).map(|i| f64::from(i) * 0.5 + 3.0).collect();
        let g = Groups::of(&sorted, 7).unwrap();
        let all = g.groups.iter().fold(Group::default(), |a, b| a.and(*b));
        assert_eq!((g.groups.len(), all.n), (7, 1000.0));
        assert!(all.mean().abs() < 1e-14 && (all.variance() - 1.0).abs() < 1e-13);
        assert!((g.restore(g.standard(17.0)) - 17.0).abs() < 1e-12);
        let raw: Vec<Group> =
            sorted.chunks(100).map(|c| c.iter().fold(Group::default(), |g, v| g.and(Group::one(*v)))).collect();
        let all = standard(&raw).unwrap().iter().fold(Group::default(), |a, b| a.and(*b));
        assert!(
            all.mean().abs() < 1e-12 && (all.variance() - 1.0).abs() < 1e-12 && standard(&[Group::one(2.0)]).is_none()
        );
        assert!(Groups::of(&[2.0; 5], 3).is_none() && Groups::of(&[], 3).is_none());
        assert_eq!(Groups::of(&[1.0, 2.0], 9).unwrap().groups.len(), 2);
    }
}
