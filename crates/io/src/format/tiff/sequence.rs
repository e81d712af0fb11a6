//! A folder of TIFF files of equal shape as a volume `[z, y, x]`, in the order in which people count.
//!
//! Known writers: nearly every tomography, every program that saves slices (`slice_0001.tif`, …). Numbers in names
//! count: `slice_2` stands before `slice_10`. Names that differ in more than their last number are series of their own,
//! a channel each. Other files in the folder are no part of it, and gaps in the numbers no slices: both are named in the
//! metadata.
//!
//! Up to [`CHECKED`] files of a series are looked into when the folder is opened; in a longer series so many at even
//! distances, and each of the others when it is read.

use std::path::PathBuf;

use super::{File, is_tiff, size};
use crate::{Channel, Confidence, Dataset, Format, Limits, ReadError, Reader, Source, Store, Window, natural};

const ID: &str = "tiff-sequence";
/// Metadata of a series whose numbers have gaps; the name of the channel follows.
pub const GAPS: &str = "gaps in the numbers of ";
/// Files of a series that are looked into at once.
const CHECKED: usize = 64;

/// The reader.
pub struct TiffSequence;

static FORMAT: Format = Format {
    id: ID,
    name: "Folder of TIFF images",
    extensions: &["tif", "tiff"],
    about: "Grey images of one shape as a volume, one slice a file, read slice by slice.",
    reference: "TIFF 6.0",
};

impl Reader for TiffSequence {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        let shown = source.entries().iter().filter(|n| !n.starts_with('.'));
        let (images, others): (Vec<_>, Vec<_>) = shown.partition(|n| is_image(n));
        // A folder of all sorts of files is no dataset.
        let mostly = images.len() >= 2 && images.len() >= 4 * others.len();
        let first = images.first().and_then(|n| Source::open(&source.path().join(n)).ok());
        if mostly && first.is_some_and(|s| is_tiff(&s)) { 60 } else { 0 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let mut names: Vec<&String> = source.entries().iter().filter(|n| is_image(n) && !n.starts_with('.')).collect();
        if names.is_empty() {
            return Err(ReadError::new(ID, "the folder holds no TIFF file").hint("name a folder of slices"));
        }
        names.sort_by(|a, b| natural::compare(a, b));
        let mut series: Vec<(String, Vec<String>)> = Vec::new();
        for name in names {
            let key = prefix(name);
            match series.iter_mut().find(|(k, _)| *k == key) {
                Some((_, list)) => list.push(name.clone()),
                None => series.push((key, vec![name.clone()])),
            }
        }
        let mut dataset = Dataset::new(ID, limits);
        let several = series.len() > 1;
        for (key, files) in series {
            let name = key.trim_end_matches(['_', '-', '.', ' ']);
            let name = if !several || name.is_empty() { "volume" } else { name };
            push(&mut dataset, source, name, files, several, limits)?;
        }
        let others: Vec<&str> = source.entries().iter().filter(|n| !is_image(n)).map(String::as_str).collect();
        if !others.is_empty() {
            dataset.metadata.push(("not part of the sequence".into(), others.join(", ")));
        }
        dataset.finish()
    }
}

fn is_image(name: &str) -> bool {
    let name = name.to_lowercase();
    name.ends_with(".tif") || name.ends_with(".tiff")
}

/// The name up to its last number.
fn prefix(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let Some(last) = stem.rfind(|c: char| c.is_ascii_digit()) else { return stem.to_string() };
    let before = stem.get(..last).unwrap_or("").trim_end_matches(|c: char| c.is_ascii_digit());
    before.to_string()
}

/// The last number of a name.
fn number(name: &str) -> Option<u64> {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let end = stem.rfind(|c: char| c.is_ascii_digit())? + 1;
    let from = stem
        .get(..end)?
        .rfind(|c: char| !c.is_ascii_digit())
        .map_or(Some(0), |at| stem.get(at..)?.chars().next().map(|c| at + c.len_utf8()))?;
    stem.get(from..end)?.parse().ok()
}

/// Where more is missing between two names than between most: `slice_3 … slice_7`. The first few.
fn gaps(files: &[String]) -> Vec<String> {
    const NAMED: usize = 20;
    let numbers: Option<Vec<u64>> = files.iter().map(|f| number(f)).collect();
    let Some(numbers) = numbers else { return Vec::new() };
    let steps: Vec<u64> = numbers.windows(2).filter_map(|w| w[1].checked_sub(w[0])).collect();
    let step = steps.iter().copied().filter(|s| *s > 0).min().unwrap_or(1);
    let wide = files.windows(2).zip(&steps).filter(|(_, s)| **s > step);
    wide.map(|(w, _)| format!("{} … {}", w[0], w[1])).take(NAMED).collect()
}

