//! A folder of text files of one kind, one curve each: one dataset with a table a file.
//!
//! Instruments export a map of curves, or a sweep of temperatures, so. Every file must have the same extension and be
//! read by the same reader, which must give tables. A table is called after its file; files are in natural order
//! (`2` before `10`), or in that of the temperatures in their names. A temperature in a name (`foam_-10C.csv`) goes to the table's metadata; no column is made of it.

use std::path::Path;

use crate::{Confidence, Dataset, Format, Limits, ReadError, Reader, Source, natural};

use super::text::number::{self, Mark};

const ID: &str = "curve-folder";

/// The reader.
pub struct CurveFolder;

static FORMAT: Format = Format {
    id: ID,
    name: "Folder of curves as text",
    extensions: &["txt", "csv", "tsv", "dat"],
    about: "A folder of text files of one kind: a table a file, positions and temperatures from the names.",
    reference: "the habit of NanoTest, DMA and others to export one file a curve",
};

impl Reader for CurveFolder {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        let Some(files) = files(source) else { return 0 };
        let first = files.first().map(|name| source.path().join(name)).filter(|p| p.is_file());
        let reader = first.and_then(|p| Source::open(&p).ok()).and_then(|s| crate::sniff(&s).ok());
        40 * Confidence::from(reader.is_some_and(|r| r.folder_of_curves()))
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let files = files(source).ok_or_else(|| {
            ReadError::new(ID, "is no folder of two or more files with one extension")
                .hint("put the curves into a folder of their own, or name one file")
        })?;
        let mut dataset = Dataset::new(ID, limits);
        let mut kind: Option<&'static str> = None;
        let mut elements = 0usize;
        for name in files {
            let path = source.path().join(name);
            let file = Source::open(&path)?;
            let reader = crate::sniff(&file)?;
            let own = reader.format().id;
            if *kind.get_or_insert(own) != own {
                let what = format!("is read as `{own}`, the files before it as `{}`", kind.unwrap_or_default());
                let hint = "put files of different kinds into folders of their own";
                return Err(ReadError::new(ID, what).in_file(&path).hint(hint));
            }
            let mut one = reader.open(&file, limits).map_err(|e| e.in_file(&path))?;
            elements = one.channels().iter().fold(elements, |a, c| a.saturating_add(c.elements()));
            if elements as u64 > limits.elements {
                let what = format!("the files hold more than the limit of {} numbers", limits.elements);
                return Err(ReadError::new(ID, what).in_file(&path).hint("split the folder"));
            }
            let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
            if let Some((_, value)) = temperature(&stem) {
                one.metadata.push(("temperature in the name".into(), value));
            }
            dataset.absorb(&stem, one).map_err(|e| {
                e.in_file(&path).hint("every file of the folder must hold tables; name one file to read maps")
            })?;
        }
        dataset.metadata.push(("format of the files".into(), kind.unwrap_or_default().into()));
        dataset.finish()
    }
}

/// The files of a folder in natural order, if there are two or more and all have the same extension.
fn files(source: &Source) -> Option<Vec<&str>> {
    let hidden = |n: &&str| !n.starts_with('.') && !matches!(*n, "Thumbs.db" | "desktop.ini");
    let mut names: Vec<&str> = source.entries().iter().map(String::as_str).filter(hidden).collect();
    let extension = |n: &str| Path::new(n).extension().map(|e| e.to_string_lossy().to_lowercase());
    let first = extension(names.first()?)?;
    let same = names.iter().all(|n| extension(n).is_some_and(|e| e == first));
    names.sort_by(|a, b| natural::compare(a, b));
    // A sweep of temperatures goes from cold to hot: to a natural order of names a minus is a hyphen.
    let kelvin = |n: &str| Path::new(n).file_stem().and_then(|s| temperature(&s.to_string_lossy())).map(|(k, _)| k);
    if names.iter().all(|n| kelvin(n).is_some()) {
        names.sort_by(|a, b| kelvin(a).unwrap_or(0.0).total_cmp(&kelvin(b).unwrap_or(0.0)));
    }
    (source.is_folder() && names.len() >= 2 && same).then_some(names)
}

/// `-10C`, `25.5°C`, `300K` as a word of a name. A minus behind a letter or digit may be a hyphen: then nothing is said.
///
/// Gives kelvin, and the words for the metadata.
fn temperature(stem: &str) -> Option<(f64, String)> {
    stem.split(['_', ' ', '(', ')', '=', ',', ';']).find_map(|word| {
        let unit = ["°C", "degC", "C", "K"].iter().find(|u| word.ends_with(**u))?;
        let value = number::parse(word.strip_suffix(unit)?, Mark::Point)?;
        // No temperature lies below absolute zero; `0K` and `-5K` are none.
        let kelvin = if *unit == "K" { value } else { value + 273.15 };
        (kelvin > 0.0).then(|| (kelvin, format!("{value} {}", if *unit == "K" { "K" } else { "°C" })))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temperatures_in_names() {
        for (stem, want) in [
            ("foam_dma_-10C", Some("-10 °C")),
            ("La60 25.5°C", Some("25.5 °C")),
            ("run_300K", Some("300 K")),
            ("La60-10C", None),
            ("C_1", None),
            ("-400C", None),
        ] {
            assert_eq!(temperature(stem).map(|t| t.1).as_deref(), want, "{stem}");
        }
    }
}
