//! A zip archive of NPY arrays, stored or deflated.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use crate::data::Artifact;
use crate::io::{Channel, Confidence, Dataset, Format, Limits, Metadata, ReadError, Reader, Source};

use super::array::{self, Array};
use super::{View, shared};

const ID: &str = "npz";
/// Deflate cannot do better; a claim beyond it is a lie.
const MAX_RATIO: u64 = 1100;

/// The reader of zipped arrays.
pub struct Npz;

static FORMAT: Format = Format {
    id: ID,
    name: "NumPy archive",
    extensions: &["npz"],
    about: "The numeric arrays of `numpy.savez` and `savez_compressed`; other arrays are named in the metadata.",
    reference: "https://numpy.org/doc/stable/reference/generated/numpy.savez.html",
};

impl Reader for Npz {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, head: &[u8], _name: &str) -> Confidence {
        // The first member's name stands at byte 30 of its local header.
        let length = head.get(26..28).map_or(0, |l| usize::from(l[0]) | usize::from(l[1]) << 8);
        let name = head.get(30..30 + length).unwrap_or_default();
        if head.starts_with(b"PK\x03\x04") && name.ends_with(b".npy") { 95 } else { 0 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Box<dyn Dataset>, ReadError> {
        let mut zip = archive(source.bytes())?;
        if zip.len() > limits.channels {
            return Err(ReadError::new(ID, format!("the archive has {} members", zip.len())));
        }
        let mut file = File {
            source: source.clone(),
            limits: *limits,
            arrays: Vec::new(),
            views: Vec::new(),
            channels: Vec::new(),
            metadata: Metadata::new(),
        };
        let mut refused = None;
        for member in 0..zip.len() {
            let name = zip.name_for_index(member).and_then(Result::ok).map(|n| n.to_string()).unwrap_or_default();
            let Some(name) = name.strip_suffix(".npy") else { continue };
            match header(&mut zip, member, limits) {
                Ok(array) => {
                    file.metadata.push((name.to_string(), array.header.clone()));
                    for (channel, view) in super::views_of(name, &array) {
                        file.channels.push(channel);
                        file.views.push((file.arrays.len(), view));
                    }
                    file.arrays.push((member, array));
                }
                Err(e) => {
                    file.metadata.push((name.to_string(), format!("not read: {}", e.what)));
                    refused.get_or_insert(ReadError::new(ID, format!("`{name}`: {}", e.what)).hint(e.hint));
                }
            }
        }
        if file.channels.is_empty() {
            return Err(refused.unwrap_or_else(|| ReadError::new(ID, "the archive holds no array")));
        }
        shared::make_unique(&mut file.channels);
        Ok(Box::new(file))
    }
}

type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

fn archive(bytes: &[u8]) -> Result<Archive<'_>, ReadError> {
    ZipArchive::new(Cursor::new(bytes)).map_err(|e| {
        ReadError::new(ID, format!("the zip archive is broken: {e}")).at(bytes.len()).hint("copy the file again")
    })
}

/// The first `n` bytes of a member, or all that it has.
fn inflate(zip: &mut Archive<'_>, member: usize, n: usize) -> Result<Vec<u8>, ReadError> {
    let fail = |e: &dyn std::fmt::Display| ReadError::new(ID, format!("a member cannot be inflated: {e}"));
    let entry = zip.by_index(member).map_err(|e| fail(&e))?;
    let mut out = Vec::new();
    entry.take(n as u64).read_to_end(&mut out).map_err(|e| fail(&e))?;
    Ok(out)
}

fn header(zip: &mut Archive<'_>, member: usize, limits: &Limits) -> Result<Array, ReadError> {
    let (size, packed) = {
        let entry = zip
            .by_index(member)
            .map_err(|e| ReadError::new(ID, format!("a member cannot be read: {e}")).hint("save it with savez"))?;
        (entry.size(), entry.compressed_size())
    };
    let end = array::header_end(&inflate(zip, member, array::PREFIX)?)?;
    let array = array::parse(&inflate(zip, member, end)?, limits)?;
    let wanted = array.bytes().and_then(|n| n.checked_add(array.data)).map(|n| n as u64);
    let possible = packed.saturating_mul(MAX_RATIO).saturating_add(1024).min(limits.inflated);
    match wanted {
        Some(w) if w <= size && w <= possible => Ok(array),
        _ => Err(ReadError::new(ID, format!("{size} bytes are stored for {:?}", array.shape))
            .hint("the archive is damaged, or larger than the limit")),
    }
}

struct File {
    source: Source,
    limits: Limits,
    /// Member of the archive, and its header.
    arrays: Vec<(usize, Array)>,
    /// Array of a channel, and what is shown of it.
    views: Vec<(usize, View)>,
    channels: Vec<Channel>,
    metadata: Metadata,
}

impl Dataset for File {
    fn format(&self) -> &'static str {
        ID
    }

    fn channels(&self) -> &[Channel] {
        &self.channels
    }

    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn read(&self, index: usize) -> Result<Artifact, ReadError> {
        let channel = shared::channel(ID, &self.channels, index)?;
        let short = || ReadError::new(ID, format!("the data of `{}` end before the array does", channel.name));
        let (at, view) = self.views.get(index).ok_or_else(short)?;
        let (member, array) = self.arrays.get(*at).ok_or_else(short)?;
        let end = array.bytes().and_then(|n| n.checked_add(array.data)).ok_or_else(short)?;
        if end as u64 > self.limits.inflated {
            return Err(ReadError::new(ID, "the array is larger than the limit on inflated data"));
        }
        let bytes = inflate(&mut archive(self.source.bytes())?, *member, end)?;
        super::read(array, view, channel, bytes.get(array.data..end).ok_or_else(short)?)
    }
}
