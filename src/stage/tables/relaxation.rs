//! Tables of relaxation.

use super::TypedTable;
use crate::data::{Column, Role, Table};
use crate::unit::Unit;

columns! {
    /// Peaks of each frequency, of `spectrum-peaks`.
    LossPeaks {
        frequency: "Hz",
        t_alpha: ["K"],
        t_alpha_error: ["K"],
        e_loss_max: ["Pa"],
        t_beta: ["K"],
        t_beta_error: ["K"],
        /// How far the α flank moves T_β.
        t_beta_displacement: ["K"],
        beta_height: ["Pa"],
        beta_intensity: [""],
        beta_class: [text],
        t_beta_prime: ["K"],
        t_beta_prime_error: ["K"],
        beta_prime_height: ["Pa"],
    }
}

columns! {
    /// E″ over E″max against T over T_α, of `spectrum-peaks`.
    LossNormalised {
        t_over_t_alpha: "",
        e_loss_over_max: "",
        alpha_flank: "",
        temperature: "K",
    }
}

columns! {
    /// Moduli against temperature with the α flank and what exceeds it, of `spectrum-peaks`.
    Moduli {
        temperature: "K",
        storage: ["MPa"],
        loss: "MPa",
        alpha_flank: "MPa",
        excess: "MPa",
    }
}

columns! {
    /// Points and law on a fine grid of 1/T, of `arrhenius`; one of the three rates. Unit of the band: that of the rate.
    RateLine {
        /// `peak` or `line`.
        kind: text,
        temperature: "K",
        temperature_error: "K",
        frequency: ["Hz"],
        inverse_shift: [""],
        heating_rate: ["K/s"],
        band_low: (0),
        band_high: (0),
    }
}

columns! {
    /// Shift factors, of `master-curve`.
    Shifts {
        temperature: "K",
        a_t: "",
        /// 95 % intervals.
        a_t_low: [""],
        a_t_high: [""],
        ln_a_t: [""],
        ln_a_t_error: [""],
    }
}

columns! {
    /// Correlation of quasi-point defects, of `quasi-point-defects`.
    Chi {
        temperature: "K",
        chi: "",
        chi_low: "",
        chi_high: "",
    }
}

columns! {
    /// Rate of a decay in logarithmic time, of `stress-relaxation`.
    DecayRate {
        time: "s",
        rate: "",
        /// One standard error.
        rate_error: "",
    }
}

columns! {
    /// Spectrum of relaxation times, of `relaxation-times`. Unit: that of strengths.
    TimeSpectrum {
        tau: "s",
        f: (0),
        f_low: (0),
        f_high: (0),
        /// Number of the peak that the time belongs to.
        peak: "",
        /// 1 where the data see it, else 0.
        seen: [""],
    }
}

columns! {
    /// Peaks of a spectrum of relaxation times with their zones, of `relaxation-times`. Unit: that of strengths.
    PeakRows {
        peak: "",
        tau: "s",
        tau_low: "s",
        tau_high: "s",
        c: (0),
        c_low: (0),
        c_high: (0),
        /// Of the area of all.
        share: "",
        /// Standard deviation in decades.
        width: "",
        stz_volume: ["m^3"],
        stz_n: [""],
        stz_n_low: [""],
        stz_n_high: [""],
        stz_energy: ["eV"],
        /// ΔF/kT.
        stz_barrier: [""],
        /// Volume fraction.
        fraction: [""],
        fraction_low: [""],
        fraction_high: [""],
        modulus: ["Pa"],
        viscosity: ["Pa s"],
    }
}

columns! {
    /// Peaks over ageing time, of `relaxation-times`. Unit: that of strengths.
    PeakTracks {
        ageing_time: "s",
        track: "",
        tau: "s",
        tau_low: "s",
        tau_high: "s",
        c: (0),
        c_low: (0),
        c_high: (0),
    }
}

columns! {
    /// Moduli against frequency with a fit, of `spectrum-fit`, or of `master-curve`; losses of processes follow as
    /// `loss_1`, ….
    ModulusCurve {
        measured_at: ["K"],
        angular_frequency: "rad/s",
        storage: ["MPa"],
        loss: ["MPa"],
        storage_fit: ["MPa"],
        loss_fit: ["MPa"],
    }
}

columns! {
    /// A decay or a creep with its fit, of `stress-relaxation`, `spectrum-fit` or `ageing`; processes follow as
    /// `process_1`, …. Unit: that of the data.
    DecayCurve {
        time: "s",
        stress: [(0)],
        modulus: [(0)],
        strain: [(0)],
        fit: [(0)],
    }
}

impl DecayCurve {
    /// Of data of one role; time and fit are to follow.
    pub(in crate::stage) fn of_data(role: Role, values: &[f64]) -> DecayCurve {
        let mut out = DecayCurve { units: vec![role.unit()], ..DecayCurve::default() };
        let column = match role {
            Role::Modulus => &mut out.modulus,
            Role::Strain => &mut out.strain,
            _ => &mut out.stress,
        };
        column.extend_from_slice(values);
        out
    }

    /// The data with the name of what they are and their unit.
    pub(in crate::stage) fn data(&self) -> Option<(&'static str, &[f64], Unit)> {
        let all = [("Stress", &self.stress), ("Modulus", &self.modulus), ("Strain", &self.strain)];
        let (name, values) = all.into_iter().find(|(_, v)| !v.is_empty())?;
        Some((name, values, self.units.first().cloned().unwrap_or_else(Unit::none)))
    }
}
