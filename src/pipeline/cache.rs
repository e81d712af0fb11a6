//! Results by key on disk: written beside and renamed, so that a killed run leaves nothing broken and resumes.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::data::{Artifact, LabelImage, Labels, Levelling, Map, Meaning, Metric, Volume, Warning};
use crate::io::write::{PART, WriteError};
use crate::io::{LabelFile, regular};
use crate::stage::FigureFile;
use crate::unit::Unit;

/// What a stage made, without its artifacts.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Entry {
    /// Metrics; the sample is given for study stages (`*` for all).
    pub metrics: Vec<(Option<String>, Metric)>,
    /// Warnings.
    pub warnings: Vec<Warning>,
    /// Names of artifacts.
    pub artifacts: Vec<String>,
    /// Captions of figures.
    pub figures: Vec<String>,
}

/// A folder of entries.
pub(super) struct Cache {
    folder: PathBuf,
    /// Keys stored by this run: samples of equal content have equal keys, and the first that is done stays.
    stored: Mutex<BTreeSet<String>>,
}

/// An entry with the BLAKE3 of every file beside it, so that damage is seen before anything rests on it.
#[derive(Serialize, Deserialize)]
struct Manifest {
    entry: Entry,
    files: BTreeMap<String, String>,
}

/// Bytes of a hash in hexadecimal and a line feed.
const HASH: usize = 65;

#[derive(Serialize, Deserialize)]
struct MapHeader {
    rows: usize,
    columns: usize,
    unit: Unit,
    quantity: String,
    pixel: Option<[f64; 2]>,
    levelling: Vec<Levelling>,
    #[serde(default)]
    convention: Option<crate::data::PhaseConvention>,
}

/// A volume of labels, whose runs lie in a file beside.
#[derive(Serialize, Deserialize)]
struct VolumeHeader {
    meaning: Meaning,
    unit: Unit,
    quantity: String,
    voxel: Option<[f64; 3]>,
}

impl Cache {
    /// Opens the folder; what a killed run left half-written is removed.
    pub(super) fn open(folder: &Path) -> Result<Cache, WriteError> {
        std::fs::create_dir_all(folder).map_err(|e| WriteError::new(folder, e))?;
        if let Ok(entries) = std::fs::read_dir(folder) {
            for e in entries.flatten().filter(|e| e.file_name().to_string_lossy().starts_with(PART)) {
                // Only litter: a failure to remove it hurts nobody.
                let _ = std::fs::remove_dir_all(e.path());
            }
        }
        Ok(Cache { folder: folder.to_path_buf(), stored: Mutex::default() })
    }

    /// The entry of a key; one that is damaged, or has a damaged file, counts as missing and is made again.
    pub(super) fn get(&self, key: &str) -> Option<Entry> {
        let folder = self.folder.join(key);
        let manifest = self.manifest(key)?;
        let whole = |(name, hash): (&String, &String)| hash_of(&folder.join(name)).is_ok_and(|h| h == *hash);
        manifest.files.iter().all(whole).then_some(manifest.entry)
    }

    /// Hash of a file of an entry, as it was stored.
    pub(super) fn stored_content(&self, key: &str, file: &str) -> Option<String> {
        self.manifest(key)?.files.remove(file)
    }

    fn manifest(&self, key: &str) -> Option<Manifest> {
        let bytes = stored_bytes(&self.folder.join(key).join("entry.json"))?;
        // The hash of the rest, a line feed, the rest.
        let (hash, text) = bytes.split_at_checked(HASH)?;
        if hash != format!("{}\n", blake3::hash(text).to_hex()).as_bytes() {
            return None;
        }
        serde_json::from_slice(text).ok()
    }

