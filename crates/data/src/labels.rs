//! Whole numbers that tell pixels apart: no values, and no statistics of values.

use std::sync::Arc;

use crate::{Map, Volume};

/// What the numbers say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Meaning {
    /// Regions from 1 on, 0 outside of them.
    Regions,
    /// Classes from 0 on.
    Classes,
}

/// Where the numbers are; what is invalid is NaN.
#[derive(Clone, Debug)]
pub enum LabelImage {
    /// Of the pixels of a map.
    Map(Map),
    /// Of the voxels of a volume.
    Volume(Arc<Volume>),
}

/// Numbers of regions or of classes.
#[derive(Clone, Debug)]
pub struct Labels {
    /// What they say.
    pub meaning: Meaning,
    /// Where they are.
    pub image: LabelImage,
}

impl Labels {
    /// Numbers on a map.
    pub fn of_map(meaning: Meaning, map: Map) -> Labels {
        Labels { meaning, image: LabelImage::Map(map) }
    }

    /// The map of them, where they are on one.
    pub fn map(&self) -> Option<&Map> {
        match &self.image {
            LabelImage::Map(m) => Some(m),
            LabelImage::Volume(_) => None,
        }
    }

    /// The volume of them, where they are in one.
    pub fn volume(&self) -> Option<&Arc<Volume>> {
        match &self.image {
            LabelImage::Map(_) => None,
            LabelImage::Volume(v) => Some(v),
        }
    }
}
