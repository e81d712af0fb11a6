//! Images of energy with their means, and what is doubtful about them.

use std::sync::Arc;

use super::Dissipation;
use crate::data::{Artifact, Map, Metric, PhaseConvention, Warning};
use crate::stage::{Outputs, StageError};
use crate::tapping::energy::Drive;
use crate::tapping::image::EnergyImage;
use crate::tapping::tune::Resonance;
use crate::unit::Unit;

/// Share of pixels above which a count is no noise.
const MANY: f64 = 0.5;

impl Dissipation {
    /// Everything that the stage gives.
    pub(super) fn report(
        &self,
        phase: &Map,
        amplitude: Option<&Map>,
        convention: PhaseConvention,
        drive: &Drive,
        setpoint: f64,
        tune: Option<Resonance>,
    ) -> Result<Outputs, StageError> {
        let lag = phase.values.mapv(|p| convention.lag(p));
        let amplitudes = amplitude.map_or_else(|| lag.mapv(|_| setpoint), |a| a.values.clone());
        let image = EnergyImage::of(&amplitudes, &lag, drive, &self.errors.errors(), setpoint)
            .ok_or_else(|| StageError::Failed("no pixel has both a phase and an amplitude".into()))?;
        let warnings = doubts(&image, convention)?;
        let (n, note) = (image.valid as f64, remarks(&image));
        let [low, high] = image.interval;
        let quality = Metric::number("quality_factor", drive.quality_factor, "");
        let metrics = vec![
            Metric::number("energy", image.mean, "eV").interval(low, high).n(n).note(&note),
            Metric::number("normalised", image.mean_normalised, "").n(n),
            Metric::number("force", image.mean_force, "nN").n(n),
            Metric::number("negative_fraction", image.share(image.negative), "").n(n).note(&note),
            match tune.filter(|_| self.quality_factor.is_none()) {
                Some(t) => quality.note(&format!("from the tune curve, R² = {:.4}", t.r2)),
                None => quality,
            },
            Metric::number("frequency_ratio", drive.frequency_ratio, ""),
            Metric::number("setpoint", setpoint, "nm").note(match self.setpoint {
                Some(_) => "",
                None => "mean amplitude",
            }),
        ];
        let map = |values, unit: &str, quantity: &str| {
            let own =
                Map { unit: Unit::of(unit), quantity: quantity.into(), convention: None, ..phase.with_values(values) };
            Artifact::Map(Arc::new(own))
        };
        Ok(Outputs {
            artifacts: vec![
                ("energy", map(image.energy, "eV", "Dissipated energy")),
                ("normalised", map(image.normalised, "", "Normalised dissipation E*")),
                ("force", map(image.force, "nN", "Elastic force")),
                ("error", map(image.error, "eV", "Error of the dissipated energy")),
            ],
            metrics,
            warnings,
        })
    }
}

/// As a definition names it.
pub(super) fn name(convention: PhaseConvention) -> String {
    serde_json::to_value(convention).ok().and_then(|v| v.as_str().map(str::to_string)).unwrap_or_default()
}

/// Refuses what most pixels contradict, and says what is doubtful.
fn doubts(image: &EnergyImage, convention: PhaseConvention) -> Result<Vec<Warning>, StageError> {
    let percent = |count: usize| 100.0 * image.share(count);
    let many = |count: usize| image.share(count) > MANY;
    if many(image.above) {
        return Err(StageError::Failed(format!(
            "the amplitude lies above the free amplitude in {:.0} % of the pixels; check `free_amplitude` and the unit of \
             the amplitude image",
            percent(image.above)
        )));
    }
    if many(image.outside) {
        return Err(StageError::Failed(format!(
            "the lag lies outside of 0° to 180° in {:.0} % of the pixels under the convention `{}`; choose the one of the \
             instrument",
            percent(image.outside),
            name(convention)
        )));
    }
    let wrong = many(image.negative).then(|| {
        let (percent, name) = (percent(image.negative), name(convention));
        Warning::new(
            "wrong-convention",
            format!("{percent:.0} % of the pixels gain energy under the convention `{name}`"),
            "check the convention of the phase, its zero and the free amplitude",
        )
    });
    Ok(wrong.into_iter().collect())
}

/// What is to be known of single pixels.
fn remarks(image: &EnergyImage) -> String {
    let counts = [
        (image.above, "pixels lie above the free amplitude; they are kept"),
        (image.below, "pixels have a negative amplitude; they are kept"),
        (image.outside, "pixels have a lag outside of 0° to 180°; they are kept"),
        (image.invalid, "pixels have no phase or no amplitude"),
    ];
    let said: Vec<String> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    said.join("; ")
}
