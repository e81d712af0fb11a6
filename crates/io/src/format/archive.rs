//! A zip archive or a gzip stream that holds one file of another format: it is read in place.

use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;

use crate::container::zip::Archive;
use crate::{Confidence, Dataset, Format, Limits, ReadError, Reader, Source, sniff};

const ID: &str = "archive";
/// Bytes up to which any packing is believed, and how many times its own bytes a file may unfold to beyond that: numbers
/// and images do not deflate better, what claims to is a bomb.
const SURELY_FINE: u64 = 32 << 20;
const MAX_RATIO: u64 = 150;

/// The reader.
pub struct OneFile;

static FORMAT: Format = Format {
    id: ID,
    name: "Archive of one file",
    extensions: &["zip", "gz"],
    about: "A zip archive that holds one file, or a file packed by gzip: read in place as its own format.",
    reference: "APPNOTE.TXT of PKWARE; RFC 1952",
};

/// What no instrument wrote: folders, and what systems add.
fn is_other(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or(name);
    name.ends_with('/') || name.starts_with("__MACOSX/") || last.starts_with('.') || last.is_empty()
}

/// The members of an archive that are files.
fn files(names: &[String]) -> Vec<usize> {
    (0..names.len()).filter(|i| names.get(*i).is_some_and(|n| !is_other(n))).collect()
}

impl Reader for OneFile {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        let head = source.head();
        // Below every format that is a zip archive itself.
        match head {
            [b'P', b'K', 3, 4, ..] if files(source.members()).len() == 1 => 30,
            [0x1f, 0x8b, 8, ..] => 30,
            _ => 0,
        }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let (name, bytes) =
            if source.head().starts_with(b"PK") { of_zip(source, limits)? } else { of_gzip(source, limits)? };
        let inner = Source::from_bytes(Path::new(&name), bytes);
        let within = |e: ReadError| ReadError { what: format!("`{name}` in it: {}", e.what), ..e };
        let reader = sniff(&inner).map_err(|e| within(ReadError { path: None, ..e }))?;
        if reader.format().id == ID {
            return Err(ReadError::new(ID, "it holds another archive").hint("unpack it and name what is in it"));
        }
        let mut dataset = reader.open(&inner, limits).map_err(within)?.within(ID);
        dataset.metadata.push(("file in the archive".into(), format!("{name} ({})", reader.format().id)));
        Ok(dataset)
    }
}

fn of_zip(source: &Source, limits: &Limits) -> Result<(String, Vec<u8>), ReadError> {
    let zip = Archive::open(ID, source)?;
    let names = zip.names();
    let [member] = files(&names)[..] else {
        return Err(ReadError::new(ID, "the archive holds several files").hint("unpack it and name one of them"));
    };
    let name = names.get(member).map(|n| n.rsplit('/').next().unwrap_or(n).to_string()).unwrap_or_default();
    if zip.size(member)? > most(source, limits) {
        return Err(too_much(source, limits));
    }
    Ok((name, zip.read(member, limits)?))
}

/// Bytes that a file may unfold to.
fn most(source: &Source, limits: &Limits) -> u64 {
    limits.inflated.min(SURELY_FINE.max((source.bytes().len() as u64).saturating_mul(MAX_RATIO)))
}

fn too_much(source: &Source, limits: &Limits) -> ReadError {
    let what = format!("{} bytes unfold to more than {}", source.bytes().len(), most(source, limits));
    ReadError::new(ID, what)
        .hint("the file is damaged, or nothing but copies of the same; unpack it and name what is in it")
}

fn of_gzip(source: &Source, limits: &Limits) -> Result<(String, Vec<u8>), ReadError> {
    let name = source.name();
    let name = name.strip_suffix(".gz").unwrap_or(&name).to_string();
    let most = most(source, limits);
    let mut out = Vec::new();
    GzDecoder::new(source.bytes())
        .take(most + 1)
        .read_to_end(&mut out)
        .map_err(|e| ReadError::new(ID, format!("the gzip stream is broken: {e}")).hint("copy the file again"))?;
    if out.len() as u64 > most {
        return Err(too_much(source, limits));
    }
    Ok((name, out))
}
