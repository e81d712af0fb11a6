//! The definition: TOML with the span of every value kept, so that an error points at its line.

use std::ops::Range;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::overrides::set;
use super::parameters::parameters_of;
use super::phantoms::Phantoms;
use super::registry::Registry;
use super::wildcard;
use crate::diagnostic::Diagnostic;
use crate::stage::{Entry, Instance, Meta, MetaValue};
use crate::unit::{Quantity, Unit};

pub use super::input::InputDef;

/// A parsed definition.
pub struct Definition {
    /// Name of the pipeline and of its results folder.
    pub name: String,
    /// Seed of all random streams.
    pub seed: u64,
    /// Title for the report and the archive.
    pub title: Option<String>,
    /// Date for the archive's metadata, `YYYY-MM-DD`.
    pub date: Option<String>,
    /// Licence of the results, for the archive's metadata.
    pub license: Option<String>,
    /// Samples, wildcards expanded.
    pub samples: Vec<SampleDef>,
    /// Stages in order.
    pub stages: Vec<StageDef>,
    /// What the wildcards, inputs of single samples and stages lack.
    pub problems: Vec<Diagnostic>,
    /// The phantoms among the inputs, kept as long as the definition.
    _phantoms: Phantoms,
}

/// One sample.
#[derive(Clone, Debug)]
pub struct SampleDef {
    /// Its id.
    pub id: String,
    /// Its metadata in order.
    pub metadata: Meta,
    /// Inputs by role, in order.
    pub inputs: Vec<(String, InputDef)>,
    /// Its table in the definition.
    pub span: Range<usize>,
}

/// One stage.
pub struct StageDef {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub entry: &'static Entry,
    /// Its parameters.
    pub instance: Instance,
    /// What it consumes, as written.
    pub inputs: Vec<(String, Range<usize>)>,
    /// The port of each input.
    pub ports: Vec<usize>,
    /// Its table in the definition.
    pub span: Range<usize>,
    /// Spans of its parameters, for errors found later.
    pub keys: Vec<(String, Range<usize>)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    name: String,
    #[serde(default)]
    seed: u64,
    title: Option<String>,
    date: Option<String>,
    license: Option<String>,
}

const TOP: [&str; 3] = ["pipeline", "sample", "stage"];

impl Definition {
    /// Parses a definition, after setting `overrides` (`key.path=value`).
    ///
    /// `folder` is where relative paths start.
    ///
    /// # Errors
    /// Every error found, in order of the text.
    pub fn parse<'a>(
        text: &'a str,
        folder: &Path,
        overrides: &'a [String],
        registry: &Registry,
    ) -> Result<Definition, Vec<Diagnostic>> {
        let root = DeTable::parse(text).map_err(|e| vec![not_toml(&e, text)])?;
        let mut table = root.into_inner();
        let mut errors = Vec::new();
        for o in overrides {
            if let Err(e) = set(&mut table, o) {
                errors.push(e);
            }
        }
        let (mut header, mut samples, mut stages) = (None, None, None);
        for (key, value) in table {
            let name = key.get_ref().to_string();
            match name.as_str() {
                "pipeline" => header = Some(value),
                "sample" => samples = Some(value),
                "stage" => stages = Some(value),
                _ => errors.push(
                    Diagnostic::new("unknown-key", format!("unknown table `{name}`"))
                        .at(key.span())
                        .suggest(&name, TOP),
                ),
            }
        }
        let header = header_of(header, &mut errors);
        let mut problems = Vec::new();
        let mut samples = samples_of(samples, folder, &mut errors, &mut problems);
        let mut phantoms = Phantoms::default();
        for (_, input) in samples.iter_mut().flat_map(|s| &mut s.inputs) {
            errors.extend(phantoms.provide(input).err());
        }
        let stages = stages_of(stages, registry, &mut errors);
        match header {
            Some(h) if errors.is_empty() => Ok(Definition {
                name: h.name,
                seed: h.seed,
                title: h.title,
                date: h.date,
                license: h.license,
                samples,
                stages,
                problems,
                _phantoms: phantoms,
            }),
            _ => Err(errors),
        }
    }
}

