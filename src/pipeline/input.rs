//! An input of a sample: a file, what to take of it, and what the file does not tell.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::Spanned;
use toml::de::{DeValue, ValueDeserializer};

use super::grid::GridDef;
use crate::data::{PhaseConvention, Role};
use crate::io::format::raw::Layout;
use crate::unit::quantity::Length;

/// `{ path = "…", channel = "…" }`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InputDef {
    /// File, relative to the definition.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// Instead of a file: synthetic data of known truth, `"kind"` or `"kind/file"`, as `softspot phantom` makes them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phantom: Option<String>,
    /// Channel of the file; not needed where it has one map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Table of the file, where it has several; without it, tables that have all the columns are put one below the
    /// other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// Makes a map of a column with one value a point: `[rows, columns]`, `"positions"` (columns X and Y of the
    /// table), or `"name"` (`20x11` in the file's name).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grid: Option<GridDef>,
    /// Format, where the content does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Layout of a file of bare numbers, which no header describes: `{ shape = [z, y, x], type = "u16" }`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<Layout>,
    /// Pixel size where the file has none: `[row step, column step]`, volumes `[z, y, x]`, or one length for all axes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pixel: Option<PixelDef>,
    /// Unit of the values, or of the one column asked for, where the file has none; one that contradicts the file is an
    /// error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// What a phase means: `lag` (φ, 90° at the free resonance), `lead` (−φ), `shift-from-resonance` (90° − φ),
    /// `lag-from-resonance` (φ − 90°). It cannot be told from the numbers and is wanted where they are used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub convention: Option<PhaseConvention>,
    /// What the values are, as figures name them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<String>,
    /// Columns of a table by role, which makes it a spectrum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<BTreeMap<Role, ColumnDef>>,
    /// Its place in the definition.
    #[serde(skip)]
    pub span: Range<usize>,
    /// Where the phantom lies.
    #[serde(skip)]
    pub made: Option<PathBuf>,
}

/// The steps of a map or volume.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum PixelDef {
    /// `"30 nm"`: square pixels, cubic voxels.
    Equal(Length),
    /// `["20 nm", "30 nm"]`: one for each axis.
    Axes(Vec<Length>),
}

/// By hand: an untagged enumeration would not say which length is wrong.
impl<'de> Deserialize<'de> for PixelDef {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<PixelDef, D::Error> {
        struct OneOrAll;
        impl<'de> serde::de::Visitor<'de> for OneOrAll {
            type Value = PixelDef;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a length such as \"30 nm\", or one for each axis")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<PixelDef, E> {
                Length::deserialize(serde::de::IntoDeserializer::<E>::into_deserializer(text)).map(PixelDef::Equal)
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, seq: A) -> Result<PixelDef, A::Error> {
                Vec::deserialize(serde::de::value::SeqAccessDeserializer::new(seq)).map(PixelDef::Axes)
            }
        }
        deserializer.deserialize_any(OneOrAll)
    }
}

impl PixelDef {
    /// The steps of so many axes in m; `None` where there are more or fewer.
    pub fn steps<const N: usize>(&self) -> Option<[f64; N]> {
        match self {
            PixelDef::Equal(l) => Some([l.0; N]),
            PixelDef::Axes(all) => all.iter().map(|l| l.0).collect::<Vec<f64>>().try_into().ok(),
        }
    }
}

/// A column of a table: its name, or its name with the unit the file does not give; or several, measured at the frequencies or
/// temperatures that their names say.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ColumnDef {
    /// As in the header, with or without the unit: `"T (K)"` or `"T"`.
    Name(String),
    /// `["E'' (1 Hz)", "E'' (10 Hz)"]`: one spectrum at several frequencies.
    Several(Vec<String>),
    /// `{ name = "T", unit = "°C" }`.
    Named {
        /// As in the header.
        name: String,
        /// Unit of the numbers.
        unit: String,
    },
}

impl InputDef {
    /// Reads it with its span.
    ///
    /// # Errors
    /// The TOML error with its span.
    pub fn read(value: Spanned<DeValue<'_>>) -> Result<InputDef, toml::de::Error> {
        let span = value.span();
        let mut input = InputDef::deserialize(ValueDeserializer::from(value))?;
        input.span = span;
        Ok(input)
    }

    /// The file, where relative paths start from `folder`.
    pub fn file(&self, folder: &Path) -> PathBuf {
        self.made.clone().unwrap_or_else(|| folder.join(&self.path))
    }

    /// What the definition calls it.
    pub fn name(&self) -> &str {
        self.phantom.as_deref().unwrap_or(&self.path)
    }
}

impl ColumnDef {
    /// The name asked for, the first of several.
    pub fn name(&self) -> &str {
        self.names().next().unwrap_or_default()
    }

    /// All names asked for.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let (one, several) = match self {
            ColumnDef::Name(n) | ColumnDef::Named { name: n, .. } => (Some(n.as_str()), [].as_slice()),
            ColumnDef::Several(names) => (None, names.as_slice()),
        };
        one.into_iter().chain(several.iter().map(String::as_str))
    }
}
