//! A rose of axial directions: half a disc of petals, each as long as its share of the directions.

use super::results;
use crate::axis::Axis;
use crate::mark::Mark;
use crate::note::{Key, Note};
use crate::panel::Panel;
use crate::scene::Stroke;
use crate::style::{AXIS, Dash, LINE, NOTE, NULL, colour};

use super::structure_function::grouped;

/// Petals over 180°.
const PETALS: usize = 12;
/// Height of the frame in parts of its width.
const RATIO: f64 = 0.62;
/// Width and height of the frame, length of the longest petal, and where the centre stands, as [`Axis::classes`] counts.
const SIZE: [f64; 2] = [3.2, 1.2];
const LONGEST: f64 = 1.15;
const CENTRE: [f64; 2] = [1.0, -0.45];

/// Directions in (−90°, 90°], from +x towards the top.
#[derive(Clone, Debug)]
pub struct Rose {
    /// Measured, degrees.
    pub values: Vec<f64>,
    /// Of surrogates, degrees; empty where there are none.
    pub null: Vec<f64>,
    /// Lines of text in the panel.
    pub notes: Vec<String>,
    /// Verdict written in the panel.
    pub verdict: Option<String>,
    /// Place of the sample in the study.
    pub series: usize,
}

/// Share of the directions in each petal.
fn shares(values: &[f64]) -> Option<[f64; PETALS]> {
    let mut out = [0.0; PETALS];
    let finite: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    for v in &finite {
        // Directions are axes: from 0° over the top to 180°.
        let turned = v.rem_euclid(180.0);
        out[((turned / 180.0 * PETALS as f64) as usize).min(PETALS - 1)] += 1.0 / finite.len() as f64;
    }
    (!finite.is_empty()).then_some(out)
}

/// A place at an angle (degrees) and a distance from the centre.
fn at(angle: f64, r: f64) -> [f64; 2] {
    let (s, c) = (libm::sin(angle.to_radians()), libm::cos(angle.to_radians()));
    [CENTRE[0] + r * c, CENTRE[1] + r * s * SIZE[1] / (SIZE[0] * RATIO)]
}

fn arc(from: f64, to: f64, r: f64) -> impl Iterator<Item = [f64; 2]> {
    (0..=60).map(move |i| at(from + (to - from) * f64::from(i) / 60.0, r))
}

impl Rose {
    /// The rose as a panel.
    pub fn draw(&self) -> Panel {
        // Regions that are all round have no direction; the rose is empty then, and n says so.
        let own = shares(&self.values).unwrap_or_default();
        let null = shares(&self.null);
        let uniform = 1.0 / PETALS as f64;
        let most = own.iter().chain(null.iter().flatten()).copied().fold(uniform, f64::max);
        let radius = |share: f64| share / most * LONGEST;
        let edge = |i: usize| 180.0 * i as f64 / PETALS as f64;
        let petals = |shares: &[f64; PETALS]| -> Vec<[f64; 2]> {
            let petal = |(i, s): (usize, &f64)| {
                let (from, to, r) = (edge(i), edge(i + 1), radius(*s));
                std::iter::once(at(0.0, 0.0)).chain(arc(from, to, r)).chain([at(0.0, 0.0)])
            };
            shares.iter().enumerate().flat_map(petal).collect()
        };
        let ink = colour(self.series);
        let base = vec![at(0.0, LONGEST), at(180.0, LONGEST)];
        let mut marks = vec![Mark::Line { points: base, stroke: Stroke::solid(NOTE, AXIS) }];
        let mut keys = Vec::new();
        if let Some(null) = &null {
            let stroke = Stroke::solid(NULL, 2.0 * LINE);
            marks.push(Mark::Line { points: petals(null), stroke });
            keys.push(Note::keyed(Key::Line(stroke), "featureless fields"));
        }
        let dashed = Stroke::solid(NOTE, AXIS).dashed(Dash::Dashed);
        marks.push(Mark::Line { points: arc(0.0, 180.0, radius(uniform)).collect(), stroke: dashed });
        keys.push(Note::keyed(Key::Line(dashed), "all directions alike"));
        marks.push(Mark::Line { points: petals(&own), stroke: Stroke::solid(ink, 1.3 * LINE) });
        for (angle, text) in [(0.0, "0°"), (45.0, "45°"), (90.0, "90°"), (135.0, "−45°"), (180.0, "0°")] {
            let near = vec![at(angle, LONGEST * 1.08)];
            marks.push(Mark::Name { near, text: text.into(), colour: NOTE, of: None });
        }
        let n = format!("n\u{a0}=\u{a0}{}", grouped(self.values.iter().filter(|v| v.is_finite()).count() as u64));
        let notes: Vec<String> = std::iter::once(n).chain(self.notes.iter().cloned()).collect();
        let blank = |n: usize| vec![" ".to_string(); n];
        let x = Axis::classes("Inclination, petals as long as their share", &blank(3));
        let y = Axis::classes("", &blank(1)).fixed();
        let panel = Panel::chart(x, y, marks, vec![results(self.verdict.as_ref(), &notes)]);
        panel.with_ratio(RATIO).with_legend_below(keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_of_the_range_are_one_direction() {
        let s = shares(&[90.0, -90.0, 0.0, f64::NAN]).unwrap();
        assert!((s[6] - 2.0 / 3.0).abs() < 1e-12 && (s[0] - 1.0 / 3.0).abs() < 1e-12, "{s:?}");
        assert_eq!(shares(&[f64::NAN]), None);
    }
}
