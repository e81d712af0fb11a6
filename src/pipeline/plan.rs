//! The plan: references resolved, kinds checked, order found – before anything is computed.

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::connections;
use super::definition::{Definition, SampleDef, StageDef};
use super::load::open_input;
use super::registry::Registry;
use crate::data::Kind;
use crate::diagnostic::Diagnostic;
use crate::stage::{Doc, Instance, Port, Scope};
use crate::unit::Unit;

/// Where an input comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// An input of the samples.
    Role(String),
    /// An output of a stage, by the stage's index in the plan and the output's name.
    Stage(usize, &'static str),
    /// A stage without outputs or a study stage, for its metrics.
    Metrics(usize),
}

/// A resolved input of a stage.
#[derive(Clone, Debug)]
pub struct Reference {
    /// As written.
    pub text: String,
    /// Where it comes from.
    pub target: Target,
}

/// A stage ready to run.
pub struct PlannedStage {
    /// As defined.
    pub def: StageDef,
    /// Its inputs in order.
    pub inputs: Vec<Reference>,
}

impl PlannedStage {
    /// Its documentation.
    pub fn doc(&self) -> &'static Doc {
        self.def.entry.doc
    }
}

/// A study ready to run.
pub struct Plan {
    /// Header and samples.
    pub definition: Definition,
    /// Folder that relative paths start from.
    pub folder: PathBuf,
    /// Stages in order of the definition.
    pub stages: Vec<PlannedStage>,
    /// Indices of [`Plan::stages`] in an order in which inputs come first; ties by definition order.
    pub order: Vec<usize>,
    /// What is wrong with single inputs: they fail alone when run.
    pub problems: Vec<Diagnostic>,
    /// Stages and readers that it knows.
    pub registry: Registry,
}

/// Plans a definition.
pub(super) fn plan(mut definition: Definition, folder: &Path, registry: &Registry) -> Result<Plan, Vec<Diagnostic>> {
    let mut errors = Vec::new();
    let defs = std::mem::take(&mut definition.stages);
    let roles = roles(&definition.samples);
    for def in defs.iter().filter(|d| roles.contains(&d.name)) {
        // `input = "level"` would mean either: the name must say which.
        let what = format!("stage `{}` has the name of an input of the samples", def.name);
        let d = Diagnostic::new("name-clash", what).at(def.span.clone());
        errors.push(d.hint("rename one of the two: `input` names roles and stages alike"));
    }
    let resolved: Vec<Vec<Reference>> = defs.iter().map(|d| resolve(d, &defs, &roles, &mut errors)).collect();
    let stages: Vec<PlannedStage> =
        defs.into_iter().zip(resolved).map(|(def, inputs)| PlannedStage { def, inputs }).collect();
    for stage in &stages {
        check_names(stage, &stages, &definition, &mut errors);
    }
    let order = match order(&stages) {
        Ok(o) => o,
        Err(d) => {
            errors.push(d);
            Vec::new()
        }
    };
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut problems = std::mem::take(&mut definition.problems);
    let kinds = probe(&definition.samples, folder, registry, &mut problems);
    for index in &order {
        check_kinds(&stages[*index], &stages, &kinds, &mut errors, &mut problems);
    }
    if errors.is_empty() {
        Ok(Plan { definition, folder: folder.to_path_buf(), stages, order, problems, registry: registry.clone() })
    } else {
        Err(errors)
    }
}

fn roles(samples: &[SampleDef]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for (role, _) in samples.iter().flat_map(|s| &s.inputs) {
        if !out.contains(role) {
            out.push(role.clone());
        }
    }
    out
}