/// A text that is no TOML: where something is missing the place is empty, and the character before it is shown.
pub(crate) fn not_toml(e: &toml::de::Error, text: &str) -> Diagnostic {
    let escape = e.message().contains("escape") || e.message().contains("\\");
    let d = from_toml(e).hint(match escape {
        true => "in double quotes a backslash begins an escape: write a path with forward slashes, or in single quotes",
        false => "the definition is TOML, see https://toml.io; `softspot new` makes one to start from",
    });
    match e.span() {
        Some(s) if s.start == s.end && !text.is_empty() => {
            let end = text.ceil_char_boundary(s.start.min(text.len()));
            let before = text[..end].char_indices().rfind(|(_, c)| !c.is_whitespace());
            let (from, c) = before.unwrap_or((0, ' '));
            d.at(from..(from + c.len_utf8()).min(text.len()))
        }
        _ => d,
    }
}

/// An error of the TOML crate as ours.
pub(crate) fn from_toml(e: &toml::de::Error) -> Diagnostic {
    let message = e.message().trim_end().to_string();
    let mut d = Diagnostic::new("definition", message.clone());
    if let Some(span) = e.span() {
        d = d.at(span);
    }
    // serde: unknown field `x`, expected one of `a`, `b`.
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    if message.starts_with("unknown field") || message.starts_with("unknown variant") {
        d.code = "unknown-key";
        if let Some((wrong, known)) = quoted.split_first() {
            d = d.suggest(wrong, known.iter().copied());
        }
    } else if message.starts_with("duplicate key") {
        d = d.hint("each name may be given once: rename one of the two");
    }
    d
}

fn header_of(value: Option<Spanned<DeValue<'_>>>, errors: &mut Vec<Diagnostic>) -> Option<Header> {
    let Some(value) = value else {
        errors.push(
            Diagnostic::new("definition", "there is no [pipeline] table")
                .hint("start with [pipeline] and name = \"…\""),
        );
        return None;
    };
    let span = value.span();
    if !matches!(value.get_ref(), DeValue::Table(_)) {
        let d = Diagnostic::new("definition", "`pipeline` is a table").at(span);
        errors.push(d.hint("write [pipeline] and, below it, name = \"…\""));
        return None;
    }
    match Header::deserialize(ValueDeserializer::from(value)) {
        Ok(h) if !is_name(&h.name) => {
            let d = Diagnostic::new("definition", format!("`{}` cannot name a folder", h.name));
            errors.push(d.at(span).hint("use letters, digits, `-`, `_` and `.`, at most 200 bytes"));
            None
        }
        Ok(h) => Some(h),
        Err(e) => {
            errors.push(from_toml(&e));
            None
        }
    }
}

/// Whether a name can stand in a path and in `stage.output`.
fn is_name(name: &str) -> bool {
    // File systems take names of 255 bytes; an extension and a suffix must fit, too.
    !name.is_empty()
        && name.len() <= 200
        && !name.starts_with('.')
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

fn samples_of(
    value: Option<Spanned<DeValue<'_>>>,
    folder: &Path,
    errors: &mut Vec<Diagnostic>,
    problems: &mut Vec<Diagnostic>,
) -> Vec<SampleDef> {
    let Some(value) = value else {
        errors.push(
            Diagnostic::new("definition", "there are no samples").hint("add a table such as [sample.La60Ni15Al25]"),
        );
        return Vec::new();
    };
    let span = value.span();
    let DeValue::Table(table) = value.into_inner() else {
        errors
            .push(Diagnostic::new("definition", "`sample` is a table of samples").at(span).hint("write [sample.NAME]"));
        return Vec::new();
    };
    let mut out: Vec<SampleDef> = Vec::new();
    for (key, value) in table {
        let id = key.get_ref().to_string();
        let Some(sample) = sample_of(&id, key.span(), value, errors) else { continue };
        let expanded = if id.contains('*') { wildcard::expand(&sample, folder) } else { Ok(vec![sample]) };
        match expanded {
            Ok(samples) => {
                if samples.is_empty() {
                    problems.push(
                        Diagnostic::new("no-match", format!("no file matches the wildcard sample `{id}`"))
                            .at(key.span())
                            .hint("check the path with {} in it; it is relative to the definition")
                            .of_sample(&id),
                    );
                }
                for s in samples {
                    if out.iter().any(|o| o.id == s.id) {
                        errors.push(
                            Diagnostic::new("duplicate-sample", format!("two samples are named `{}`", s.id))
                                .at(key.span())
                                .hint("rename one: an id names rows, folders and figures"),
                        );
                    } else {
                        out.push(s);
                    }
                }
            }
            Err(d) => errors.push(d.at(key.span())),
        }
    }
    out
}

/// Whether a table is the rest of a sample whose name has points, with inputs in it; the parts of the name that follow.
fn pointed(table: &DeTable<'_>) -> Option<String> {
    let inner = |v: &Spanned<DeValue<'_>>| match v.get_ref() {
        DeValue::Table(t) => Some(t.contains_key("path") || t.contains_key("phantom")),
        _ => None,
    };
    if table.contains_key("path") || table.contains_key("phantom") {
        return None;
    }
    if table.values().any(|v| inner(v) == Some(true)) {
        return Some(String::new());
    }
    table.iter().find_map(|(key, v)| match v.get_ref() {
        DeValue::Table(t) => pointed(t).map(|rest| format!(".{}{rest}", key.get_ref())),
        _ => None,
    })
}

