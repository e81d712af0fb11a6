//! Parameters and columns as the mathematics takes them.

use super::points::{Point, Points};
use super::{Drift, DriftRule, Indentation, ModelName};
use crate::contact::indentation::curve::{Curve, Unusable};
use crate::contact::indentation::evaluation::Evaluation;
use crate::contact::indentation::finished::{Finished, finished};
use crate::contact::indentation::oliver_pharr::Instrument;
use crate::contact::indentation::protocol::{self, Indenter, Parts, Protocol};
use crate::contact::indentation::sphere::Sphere;
use crate::data::{Curves, Role};
use crate::stage::{Cx, StageError};

impl Indentation {
    /// Every point after the other.
    pub(super) fn evaluate(&self, s: &Curves, points: &Points, cx: &Cx<'_>) -> Result<Vec<Evaluation>, StageError> {
        let instrument = self.instrument();
        let protocol = self.protocol();
        let evaluate = |i: usize| {
            let point = &points.points[i];
            match &protocol {
                None => finished(&row(s, point.rows[0]), &instrument),
                Some(p) => self.curve(s, point).map_or_else(Evaluation::none, |c| p.evaluate(&c)),
            }
        };
        Ok(cx.work().ordered(points.points.len(), evaluate)?)
    }

    /// How curves are evaluated; `None` of finished tables.
    fn protocol(&self) -> Option<Protocol> {
        let indenter = match (self.model, self.model.sphere()) {
            (_, Some(model)) => Indenter::Sphere(model, Sphere { radius: self.radius?.0, poisson: self.poisson? }),
            (ModelName::OliverPharr, _) => {
                Indenter::Pyramid { instrument: self.instrument(), modulus: self.pyramid.indenter_modulus.0 }
            }
            _ => return None,
        };
        let by_model = match self.model.sphere() {
            Some(m) if m.has_time() => Parts::All,
            _ => Parts::Loading,
        };
        Some(Protocol {
            indenter,
            contact_point: self.contact_point,
            parts: self.parts.unwrap_or(by_model),
            drift: match self.drift {
                Drift::Rate(v) => protocol::Drift::Rate(v.0),
                Drift::Rule(DriftRule::None) => protocol::Drift::None,
                Drift::Rule(DriftRule::Fitted) => protocol::Drift::Fitted,
                Drift::Rule(DriftRule::Hold) => protocol::Drift::Hold,
            },
            pull_off: self.pull_off.map(|f| f.0),
            frame_compliance: self.frame_compliance.map(|c| c.0),
            poisson: self.poisson,
        })
    }

    fn instrument(&self) -> Instrument {
        Instrument {
            frame: self.frame_compliance.map_or(0.0, |c| c.0),
            area: self.pyramid.area.clone(),
            epsilon: self.pyramid.epsilon,
            beta: self.pyramid.beta,
            ..Instrument::default()
        }
    }

    /// The curve of a point, as the file has it.
    fn curve(&self, s: &Curves, point: &Point) -> Result<Curve, Unusable> {
        let column =
            |r: Role| s.get(r).map(|v| point.rows.iter().map(|i| v[*i]).collect::<Vec<f64>>()).unwrap_or_default();
        let (time, load) = (column(Role::Time), column(Role::Load));
        match (s.get(Role::Depth), self.spring_constant) {
            (None, Some(k)) => Curve::of_height(&time, &load, &column(Role::Height), k.0),
            _ => Curve::new(&time, &load, &column(Role::Depth)),
        }
    }
}

/// A row of a finished table.
fn row(s: &Curves, i: usize) -> Finished {
    let value = |r: Role| s.get(r).map(|v| v[i]);
    Finished {
        modulus: value(Role::Modulus),
        hardness: value(Role::Hardness),
        load: value(Role::Load),
        depth: value(Role::Depth),
    }
}
