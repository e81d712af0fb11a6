//! Bare volumes `.vol` with a header beside them: `.vol.info` of PyHST, `.vgi` of VGStudio.
//!
//! Known writers: PyHST at the ESRF (`NUM_X = …`, 32-bit floats, `voxelSize` in µm, `BYTEORDER`), VGStudio MAX and
//! reconstruction programs of CT makers (`[file1]`, `size`, `bitsperelement`, `datatype`, `[geometry]`, `resolution`,
//! `unit`). Not documented by their makers; source: what tomography programs read. Name the header or the volume.

use std::path::PathBuf;

use super::header::{self, Line};
use super::{Numbers, Packing, companion};
use crate::cursor::{Endian, Sample};
use crate::{Confidence, Dataset, Format, Limits, ReadError, Reader, Source};
use softspot_data::unit::Unit;

const ID: &str = "vol";

/// The reader.
pub struct Vol;

static FORMAT: Format = Format {
    id: ID,
    name: "Bare volume with a header",
    extensions: &["vol", "info", "vgi"],
    about: "Volumes of PyHST (`.vol` and `.vol.info`) and VGStudio (`.vol` and `.vgi`) with their voxel size.",
    reference: "https://www.esrf.fr (PyHST2); VGStudio MAX",
};

impl Reader for Vol {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        if source.is_folder() {
            return 0;
        }
        if is_header(source.head()) {
            return 90;
        }
        let volume = source.name().ends_with(".vol") || source.name().ends_with(".raw");
        if volume && beside(source).is_some() { 55 } else { 0 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        if !is_header(source.head()) {
            let Some(header) = beside(source) else {
                return Err(ReadError::new(ID, "a bare volume without a header beside it")
                    .hint("put its `.vol.info` or `.vgi` beside it"));
            };
            let mut dataset = self.open(&header, limits)?;
            dataset.companions.push(header.path().to_path_buf());
            return Ok(dataset);
        }
        let lines = header::lines(source.bytes(), '=', |_| false);
        let mut dataset = Dataset::new(ID, limits);
        dataset.metadata =
            lines.iter().filter(|l| !l.value.is_empty()).map(|l| (l.key.clone(), l.value.clone())).collect();
        let numbers = if has(&lines, "num_x") { pyhst(source, &lines)? } else { vgstudio(source, &lines)? };
        numbers.push(&mut dataset, limits)?;
        dataset.finish()
    }
}

fn has(lines: &[Line], key: &str) -> bool {
    lines.iter().any(|l| l.key.eq_ignore_ascii_case(key))
}

fn is_header(bytes: &[u8]) -> bool {
    if bytes.iter().take(256).any(|b| *b == 0) {
        return false;
    }
    let lines = header::lines(bytes, '=', |_| false);
    let pyhst = ["num_x", "num_y", "num_z"].iter().all(|k| has(&lines, k));
    pyhst || has(&lines, "bitsperelement") && has(&lines, "size")
}

/// The header beside a volume.
fn beside(source: &Source) -> Option<Source> {
    let path = source.path();
    let longer = |more: &str| PathBuf::from(format!("{}{more}", path.display()));
    let names = [longer(".info"), path.with_extension("vgi"), longer(".vgi")];
    let header = names.iter().find(|p| p.is_file()).and_then(|p| Source::open(p).ok())?;
    is_header(header.head()).then_some(header)
}

fn wrong(what: &str) -> ReadError {
    ReadError::new(ID, what).hint("the header is damaged; copy it again")
}

