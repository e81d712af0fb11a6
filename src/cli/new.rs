//! `softspot new`: a ready-to-run study folder.

use super::{FAILED, args, out, render, wrong};
use crate::io::write::atomic;
use crate::phantom::KINDS;

/// Templates: name, what it is, definition, phantom that makes its inputs.
const TEMPLATES: &[(&str, &str, &str)] = &[
    (
        "la-cu-zr",
        "contact-resonance maps and DMA spectra of metallic glasses",
        include_str!("../../pipelines/la-cu-zr.toml"),
    ),
    (
        "zr-ni-film",
        "energy dissipation, soft regions and cluster sizes of a film in tapping mode, with a control",
        include_str!("../../pipelines/zr-ni-film.toml"),
    ),
    (
        "nano-ct",
        "fractal order of nano-CT volumes as quenched and deformed, with a fractal and a featureless control",
        include_str!("../../pipelines/nano-ct.toml"),
    ),
    (
        "vit105-indentation",
        "fast spherical indentation of a glass, classes of a composite and of modulus maps, with a featureless control",
        include_str!("../../pipelines/vit105-indentation.toml"),
    ),
    (
        "la60ni15al25-relaxation",
        "relaxation spectra, two-step stress relaxation, spectra of relaxation times and zones, with two controls",
        include_str!("../../pipelines/la60ni15al25-relaxation.toml"),
    ),
];

pub(super) fn new(a: &args::New) -> u8 {
    let Some((name, _, text)) = TEMPLATES.iter().find(|t| t.0 == a.template) else {
        let list: Vec<String> = TEMPLATES.iter().map(|t| format!("{} ({})", t.0, t.1)).collect();
        return wrong(&format!("there is no template `{}`; templates: {}", a.template, list.join(", ")));
    };
    if a.dir.read_dir().is_ok_and(|mut d| d.next().is_some()) {
        return wrong(&format!("{}: the folder is not empty; choose another, nothing is overwritten", a.dir.display()));
    }
    let definition = a.dir.join(format!("{name}.toml"));
    let made = KINDS.iter().find(|k| k.id == *name).ok_or_else(|| format!("the inputs of {name} cannot be made"));
    let made = made.and_then(|kind| kind.make(&a.dir.join(name), "").map_err(|e| e.to_string())).and_then(|files| {
        atomic(&definition, with_files(text, name, &files).as_bytes()).map_err(|e| e.to_string())?;
        Ok(files)
    });
    match made {
        Ok(files) => {
            out(&format!(
                "{} and {} synthetic inputs\nsoftspot run {}\n",
                definition.display(),
                files.iter().filter(|f| !f.ends_with(".toml")).count(),
                definition.display()
            ));
            0
        }
        Err(e) => {
            render::error(&e);
            FAILED
        }
    }
}

/// The definition with the files that were written, where it names phantoms.
fn with_files(text: &str, name: &str, files: &[String]) -> String {
    files.iter().map(std::path::Path::new).fold(text.to_string(), |text, file| {
        let part = |p: Option<&std::ffi::OsStr>| p.unwrap_or_default().to_string_lossy().into_owned();
        let (stem, whole) = (part(file.file_stem()), part(file.file_name()));
        text.replace(&format!("phantom = \"{name}/{stem}\""), &format!("path = \"{name}/{whole}\""))
    })
}
