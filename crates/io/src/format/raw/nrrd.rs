//! NRRD: `.nrrd` with the numbers behind the header, `.nhdr` with the numbers in files beside it.
//!
//! Known writers: Teem, 3D Slicer, SimpleITK, DREAM.3D users. A line `NRRD000N`, lines `field: value` and
//! `key:=value`, an empty line, the numbers. Source: teem.sourceforge.net/nrrd/format.html. Lengths have the unit that
//! `units` or `space units` give; in an anatomical `space` they are mm; else the file does not tell the size. The first
//! axis is the fastest. Axes of vectors and colours, the first
//! or the last, give a channel a component.

use super::header::{self, Line};
use super::metaimage::numbered;
use super::{MOST, Numbers, Packing, companion};
use crate::cursor::{Endian, Sample};
use crate::{Confidence, Dataset, Format, Limits, ReadError, Reader, Source};
use softspot_data::unit::Unit;

const ID: &str = "nrrd";

/// The reader.
pub struct Nrrd;

static FORMAT: Format = Format {
    id: ID,
    name: "NRRD",
    extensions: &["nrrd", "nhdr"],
    about: "Images and volumes of any number type, raw, gzip, bzip2, hexadecimal or in words, in one file or in others \
            beside the header.",
    reference: "https://teem.sourceforge.net/nrrd/format.html",
};

/// Kinds of an axis that holds the components of one element.
const COMPONENTS: [&str; 20] = [
    "vector",
    "covariant-vector",
    "normal",
    "scalar",
    "complex",
    "quaternion",
    "list",
    "point",
    "stub",
    "2-vector",
    "3-vector",
    "4-vector",
    "3-color",
    "4-color",
    "rgb-color",
    "hsv-color",
    "xyz-color",
    "rgba-color",
    "3d-symmetric-matrix",
    "3d-matrix",
];

impl Reader for Nrrd {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        // The first version was called `NRRD00.01`.
        if [&b"NRRD000"[..], b"NRRD00.01"].iter().any(|m| source.head().starts_with(m)) { 100 } else { 0 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let lines = header::lines(source.bytes(), ':', |l| l.key.is_empty() && l.value.is_empty());
        // Fields may be written in several ways: `data file`, `datafile`.
        let plain = |key: &str| key.to_lowercase().replace([' ', '-'], "");
        let get = |key: &str| lines.iter().find(|l| plain(&l.key) == key).map(|l| l.value.as_str());
        let fail = |what: String| ReadError::new(ID, what).hint("the header is damaged; save the file again");
        let mut sizes: Vec<usize> =
            get("sizes").and_then(header::numbers).ok_or_else(|| fail("the header has no `sizes`".into()))?;
        let kind = get("type").unwrap_or("").to_lowercase();
        let sample = sample(&kind).ok_or_else(|| fail(format!("numbers of the type `{kind}` are not read")))?;
        let encoding = get("encoding").unwrap_or("raw").to_lowercase();
        let packing = match encoding.as_str() {
            "raw" => Packing::None,
            "gz" | "gzip" => Packing::Gzip,
            "bz2" | "bzip2" => Packing::Bzip2,
            "hex" => Packing::Hex,
            "txt" | "text" | "ascii" => Packing::Text,
            other => {
                return Err(ReadError::new(ID, format!("the encoding `{other}` is not read"))
                    .hint("save it raw or with gzip: `unu save -f nrrd -e gzip`"));
            }
        };
        let mut steps = steps(&get, &sizes);
        let kinds: Vec<String> = get("kinds").unwrap_or("").split_whitespace().map(str::to_lowercase).collect();
        let (files, start) = files(source, &lines, get("datafile"))?;
        let is_components = |k: Option<&String>| k.is_some_and(|k| COMPONENTS.contains(&k.as_str()));
        let mut components = 1;
        let mut planar = false;
        if sizes.len() > 1 && is_components(kinds.first()) {
            components = sizes.remove(0);
            steps = steps.filter(|s| !s.is_empty()).map(|mut s| s.split_off(1));
        } else if sizes.len() > 2 && kinds.len() == sizes.len() && is_components(kinds.last()) && files.len() == 1 {
            components = sizes.pop().unwrap_or(1);
            steps.iter_mut().for_each(|s| s.truncate(sizes.len()));
            planar = true;
        }
        let (lines_off, bytes_off) = (offset(get("lineskip"), 0), offset(get("byteskip"), 0));
        let bytes_off = (bytes_off != -1).then(|| usize::try_from(bytes_off).unwrap_or(0));
        let first = files.first().map(|f| f.bytes()).unwrap_or_default();
        let at = after_lines(first, start, usize::try_from(lines_off).unwrap_or(0));
        // Bytes are left out of what is unpacked, lines of what is packed.
        let (skip, skip_inside) = match (packing, bytes_off) {
            (Packing::None, n) => (n.map(|n| at.saturating_add(n)), 0),
            (Packing::Text | Packing::Hex, n) => (Some(at.saturating_add(n.unwrap_or(0))), 0),
            (_, n) => (Some(at), n.unwrap_or(0)),
        };
        let mut dataset = Dataset::new(ID, limits);
        dataset.metadata = lines
            .iter()
            .filter(|l| !l.key.is_empty() && !l.key.starts_with('#') && !l.key.starts_with("NRRD"))
            .map(|l| (l.key.clone(), l.value.trim_start_matches('=').to_string()))
            .collect();
        let unit = get("sampleunits").map(|u| Unit::parse_or_keep(u.trim_matches('"'))).unwrap_or_else(Unit::none);
        let endian =
            if get("endian").is_some_and(|e| e.eq_ignore_ascii_case("big")) { Endian::Big } else { Endian::Little };
        // A value for each axis up to the first one without a length; the first of them is the fastest.
        let steps = steps.map(|s| s.into_iter().map_while(|v| v).collect::<Vec<f64>>());
        let numbers = Numbers {
            format: ID,
            sizes,
            components,
            planar,
            sample,
            endian,
            packing,
            files,
            skip,
            skip_inside,
            steps,
            unit,
        };
        numbers.push(&mut dataset, limits)?;
        dataset.finish()
    }
}