/// `NUM_X = 4`, `voxelSize = 5.0`, `BYTEORDER = LOWBYTEFIRST`; the volume has the name without `.info`.
fn pyhst(source: &Source, lines: &[Line]) -> Result<Numbers, ReadError> {
    let get = |key: &str| lines.iter().find(|l| l.key.eq_ignore_ascii_case(key)).map(|l| l.value.as_str());
    let size = |key: &str| get(key).and_then(|v| v.parse::<usize>().ok()).ok_or_else(|| wrong("a size is no number"));
    let file = source.path().file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let name = file.strip_suffix(".info").unwrap_or(&file);
    let name =
        if name == file { format!("{}.vol", file.rsplit_once('.').map_or(name, |n| n.0)) } else { name.to_string() };
    let big = get("BYTEORDER").is_some_and(|b| b.eq_ignore_ascii_case("HIGHBYTEFIRST"));
    let voxel: Option<f64> = get("voxelSize").and_then(|v| v.parse().ok());
    Ok(Numbers {
        format: ID,
        sizes: vec![size("num_x")?, size("num_y")?, size("num_z")?],
        components: 1,
        planar: false,
        sample: Sample::F32,
        endian: if big { Endian::Big } else { Endian::Little },
        packing: Packing::None,
        files: vec![companion(ID, source.path(), &name)?],
        skip: Some(0),
        skip_inside: 0,
        steps: voxel.map(|v| vec![v * 1e-6; 3]),
        unit: Unit::none(),
    })
}

/// Sections of VGStudio: the file's own size and type stand in `[file1]`, the voxel in `[geometry]`.
fn vgstudio(source: &Source, lines: &[Line]) -> Result<Numbers, ReadError> {
    let mut sections = vec![("", Vec::new())];
    for line in lines {
        if line.key.starts_with(['[', '{']) {
            sections.push((line.key.as_str(), Vec::new()));
        } else if let Some((_, own)) = sections.last_mut() {
            own.push(line);
        }
    }
    let first = |name: &str, key: &str| {
        let own = sections.iter().filter(|(n, _)| name.is_empty() || n.eq_ignore_ascii_case(name));
        own.flat_map(|(_, l)| l).find(|l| l.key.eq_ignore_ascii_case(key)).map(|l| l.value.as_str())
    };
    let get = |key: &str| first("[file1]", key).or_else(|| first("[geometry]", key)).or_else(|| first("", key));
    let sizes: Vec<usize> = get("size").and_then(header::numbers).ok_or_else(|| wrong("the size is no number"))?;
    let bits: usize = get("bitsperelement").and_then(|v| v.parse().ok()).unwrap_or(0);
    let kind = get("datatype").unwrap_or("").to_lowercase();
    let sample = match (bits, kind.contains("float"), kind.contains("unsigned")) {
        (8, false, true) => Sample::U8,
        (8, false, false) => Sample::I8,
        (16, false, true) => Sample::U16,
        (16, false, false) => Sample::I16,
        (32, false, true) => Sample::U32,
        (32, false, false) => Sample::I32,
        (32, true, _) => Sample::F32,
        (64, true, _) => Sample::F64,
        _ => return Err(wrong(&format!("numbers of {bits} bits of the type `{kind}`"))),
    };
    // A path of the computer that wrote it is no use here; its name is.
    let name = get("name").map(|n| n.rsplit(['\\', '/']).next().unwrap_or(n).to_string()).unwrap_or_else(|| {
        let stem = source.path().file_stem().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        format!("{stem}.vol")
    });
    let unit = get("unit").and_then(|u| Unit::parse(u).ok()).filter(Unit::is_length).unwrap_or_else(|| Unit::of("mm"));
    let steps: Option<Vec<f64>> = get("resolution").and_then(header::numbers);
    let skip = get("skipheader").and_then(|v| v.parse().ok()).unwrap_or(0);
    Ok(Numbers {
        format: ID,
        sizes,
        components: 1,
        planar: false,
        sample,
        endian: Endian::Little,
        packing: Packing::None,
        files: vec![companion(ID, source.path(), &name)?],
        skip: Some(skip),
        skip_inside: 0,
        steps: steps.map(|s| s.into_iter().map(|v| unit.to_si(v)).collect()),
        unit: Unit::none(),
    })
}
