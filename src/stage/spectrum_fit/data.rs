//! What is fitted: an isotherm, a decay or a creep.

use super::{HIERARCHICAL, SpectrumFit};
use crate::data::{Column, Role, Spectrum, Table, Warning};
use crate::relax::gather::{chosen, only_transient, sweeps};
use crate::relax::measured::{Isotherm, Observations};
use crate::relax::processes::{Process, ProcessFit};
use crate::relax::transient::Transient;
use crate::stage::StageError;
use crate::stage::tables::{DecayCurve, ModulusCurve};
use crate::unit::Unit;

/// What is fitted.
pub(super) enum Data {
    Frequency(Isotherm),
    Time(Transient, Role),
}

impl Data {
    pub(super) fn measured(&self) -> Observations<'_> {
        match self {
            Data::Frequency(d) => Observations::Frequency(d),
            Data::Time(d, _) => Observations::transient(d),
        }
    }

    /// Unit of strengths in the tables.
    pub(super) fn unit(&self) -> Unit {
        match self {
            Data::Frequency(_) => Unit::of("MPa"),
            Data::Time(_, role) => role.unit(),
        }
    }

    /// Data, fit and processes.
    pub(super) fn curve(&self, fit: &ProcessFit) -> Table {
        let [storage_fit, loss_fit] = &fit.curve;
        let (mut table, name, part) = match self {
            Data::Frequency(d) => {
                let rows = ModulusCurve {
                    angular_frequency: d.omega.clone(),
                    storage: d.storage.clone(),
                    loss: d.loss.clone(),
                    storage_fit: storage_fit.clone(),
                    loss_fit: loss_fit.clone(),
                    ..ModulusCurve::default()
                };
                (rows.table(), "loss", 1)
            }
            Data::Time(d, role) => {
                let rows = DecayCurve {
                    time: d.time.clone(),
                    fit: storage_fit.clone(),
                    ..DecayCurve::of_data(*role, &d.value)
                };
                (rows.table(), "process", 0)
            }
        };
        let parts = fit.processes.iter().enumerate().filter(|(_, p)| !p.curve[part].is_empty());
        let column = |(k, p): (usize, &Process)| {
            Column::number(&format!("{name}_{}", k + 1), &self.unit(), p.curve[part].iter().copied())
        };
        table.columns.extend(parts.map(column));
        table
    }
}

impl SpectrumFit {
    pub(super) fn gathered(&self, s: &Spectrum) -> Result<(Data, Vec<Warning>), StageError> {
        if s.get(Role::Time).is_some() && s.frequency().is_none() {
            let (d, role, warnings) = only_transient(s)?;
            return Ok((Data::Time(d, role), warnings));
        }
        if self.model == HIERARCHICAL {
            return Err(StageError::Failed(
                "the hierarchical model is one of time: the table has no time column".into(),
            ));
        }
        let (all, warnings) = sweeps(s)?;
        let sweep = chosen(&all, self.temperature.map(|t| t.0))?;
        Ok((Data::Frequency(sweep.isotherm.clone()), warnings))
    }
}