fn sample_of(
    id: &str,
    span: Range<usize>,
    value: Spanned<DeValue<'_>>,
    errors: &mut Vec<Diagnostic>,
) -> Option<SampleDef> {
    if id.trim().is_empty() || id.chars().any(char::is_control) {
        errors.push(Diagnostic::new("definition", "a sample has an empty name").at(span));
        return None;
    }
    let at = value.span();
    let DeValue::Table(table) = value.into_inner() else {
        errors.push(
            Diagnostic::new("definition", format!("sample `{id}` is not a table")).at(at).hint("write [sample.NAME]"),
        );
        return None;
    };
    let mut sample = SampleDef { id: id.to_string(), metadata: Vec::new(), inputs: Vec::new(), span };
    for (key, value) in table {
        let name = key.get_ref().to_string();
        let span = value.span();
        match value.get_ref() {
            DeValue::Table(inner) => {
                let whole = pointed(inner).map(|rest| format!("{id}.{name}{rest}"));
                match InputDef::read(value) {
                    Ok(input) => sample.inputs.push((name, input)),
                    Err(e) => errors.push(from_toml(&e).hint(match whole {
                        Some(whole) => {
                            format!(
                                "a point parts names in TOML: put a name with points in quotes, [sample.\"{whole}\"]"
                            )
                        }
                        None => format!("`{name}` is an input: a table with `path` or `phantom`"),
                    })),
                }
            }
            DeValue::Array(_) | DeValue::Datetime(_) => errors.push(
                Diagnostic::new("definition", format!("metadata `{name}` is neither text, number nor quantity"))
                    .at(span),
            ),
            scalar => match meta(scalar) {
                Some(v) => sample.metadata.push((name, v)),
                None => {
                    errors.push(Diagnostic::new("definition", format!("metadata `{name}` is not a number")).at(span))
                }
            },
        }
    }
    Some(sample)
}

fn meta(value: &DeValue<'_>) -> Option<MetaValue> {
    let number = |si: f64| si.is_finite().then(|| MetaValue::Quantity(Quantity { si, unit: Unit::none() }));
    match value {
        DeValue::String(s) => {
            Some(Quantity::parse(s).map_or_else(|_| MetaValue::Text(s.to_string()), MetaValue::Quantity))
        }
        DeValue::Integer(i) => i64::from_str_radix(i.as_str(), i.radix()).ok().and_then(|i| number(i as f64)),
        DeValue::Float(f) => f.as_str().parse().ok().and_then(number),
        DeValue::Boolean(b) => Some(MetaValue::Text(b.to_string())),
        _ => None,
    }
}

pub(crate) fn stages_of(
    value: Option<Spanned<DeValue<'_>>>,
    registry: &Registry,
    errors: &mut Vec<Diagnostic>,
) -> Vec<StageDef> {
    let Some(value) = value else {
        errors.push(
            Diagnostic::new("definition", "there are no stages")
                .hint("add a table such as [stage.corr] with run = \"correlation\""),
        );
        return Vec::new();
    };
    let span = value.span();
    let DeValue::Table(table) = value.into_inner() else {
        errors.push(Diagnostic::new("definition", "`stage` is a table of stages").at(span).hint("write [stage.NAME]"));
        return Vec::new();
    };
    let mut out = Vec::new();
    for (key, value) in table {
        out.extend(stage_of(key.get_ref(), key.span(), value, registry, errors));
    }
    out
}

