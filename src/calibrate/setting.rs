//! Settings of a calibration, from TOML: a source with its parameters, and stages as a definition has them.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use serde::Deserialize;

use super::source::{KINDS, Source};
use super::truth::{Known, Truth};
use crate::diagnostic::Diagnostic;
use crate::pipeline::{Registry, StageDef, from_toml, not_toml, stages_of};
use crate::stage::{Entry, Instance};

/// One setting: trials of one source through the same stages.
pub struct Setting {
    /// What it is, for people.
    pub name: String,
    /// The stages in the order in which they run; the last is the one under test.
    pub(super) stages: Vec<StageDef>,
    pub(super) source: Box<dyn Source>,
    /// What the setting says of the truth, beyond its source or instead.
    pub(super) truths: Vec<Truth>,
    /// Metrics that are shown; all whose truth is known where there are none.
    pub(super) show: Vec<String>,
}

const KEYS: [&str; 6] = ["name", "source", "draw", "truth", "show", "stage"];

/// Reads the settings of a stage.
///
/// # Errors
/// Everything that is wrong, at its place in the text.
pub fn read(text: &str, tested: &'static Entry) -> Result<Vec<Setting>, Vec<Diagnostic>> {
    let root = DeTable::parse(text).map_err(|e| vec![not_toml(&e, text)])?;
    let mut errors = Vec::new();
    let mut out = Vec::new();
    for (key, value) in root.into_inner() {
        if &**key.get_ref() != "setting" {
            let d = Diagnostic::new("unknown-key", format!("unknown table `{}`", key.get_ref())).at(key.span());
            errors.push(d.hint("settings are tables [[setting]]; `softspot calibrate STAGE --list` shows some"));
            continue;
        }
        let span = value.span();
        let DeValue::Array(list) = value.into_inner() else {
            let d = Diagnostic::new("definition", "`setting` is a list of tables").at(span);
            errors.push(d.hint("write [[setting]], once for each"));
            continue;
        };
        for one in list {
            out.extend(setting(one, tested, &mut errors));
        }
    }
    if errors.is_empty() && out.is_empty() {
        errors.push(Diagnostic::new("definition", "there are no settings").hint("add a table [[setting]]"));
    }
    if errors.is_empty() { Ok(out) } else { Err(errors) }
}

fn setting(value: Spanned<DeValue<'_>>, tested: &'static Entry, errors: &mut Vec<Diagnostic>) -> Option<Setting> {
    let span = value.span();
    let DeValue::Table(table) = value.into_inner() else {
        errors.push(Diagnostic::new("definition", "a setting is a table").at(span).hint("write [[setting]]"));
        return None;
    };
    let before = errors.len();
    let (mut name, mut source, mut draw, mut stages) = (None, None, None, Vec::new());
    let (mut truths, mut show) = (Vec::new(), Vec::new());
    for (key, value) in table {
        let at = value.span();
        match &**key.get_ref() {
            "name" => name = text(value, errors),
            "source" => source = text(value, errors).map(|s| (s, at)),
            "draw" => draw = table_of(value, errors).map(|t| (t, at)),
            "truth" => truths = truths_of(value, errors),
            "show" => match Vec::<String>::deserialize(ValueDeserializer::from(value)) {
                Ok(list) => show = list,
                Err(e) => errors.push(from_toml(&e).at(at).hint("`show` is a list of names of metrics")),
            },
            "stage" => stages = stages_of(Some(value), &Registry::default(), errors),
            other => {
                let d = Diagnostic::new("unknown-key", format!("a setting has no `{other}`")).at(key.span());
                errors.push(d.suggest(other, KEYS));
            }
        }
    }
    let source = source_of(source, draw, &span, errors);
    if name.is_none() && errors.len() == before {
        errors
            .push(Diagnostic::new("definition", "a setting without a name").at(span.clone()).hint("add name = \"…\""));
    }
    let (source, roles) = source?;
    if errors.len() > before {
        return None;
    }
    let stages = in_order(stages, roles, tested, &span, errors)?;
    let metrics = stages.last().map(|s| s.instance.metrics()).unwrap_or_default();
    let has = |of: &str| match of.split_once('/') {
        Some((output, _)) => tested.doc.outputs.iter().any(|o| o.name == output),
        None => metrics.iter().any(|m| m.is(of)),
    };
    if let Some(of) = show.iter().chain(truths.iter().map(|t| &t.of)).find(|of| !has(of)) {
        let d = Diagnostic::new("unknown-key", format!("`{}` has no metric `{of}` here", tested.doc.id)).at(span);
        errors.push(d.suggest(of, metrics.iter().map(|m| &*m.name)));
        return None;
    }
    if truths.iter().any(|t| matches!(t.known, Known::Number(v) if !v.is_finite())) {
        errors.push(Diagnostic::new("parameter", "a truth is a finite number").at(span));
        return None;
    }
    Some(Setting { name: name?, stages, source, truths, show })
}

