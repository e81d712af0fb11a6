//! Samples with two correlated metrics.

use serde::Deserialize;

use super::{SampleData, Source, Trial};
use crate::calibrate::number::Number;
use crate::calibrate::truth::Truth;
use crate::data::Metric;
use crate::num::random::Random;

/// Parameters of a set of samples with metrics `given.x` and `given.y`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Points {
    samples: Number,
    /// Correlation of the true values.
    rho: Number,
    /// Standard error of each value over the spread of the true ones; 0 for values without an interval.
    error: Number,
}

impl Default for Points {
    fn default() -> Points {
        Points { samples: Number::Value(12.0), rho: Number::Value(0.9), error: Number::Value(0.3) }
    }
}

impl Source for Points {
    fn check(&self) -> Result<(), String> {
        self.samples.within("samples", 3.0, 1000.0)?;
        self.rho.within("rho", -1.0, 1.0)?;
        self.error.within("error", 0.0, 10.0)
    }

    fn trial(&self, random: &mut Random) -> Result<Trial, String> {
        let n = self.samples.draw(random).round() as usize;
        let (rho, error) = (self.rho.draw(random), self.error.draw(random));
        let samples = (0..n)
            .map(|i| {
                let x = random.normal();
                let y = rho * x + (1.0 - rho * rho).max(0.0).sqrt() * random.normal();
                let metrics = [("x", x), ("y", y)].map(|(name, v)| {
                    let v = v + error * random.normal();
                    let m = Metric::number(name, v, "");
                    if error > 0.0 { m.interval(v - 1.96 * error, v + 1.96 * error) } else { m }
                });
                (format!("s{i}"), SampleData { artifacts: Vec::new(), metrics: metrics.to_vec() })
            })
            .collect();
        // Of a normal law: Spearman's and Kendall's from Pearson's (Kruskal 1958, doi:10.1080/01621459.1958.10501481).
        let ranks = |r: f64| 6.0 / std::f64::consts::PI * libm::asin(0.5 * r);
        let orders = |r: f64| 2.0 / std::f64::consts::PI * libm::asin(r);
        let measured = rho / (1.0 + error * error);
        let mut truths = Vec::new();
        let statistics: [(&str, &dyn Fn(f64) -> f64); 3] =
            [("pearson", &|r| r), ("spearman", &ranks), ("kendall", &orders)];
        for (name, of) in statistics {
            truths.push(Truth::number(&format!("{name}[given.x,given.y]"), of(measured)));
            if error > 0.0 {
                truths.push(Truth::number(&format!("{name}_true[given.x,given.y]"), of(rho)));
            }
            truths.push(Truth::hypothesis(&format!("{name}_p[given.x,given.y]"), rho == 0.0));
        }
        Ok(Trial { samples, truths })
    }
}
