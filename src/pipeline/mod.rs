//! From a TOML definition to results: parse with spans, plan and check, run with a cache, write what a reader relies on.

mod archive;
mod cache;
mod connections;
mod content;
mod definition;
mod estimate;
mod grid;
mod input;
mod keys;
mod load;
mod overrides;
mod parameters;
mod phantoms;
mod plan;
mod provenance;
mod registry;
mod results;
mod run;
mod schema;
mod tables;
mod wildcard;

pub use definition::{Definition, InputDef, SampleDef, StageDef};
pub(crate) use definition::{from_toml, not_toml, stages_of};
pub use estimate::{Estimate, estimates};
pub use plan::{Plan, PlannedStage, Reference, Target};
pub use provenance::half_of_memory;
pub use registry::Registry;
pub use results::{ResultRow, results_csv};
pub use run::{
    Ending, FileFigure, InputRecord, Observer, Options, Run, RunError, StageRecord, WarningRecord, run, wanted,
};
pub use schema::schema;
pub use tables::number;

/// Reads, overrides and plans a definition; nothing is computed.
///
/// # Errors
/// Everything that is wrong with the definition itself. What is wrong with single inputs is in [`Plan::problems`].
pub fn prepare(
    text: &str,
    folder: &std::path::Path,
    overrides: &[String],
) -> Result<Plan, Vec<crate::diagnostic::Diagnostic>> {
    prepare_with(text, folder, overrides, &Registry::default())
}

/// The same with stages and readers from outside.
///
/// # Errors
/// As for [`prepare`].
pub fn prepare_with(
    text: &str,
    folder: &std::path::Path,
    overrides: &[String],
    registry: &Registry,
) -> Result<Plan, Vec<crate::diagnostic::Diagnostic>> {
    let definition = Definition::parse(text, folder, overrides, registry)?;
    plan::plan(definition, folder, registry)
}
