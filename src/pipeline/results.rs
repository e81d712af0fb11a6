//! `results.csv`: one metric a row.

use super::tables::{field, number};
use crate::data::{Metric, Value};

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct ResultRow {
    /// Sample; `*` for all.
    pub sample: String,
    /// Stage.
    pub stage: String,
    /// The metric.
    pub metric: Metric,
}

/// The whole file.
pub fn results_csv(rows: &[ResultRow]) -> String {
    let mut out = String::from("sample,stage,metric,value,unit,ci_low,ci_high,n,note\n");
    for r in rows {
        let m = &r.metric;
        let value = match &m.value {
            Value::Number(v) => number(*v),
            Value::Text(t) => field(t),
            Value::Missing => String::new(),
        };
        let unit = if matches!(m.value, Value::Number(_)) { m.unit.si_symbol() } else { String::new() };
        let end = |k: usize| m.interval.map(|i| number(i[k])).unwrap_or_default();
        let n = m.n.map(number).unwrap_or_default();
        let fields =
            [field(&r.sample), field(&r.stage), field(&m.name), value, field(&unit), end(0), end(1), n, field(&m.note)];
        out.push_str(&fields.join(","));
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_as_the_contract_says() {
        let row = |metric| ResultRow { sample: "A, B".into(), stage: "corr".into(), metric };
        let rows = [
            row(Metric::number("xi", 4e-8, "m").interval(3e-8, 5e-8).n(120.0)),
            row(Metric::text("xi_verdict", "resolved")),
            row(Metric::missing("t_beta", "no \"peak\"")),
        ];
        assert_eq!(
            results_csv(&rows),
            "sample,stage,metric,value,unit,ci_low,ci_high,n,note\n\
             \"A, B\",corr,xi,4e-8,m,3e-8,5e-8,120,\n\
             \"A, B\",corr,xi_verdict,resolved,,,,,\n\
             \"A, B\",corr,t_beta,,,,,,\"no \"\"peak\"\"\"\n"
        );
    }
}
