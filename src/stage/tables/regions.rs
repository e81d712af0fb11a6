//! Tables of regions, and of the sizes and axes of regions.

use super::TypedTable;
use crate::data::{Column, Table};
use crate::unit::Unit;

columns! {
    /// One region of a map a row, of `regions`. Unit: the map's.
    RegionRows {
        id: "",
        pixels: "",
        area: "nm^2",
        /// √(area/π).
        r_eq: "nm",
        /// Centre of mass from the upper left corner.
        x: "nm",
        y: "nm",
        mean: (0),
        sum: (0),
        /// Feret diameters.
        d_max: "nm",
        d_min: "nm",
        aspect_ratio: "",
        /// Axes of the ellipse with the same second moments.
        axis_major: "nm",
        axis_minor: "nm",
        /// Of the longer axis, from +x towards the top.
        inclination: "deg",
        /// 1 where it touches the edge, an invalid pixel, or two opposite sides, else 0.
        border: "",
        hole: "",
        spans: "",
    }
}

columns! {
    /// One region of a volume a row, of `regions`. Unit: the volume's.
    BodyRows {
        id: "",
        /// Voxels.
        pixels: "",
        volume: "nm^3",
        /// (3V/4π)^{1/3}.
        r_eq: "nm",
        /// Centre of mass from the corner.
        x: "nm",
        y: "nm",
        z: "nm",
        mean: (0),
        sum: (0),
        /// Longest and shortest axis of inertia.
        d_max: "nm",
        d_min: "nm",
        aspect_ratio: "",
        axis_middle: "nm",
        /// Of the longest axis out of the plane.
        inclination: "deg",
        /// Direction of the longest axis.
        direction_x: "",
        direction_y: "",
        direction_z: "",
        surface: "nm^2",
        border: "",
        hole: "",
        spans: "",
    }
}

columns! {
    /// Regions of featureless fields in the likeness of a map, of `regions`.
    RegionSurrogates {
        /// Number of the field.
        surrogate: "",
        pixels: "",
        r_eq: "nm",
        d_max: "nm",
        d_min: "nm",
        inclination: "deg",
        border: "",
        spans: "",
    }
}

columns! {
    /// Regions of featureless sets in the likeness of one of a volume, of `regions`.
    BodySurrogates {
        /// Number of the set.
        surrogate: "",
        pixels: "",
        r_eq: "nm",
        d_max: "nm",
        d_min: "nm",
        direction_x: "",
        direction_y: "",
        direction_z: "",
        border: "",
        spans: "",
    }
}

columns! {
    /// What plots and other stages take of regions, be they of maps, volumes or surrogates.
    Shapes {
        pixels: "",
        r_eq: ["nm"],
        d_max: ["nm"],
        d_min: ["nm"],
        border: "",
        spans: "",
        id: [""],
        surrogate: [""],
        area: ["nm^2"],
        volume: ["nm^3"],
        inclination: ["deg"],
        direction_x: [""],
        direction_y: [""],
        direction_z: [""],
    }
}

columns! {
    /// Number of sizes at least as large, of `cluster-sizes`. Unit: that of sizes.
    SizeCurve {
        size: (0),
        count: "",
        /// The power law, and the preferred law, from x_min on.
        power_law: "",
        preferred: "",
        /// 95 % of surrogates.
        null_low: "",
        null_high: "",
    }
}

columns! {
    /// One region a row, with the angle of its long axis to a direction, of `orientation`.
    Angles {
        id: "",
        angle: "deg",
        cosine: "",
        aspect_ratio: "",
    }
}