fn offset(text: Option<&str>, default: i64) -> i64 {
    text.and_then(|t| t.parse().ok()).unwrap_or(default)
}

/// The byte behind so many line ends.
fn after_lines(bytes: &[u8], start: usize, lines: usize) -> usize {
    let ends = bytes.iter().enumerate().skip(start).filter(|(_, b)| **b == b'\n').map(|(i, _)| i + 1);
    lines.checked_sub(1).map_or(start, |n| ends.clone().nth(n).unwrap_or(bytes.len()))
}

/// Distance of elements along each axis in m; `None` for an axis without one, and where the file tells none.
fn steps<'a>(get: &impl Fn(&str) -> Option<&'a str>, sizes: &[usize]) -> Option<Vec<Option<f64>>> {
    let axes = sizes.len();
    let length = |text: &str| Unit::parse(text).ok().filter(Unit::is_length);
    let units: Vec<Option<Unit>> =
        get("units").or(get("spaceunits")).map(|t| quoted(t).iter().map(|u| length(u)).collect()).unwrap_or_default();
    let anatomical = get("space").is_some_and(|s| {
        let s = s.to_lowercase();
        s.contains("left")
            || s.contains("right")
            || ["ras", "las", "lps"].iter().any(|k| s.starts_with(k))
            || s.starts_with("scanner")
    });
    let directions: Vec<Option<f64>> = if let Some(text) = get("spacedirections") {
        let norm = |v: &str| {
            let v: Option<Vec<f64>> = v.split(',').map(|w| w.trim().parse().ok()).collect();
            v.map(|v| v.iter().map(|x| x * x).sum::<f64>().sqrt())
        };
        text.replace("none", "(none)").split(')').filter_map(|p| p.split_once('(')).map(|(_, v)| norm(v)).collect()
    } else if let Some(text) = get("spacings") {
        text.split_whitespace().map(|w| w.parse().ok().filter(|v: &f64| v.is_finite())).collect()
    } else {
        extents(get, sizes)?
    };
    if directions.len() != axes {
        return None;
    }
    let mut space = 0;
    let scaled = directions.into_iter().enumerate().map(|(axis, d)| {
        let d = d?;
        // `units` counts axes of the array, `space units` those of space.
        let index = if units.len() == axes { axis } else { space };
        space += 1;
        let unit = units.get(index).cloned().flatten().or_else(|| anatomical.then(|| Unit::of("mm")))?;
        Some(unit.to_si(d.abs()))
    });
    Some(scaled.collect())
}