fn resolve(def: &StageDef, all: &[StageDef], roles: &[String], errors: &mut Vec<Diagnostic>) -> Vec<Reference> {
    let doc = def.entry.doc;
    let mut out = Vec::new();
    for ((text, span), port) in def.inputs.iter().zip(&def.ports) {
        let kinds = doc.inputs.get(*port).map_or(&[][..], |p| p.kinds);
        match target(text, span.clone(), all, roles, kinds) {
            Ok(target) => {
                let of_study = |i: usize| all[i].entry.doc.scope == Scope::Study;
                let fed_by_study = matches!(target, Target::Metrics(i) | Target::Stage(i, _) if of_study(i));
                let no_data = matches!(target, Target::Metrics(_));
                if doc.scope == Scope::Sample && (fed_by_study || no_data) {
                    let what = format!("`{text}` has no output for each sample that stage `{}` could take", def.name);
                    errors.push(
                        Diagnostic::new("input", what)
                            .at(span.clone())
                            .hint("name a role or a stage that runs for every sample"),
                    );
                }
                out.push(Reference { text: text.clone(), target });
            }
            Err(d) => errors.push(d),
        }
    }
    if doc.scope == Scope::Sample {
        let connected = |port: usize| def.ports.iter().filter(|p| **p == port).count();
        let wrong = |(i, p): (usize, &Port)| connected(i) > 1 && !p.repeated || connected(i) == 0 && !p.optional;
        let n = def.inputs.len();
        if doc.inputs.iter().enumerate().any(wrong) || def.ports.iter().any(|p| *p >= doc.inputs.len()) {
            let wanted: Vec<_> = doc.inputs.iter().map(|p| p.name).collect();
            errors.push(
                Diagnostic::new(
                    "input",
                    format!("stage `{}` has {n} inputs; `{}` takes {}", def.name, doc.id, wanted.join(", ")),
                )
                .at(def.span.clone())
                .hint("write input = \"…\" with a role of the samples or an earlier stage"),
            );
        }
    } else if def.inputs.is_empty() && doc.inputs.iter().any(|p| !p.optional) {
        errors.push(
            Diagnostic::new("input", format!("stage `{}` has no input", def.name))
                .at(def.span.clone())
                .hint("write input = [\"corr\", \"relax\"]"),
        );
    }
    out
}

/// Where an input comes from; a bare stage stands for its first output that the port takes, or its first one.
fn target(
    text: &str,
    span: Range<usize>,
    all: &[StageDef],
    roles: &[String],
    kinds: &[Kind],
) -> Result<Target, Diagnostic> {
    let (name, output) = text.split_once('.').map_or((text, None), |(n, o)| (n, Some(o)));
    let Some(index) = all.iter().position(|s| s.name == name) else {
        if output.is_none() && roles.iter().any(|r| r == name) {
            return Ok(Target::Role(name.to_string()));
        }
        let known = all.iter().map(|s| s.name.as_str()).chain(roles.iter().map(String::as_str));
        return Err(Diagnostic::new("unknown-input", format!("there is no stage and no role `{name}`"))
            .at(span)
            .suggest(name, known));
    };
    let outputs = all[index].entry.doc.outputs;
    match output {
        None => {
            let fitting = outputs.iter().find(|o| kinds.contains(&o.kind)).or(outputs.first());
            Ok(fitting.map_or(Target::Metrics(index), |o| Target::Stage(index, o.name)))
        }
        Some(o) => match outputs.iter().find(|x| x.name == o) {
            Some(found) => Ok(Target::Stage(index, found.name)),
            None => Err(Diagnostic::new("unknown-output", format!("stage `{name}` has no output `{o}`"))
                .at(span)
                .suggest(o, outputs.iter().map(|o| o.name))),
        },
    }
}

