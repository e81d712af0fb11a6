//! Mechanical spectra and transients: columns by their role.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Kind;
use crate::unit::Unit;

/// What a column of a spectrum is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Temperature, K.
    Temperature,
    /// Frequency, Hz.
    Frequency,
    /// Angular frequency, rad/s.
    AngularFrequency,
    /// Storage modulus E′ or G′, Pa.
    Storage,
    /// Loss modulus E″ or G″, Pa.
    Loss,
    /// Loss tangent.
    TanDelta,
    /// Time, s.
    Time,
    /// How long the sample was aged before, s.
    AgeingTime,
    /// Stress, Pa.
    Stress,
    /// Strain.
    Strain,
    /// Relaxation modulus, Pa.
    Modulus,
    /// Rate of heating or cooling, K/s.
    HeatingRate,
    /// Oscillation amplitude, m; without a unit its ratio to the free one.
    Amplitude,
    /// Lag of the phase, degrees.
    Phase,
    /// A length, an area or a volume of an object.
    Size,
    /// The number of the image that an object was seen in.
    Image,
    /// Position along the fast axis of a grid of points, m.
    X,
    /// Position along the slow axis, upwards, m.
    Y,
    /// The number of the point that a row belongs to.
    Point,
    /// Load on an indenter, or force on a tip, N.
    Load,
    /// Depth of an indenter below the surface, m.
    Depth,
    /// Height of a scanner that carries a cantilever, m.
    Height,
    /// Hardness, Pa.
    Hardness,
}

impl Role {
    /// What columns of these roles are: contacts where they say load, depth or place, or have nothing that a spectrum is
    /// measured over; a table where they are sizes of objects.
    pub fn kind_of(roles: impl Iterator<Item = Role> + Clone) -> Kind {
        use Role::*;
        let any = |of: &[Role]| roles.clone().any(|r| of.contains(&r));
        let over = any(&[Temperature, Frequency, AngularFrequency, Time, AgeingTime, HeatingRate]);
        if any(&[Size]) {
            Kind::Table
        } else if !over || any(&[Load, Depth, Height, Hardness, X, Y, Point]) {
            Kind::Curves
        } else {
            Kind::Spectrum
        }
    }

    /// Every role, with its name in a definition and its coherent unit.
    pub const ALL: &'static [(Role, &'static str, &'static str)] = &[
        (Role::Temperature, "temperature", "K"),
        (Role::Frequency, "frequency", "Hz"),
        (Role::AngularFrequency, "angular_frequency", "rad/s"),
        (Role::Storage, "storage", "Pa"),
        (Role::Loss, "loss", "Pa"),
        (Role::TanDelta, "tan_delta", ""),
        (Role::Time, "time", "s"),
        (Role::AgeingTime, "ageing_time", "s"),
        (Role::Stress, "stress", "Pa"),
        (Role::Strain, "strain", ""),
        (Role::Modulus, "modulus", "Pa"),
        (Role::HeatingRate, "heating_rate", "K/s"),
        (Role::Amplitude, "amplitude", "m"),
        (Role::Phase, "phase", "deg"),
        (Role::Size, "size", "m"),
        (Role::Image, "image", ""),
        (Role::X, "x", "m"),
        (Role::Y, "y", "m"),
        (Role::Point, "point", ""),
        (Role::Load, "load", "N"),
        (Role::Depth, "depth", "m"),
        (Role::Height, "height", "m"),
        (Role::Hardness, "hardness", "Pa"),
    ];

    /// Its name in a definition.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(r, ..)| *r == self).map_or("", |(_, n, _)| n)
    }

    /// Its coherent unit.
    pub fn unit(self) -> Unit {
        Unit::of(Self::ALL.iter().find(|(r, ..)| *r == self).map_or("", |(.., u)| u))
    }

    /// The role of that name.
    pub fn of(name: &str) -> Option<Role> {
        Self::ALL.iter().find(|(_, n, _)| *n == name).map(|(r, ..)| *r)
    }
}

/// One column of a spectrum.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// What it is.
    pub role: Role,
    /// Its name in the file.
    pub name: String,
    /// The unit that the source used; values are already SI.
    pub unit: Unit,
    /// Values in coherent SI, NaN where the file has none.
    pub values: Vec<f64>,
}

/// Rows that came from one table of a file: a curve, a step of a measurement.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The table's name; empty where the file has but one.
    pub name: String,
    /// Its rows.
    pub rows: std::ops::Range<usize>,
    /// Where on the sample it was measured, `[x, y]` in m.
    pub position: Option<[f64; 2]>,
    /// Its place `[row, column]` on a grid, row 0 on top.
    pub cell: Option<[usize; 2]>,
}

/// Columns of equal length, each with a role.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    /// The columns in the order of the definition.
    pub series: Vec<Series>,
    /// Which rows came from which table, in order.
    pub parts: Vec<Part>,
}

/// A mechanical spectrum or a transient: moduli, stress or strain over temperature, frequency or time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spectrum(pub Columns);

/// Contacts: load and depth of indents, point by point, or what is known of each point of a grid; approaches of a tip.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curves(pub Columns);

impl std::ops::Deref for Spectrum {
    type Target = Columns;

    fn deref(&self) -> &Columns {
        &self.0
    }
}

impl std::ops::Deref for Curves {
    type Target = Columns;

    fn deref(&self) -> &Columns {
        &self.0
    }
}

impl Spectrum {
    /// The columns of a table that bear the name of a role.
    pub fn of_table(t: &super::Table) -> Spectrum {
        let series = t.columns.iter().filter_map(|c| {
            let role = Role::of(&c.name)?;
            Some(Series { role, name: c.name.clone(), unit: c.unit.clone(), values: c.numbers()? })
        });
        Spectrum(Columns { series: series.collect(), parts: Vec::new() })
    }

    /// The rows of each value of a role, by rising value; empty where the role is not there. Rows without it are left out.
    pub fn split_by(&self, role: Role) -> Vec<(f64, Spectrum)> {
        let Some(values) = self.get(role) else { return Vec::new() };
        let mut order: Vec<usize> = (0..values.len()).filter(|i| values[*i].is_finite()).collect();
        // Stable: rows of one value keep their order.
        order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
        let same = order.chunk_by(|a, b| values[*a] == values[*b]);
        same.map(|rows| {
            let part = |s: &Series| Series { values: rows.iter().map(|i| s.values[*i]).collect(), ..s.clone() };
            (values[rows[0]], Spectrum(Columns { series: self.series.iter().map(part).collect(), parts: Vec::new() }))
        })
        .collect()
    }
}

impl Columns {
    /// The values of a role.
    pub fn get(&self, role: Role) -> Option<&[f64]> {
        self.series.iter().find(|s| s.role == role).map(|s| s.values.as_slice())
    }

    /// The column of a role.
    pub fn series(&self, role: Role) -> Option<&Series> {
        self.series.iter().find(|s| s.role == role)
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.series.first().map_or(0, |s| s.values.len())
    }

    /// Frequencies in Hz, from whichever of frequency and angular frequency is there.
    pub fn frequency(&self) -> Option<Vec<f64>> {
        if let Some(f) = self.get(Role::Frequency) {
            return Some(f.to_vec());
        }
        let w = self.get(Role::AngularFrequency)?;
        Some(w.iter().map(|w| w / (2.0 * std::f64::consts::PI)).collect())
    }
}