/// Distances from where the axes begin and end: at the borders of cells, or, where an axis is one of nodes, at samples.
fn extents<'a>(get: &impl Fn(&str) -> Option<&'a str>, sizes: &[usize]) -> Option<Vec<Option<f64>>> {
    let list = |key| -> Option<Vec<f64>> { header::numbers(get(key)?) };
    let (from, to) = (list("axismins")?, list("axismaxs")?);
    let centers: Vec<&str> = get("centers").or(get("centerings")).unwrap_or("").split_whitespace().collect();
    let axes = sizes.iter().zip(from.iter().zip(&to)).enumerate();
    let step = |(i, (n, (from, to))): (usize, (&usize, (&f64, &f64)))| {
        let parts = if centers.get(i) == Some(&"node") { n.saturating_sub(1) } else { *n };
        Some((to - from) / parts as f64).filter(|v| v.is_finite() && *v != 0.0)
    };
    Some(axes.map(step).collect())
}

/// Words in quotation marks, or with blanks between them.
fn quoted(text: &str) -> Vec<String> {
    if text.contains('"') {
        return text.split('"').skip(1).step_by(2).map(str::to_string).collect();
    }
    text.split_whitespace().map(str::to_string).collect()
}

/// Where the numbers are, and the byte where they begin.
fn files(source: &Source, lines: &[Line], name: Option<&str>) -> Result<(Vec<Source>, usize), ReadError> {
    let end = lines.last().map_or(0, |l| l.end);
    let Some(name) = name else { return Ok((vec![source.clone()], end)) };
    let open = |name: &str| companion(ID, source.path(), name);
    let words: Vec<&str> = name.split_whitespace().collect();
    if words.first() == Some(&"LIST") {
        let names = lines.iter().skip_while(|l| l.key.to_lowercase().replace(' ', "") != "datafile").skip(1);
        let names: Vec<_> = names.map(|l| l.key.as_str()).filter(|n| !n.is_empty()).take(MOST).collect();
        return Ok((names.into_iter().map(open).collect::<Result<_, _>>()?, 0));
    }
    if let [pattern, first, last, step, ..] = words.as_slice()
        && pattern.contains('%')
        && let (Ok(first), Ok(last), Ok(step)) = (first.parse::<usize>(), last.parse::<usize>(), step.parse::<isize>())
    {
        let mut numbers: Vec<usize> =
            (first.min(last)..=first.max(last)).step_by(step.unsigned_abs().max(1)).take(MOST).collect();
        if step < 0 {
            // Counted from the first one down, whatever it leaves at the end.
            let rest = first.saturating_sub(last) % step.unsigned_abs();
            numbers = numbers.into_iter().rev().map(|n| n + rest).collect();
        }
        let names = numbers.into_iter().map(|n| numbered(pattern, n));
        return Ok((names.map(|n| open(&n)).collect::<Result<_, _>>()?, 0));
    }
    Ok((vec![open(name)?], 0))
}

fn sample(kind: &str) -> Option<Sample> {
    Some(match kind {
        "signed char" | "int8" | "int8_t" => Sample::I8,
        "uchar" | "unsigned char" | "uint8" | "uint8_t" => Sample::U8,
        "short" | "short int" | "signed short" | "signed short int" | "int16" | "int16_t" => Sample::I16,
        "ushort" | "unsigned short" | "unsigned short int" | "uint16" | "uint16_t" => Sample::U16,
        "int" | "signed int" | "int32" | "int32_t" => Sample::I32,
        "uint" | "unsigned int" | "uint32" | "uint32_t" => Sample::U32,
        "longlong"
        | "long long"
        | "long long int"
        | "signed long long"
        | "signed long long int"
        | "int64"
        | "int64_t" => Sample::I64,
        "ulonglong" | "unsigned long long" | "unsigned long long int" | "uint64" | "uint64_t" => Sample::U64,
        "float" => Sample::F32,
        "double" => Sample::F64,
        _ => return None,
    })
}
