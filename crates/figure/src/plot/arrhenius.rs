//! Relaxation frequency against inverse temperature with the fitted law.

use super::results;
use crate::axis::{Axis, Spacing, Span};
use crate::mark::Mark;
use crate::note::{Key, Note};
use crate::panel::Panel;
use crate::scene::{Paint, Stroke};
use crate::style::{AXIS, Dash, LINE, Marker, colour};
use crate::{FigureError, Result};

/// Base of the logarithm on the ordinate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// ln(f/Hz).
    E,
    /// log₁₀(f/Hz).
    Ten,
}

/// One relaxation peak.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Peak {
    /// Temperature of the maximum (K).
    pub temperature: f64,
    /// Its interval (K).
    pub interval: Option<[f64; 2]>,
    /// Frequency (Hz).
    pub frequency: f64,
}

/// One sample's relaxation.
#[derive(Clone, Debug)]
pub struct Relaxation {
    /// Sample's name, with markup.
    pub name: String,
    /// Peaks.
    pub peaks: Vec<Peak>,
    /// Fitted law: T (K), f (Hz).
    pub model: Vec<[f64; 2]>,
    /// 95 % interval of the law: T (K), lower and upper f (Hz).
    pub band: Vec<[f64; 3]>,
    /// Activation energy with its interval, as text.
    pub energy: Option<String>,
    /// Place of the sample in the study: its colour.
    pub series: usize,
    /// Place that gives marker and dash: the sample's, or that of the process where a sample has several.
    pub look: usize,
}

/// Arrhenius plot of several samples.
#[derive(Clone, Debug)]
pub struct Arrhenius {
    /// Samples.
    pub samples: Vec<Relaxation>,
    /// Logarithm on the ordinate.
    pub base: Base,
    /// What the ordinate shows, if no frequency in Hz.
    pub label: Option<String>,
    /// Lines of text in the panel.
    pub notes: Vec<String>,
}

impl Arrhenius {
    fn log(&self, f: f64) -> f64 {
        match self.base {
            _ if f.is_nan() || f <= 0.0 => f64::NAN,
            Base::E => libm::log(f),
            Base::Ten => libm::log10(f),
        }
    }

    /// The plot as a panel.
    ///
    /// # Errors
    /// No peak with a positive temperature and frequency.
    pub fn draw(&self) -> Result<Panel> {
        let empty = || FigureError::Empty("Arrhenius plot");
        let (mut marks, mut keys, mut extent) = (Vec::new(), Vec::new(), Vec::new());
        for sample in &self.samples {
            let ink = colour(sample.series);
            let marker = Marker::of(sample.look);
            let sound: Vec<&Peak> = sample.peaks.iter().filter(|p| p.temperature > 0.0 && p.frequency > 0.0).collect();
            let points: Vec<[f64; 2]> = sound.iter().map(|p| [1000.0 / p.temperature, self.log(p.frequency)]).collect();
            let band: Vec<[f64; 3]> = sample
                .band
                .iter()
                .filter(|b| b[0] > 0.0)
                .map(|b| [1000.0 / b[0], self.log(b[1]), self.log(b[2])])
                .collect();
            let model: Vec<[f64; 2]> =
                sample.model.iter().filter(|m| m[0] > 0.0).map(|m| [1000.0 / m[0], self.log(m[1])]).collect();
            extent.extend(points.iter().chain(&model).copied());
            extent.extend(band.iter().flat_map(|b| [[b[0], b[1]], [b[0], b[2]]]));
            marks.push(Mark::Band { rows: band, paint: Paint::veil(ink, 0.22) });
            marks.push(Mark::Line { points: model, stroke: Stroke::solid(ink, LINE).dashed(Dash::of(sample.look)) });
            for (peak, at) in sound.iter().zip(&points) {
                let Some(ends) = peak.interval.filter(|i| i.iter().all(|t| *t > 0.0)) else { continue };
                let [from, to] = ends.map(|t| [1000.0 / t, at[1]]);
                extent.extend([from, to]);
                marks.push(Mark::Interval { from, to, stroke: Stroke::solid(ink, AXIS) });
            }
            marks.push(Mark::Points { points, marker, colour: ink });
            let text = match &sample.energy {
                Some(energy) => format!("{}: {energy}", sample.name),
                None => sample.name.clone(),
            };
            keys.push(Note::keyed(Key::Point(marker, ink), text));
        }
        let label = if self.base == Base::E { "ln(f/Hz)" } else { "log_{10}(f/Hz)" };
        let label = self.label.as_deref().unwrap_or(label);
        let limits = |k: usize| Span::of(extent.iter().map(|p: &[f64; 2]| p[k])).padded(0.06).ok_or_else(empty);
        let x = Axis::plain("1000/T\u{a0}(K⁻¹)", Spacing::Linear, limits(0)?);
        let y = Axis::plain(label, Spacing::Linear, limits(1)?);
        Ok(Panel::chart(x, y, marks, vec![keys, results(None, &self.notes)]))
    }
}