    /// The format in which an artifact of an entry is written below `data/`; tables are not.
    pub(super) fn extension(&self, key: &str, name: &str) -> Option<&'static str> {
        let files = [("map", "gsf"), ("map-labels", "tif"), ("volume-labels", "zarr")];
        let there = |kind: &str| self.folder.join(key).join(format!("{name}.{kind}")).is_file();
        files.into_iter().find(|(kind, _)| there(kind)).map(|(_, extension)| extension)
    }

    /// One artifact of an entry.
    pub(super) fn artifact(&self, key: &str, name: &str) -> Option<Artifact> {
        let folder = self.folder.join(key);
        let file = |kind: &str| stored_bytes(&folder.join(format!("{name}.{kind}")));
        if let Some(bytes) = file("map") {
            return read_map(&bytes).map(|m| Artifact::Map(Arc::new(m)));
        }
        if let Some(bytes) = file("map-labels") {
            let (meaning, map) = bytes.split_at_checked(1)?;
            let labels = Labels::of_map(meaning_of(meaning[0]), read_map(map)?);
            return Some(Artifact::Labels(Arc::new(labels)));
        }
        if let Some(bytes) = file("volume-labels") {
            let header: VolumeHeader = serde_json::from_slice(&bytes).ok()?;
            let runs = LabelFile::open(&folder.join(format!("{name}.runs"))).ok()?;
            let shape = runs.shape();
            let volume = Volume::of(shape, header.unit, &header.quantity, header.voxel, Arc::new(runs));
            let labels = Labels { meaning: header.meaning, image: LabelImage::Volume(Arc::new(volume)) };
            return Some(Artifact::Labels(Arc::new(labels)));
        }
        serde_json::from_slice(&file("table")?).ok().map(|t| Artifact::Table(Arc::new(t)))
    }

    /// Figure `index` of an entry.
    pub(super) fn figure(&self, key: &str, index: usize, caption: &str) -> Option<FigureFile> {
        let file = |ext: &str| stored_bytes(&self.folder.join(key).join(format!("figure-{index}.{ext}")));
        Some(FigureFile {
            caption: caption.to_string(),
            svg: String::from_utf8(file("svg")?).ok()?,
            png: file("png")?,
            pdf: file("pdf")?,
        })
    }

    /// Stores an entry whole or not at all.
    pub(super) fn put(
        &self,
        key: &str,
        entry: &Entry,
        artifacts: &[(&'static str, Artifact)],
        figures: &[FigureFile],
    ) -> Result<(), WriteError> {
        let fail = |e: std::io::Error| WriteError::new(&self.folder.join(key), e);
        let part = tempfile::Builder::new().prefix(PART).tempdir_in(&self.folder).map_err(fail)?;
        let mut files = BTreeMap::new();
        let mut volumes: Vec<(String, PathBuf)> = Vec::new();
        let mut write = |name: &str, bytes: &[u8]| -> std::io::Result<()> {
            files.insert(name.to_string(), blake3::hash(bytes).to_hex().to_string());
            stored_file(&part.path().join(name), bytes)
        };
        for (name, artifact) in artifacts {
            match artifact {
                Artifact::Map(m) => write(&format!("{name}.map"), &map_bytes(m)).map_err(fail)?,
                Artifact::Table(t) => write(&format!("{name}.table"), &json(&**t).map_err(fail)?).map_err(fail)?,
                Artifact::Labels(l) => match &l.image {
                    LabelImage::Map(m) => {
                        let mut bytes = vec![byte_of(l.meaning)];
                        bytes.extend(map_bytes(m));
                        write(&format!("{name}.map-labels"), &bytes).map_err(fail)?;
                    }
                    LabelImage::Volume(v) => {
                        let (unit, quantity) = (v.unit.clone(), v.quantity.clone());
                        let header = VolumeHeader { meaning: l.meaning, unit, quantity, voxel: v.voxel };
                        let Some(file) = v.voxels().stored() else {
                            return Err(fail(std::io::Error::other("labels that are not in a file cannot be stored")));
                        };
                        write(&format!("{name}.volume-labels"), &json(&header).map_err(fail)?).map_err(fail)?;
                        let target = part.path().join(format!("{name}.runs"));
                        // The file lies in the same folder tree: a second name costs nothing.
                        if std::fs::hard_link(file, &target).is_err() {
                            std::fs::copy(file, &target).map_err(fail)?;
                        }
                        volumes.push((format!("{name}.runs"), target));
                    }
                },
                // No stage makes these; inputs are read from their files.
                Artifact::Volume(_) | Artifact::Spectrum(_) | Artifact::Curves(_) => {
                    return Err(fail(std::io::Error::other(format!("`{name}` cannot be stored"))));
                }
            }
        }
        for (i, f) in figures.iter().enumerate() {
            write(&format!("figure-{i}.svg"), f.svg.as_bytes()).map_err(fail)?;
            write(&format!("figure-{i}.png"), &f.png).map_err(fail)?;
            write(&format!("figure-{i}.pdf"), &f.pdf).map_err(fail)?;
        }
        for (name, path) in volumes {
            files.insert(name, hash_of(&path).map_err(fail)?);
        }
        // Last, so that an entry that can be read is whole even where a rename is not atomic.
        let manifest = json(&Manifest { entry: entry.clone(), files }).map_err(fail)?;
        let mut bytes = format!("{}\n", blake3::hash(&manifest).to_hex()).into_bytes();
        bytes.extend(manifest);
        stored_file(&part.path().join("entry.json"), &bytes).map_err(fail)?;
        let target = self.folder.join(key);
        let mut stored = self.stored.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if stored.contains(key) {
            // Another sample with the same input was faster, and may be read from already.
            return Ok(());
        }
        if target.exists() {
            // Forced or damaged; anything else than a folder is damage, too.
            let removed =
                if target.is_dir() { std::fs::remove_dir_all(&target) } else { std::fs::remove_file(&target) };
            removed.map_err(fail)?;
        }
        std::fs::rename(part.path(), &target).map_err(fail)?;
        // Its folder has another name now: there is nothing to remove.
        let _ = part.keep();
        stored.insert(key.to_string());
        Ok(())
    }
}

/// A file of an entry; a pipe or a device in its place would be waited for.
fn stored_bytes(path: &Path) -> Option<Vec<u8>> {
    regular(path).ok()?;
    std::fs::read(path).ok()
}

/// BLAKE3 of a file, read in parts.
fn hash_of(path: &Path) -> std::io::Result<String> {
    regular(path).map_err(|e| std::io::Error::other(e.what))?;
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(std::fs::File::open(path)?)?;
    Ok(hasher.finalize().to_hex().to_string())
}

fn stored_file(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut f = std::fs::File::create(path)?;
    f.write_all(bytes)?;
    f.sync_data()
}

fn json<T: Serialize>(value: &T) -> std::io::Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(std::io::Error::other)
}

