//! Tables of maps and sets.

use super::TypedTable;
use crate::data::{Column, Table};
use crate::unit::Unit;

columns! {
    /// H by direction and lag, of `correlation`. Units: the square of the input's.
    StructureCurve {
        /// `radial`, `fast` or `x`, `slow` or `y`, `z`, or the middle of a sector.
        direction: text,
        /// In steps.
        lag: "",
        r: "m",
        h: (0),
        pairs: "",
        /// The fitted covariance, as far as it was fitted.
        model: (0),
        /// 95 % of simulated fields.
        band_low: (0),
        band_high: (0),
    }
}

columns! {
    /// Boxes of each size, of `box-counting`.
    BoxCounts {
        /// Edge in voxels.
        size: "",
        length: "nm",
        count: "",
        /// Boxes that there are.
        boxes: "",
        /// Local slope −d ln N/d ln ε.
        slope: "",
        /// 95 % of featureless sets.
        slope_null_low: "",
        slope_null_high: "",
        /// The power law over the sizes of the fit.
        fit: "",
        lacunarity: "",
    }
}

columns! {
    /// Mean power over rings of frequency, of `pattern`. Unit: the power's.
    RadialSpectrum {
        k: "1/m",
        power: (0),
        /// 95 % of surrogates.
        null_low: (0),
        null_high: (0),
        /// Frequencies in the ring.
        modes: "",
    }
}

columns! {
    /// Bins of the values, of `distribution`. Units: that of the values, and one over it.
    Histogram {
        value: (0),
        density: (1),
        count: "",
    }
}

columns! {
    /// Values along a line, of `profile`. Unit: the map's.
    LineProfile {
        distance: "m",
        value: (0),
        /// Place on the map, in pixels.
        row: "",
        column: "",
    }
}

columns! {
    /// Mean by distance, of `volume-profile`. Unit: the volume's.
    DepthProfile {
        distance: "nm",
        /// From the surface.
        depth: "nm",
        mean: (0),
        mean_low: (0),
        mean_high: (0),
        voxels: "",
        /// Share of regions.
        fraction: "",
    }
}

columns! {
    /// Densities and shares below of values and mixture, of `segment`; those of components follow as `density_0`, ….
    /// Units: that of the values, and one over it.
    Deconvolution {
        value: (0),
        density: (1),
        below: "",
        mixture_density: [(1)],
        mixture_below: [""],
    }
}
