//! How large an image is: `Scan Size`, `Aspect Ratio` and the lines that were stored.

use softspot_data::unit::Unit;

use super::elsewhere;
use super::header::Section;

/// Relative difference up to which two sides of a pixel are the same.
const SQUARE: f64 = 0.02;

/// Width and height in m of an image of that many lines and samples; without lines, of the frame of the scan.
///
/// `Scan Size` names the frame: one number, or both sides where they are the same, is the side of a square of which a scan
/// with a ratio covers a part; two sides that differ are taken as they are written. An image of fewer lines than the scan
/// has covers their share. Versions differ in which section has the ratio and whether lines follow it: where the sections
/// contradict, or a ratio and missing lines may say the same twice, the height that makes pixels square is taken.
pub(super) fn size(section: &Section, all: &[Section], stored: Option<[usize; 2]>) -> Option<Vec<f64>> {
    let text = section.get("Scan size").or_else(|| elsewhere(all, "Scan size"))?;
    let parts: Vec<&str> = text.split_whitespace().collect();
    let (width, height, unit) = match parts.as_slice() {
        [w, h, unit] => (w.parse::<f64>().ok()?, h.parse::<f64>().ok()?, *unit),
        [w, unit] => (w.parse().ok()?, w.parse().ok()?, *unit),
        _ => return None,
    };
    let unit = Unit::parse(unit).ok().filter(|u| u.is_length())?;
    let scan = all.iter().find(|s| s.name.to_ascii_lowercase().ends_with("scan list"));
    let square = (height / width - 1.0).abs() < 1e-6;
    let [of_scan, of_image] = [scan.and_then(ratio), ratio(section)];
    let ratio = of_scan.or(of_image).filter(|_| square).unwrap_or(1.0);
    let height = match stored {
        Some([rows, columns]) => {
            let lines = scan.and_then(|s| s.number("Lines")).filter(|n| *n > 0);
            let share = lines.map_or(1.0, |n| (rows as f64 / n as f64).min(1.0));
            let all = height / ratio * share;
            // Where entries overlap or contradict, pixels that are square tell.
            let other = of_image.filter(|r| square && (r / ratio - 1.0).abs() > SQUARE);
            let doubtful = ratio != 1.0 && share != 1.0 || other.is_some() && share == 1.0;
            let heights = [all, height / ratio, height * share, height / other.unwrap_or(ratio)];
            let even = width * rows as f64 / columns as f64;
            // A ratio is written with few digits.
            let close = |h: &f64| (h / even - 1.0).abs() < SQUARE;
            let found = heights.into_iter().find(|h| doubtful && close(h));
            if found.is_some() || close(&all) { even } else { all }
        }
        None => height / ratio,
    };
    let size = [width, height].map(|v| unit.to_si(v));
    size.iter().all(|v| v.is_finite() && *v > 0.0).then(|| size.to_vec())
}

fn ratio(section: &Section) -> Option<f64> {
    section.get("Aspect ratio").and_then(parse)
}

/// Width by height: `2:1`, or a number.
fn parse(text: &str) -> Option<f64> {
    let ratio = match text.split_once(':') {
        Some((x, y)) => x.trim().parse::<f64>().ok()? / y.trim().parse::<f64>().ok()?,
        None => text.trim().parse().ok()?,
    };
    (ratio.is_finite() && ratio > 0.0).then_some(ratio)
}

#[cfg(test)]
mod tests {
    use super::super::header::sections;
    use super::*;

    /// Width and height in nm.
    fn of(scan: &str, image: &str, stored: [usize; 2]) -> Vec<f64> {
        let text = format!("\\*File list\n\\*Ciao scan list\n{scan}\n\\*Ciao image list\n{image}\n\\*File list end");
        let all = sections(text.replace("; ", "\n").as_bytes());
        let size = size(&all[2], &all, Some(stored)).unwrap();
        size.iter().map(|v| (v * 1e12).round() / 1e3).collect()
    }

    #[test]
    fn the_part_of_the_frame_that_was_scanned() {
        for (scan, image, stored, want) in [
            // A frame with a ratio: its lines are its share of the square.
            ("\\Lines: 32; \\Aspect Ratio: 2:1", "\\Scan Size: 8 8 nm; \\Aspect Ratio: 2:1", [32, 64], [8.0, 4.0]),
            // The ratio in one of the two sections alone.
            ("\\Lines: 64; \\Aspect Ratio: 1:1", "\\Scan Size: 8 8 nm; \\Aspect Ratio: 2:1", [32, 64], [8.0, 4.0]),
            ("\\Lines: 16; \\Aspect Ratio: 4:1", "\\Scan Size: 8 nm", [16, 64], [8.0, 2.0]),
            // A scan that ended early, and a ratio without a colon.
            ("\\Lines: 64; \\Aspect Ratio: 1:1", "\\Scan Size: 8 8 nm; \\Aspect Ratio: 0.7", [24, 64], [8.0, 3.0]),
            ("\\Lines: 64; \\Aspect Ratio: 2.0", "\\Scan Size: 8 nm", [32, 64], [8.0, 4.0]),
            // Fewer lines than samples over the whole square: oblong pixels.
            ("\\Lines: 32; \\Aspect Ratio: 1:1", "\\Scan Size: 8 8 nm; \\Aspect Ratio: 1:1", [32, 64], [8.0, 8.0]),
            // As many lines as samples over a quarter of the square: flat pixels.
            ("\\Lines: 64; \\Aspect Ratio: 4:1", "\\Scan Size: 8 nm; \\Aspect Ratio: 4:1", [64, 64], [8.0, 2.0]),
            // Half of a scan of oblong pixels.
            ("\\Lines: 64; \\Aspect Ratio: 1:1", "\\Scan Size: 8 8 nm", [32, 32], [8.0, 4.0]),
            // Half of those lines.
            ("\\Lines: 32; \\Aspect Ratio: 1:1", "\\Scan Size: 8 8 nm", [16, 64], [8.0, 4.0]),
            // Two sides are taken as they are written; fewer lines of them are a part.
            ("\\Lines: 32; \\Aspect Ratio: 2:1", "\\Scan Size: 8 4 nm; \\Aspect Ratio: 2:1", [32, 64], [8.0, 4.0]),
            ("\\Lines: 32; \\Aspect Ratio: 2:1", "\\Scan Size: 8 4 nm", [16, 64], [8.0, 2.0]),
        ] {
            assert_eq!(of(scan, image, stored), want, "{scan} | {image} {stored:?}");
        }
    }
}
