//! Writing the results folder: every file beside and renamed, what no longer belongs removed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

use super::plan::Plan;
use super::provenance::{VERSION, run_json};
use super::results::results_csv;
use super::run::{GONE, Run, RunError};
use crate::data::{Artifact, LabelImage, Meaning};
use crate::io::write::{PART, WriteError, atomic, gsf, ome_zarr, tiff_labels};

/// Date of this release: the archive's date where the definition has none, since a clock would change its bytes.
const RELEASED: &str = "2026-11-21";

/// Writes results, tables, figures, derived maps, the RO-Crate and the record.
pub(super) fn write(plan: &Plan, run: &Run) -> Result<(), RunError> {
    let index_path = run.path(".cache/outputs.json");
    let old: BTreeMap<String, String> =
        std::fs::read(&index_path).ok().and_then(|b| serde_json::from_slice(&b).ok()).unwrap_or_default();
    let mut index: BTreeMap<String, String> = BTreeMap::new();
    for map in &run.maps {
        let path = run.path(&map.path);
        // Maps are large: key and length say whether the file is the one that was written.
        let stands = |length: u64| format!("{} {length}", map.key);
        let there = std::fs::metadata(&path).ok().map(|m| stands(m.len()));
        if there.is_some() && there.as_ref() == old.get(&map.path) {
            index.insert(map.path.clone(), there.unwrap_or_default());
            continue;
        }
        let image = |bytes: Vec<u8>| atomic(&path, &bytes).map(|()| bytes.len() as u64);
        let length = match run.cache.artifact(&map.key, &map.output) {
            Some(Artifact::Map(m)) => image(gsf(&m))?,
            Some(Artifact::Labels(l)) => match &l.image {
                LabelImage::Volume(v) => {
                    ome_zarr(v, true, &path)?;
                    // Of a folder the length says nothing; it is there or not.
                    std::fs::metadata(&path).map_or(0, |m| m.len())
                }
                LabelImage::Map(m) => {
                    let invalid = if l.meaning == Meaning::Classes { u32::MAX } else { 0 };
                    image(tiff_labels(m, invalid).map_err(|e| WriteError::new(&path, std::io::Error::other(e)))?)?
                }
            },
            _ => return Err(WriteError::new(&path, std::io::Error::other(GONE)).into()),
        };
        index.insert(map.path.clone(), stands(length));
    }
    let mut put = |relative: String, bytes: &[u8]| -> Result<(), WriteError> {
        changed(&run.path(&relative), bytes)?;
        index.insert(relative, String::new());
        Ok(())
    };
    for (name, text) in &run.tables {
        put(format!("tables/{name}.csv"), text.as_bytes())?;
    }
    for f in &run.figures {
        put(format!("figures/{}.svg", f.name), f.file.svg.as_bytes())?;
        put(format!("figures/{}.png", f.name), &f.file.png)?;
        put(format!("figures/{}.pdf", f.name), &f.file.pdf)?;
    }
    put("results.csv".into(), results_csv(&run.rows).as_bytes())?;
    // The files that an earlier definition made and this one does not.
    for stale in old.keys().filter(|p| !index.contains_key(*p)) {
        let path = run.path(stale);
        let _ = if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
    }
    // What a run that was killed while writing left beside them; the lock says that no other is at work here.
    let folders: BTreeSet<&Path> = index.keys().filter_map(|p| Path::new(p).parent()).collect();
    for folder in folders {
        for entry in std::fs::read_dir(run.path("").join(folder)).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(PART) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
    let files: Vec<&String> = index.keys().collect();
    let crate_bytes = pretty(&ro_crate(plan, run, &files));
    changed(&run.path("ro-crate-metadata.json"), &crate_bytes)?;
    atomic(&index_path, &serde_json::to_vec(&index).unwrap_or_default())?;
    atomic(&run.path("run.json"), &pretty(&run_json(plan, run)))?;
    Ok(())
}

fn pretty(value: &Value) -> Vec<u8> {
    let mut out = serde_json::to_vec_pretty(value).unwrap_or_default();
    out.push(b'\n');
    out
}

/// Writes unless the same bytes are there already.
fn changed(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let same = std::fs::metadata(path).is_ok_and(|m| m.len() == bytes.len() as u64)
        && std::fs::read(path).is_ok_and(|old| old == bytes);
    if same { Ok(()) } else { atomic(path, bytes) }
}

/// RO-Crate 1.1 with the Process Run terms: the program made these files from those.
fn ro_crate(plan: &Plan, run: &Run, files: &[&String]) -> Value {
    let d = &plan.definition;
    let id = |s: &str| json!({ "@id": s });
    let mut inputs: Vec<(&str, u64, &str)> =
        run.inputs.iter().map(|i| (i.path.as_str(), i.bytes, i.blake3.as_str())).collect();
    inputs.sort_unstable();
    inputs.dedup();
    let input_id = |path: &str| format!("#input/{}", uri(path));
    let files = files.iter().map(|f| f.as_str()).chain(["run.json", "report.html"]);
    let parts: Vec<Value> = files.map(part).collect();
    let ids = || parts.iter().map(|p| json!({ "@id": p["@id"] })).collect::<Vec<_>>();
    let mut graph = vec![
        json!({
            "@id": "ro-crate-metadata.json", "@type": "CreativeWork",
            "conformsTo": id("https://w3id.org/ro/crate/1.1"), "about": id("./"),
        }),
        json!({
            "@id": "./", "@type": "Dataset",
            "name": d.title.as_deref().unwrap_or(&d.name),
            "description": format!("Results of the softspot pipeline {}", d.name),
            "datePublished": d.date.as_deref().unwrap_or(RELEASED),
            "license": d.license.as_deref().unwrap_or("not stated by the authors of the study"),
            "hasPart": ids(),
            "mentions": id("#run"),
        }),
        json!({
            "@id": "#softspot", "@type": "SoftwareApplication", "name": "softspot", "softwareVersion": VERSION,
        }),
        json!({
            "@id": "#run", "@type": "CreateAction", "name": format!("softspot run {}", d.name),
            "instrument": id("#softspot"),
            "object": inputs.iter().map(|i| id(&input_id(i.0))).collect::<Vec<_>>(),
            "result": ids(),
        }),
    ];
    for (path, bytes, blake3) in inputs {
        graph.push(json!({
            "@id": input_id(path), "@type": "CreativeWork", "name": path, "contentSize": bytes.to_string(), "identifier": format!("blake3:{blake3}"),
        }));
    }
    graph.extend(parts);
    json!({ "@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph })
}

/// A file or a folder of the archive.
fn part(path: &str) -> Value {
    if Path::new(path).extension().is_some_and(|e| e == "zarr") {
        return json!({ "@id": format!("{}/", uri(path)), "@type": "Dataset", "name": path });
    }
    json!({ "@id": uri(path), "@type": "File", "name": path, "encodingFormat": media_type(path) })
}

/// A path as a URI takes it (RFC 3986): what is no unreserved character and no slash stands as its bytes in hex.
fn uri(path: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/".contains(&b);
    path.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("csv") => "text/csv",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("pdf") => "application/pdf",
        Some("tif") => "image/tiff",
        Some("json") => "application/json",
        Some("html") => "text/html",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::{part, uri};

    #[test]
    fn names_of_the_archive_are_uris() {
        assert_eq!(uri("data/µ 1/50%.gsf"), "data/%C2%B5%201/50%25.gsf");
        assert_eq!(uri("a-b_c.~1/x#y?z"), "a-b_c.~1/x%23y%3Fz");
        let folder = part("data/a/low.labels.zarr");
        assert_eq!((&folder["@id"], &folder["@type"]), (&"data/a/low.labels.zarr/".into(), &"Dataset".into()));
        assert_eq!(part("data/a/m.tif")["encodingFormat"], "image/tiff");
    }
}
