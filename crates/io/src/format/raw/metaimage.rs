//! MetaImage: `.mha` with the numbers behind the header, `.mhd` with the numbers in a file beside it.
//!
//! Known writers: ITK and all built on it (3D Slicer, SimpleITK, elastix, ParaView). Lines `Key = value`, the last of
//! them `ElementDataFile`: `LOCAL`, a name, `LIST` with a name a line, or a pattern with its numbers. Source: the
//! documentation of MetaIO. Lengths are mm where `DistanceUnits` does not say otherwise, as in ITK. Rows are stored from
//! the top. More than three axes are joined to the first of a volume; a channel a component of the pixels.

use super::header::{self, Line};
use super::{MOST, Numbers, Packing, companion};
use crate::cursor::{Endian, Sample};
use crate::{Confidence, Dataset, Format, Limits, ReadError, Reader, Source};
use softspot_data::unit::Unit;

const ID: &str = "metaimage";

/// The reader.
pub struct MetaImage;

static FORMAT: Format = Format {
    id: ID,
    name: "MetaImage",
    extensions: &["mha", "mhd"],
    about: "Images and volumes of any number type, raw, zlib or in words, in one file, in one beside it, or one a slice.",
    reference: "https://itk.org/Wiki/ITK/MetaIO/Documentation",
};

impl Reader for MetaImage {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        let lines = read(source.head());
        let has = |key: &str| lines.iter().any(|l| l.key == key);
        match (has("NDims") && has("DimSize"), has("ElementType") || has("ElementDataFile")) {
            (true, true) => 95,
            _ => 0,
        }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let lines = read(source.bytes());
        let get = |key: &str| lines.iter().find(|l| l.key == key).map(|l| l.value.as_str());
        let fail = |what: String| ReadError::new(ID, what).hint("the header is damaged; save the image again");
        let yes = |key: &str| get(key).is_some_and(|v| v.eq_ignore_ascii_case("true") || v == "1");
        let sizes: Vec<usize> =
            get("DimSize").and_then(header::numbers).ok_or_else(|| fail("the header has no `DimSize`".into()))?;
        let kind = get("ElementType").unwrap_or("");
        let sample = sample(kind).ok_or_else(|| fail(format!("the element type `{kind}` is not known")))?;
        let packing = match (get("BinaryData").is_some_and(|v| v.eq_ignore_ascii_case("false")), yes("CompressedData"))
        {
            (true, _) => Packing::Text,
            (_, true) => Packing::Zlib,
            _ => Packing::None,
        };
        let (files, start) = files(source, &lines)?;
        let skip = match get("HeaderSize").and_then(|v| v.parse::<i64>().ok()) {
            Some(-1) => None,
            other => Some(other.and_then(|n| usize::try_from(n).ok()).unwrap_or(start)),
        };
        let length = get("DistanceUnits").and_then(|u| Unit::parse(u).ok()).filter(Unit::is_length);
        let length = length.unwrap_or_else(|| Unit::of("mm"));
        let steps: Option<Vec<f64>> = get("ElementSpacing").or(get("ElementSize")).and_then(header::numbers);
        let mut dataset = Dataset::new(ID, limits);
        dataset.metadata = lines.iter().map(|l| (l.key.clone(), l.value.clone())).collect();
        let numbers = Numbers {
            format: ID,
            sizes,
            components: get("ElementNumberOfChannels").and_then(|v| v.parse().ok()).unwrap_or(1),
            planar: false,
            sample,
            endian: if yes("ElementByteOrderMSB") || yes("BinaryDataByteOrderMSB") {
                Endian::Big
            } else {
                Endian::Little
            },
            packing,
            files,
            skip,
            skip_inside: 0,
            steps: steps.map(|s| s.into_iter().map(|v| length.to_si(v.abs())).collect()),
            unit: Unit::none(),
        };
        numbers.push(&mut dataset, limits)?;
        dataset.finish()
    }
}

/// Lines up to the one that names the numbers.
fn read(bytes: &[u8]) -> Vec<Line> {
    let text = bytes.first().is_some_and(u8::is_ascii_alphabetic);
    if text { header::lines(bytes, '=', |l| l.key == "ElementDataFile") } else { Vec::new() }
}

/// Where the numbers are, and the byte where they begin.
fn files(source: &Source, lines: &[Line]) -> Result<(Vec<Source>, usize), ReadError> {
    let Some(last) = lines.last().filter(|l| l.key == "ElementDataFile") else {
        return Err(ReadError::new(ID, "the header does not say where the numbers are (`ElementDataFile`)")
            .hint("the header is damaged; save the image again"));
    };
    let words: Vec<&str> = last.value.split_whitespace().collect();
    let open = |name: &str| companion(ID, source.path(), name);
    if last.value.eq_ignore_ascii_case("local") {
        return Ok((vec![source.clone()], last.end));
    }
    if words.first().is_some_and(|w| w.eq_ignore_ascii_case("list")) {
        let rest = source.bytes().get(last.end..).unwrap_or_default();
        let names = header::lines(rest, '\0', |_| false);
        let names = names.iter().map(|l| l.key.as_str()).filter(|n| !n.is_empty()).take(MOST);
        return Ok((names.map(open).collect::<Result<_, _>>()?, 0));
    }
    if let [pattern, numbers @ ..] = words.as_slice()
        && pattern.contains('%')
    {
        let range: Vec<usize> = numbers.iter().filter_map(|w| w.parse().ok()).collect();
        let (first, last, step) = match *range.as_slice() {
            [first, last] => (first, last, 1),
            [first, last, step] => (first, last, step.max(1)),
            _ => {
                return Err(ReadError::new(ID, format!("the pattern `{pattern}` has no first and last number"))
                    .hint("write them behind it in `ElementDataFile`"));
            }
        };
        let names = (first..=last).step_by(step).take(MOST).map(|n| numbered(pattern, n));
        return Ok((names.map(|n| open(&n)).collect::<Result<_, _>>()?, 0));
    }
    Ok((vec![open(&last.value)?], 0))
}

/// A pattern of C with its number: `slice%03d.raw`.
pub(super) fn numbered(pattern: &str, n: usize) -> String {
    let Some((before, rest)) = pattern.split_once('%') else { return pattern.to_string() };
    let Some((width, after)) = rest.split_once('d') else { return pattern.to_string() };
    let digits: usize = width.trim_start_matches('0').parse().unwrap_or(0);
    format!("{before}{n:0digits$}{after}", digits = digits.min(32))
}

fn sample(kind: &str) -> Option<Sample> {
    Some(match kind.strip_suffix("_ARRAY").unwrap_or(kind) {
        "MET_CHAR" | "MET_ASCII_CHAR" => Sample::I8,
        "MET_UCHAR" => Sample::U8,
        "MET_SHORT" => Sample::I16,
        "MET_USHORT" => Sample::U16,
        "MET_INT" | "MET_LONG" => Sample::I32,
        "MET_UINT" | "MET_ULONG" => Sample::U32,
        "MET_LONG_LONG" => Sample::I64,
        "MET_ULONG_LONG" => Sample::U64,
        "MET_FLOAT" => Sample::F32,
        "MET_DOUBLE" => Sample::F64,
        _ => return None,
    })
}
