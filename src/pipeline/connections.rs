//! What is connected to the ports of a stage, and parameters that do nothing with it.

use super::plan::{InputKind, PlannedStage, Reference, Target};
use crate::data::Kind;
use crate::diagnostic::Diagnostic;
use crate::stage::{Connection, Connections, Port, find};

/// The inputs of a stage, as far as their kinds are known.
pub(super) fn of(stage: &PlannedStage, all: &[PlannedStage], inputs: &[InputKind<'_>]) -> Connections {
    let connection = |(reference, port): (&Reference, &usize)| Connection {
        port: *port,
        kinds: kinds(reference, all, inputs),
        file: matches!(reference.target, Target::Role(_)),
    };
    Connections(stage.inputs.iter().zip(&stage.def.ports).map(connection).collect())
}

/// Kinds of an input over all samples; an output that may be a map or a volume is what its maker is given.
fn kinds(reference: &Reference, all: &[PlannedStage], inputs: &[InputKind<'_>]) -> Vec<Kind> {
    let mut out: Vec<Kind> = Vec::new();
    match &reference.target {
        Target::Role(role) => out.extend(inputs.iter().filter(|p| p.role == role).map(|p| p.kind)),
        Target::Stage(s, output) => {
            out.extend(all[*s].doc().outputs.iter().filter(|o| o.name == *output).map(|o| o.kind));
            if let ([_, _, ..], Some(first)) = (out.as_slice(), all[*s].inputs.first()) {
                let given = kinds(first, all, inputs);
                if out.iter().any(|k| given.contains(k)) {
                    out.retain(|k| given.contains(k));
                }
            }
        }
        Target::Metrics(_) => {}
    }
    out.sort_by_key(|k| *k as u8);
    out.dedup();
    out
}

/// Parameters that were given and do nothing.
pub(super) fn idle(stage: &PlannedStage, given: &Connections) -> Vec<Diagnostic> {
    let of_key = |(key, what): (&str, String)| {
        let (key, place) = stage.def.keys.iter().find(|(k, _)| k == key)?;
        let d = Diagnostic::new("parameter", format!("{key}: does nothing here: {what}"));
        Some(d.at(place.clone()).hint(format!("leave `{key}` out")))
    };
    stage.def.instance.idle(given).into_iter().filter_map(|e| of_key((e.key, e.what))).collect()
}

/// A table of one of our stages on a port that takes those of others; stages from outside may make any.
pub(super) fn foreign_table(
    reference: &Reference,
    port: &Port,
    stage: &PlannedStage,
    all: &[PlannedStage],
) -> Option<Diagnostic> {
    let Target::Stage(s, output) = &reference.target else { return None };
    let maker = all.get(*s)?.doc();
    let is_table = maker.outputs.iter().any(|o| o.name == *output && o.kind == Kind::Table);
    let name = format!("{}.{output}", maker.id);
    if !is_table || port.tables.is_empty() || port.tables.contains(&name.as_str()) || find(maker.id).is_none() {
        return None;
    }
    let what = format!(
        "`{}` is the table `{output}` of a stage `{}`; `{}` takes another",
        reference.text, maker.id, stage.def.name
    );
    let taken: Vec<String> =
        port.tables.iter().filter_map(|t| t.split_once('.')).map(|(s, o)| format!("`{o}` of `{s}`")).collect();
    Some(Diagnostic::new("kind", what).hint(format!("name the output {}", taken.join(" or "))))
}