/// A line of JSON, then the values as little-endian f64.
fn map_bytes(map: &Map) -> Vec<u8> {
    let [rows, columns] = map.shape();
    let header = MapHeader {
        rows,
        columns,
        unit: map.unit.clone(),
        quantity: map.quantity.clone(),
        pixel: map.pixel,
        levelling: map.levelling.clone(),
        convention: map.convention,
    };
    let mut out = serde_json::to_vec(&header).unwrap_or_default();
    out.push(b'\n');
    out.reserve(rows * columns * 8);
    out.extend(map.values.iter().flat_map(|v| v.to_le_bytes()));
    out
}

/// What labels say, as a byte before those of their map.
fn byte_of(meaning: Meaning) -> u8 {
    match meaning {
        Meaning::Regions => b'r',
        Meaning::Classes => b'c',
    }
}

fn meaning_of(byte: u8) -> Meaning {
    if byte == b'c' { Meaning::Classes } else { Meaning::Regions }
}

fn read_map(bytes: &[u8]) -> Option<Map> {
    let end = bytes.iter().position(|b| *b == b'\n')?;
    let h: MapHeader = serde_json::from_slice(&bytes[..end]).ok()?;
    let (chunks, rest) = bytes[end + 1..].as_chunks::<8>();
    if !rest.is_empty() || h.rows.checked_mul(h.columns)? != chunks.len() {
        return None;
    }
    let values = chunks.iter().map(|c| f64::from_le_bytes(*c)).collect();
    let values = Array2::from_shape_vec((h.rows, h.columns), values).ok()?;
    Some(Map {
        values,
        unit: h.unit,
        quantity: h.quantity,
        pixel: h.pixel,
        levelling: h.levelling,
        convention: h.convention,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out_and_damage_is_a_miss() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::open(dir.path()).unwrap();
        let values = Array2::from_shape_fn((3, 4), |(y, x)| if x == 1 { f64::NAN } else { (y * 4 + x) as f64 * 0.1 });
        let map = Map {
            values,
            unit: Unit::of("kHz"),
            quantity: "f".into(),
            pixel: Some([1e-9, 2e-9]),
            levelling: vec![],
            convention: Some(crate::data::PhaseConvention::Lead),
        };
        let entry = Entry { artifacts: vec!["map".into()], ..Entry::default() };
        cache.put("k", &entry, &[("map", Artifact::Map(Arc::new(map.clone())))], &[]).unwrap();
        let Some(Artifact::Map(back)) = cache.artifact("k", "map") else { panic!("no map") };
        assert!(back.values.iter().zip(&map.values).all(|(a, b)| a.to_bits() == b.to_bits()));
        assert_eq!((back.unit.clone(), back.pixel, back.convention), (map.unit.clone(), map.pixel, map.convention));
        assert_eq!(cache.get("k").map(|e| e.artifacts), Some(vec!["map".to_string()]));
        let file = dir.path().join("k/map.map");
        let bytes = std::fs::read(&file).unwrap();
        std::fs::write(&file, &bytes[..bytes.len() - 3]).unwrap();
        assert!(cache.artifact("k", "map").is_none());
        assert!(cache.get("k").is_none());
        // A bit that fell over in a value is damage too.
        let mut flipped = bytes.clone();
        *flipped.last_mut().unwrap() ^= 1;
        std::fs::write(&file, &flipped).unwrap();
        assert!(cache.get("k").is_none());
        std::fs::write(&file, &bytes).unwrap();
        assert!(cache.get("k").is_some());
        std::fs::write(dir.path().join("k/entry.json"), "{").unwrap();
        assert!(cache.get("k").is_none());
        std::fs::create_dir(dir.path().join(".part-left")).unwrap();
        Cache::open(dir.path()).unwrap();
        assert!(!dir.path().join(".part-left").exists());
    }
}