/// Metrics, metadata and samples that parameters name.
fn check_names(stage: &PlannedStage, all: &[PlannedStage], definition: &Definition, errors: &mut Vec<Diagnostic>) {
    let Instance::Study(instance) = &stage.def.instance else { return };
    let place = |key: &[&str]| {
        stage
            .def
            .keys
            .iter()
            .find(|(k, _)| key.contains(&k.as_str()))
            .map_or(stage.def.span.clone(), |(_, s)| s.clone())
    };
    for wanted in instance.metrics_wanted() {
        let at = place(&["pairs", "metrics", "overview"]);
        let Some((name, metric)) = wanted.split_once('.') else {
            let known: Vec<&str> =
                definition.samples.iter().flat_map(|s| &s.metadata).map(|(k, _)| k.as_str()).collect();
            if !known.contains(&wanted.as_str()) {
                let d = Diagnostic::new("unknown-metric", format!("no sample has metadata `{wanted}`")).at(at);
                errors.push(d.hint("metrics are written stage.metric").suggest(&wanted, known));
            }
            continue;
        };
        let Some(of) = all.iter().find(|s| s.def.name == name) else {
            let d = Diagnostic::new("unknown-metric", format!("there is no stage `{name}` with a metric `{metric}`"))
                .at(at);
            errors.push(d.suggest(name, all.iter().map(|s| s.def.name.as_str())));
            continue;
        };
        if matches!(of.def.instance, Instance::Study(_)) {
            let what = format!("`{name}` runs once for the whole study: its metrics are of no sample");
            errors
                .push(Diagnostic::new("unknown-metric", what).at(at).hint("they are in results.csv, and in its table"));
            continue;
        }
        let declared = of.def.instance.metrics();
        if !declared.iter().any(|m| m.is(metric)) {
            let d = Diagnostic::new("unknown-metric", format!("stage `{name}` reports no metric `{metric}`"))
                .at(at.clone());
            let known: Vec<String> = declared.iter().flat_map(crate::stage::MetricDoc::names).collect();
            errors.push(d.suggest(metric, known.iter().map(String::as_str)));
        }
        let given = stage.inputs.is_empty() || stage.inputs.iter().any(|i| i.text.split('.').next() == Some(name));
        if !given {
            let d = Diagnostic::new(
                "input",
                format!("stage `{}` names `{wanted}` but `{name}` is not among its inputs", stage.def.name),
            );
            errors.push(d.at(at).hint(format!("add \"{name}\" to its `input`")));
        }
    }
    for id in instance.samples_wanted() {
        if !definition.samples.iter().any(|s| s.id == id) {
            let d = Diagnostic::new("unknown-sample", format!("there is no sample `{id}`"))
                .at(place(&["pairs", "samples"]));
            errors.push(d.suggest(&id, definition.samples.iter().map(|s| s.id.as_str())));
        }
    }
}

/// Kahn's algorithm, always the first stage of the definition that is ready.
fn order(stages: &[PlannedStage]) -> Result<Vec<usize>, Diagnostic> {
    let needs = |i: usize| {
        stages[i].inputs.iter().filter_map(|r| match r.target {
            Target::Stage(s, _) | Target::Metrics(s) => Some(s),
            Target::Role(_) => None,
        })
    };
    let mut done = vec![false; stages.len()];
    let mut out = Vec::with_capacity(stages.len());
    while out.len() < stages.len() {
        let Some(next) = (0..stages.len()).find(|i| !done[*i] && needs(*i).all(|s| done[s])) else {
            let stuck: Vec<usize> = (0..stages.len()).filter(|i| !done[*i]).collect();
            let names: Vec<_> = stuck.iter().map(|i| stages[*i].def.name.as_str()).collect();
            return Err(Diagnostic::new("cycle", format!("these stages wait for each other: {}", names.join(", ")))
                .at(stages[stuck[0]].def.span.clone())
                .hint("a stage's input must come from a role or from a stage that does not need it"));
        };
        done[next] = true;
        out.push(next);
    }
    Ok(out)
}

/// An input of a sample whose kind is known.
pub(super) struct InputKind<'a> {
    sample: &'a str,
    pub(super) role: &'a str,
    pub(super) kind: Kind,
    /// Unit of its values, where it has one.
    unit: Option<Unit>,
    span: Range<usize>,
}

