//! More surrogates where a p lies too near 0.05 for so few to say on which side it is.

use serde_json::Value;

use super::Inputs;
use crate::data::{Artifact, Metric};
use crate::spatial::null::Null;

/// Times as many surrogates.
const MORE: usize = 5;
/// Surrogates that settle any p.
const ENOUGH: usize = 400;

/// The parameters with more surrogates, where a p by those that there were may lie on the other side of 0.05 by chance: within
/// two of its standard errors. `None` where all are settled; for volumes, each of whose surrogates takes long; and for tables,
/// whose surrogates another stage made.
///
/// The first surrogates of many are the few, so that this only makes a p more exact.
pub(super) fn more(parameters: &Value, metrics: &[Metric], inputs: &Inputs<'_>) -> Option<Value> {
    let n = usize::try_from(parameters.get("surrogates")?.as_u64()?).ok()?;
    let given = inputs.0.iter().any(|(_, a)| match a {
        Artifact::Volume(_) | Artifact::Table(_) => true,
        Artifact::Labels(l) => l.volume().is_some(),
        _ => false,
    });
    if given || !(Null::FEWEST..=ENOUGH).contains(&n) {
        return None;
    }
    let half = 2.0 * (Null::LEVEL * (1.0 - Null::LEVEL) / n as f64).sqrt();
    let by_surrogates = |m: &&Metric| {
        m.name.ends_with("_p") && m.name != "orientation_p" && m.n.is_some_and(|k| k <= n as f64 && 2.0 * k > n as f64)
    };
    // Of directions there is a p of its own besides.
    let near = |m: &Metric| m.as_number().is_some_and(|p| (p - Null::LEVEL).abs() < half);
    metrics.iter().filter(by_surrogates).any(near).then(|| {
        let mut more = parameters.clone();
        more["surrogates"] = Value::from(MORE * n);
        more
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_p_near_the_level_asks_for_more() {
        let wanted = |surrogates: u64, p: f64, n: f64| {
            let m = [Metric::number("c_2_p", p, "").n(n), Metric::number("c_2", 0.05, "").n(n)];
            more(&json!({ "surrogates": surrogates }), &m, &Inputs(&[])).map(|v| v["surrogates"].as_u64().unwrap())
        };
        assert_eq!(wanted(200, 0.04, 200.0), Some(1000));
        assert_eq!(
            (wanted(200, 0.005, 200.0), wanted(200, 0.2, 200.0), wanted(0, 0.05, 0.0), wanted(1000, 0.05, 1000.0)),
            (None, None, None, None)
        );
        // A p that does not rest on the surrogates.
        assert_eq!(wanted(200, 0.04, 31.0), None);
    }
}
