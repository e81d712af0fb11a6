//! Colour of a number: batlow and cividis for sequences, vik about a centre; never a rainbow.

mod batlow;
mod cividis;
mod vik;

use super::style::Rgb;

/// A colour table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ColourMap {
    /// Sequential, perceptually even.
    Batlow,
    /// Sequential, the same to colour-blind eyes.
    Cividis,
    /// Diverging about a stated centre, in the map's own SI unit.
    Vik {
        /// Value of the middle colour (SI).
        centre: f64,
    },
    /// So many ordered classes from dark to light, the colours of cividis far apart; places are those of an axis of
    /// classes.
    Classes(usize),
}

/// Room below the first and above the last class on their axis.
const ROOM: f64 = 0.6;

impl ColourMap {
    /// Colour at a place from 0 (low end) to 1 (high end); places beyond are held at the ends.
    pub fn at(self, place: f64) -> Rgb {
        if let ColourMap::Classes(k) = self {
            let class = place.clamp(0.0, 1.0) * (k as f64 - 1.0 + 2.0 * ROOM) - ROOM;
            return self.class(class.round().max(0.0) as usize);
        }
        let index = (place.clamp(0.0, 1.0) * 255.0).round() as usize;
        let [_, r, g, b] = self.table()[index.min(255)].to_be_bytes();
        [r, g, b]
    }

    /// Colour of a class from 0 on.
    pub fn class(self, class: usize) -> Rgb {
        let ColourMap::Classes(k) = self else { return self.at(class as f64) };
        let part = if k > 1 { class.min(k - 1) as f64 / (k - 1) as f64 } else { 0.3 };
        ColourMap::Cividis.at(0.08 + 0.86 * part)
    }

    fn table(self) -> &'static [u32; 256] {
        match self {
            ColourMap::Batlow => &batlow::TABLE,
            ColourMap::Cividis | ColourMap::Classes(_) => &cividis::TABLE,
            ColourMap::Vik { .. } => &vik::TABLE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CIE L* of an sRGB colour.
    fn lightness(c: Rgb) -> f64 {
        let linear = |v: u8| {
            let v = f64::from(v) / 255.0;
            if v <= 0.04045 { v / 12.92 } else { libm::pow((v + 0.055) / 1.055, 2.4) }
        };
        let y = 0.2126 * linear(c[0]) + 0.7152 * linear(c[1]) + 0.0722 * linear(c[2]);
        if y > 0.008856 { 116.0 * libm::cbrt(y) - 16.0 } else { 903.3 * y }
    }

    #[test]
    fn sequences_grow_lighter() {
        for map in [ColourMap::Batlow, ColourMap::Cividis] {
            let l: Vec<f64> = (0..256).map(|i| lightness(map.at(f64::from(i) / 255.0))).collect();
            assert!(l.windows(2).all(|w| w[1] > w[0] - 0.6), "{map:?}");
            assert!(l[255] - l[0] > 60.0);
        }
    }

    #[test]
    fn classes_are_steps_of_lightness() {
        let map = ColourMap::Classes(3);
        let l: Vec<f64> = (0..3).map(|c| lightness(map.class(c))).collect();
        assert!(l[1] > l[0] + 20.0 && l[2] > l[1] + 20.0, "{l:?}");
        // On the axis from −0.6 to 2.6 the classes lie at 0, 1 and 2.
        for (value, class) in [(-0.6, 0), (0.4, 0), (0.6, 1), (1.4, 1), (1.6, 2), (2.6, 2)] {
            assert_eq!(map.at((value + 0.6) / 3.2), map.class(class));
        }
    }

    #[test]
    fn vik_is_lightest_in_the_middle_and_ends_hold() {
        let vik = ColourMap::Vik { centre: 0.0 };
        let l: Vec<f64> = (0..256).map(|i| lightness(vik.at(f64::from(i) / 255.0))).collect();
        assert!(l[127] > l[20] + 30.0 && l[127] > l[235] + 30.0);
        assert_eq!(vik.at(-3.0), vik.at(0.0));
        assert_eq!(vik.at(f64::NAN), vik.at(0.0));
    }
}