fn text(value: Spanned<DeValue<'_>>, errors: &mut Vec<Diagnostic>) -> Option<String> {
    match value.get_ref() {
        DeValue::String(s) => Some(s.to_string()),
        _ => {
            errors.push(Diagnostic::new("definition", "a text is wanted here").at(value.span()));
            None
        }
    }
}

fn table_of(value: Spanned<DeValue<'_>>, errors: &mut Vec<Diagnostic>) -> Option<toml::Table> {
    let at = value.span();
    match toml::Table::deserialize(ValueDeserializer::from(value)) {
        Ok(t) => Some(t),
        Err(e) => {
            errors.push(from_toml(&e).at(at).hint("a table such as { xi = [4, 10] } is wanted"));
            None
        }
    }
}

fn truths_of(value: Spanned<DeValue<'_>>, errors: &mut Vec<Diagnostic>) -> Vec<Truth> {
    let at = value.span();
    let table = table_of(value, errors).unwrap_or_default();
    let mut out = Vec::new();
    for (of, v) in table {
        match v.try_into::<Known>() {
            Ok(known) => out.push(Truth { of, known }),
            Err(e) => errors.push(from_toml(&e).at(at.clone())),
        }
    }
    out
}

type SourceWithKeys = (Box<dyn Source>, &'static [&'static str]);

fn source_of(
    source: Option<(String, Range<usize>)>,
    draw: Option<(toml::Table, Range<usize>)>,
    span: &Range<usize>,
    errors: &mut Vec<Diagnostic>,
) -> Option<SourceWithKeys> {
    let known = || KINDS.iter().map(|k| k.id);
    let Some((id, at)) = source else {
        let d = Diagnostic::new("definition", "a setting without a source").at(span.clone());
        errors.push(d.suggest("", known()));
        return None;
    };
    let Some(kind) = KINDS.iter().find(|k| k.id == id) else {
        errors.push(Diagnostic::new("definition", format!("there is no source `{id}`")).at(at).suggest(&id, known()));
        return None;
    };
    let (table, place) = draw.unwrap_or((toml::Table::new(), at));
    let wrong = |what: String| Diagnostic::new("parameter", format!("source `{id}`: {what}")).at(place.clone());
    match (kind.read)(table) {
        Err(e) => errors.push(Diagnostic { span: None, ..from_toml(&e) }.at(place.clone())),
        Ok(source) => match source.check() {
            Ok(()) => return Some((source, kind.roles)),
            Err(what) => errors.push(wrong(what)),
        },
    }
    None
}

/// The stages so that each comes after what it reads, that under test last.
fn in_order(
    mut stages: Vec<StageDef>,
    roles: &[&str],
    tested: &'static Entry,
    span: &Range<usize>,
    errors: &mut Vec<Diagnostic>,
) -> Option<Vec<StageDef>> {
    let mut fail = |what: String, at: Range<usize>, hint: String| {
        errors.push(Diagnostic::new("definition", what).at(at).hint(hint));
        None
    };
    let id = tested.doc.id;
    let under_test = stages.iter().filter(|s| s.entry.doc.id == id).count();
    if under_test != 1 {
        let hint = format!("add [setting.stage.NAME] with run = \"{id}\", once");
        return fail(format!("{under_test} stages of the setting are `{id}`"), span.clone(), hint);
    }
    let names: Vec<String> = stages.iter().map(|s| s.name.clone()).collect();
    if let Some(s) = stages.iter().find(|s| roles.contains(&s.name.as_str()) || s.name == "given") {
        let what = format!("a stage is named `{}` as what the source gives", s.name);
        return fail(what, s.span.clone(), "name it otherwise".into());
    }
    for stage in &stages {
        let last = matches!(stage.instance, Instance::Study(_));
        if last && stage.entry.doc.id != id {
            return fail(format!("`{}` sees all samples", stage.name), stage.span.clone(), "leave it out".into());
        }
        for (reference, at) in &stage.inputs {
            let stage = reference.split('.').next().unwrap_or_default();
            let known = roles.contains(&stage) || (stage == "given" && last);
            if !known && !names.iter().any(|n| n == stage) {
                let all: Vec<&str> = roles.iter().copied().chain(names.iter().map(String::as_str)).collect();
                return fail(format!("there is no `{stage}`"), at.clone(), format!("there are: {}", all.join(", ")));
            }
        }
    }
    let mut out: Vec<StageDef> = Vec::new();
    while !stages.is_empty() {
        let ready = |s: &StageDef| {
            s.inputs.iter().all(|(r, _)| {
                let stage = r.split('.').next().unwrap_or_default();
                !stages.iter().any(|other| other.name == stage)
            })
        };
        let Some(next) = stages.iter().position(|s| ready(s) && (s.entry.doc.id != id || stages.len() == 1)) else {
            let hint = format!("`{id}` is the last, and no stage reads its own result");
            return fail("the stages have no order".into(), span.clone(), hint);
        };
        out.push(stages.remove(next));
    }
    Some(out)
}