fn stage_of(
    name: &str,
    span: Range<usize>,
    value: Spanned<DeValue<'_>>,
    registry: &Registry,
    errors: &mut Vec<Diagnostic>,
) -> Option<StageDef> {
    let at = value.span();
    if !is_name(name) || name.contains('.') {
        let d = Diagnostic::new("definition", format!("`{name}` cannot name a stage"));
        errors.push(d.at(span).hint(
            "use at most 200 letters, digits, `-` and `_`: the name is part of file names and of `stage.output`",
        ));
        return None;
    }
    let DeValue::Table(table) = value.into_inner() else {
        errors.push(
            Diagnostic::new("definition", format!("stage `{name}` is not a table")).at(at).hint("write [stage.NAME]"),
        );
        return None;
    };
    let (mut run, mut inputs, mut parameters, mut keys) = (None, Vec::new(), DeTable::new(), Vec::new());
    for (key, value) in table {
        match &**key.get_ref() {
            "run" => run = Some(value),
            "input" => match inputs_of(&value) {
                Some(list) => inputs = list,
                None => errors.push(
                    Diagnostic::new("definition", "`input` is a name, a list of names, or a table of names by port")
                        .at(value.span())
                        .hint("write input = \"level\", input = [\"corr\", \"relax\"] or input = { map = \"level\" }"),
                ),
            },
            other => {
                keys.push((other.to_string(), value.span()));
                parameters.insert(key, value);
            }
        }
    }
    let Some(run) = run else {
        errors.push(
            Diagnostic::new("definition", format!("stage `{name}` does not say what it runs"))
                .at(span)
                .hint("add run = \"…\"; `softspot stages` lists them"),
        );
        return None;
    };
    let DeValue::String(id) = run.get_ref() else {
        errors.push(Diagnostic::new("definition", "`run` is the name of a stage").at(run.span()));
        return None;
    };
    let Some(entry) = registry.stages().iter().copied().find(|e| e.doc.id == &**id) else {
        let d = Diagnostic::new("unknown-stage", format!("there is no stage `{id}`")).at(run.span());
        errors.push(d.suggest(id, registry.stages().iter().map(|e| e.doc.id)));
        return None;
    };
    let mut ports = Vec::new();
    for (i, input) in inputs.iter().enumerate() {
        let known = entry.doc.inputs;
        let repeated = known.iter().position(|p| p.repeated).unwrap_or(usize::MAX);
        ports.push(match &input.port {
            None => i.min(repeated),
            Some((port, at)) => match known.iter().position(|p| p.name == port) {
                Some(found) => found,
                None => {
                    let d = Diagnostic::new("unknown-port", format!("`{id}` has no input `{port}`")).at(at.clone());
                    errors.push(d.suggest(port, known.iter().map(|p| p.name)));
                    return None;
                }
            },
        });
    }
    let inputs = inputs.into_iter().map(|i| (i.text, i.span)).collect();
    let instance = parameters_of(entry, parameters, span.clone(), errors)?;
    if let Err(e) = instance.check() {
        let place = keys.iter().find(|(k, _)| k == e.key).map_or(span, |(_, s)| s.clone());
        errors.push(Diagnostic::new("parameter", format!("{}: {}", e.key, e.what)).at(place));
        return None;
    }
    Some(StageDef { name: name.to_string(), entry, instance, inputs, ports, span, keys })
}

/// A name in `input`, with its port where it is named.
struct Named {
    text: String,
    span: Range<usize>,
    port: Option<(String, Range<usize>)>,
}

fn inputs_of(value: &Spanned<DeValue<'_>>) -> Option<Vec<Named>> {
    let named = |v: &Spanned<DeValue<'_>>, port| match v.get_ref() {
        DeValue::String(s) => Some(vec![Named { text: s.to_string(), span: v.span(), port }]),
        _ => None,
    };
    let lists: Option<Vec<Vec<Named>>> = match value.get_ref() {
        DeValue::Array(list) => list.iter().map(|v| named(v, None)).collect(),
        DeValue::Table(table) => {
            let port = |k: &Spanned<_>| Some((String::from(std::borrow::Cow::as_ref(k.get_ref())), k.span()));
            table
                .iter()
                .map(|(k, v)| match v.get_ref() {
                    DeValue::Array(list) => {
                        let all: Option<Vec<_>> = list.iter().map(|v| named(v, port(k))).collect();
                        all.map(|l| l.into_iter().flatten().collect())
                    }
                    _ => named(v, port(k)),
                })
                .collect()
        }
        _ => named(value, None).map(|one| vec![one]),
    };
    lists.map(|l| l.into_iter().flatten().collect())
}