/// Kinds of all inputs, from the files; what cannot be opened is a problem of that sample.
fn probe<'a>(
    samples: &'a [SampleDef],
    folder: &Path,
    registry: &Registry,
    problems: &mut Vec<Diagnostic>,
) -> Vec<InputKind<'a>> {
    let mut kinds = Vec::new();
    for sample in samples {
        for (role, input) in &sample.inputs {
            match open_input(input, folder, registry.readers()) {
                Ok(opened) => {
                    let unit = opened.unit.filter(|_| ![Kind::Spectrum, Kind::Curves].contains(&opened.kind));
                    kinds.push(InputKind {
                        sample: &sample.id,
                        role,
                        kind: opened.kind,
                        unit,
                        span: input.span.clone(),
                    });
                }
                Err(what) => {
                    problems.push(Diagnostic::new("input-file", what).at(input.span.clone()).of_sample(&sample.id))
                }
            }
        }
    }
    kinds
}

fn check_kinds(
    stage: &PlannedStage,
    all: &[PlannedStage],
    inputs: &[InputKind<'_>],
    errors: &mut Vec<Diagnostic>,
    problems: &mut Vec<Diagnostic>,
) {
    let doc = stage.doc();
    let given = connections::of(stage, all, inputs);
    errors.extend(connections::idle(stage, &given));
    let expected = match &stage.def.instance {
        Instance::Study(s) => match s.expects(&given) {
            Ok(e) => e,
            Err(e) => {
                let at =
                    stage.def.keys.iter().find(|(k, _)| k == e.key).map_or(stage.def.span.clone(), |(_, s)| s.clone());
                errors.push(Diagnostic::new("parameter", format!("{}: {}", e.key, e.what)).at(at));
                return;
            }
        },
        Instance::Sample(_) => Vec::new(),
    };
    let port = |i: usize| doc.inputs.get(*stage.def.ports.get(i)?);
    for (i, (reference, (_, span))) in stage.inputs.iter().zip(&stage.def.inputs).enumerate() {
        let taken: Vec<Kind> = match doc.scope {
            Scope::Sample => port(i).map(|p| p.kinds.to_vec()).unwrap_or_default(),
            Scope::Study => expected.get(i).map_or_else(Vec::new, |e| e.kinds.to_vec()),
        };
        let (mut kinds, maker): (Vec<Kind>, Option<&str>) = match &reference.target {
            Target::Role(role) => {
                let of_role: Vec<&InputKind<'_>> = inputs.iter().filter(|p| p.role == role).collect();
                let fits = |p: &&&InputKind<'_>| taken.is_empty() || taken.contains(&p.kind);
                let wrong = of_role.iter().filter(|p| !fits(p));
                if of_role.iter().any(|p| fits(&p)) {
                    // The role is of the right kind: a file that is not fails alone.
                    problems.extend(wrong.map(|p| alone(p, stage, &taken)));
                    (Vec::new(), None)
                } else {
                    (wrong.map(|p| p.kind).collect(), None)
                }
            }
            Target::Stage(s, output) => {
                let doc = all[*s].doc();
                (doc.outputs.iter().filter(|o| o.name == *output).map(|o| o.kind).collect(), Some(doc.id))
            }
            Target::Metrics(s) => (Vec::new(), Some(all[*s].doc().id)),
        };
        kinds.dedup();
        // An output may be a map or a volume, as its input is; one that fits will do.
        if taken.iter().any(|k| kinds.contains(k)) {
            kinds.retain(|k| taken.contains(k));
        }
        // A role whose files cannot be opened has no kind yet; its samples fail alone.
        for kind in kinds.iter().filter(|k| !taken.is_empty() && !taken.contains(k)) {
            let wanted: Vec<String> = taken.iter().map(ToString::to_string).collect();
            let what = format!(
                "`{}` is a {kind}; stage `{}` takes a {}",
                reference.text,
                stage.def.name,
                wanted.join(" or a ")
            );
            let mut d = Diagnostic::new("kind", what).at(span.clone());
            if let Some(hint) = remedy(*kind, &taken, port(i).map_or(&[][..], |p| p.columns)) {
                d = d.hint(hint);
            }
            errors.push(d);
        }
        let foreign = port(i).and_then(|p| connections::foreign_table(reference, p, stage, all));
        errors.extend(foreign.map(|d| d.at(span.clone())));
        let wanted = port(i).map_or("", |p| p.unit);
        if doc.scope == Scope::Sample && !wanted.is_empty() {
            let samples = distinct(inputs.iter().map(|p| p.sample));
            let wrong: Vec<(&str, Unit)> = samples
                .iter()
                .filter_map(|s| Some((*s, unit_of(reference, s, all, inputs)?)))
                .filter(|(_, u)| !u.same_dimension(&Unit::of(wanted)))
                .collect();
            for (sample, unit) in wrong {
                let (found, stage) = (unit.in_words(), &stage.def.name);
                let what = format!("`{}` has {found}; stage `{stage}` takes {wanted}", reference.text);
                let hint =
                    format!("choose another channel, or give the input `unit = \"{wanted}\"` where the file has none");
                problems.push(Diagnostic::new("unit", what).at(span.clone()).hint(hint).of_sample(sample));
            }
        }
        if let Some(of) = expected.get(i).and_then(|e| e.of)
            && maker != Some(of)
        {
            let what = format!("`{}` is not the output of a `{of}` stage, which this plot draws", reference.text);
            errors.push(Diagnostic::new("kind", what).at(span.clone()));
        }
    }
}

/// What makes something of the kind that is taken, or where to find it.
fn remedy(found: Kind, taken: &[Kind], columns: &[&str]) -> Option<String> {
    let named: Vec<String> = columns.iter().map(|c| format!("{c} = \"…\"")).collect();
    match found {
        Kind::Labels if taken.contains(&Kind::Map) => Some(
            "a label image numbers regions or classes and holds no values: name the map that it was made of".into(),
        ),
        Kind::Map | Kind::Volume if taken.contains(&Kind::Labels) => {
            Some("make labels first: a stage with run = \"regions\" or \"segment\"".into())
        }
        Kind::Table | Kind::Spectrum | Kind::Curves if !named.is_empty() => {
            Some(format!("give the input `columns = {{ {} }}`", named.join(", ")))
        }
        Kind::Spectrum | Kind::Curves if taken.contains(&Kind::Table) => {
            Some("leave `columns` out: the table itself is wanted".into())
        }
        _ => None,
    }
}

/// The problem of one sample whose file is of another kind than those of the other samples.
fn alone(p: &InputKind<'_>, stage: &PlannedStage, taken: &[Kind]) -> Diagnostic {
    let wanted: Vec<String> = taken.iter().map(ToString::to_string).collect();
    let what = format!("`{}` is a {}; stage `{}` takes a {}", p.role, p.kind, stage.def.name, wanted.join(" or a "));
    Diagnostic::new("kind", what)
        .at(p.span.clone())
        .hint("check that the path leads to the right file; this sample fails, the others run")
        .of_sample(p.sample)
}

fn distinct<'a>(ids: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut out: Vec<&str> = Vec::new();
    for id in ids {
        if !out.contains(&id) {
            out.push(id);
        }
    }
    out
}

/// The unit that a reference will have for a sample, as far as it is known before the run.
fn unit_of(reference: &Reference, sample: &str, all: &[PlannedStage], inputs: &[InputKind<'_>]) -> Option<Unit> {
    match &reference.target {
        Target::Role(role) => inputs.iter().find(|p| p.role == role && p.sample == sample)?.unit.clone(),
        Target::Stage(s, output) => {
            let stage = &all[*s];
            match stage.doc().outputs.iter().find(|o| o.name == *output)?.unit {
                "" => None,
                "input" => unit_of(stage.inputs.first()?, sample, all, inputs),
                fixed => Some(Unit::of(fixed)),
            }
        }
        Target::Metrics(_) => None,
    }
}
