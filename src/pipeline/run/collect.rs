//! What a run made, in the order of the definition: rows, warnings, tables, figures, maps.

use super::super::results::ResultRow;
use super::super::tables;
use super::{DerivedMap, Driver, FileFigure, GONE, Harvest, Outcome, WarningRecord};
use crate::data::{Artifact, Kind, Metric};
use crate::stage::MetricDoc;

impl Driver<'_> {
    /// Everything in the order of the definition.
    pub(super) fn collect(&self, made: &mut Harvest, outcomes: &[Vec<Outcome>], shared: &[Outcome]) {
        let ids: Vec<String> = self.plan.definition.samples.iter().map(|s| s.id.clone()).collect();
        for problem in self.plan.problems.iter().filter(|p| p.code == "no-match") {
            let sample = problem.sample.clone().unwrap_or_default();
            made.rows.push(ResultRow {
                sample: sample.clone(),
                stage: "*".into(),
                metric: Metric::missing("status", &problem.message),
            });
            made.failures.push((sample, "*".into(), problem.message.clone()));
        }
        let folders = folder_names(&ids);
        for (i, id) in ids.iter().enumerate() {
            for (s, outcome) in outcomes[i].iter().enumerate() {
                self.take(made, id, s, outcome, Some(&folders[i]));
            }
        }
        for (s, outcome) in shared.iter().enumerate() {
            self.take(made, "*", s, outcome, None);
        }
        self.take_tables(made, &ids, outcomes, shared);
        let mut records = std::mem::take(&mut *self.records.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        records.sort_by_key(|(sample, stage, _)| (*sample, *stage));
        made.stages = records.into_iter().map(|(.., r)| r).collect();
    }

    pub(super) fn take(&self, made: &mut Harvest, id: &str, stage: usize, outcome: &Outcome, folder: Option<&str>) {
        let planned = &self.plan.stages[stage];
        let name = &planned.def.name;
        let row = |sample: &str, metric: Metric| ResultRow { sample: sample.into(), stage: name.clone(), metric };
        match outcome {
            Outcome::Skipped => {}
            Outcome::Failed(why) => {
                made.failures.push((id.into(), name.clone(), why.clone()));
                let declared = planned.def.instance.metrics();
                let mut names: Vec<String> = declared.iter().flat_map(MetricDoc::names).collect();
                if names.is_empty() {
                    names.push("status".into());
                }
                made.rows.extend(names.iter().map(|m| row(id, Metric::missing(m, why))));
            }
            Outcome::Done { key, entry } => {
                for (sample, metric) in &entry.metrics {
                    made.rows.push(row(sample.as_deref().unwrap_or(id), metric.clone()));
                }
                made.warnings.extend(entry.warnings.iter().map(|w| WarningRecord {
                    sample: id.into(),
                    stage: name.clone(),
                    code: w.code.clone(),
                    message: w.message.clone(),
                    hint: w.hint.clone(),
                }));
                for (i, caption) in entry.figures.iter().enumerate() {
                    let figure = if i == 0 { name.clone() } else { format!("{name}-{}", i + 1) };
                    match self.cache.figure(key, i, caption) {
                        Some(file) => made.figures.push(FileFigure { name: figure, file }),
                        None => made.failures.push((id.into(), name.clone(), GONE.into())),
                    }
                }
                let outputs = planned.doc().outputs.iter().enumerate();
                for (k, output) in outputs.filter(|(_, o)| entry.artifacts.iter().any(|a| a == o.name)) {
                    let Some(extension) = self.cache.extension(key, output.name) else {
                        // Tables are written elsewhere.
                        if output.kind != Kind::Table {
                            made.failures.push((id.into(), name.clone(), GONE.into()));
                        }
                        continue;
                    };
                    let Some(folder) = folder else { continue };
                    let file = if k == 0 { name.clone() } else { format!("{name}.{}", output.name) };
                    made.maps.push(DerivedMap {
                        path: format!("data/{folder}/{file}.{extension}"),
                        key: key.clone(),
                        output: output.name.to_string(),
                    });
                }
            }
        }
    }

    pub(super) fn take_tables(
        &self,
        made: &mut Harvest,
        ids: &[String],
        outcomes: &[Vec<Outcome>],
        shared: &[Outcome],
    ) {
        for (s, planned) in self.plan.stages.iter().enumerate() {
            let outputs = planned.doc().outputs.iter().enumerate().filter(|(_, o)| o.kind == crate::data::Kind::Table);
            for (k, output) in outputs {
                let name = &planned.def.name;
                let mut lost = Vec::new();
                let mut table = |id: &str, o: &Outcome| match o {
                    Outcome::Done { key, entry } if entry.artifacts.iter().any(|a| a == output.name) => {
                        match self.cache.artifact(key, output.name) {
                            Some(Artifact::Table(t)) => Some(t),
                            _ => {
                                lost.push((id.to_string(), name.clone(), GONE.to_string()));
                                None
                            }
                        }
                    }
                    _ => None,
                };
                let mut tables = Vec::new();
                for (i, id) in ids.iter().enumerate() {
                    tables.extend(table(id, &outcomes[i][s]).map(|t| (Some(id.as_str()), t)));
                }
                tables.extend(table("*", &shared[s]).map(|t| (None, t)));
                made.failures.append(&mut lost);
                if !tables.is_empty() {
                    let name =
                        if k == 0 { planned.def.name.clone() } else { format!("{}.{}", planned.def.name, output.name) };
                    let borrowed: Vec<_> = tables.iter().map(|(s, t)| (*s, &**t)).collect();
                    made.tables.push((name, tables::csv(&borrowed)));
                }
            }
        }
    }
}

/// Folder names of samples: letters, digits and `-_.+`, told apart where that makes two alike.
fn folder_names(ids: &[String]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut taken = std::collections::BTreeSet::new();
    for id in ids {
        let clean: String =
            id.chars().map(|c| if c.is_alphanumeric() || "-_.+".contains(c) { c } else { '_' }).collect();
        // File systems take names of 255 bytes.
        let base: String = clean.trim_start_matches('.').chars().take(60).collect();
        let base = base.trim_end_matches('.');
        // Windows has names of devices, whatever stands behind a point.
        let base = match base.split('.').next().unwrap_or_default().to_lowercase().as_str() {
            "" => "sample".to_string(),
            "con" | "prn" | "aux" | "nul" => format!("_{base}"),
            port if port.len() == 4 && (port.starts_with("com") || port.starts_with("lpt")) => format!("_{base}"),
            _ => base.to_string(),
        };
        let mut name = base.clone();
        let mut k = 2;
        // Names that differ in case alone are one on some systems.
        while !taken.insert(name.to_lowercase()) {
            name = format!("{base}-{k}");
            k += 1;
        }
        out.push(name);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::folder_names;

    #[test]
    fn folders_of_samples_are_told_apart_on_every_system() {
        let ids = ["A", "a", "a/b", "a_b", "con", "Con.x", "..", "", "dot.", "com1", "compound"].map(String::from);
        let want = ["A", "a-2", "a_b", "a_b-2", "_con", "_Con.x", "sample", "sample-2", "dot", "_com1", "compound"];
        assert_eq!(folder_names(&ids), want);
    }
}
