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
    let made = atomic(&definition, text.as_bytes()).map_err(|e| e.to_string()).and_then(|()| {
        let kind =
            KINDS.iter().find(|k| k.id == *name).ok_or_else(|| format!("the inputs of {name} cannot be made"))?;
        kind.make(&a.dir.join(name), "").map_err(|e| e.to_string())
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
