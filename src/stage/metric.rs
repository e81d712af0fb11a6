//! Metrics as stages declare them: each once, a family by its index, a null by what it adds. What a stage prints is held
//! against its declaration; what `link`, `compare` and `report` may name is exactly that.

use std::borrow::Cow;

use crate::data::Metric;
use crate::unit::Unit;

/// A metric, or a family of them, that a stage reports.
#[derive(Clone, Debug)]
pub struct MetricDoc {
    /// Its name in METHODS; the part in angle brackets, if any, is what [`Index`] counts: `centre_<class>`.
    pub name: Cow<'static, str>,
    /// Coherent unit, or several with `|` between; `map` or `data` for what follows that of the input.
    pub unit: &'static str,
    /// What it means.
    pub about: &'static str,
    /// What stands in the angle brackets.
    pub index: Index,
    /// Endings of the rows of its null (METHODS §13).
    pub nulls: &'static [&'static str],
}

/// What tells the members of a family apart.
#[derive(Clone, Copy, Debug)]
pub enum Index {
    /// No family.
    One,
    /// Whole numbers from the first to the last.
    Number(usize, usize),
    /// One of these names, wherever the brackets stand.
    Name(fn() -> Vec<String>),
    /// Whatever the definition names.
    Text,
}

/// Rows of a null by surrogates.
pub const NULL: &[&str] = &["null", "excess", "p"];

impl MetricDoc {
    /// One metric.
    pub const fn new(name: &'static str, unit: &'static str, about: &'static str) -> MetricDoc {
        MetricDoc { name: Cow::Borrowed(name), unit, about, index: Index::One, nulls: &[] }
    }

    /// A family of them.
    pub const fn of(mut self, index: Index) -> MetricDoc {
        self.index = index;
        self
    }

    /// With the rows of a null.
    pub const fn null(self) -> MetricDoc {
        self.nulls(NULL)
    }

    /// With some of the rows of a null.
    pub const fn nulls(mut self, nulls: &'static [&'static str]) -> MetricDoc {
        self.nulls = nulls;
        self
    }

    /// The same with a concrete name.
    pub fn named(&self, name: String) -> MetricDoc {
        MetricDoc { name: Cow::Owned(name), index: Index::One, ..self.clone() }
    }

    /// Whether a metric of that name is this one, one of its family, or a row of its null.
    pub fn is(&self, metric: &str) -> bool {
        let of_null = |end: &&str| metric.strip_suffix(*end).and_then(|m| m.strip_suffix('_'));
        self.is_itself(metric) || self.nulls.iter().filter_map(of_null).any(|m| self.is_itself(m))
    }

    /// Without the rows of its null.
    fn is_itself(&self, metric: &str) -> bool {
        let Some((before, after)) = self.name.split_once('<') else { return self.name == metric };
        let (placeholder, after) = after.split_once('>').unwrap_or((after, ""));
        let between = || metric.strip_prefix(before)?.strip_suffix(after);
        match self.index {
            Index::One => false,
            Index::Number(first, last) => between()
                .is_some_and(|m| m.parse().is_ok_and(|k: usize| (first..=last).contains(&k) && k.to_string() == m)),
            Index::Name(names) => names().iter().any(|n| self.name.replace(&format!("<{placeholder}>"), n) == metric),
            Index::Text => between().is_some_and(|m| !m.is_empty()),
        }
    }

    /// Names that are known before the run, with the rows of the null; of a numbered family the first.
    pub fn names(&self) -> Vec<String> {
        let base: Vec<String> = match (self.name.split_once('<'), self.index) {
            (None, _) => vec![self.name.to_string()],
            (Some((before, after)), Index::Number(first, _)) => {
                vec![format!("{before}{first}{}", after.split_once('>').map_or("", |a| a.1))]
            }
            (Some((_, after)), Index::Name(names)) => {
                let placeholder = format!("<{}>", after.split_once('>').map_or(after, |a| a.0));
                names().iter().map(|n| self.name.replace(&placeholder, n)).collect()
            }
            (Some(_), _) => Vec::new(),
        };
        let nulls = |n: &String| self.nulls.iter().map(|end| format!("{n}_{end}")).collect::<Vec<_>>();
        base.iter().flat_map(|n| std::iter::once(n.clone()).chain(nulls(n))).collect()
    }
}

/// Why a metric is not what the declaration says: its name, or a number of another dimension.
pub(super) fn contradiction(metric: &Metric, declared: &[MetricDoc]) -> Option<String> {
    let Some(doc) = declared.iter().find(|d| d.is(&metric.name)) else {
        return Some(format!("the metric `{}` is not declared", metric.name));
    };
    if let (Some(v), Some([low, high])) = (metric.as_number(), metric.interval)
        && !(low <= v && v <= high)
    {
        return Some(format!("the interval of `{}`, {low} to {high}, excludes it: {v}", metric.name));
    }
    let fixed = !["map", "data"].iter().any(|free| doc.unit.contains(free));
    let row = doc.nulls.iter().any(|end| metric.name.ends_with(&format!("_{end}")) && !doc.is_itself(&metric.name));
    let fits = |u: &str| metric.unit.symbol == u || metric.unit.same_dimension(&Unit::of(u));
    (fixed && !row && metric.as_number().is_some() && !doc.unit.split('|').any(fits))
        .then(|| format!("the metric `{}` is declared in `{}`", metric.name, doc.unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_told_by_their_index_and_nulls_by_their_endings() {
        let class = MetricDoc::new("centre_<class>", "map", "").of(Index::Number(0, 2));
        assert!(class.is("centre_0") && class.is("centre_2") && !class.is("centre_3") && !class.is("centre_02"));
        assert!(!class.is("centre_") && !class.is("centre") && !class.is("centre_0_p"));
        let energy =
            MetricDoc::new("e_<peak>_over_r_t_<peak>", "", "").of(Index::Name(|| vec!["alpha".into(), "beta".into()]));
        assert!(energy.is("e_alpha_over_r_t_alpha") && !energy.is("e_alpha_over_r_t_beta"));
        let ratio = MetricDoc::new("aspect_ratio", "", "").null();
        assert_eq!(ratio.names(), ["aspect_ratio", "aspect_ratio_null", "aspect_ratio_excess", "aspect_ratio_p"]);
        assert!(ratio.names().iter().all(|n| ratio.is(n)) && !ratio.is("aspect_ratio_n"));
        let p = MetricDoc::new("orientation_p", "", "").null();
        assert!(p.is("orientation_p") && p.is("orientation_p_p") && !p.is("orientation"));
        let any = MetricDoc::new("ks[<map>]", "", "").of(Index::Text);
        assert!(any.is("ks[level]") && !any.is("ks[]") && !any.is("ks_p[level]"));
    }

    #[test]
    fn a_number_of_another_dimension_is_a_contradiction() {
        let declared = [MetricDoc::new("xi", "m", "").nulls(&["null"]), MetricDoc::new("span", "map", "")];
        assert_eq!(contradiction(&Metric::number("xi", 1.0, "nm"), &declared), None);
        assert_eq!(contradiction(&Metric::number("span", 1.0, "kHz"), &declared), None);
        assert!(contradiction(&Metric::number("xi", 1.0, "s"), &declared).unwrap().contains("`m`"));
        assert!(contradiction(&Metric::number("psi", 1.0, "m"), &declared).unwrap().contains("not declared"));
        assert_eq!(contradiction(&Metric::missing("xi", "no plateau"), &declared), None);
        let beside = Metric::number("xi", 1.0, "nm").interval(1.1, 2.0);
        assert!(contradiction(&beside, &declared).unwrap().contains("excludes"));
    }
}
