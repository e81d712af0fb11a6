//! `run.json`: what ran, on what, with which parameters, and what it cost.

use serde_json::{Value, json};

use super::plan::{Plan, PlannedStage};
use super::run::Run;

/// Version of this program.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Commit it was built from, where the build knew it.
pub(super) const COMMIT: Option<&str> = option_env!("SOFTSPOT_COMMIT");

/// The record of a run.
pub(super) fn run_json(plan: &Plan, run: &Run) -> Value {
    json!({
        "softspot": { "version": VERSION, "commit": COMMIT },
        "pipeline": resolved(plan),
        "inputs": run.inputs,
        "stages": run.stages,
        "warnings": run.warnings,
        "failures": run.failures.iter().map(|(sample, stage, why)| json!({ "sample": sample, "stage": stage, "note": why })).collect::<Vec<_>>(),
        "peak_bytes": peak_bytes(),
        "threads": run.threads,
        "seconds": run.seconds,
    })
}

/// The definition with all defaults.
pub(super) fn resolved(plan: &Plan) -> Value {
    let d = &plan.definition;
    let samples: serde_json::Map<String, Value> = d
        .samples
        .iter()
        .map(|s| {
            let mut o = serde_json::Map::new();
            o.extend(s.metadata.iter().map(|(k, v)| (k.clone(), json!(v))));
            o.extend(s.inputs.iter().map(|(k, v)| (k.clone(), json!(v))));
            (s.id.clone(), Value::Object(o))
        })
        .collect();
    let stages: serde_json::Map<String, Value> = plan
        .stages
        .iter()
        .map(|s| {
            let mut o = serde_json::Map::new();
            o.insert("run".into(), json!(s.doc().id));
            o.insert("version".into(), json!(s.doc().version));
            o.insert("input".into(), json!(as_written(s)));
            if let Value::Object(p) = s.def.instance.parameters() {
                o.extend(p);
            }
            (s.def.name.clone(), Value::Object(o))
        })
        .collect();
    json!({
        "pipeline": { "name": d.name, "seed": d.seed, "title": d.title, "date": d.date, "license": d.license },
        "sample": samples,
        "stage": stages,
    })
}

/// Largest resident set of this process, where the system tells.
fn peak_bytes() -> Option<u64> {
    from_proc("/proc/self/status", "VmHWM:")
}

/// Memory that can be had without swapping; 4 GiB where the system does not tell.
pub(super) fn memory_available() -> u64 {
    from_proc("/proc/meminfo", "MemAvailable:").unwrap_or(4 << 30)
}

/// Half of the machine's memory: what volumes may take unless told otherwise.
pub fn half_of_memory() -> u64 {
    from_proc("/proc/meminfo", "MemTotal:").unwrap_or(4 << 30) / 2
}

fn from_proc(file: &str, field: &str) -> Option<u64> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|l| l.strip_prefix(field))?;
    line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok().map(|k| k * 1024)
}

/// The inputs of a stage: a list, or by port where the definition names ports.
fn as_written(stage: &PlannedStage) -> serde_json::Value {
    let texts = stage.inputs.iter().map(|i| &i.text);
    if stage.def.ports.iter().enumerate().all(|(i, p)| i == *p) {
        return json!(texts.collect::<Vec<_>>());
    }
    let mut out = serde_json::Map::new();
    for (text, port) in texts.zip(&stage.def.ports) {
        let name = stage.doc().inputs.get(*port).map_or("", |p| p.name);
        let list = out.entry(name).or_insert_with(|| json!([]));
        if let Some(list) = list.as_array_mut() {
            list.push(json!(text));
        }
    }
    serde_json::Value::Object(out)
}