/// Adds a series.
fn push(
    dataset: &mut Dataset,
    source: &Source,
    name: &str,
    files: Vec<String>,
    several: bool,
    limits: &Limits,
) -> Result<(), ReadError> {
    let gaps = gaps(&files);
    if !gaps.is_empty() {
        dataset.metadata.push((format!("{GAPS}{name}"), gaps.join(", ")));
    }
    let folder = source.path().to_path_buf();
    let paths: Vec<PathBuf> = files.iter().map(|n| folder.join(n)).collect();
    let Some(first) = paths.first() else { return Ok(()) };
    let first = slice(first, limits)?;
    let (shape, limits) = (first.shape(), *limits);
    let step = paths.len().div_ceil(CHECKED).max(1);
    for path in paths.iter().step_by(step).chain(paths.last()) {
        slice(path, &limits)?.is_alike(&first, path)?;
    }
    for (key, value) in &first.metadata {
        let key = if several { format!("{name}/{key}") } else { key.clone() };
        dataset.metadata.push((key, value.clone()));
    }
    let n = paths.len();
    let whole = [n, shape[0], shape[1]];
    let channel = Channel::volume(name, first.file.unit(), whole).sized(first.size(n));
    let files = Store::windowed(move |w: &Window| {
        let [z, rest @ ..] = w.ranges() else { return Err(ReadError::new(ID, "a sequence has three axes")) };
        let rest = Window::new(rest.to_vec());
        let mut values = Vec::with_capacity(w.shape().iter().product());
        for path in paths.get(z.clone()).unwrap_or_default() {
            let own = slice(path, &limits)?;
            own.is_alike(&first, path)?;
            values.append(&mut own.file.samples(0, &rest).map_err(|e| e.in_file(path))?);
        }
        Ok(values)
    });
    dataset.push(channel, files)
}

/// A file of the sequence.
struct Slice {
    file: File,
    metadata: crate::Metadata,
}

fn slice(path: &std::path::Path, limits: &Limits) -> Result<Slice, ReadError> {
    let source = Source::open(path)?;
    let (file, metadata) = File::open(&source, limits).map_err(|e| e.in_file(path))?;
    Ok(Slice { file, metadata })
}

impl Slice {
    fn shape(&self) -> [usize; 2] {
        self.file.first().map_or([0, 0], |p| [p.rows, p.columns])
    }

    /// The size of so many planes; of width and height alone where no distance of planes is written.
    fn size(&self, planes: usize) -> Option<Vec<f64>> {
        let calibration = self.file.calibration.as_ref()?;
        size(calibration, self.file.first()?, calibration.spacing.map(|_| planes))
    }

    fn is_alike(&self, first: &Slice, path: &std::path::Path) -> Result<(), ReadError> {
        let wrong = |what: String, hint: &str| Err(ReadError::new(ID, what).hint(hint).in_file(path));
        let ([Some(own)], [Some(other)]) = (self.file.pages.as_slice(), first.file.pages.as_slice()) else {
            let n = self.file.pages.len().max(first.file.pages.len());
            return wrong(
                format!("a file of the sequence has {n} pages"),
                "name the file itself to read it as a stack",
            );
        };
        if own.samples != 1 {
            return wrong("a file of the sequence is in colour".into(), "save the slices as grey images");
        }
        if !own.alike(other) {
            let ([a, b], [c, d]) = (self.shape(), first.shape());
            let what =
                format!("the slice has {a} × {b} pixels of {} bits, the first {c} × {d} of {}", own.bits, other.bits);
            return wrong(what, "move what is no slice out of the folder");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series() {
        assert_eq!(prefix("reader_00012.tif"), "reader_");
        assert_eq!(prefix("a2_slice10_8bit.tif"), "a2_slice10_");
        assert_eq!(prefix("dark.tif"), "dark");
        assert_eq!(prefix("0001.tif"), "");
    }

    #[test]
    fn gaps_in_numbers() {
        let names = |numbers: &[u64]| numbers.iter().map(|n| format!("é{n:03}b.tif")).collect::<Vec<_>>();
        assert_eq!(number("a2_é010b.tif"), Some(10));
        assert_eq!((number("a.tif"), number("7.tif")), (None, Some(7)));
        assert!(gaps(&names(&[1, 2, 3])).is_empty() && gaps(&names(&[10, 20, 30])).is_empty());
        assert_eq!(gaps(&names(&[1, 2, 4, 5, 9])), ["é002b.tif … é004b.tif", "é005b.tif … é009b.tif"]);
    }
}
