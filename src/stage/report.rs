//! `report`: what `report.html` says beside results and figures.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Cx, Doc, ParamError, Port, Scope, StageError, Study, StudyOutputs, StudyStage};
use crate::data::Kind;

/// Shapes the report. Every run writes `report.html`; this stage gives it a title, a text and a choice of tables.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// Title; the pipeline's name unless given.
    #[serde(default)]
    pub title: Option<String>,
    /// What the study is about, a paragraph.
    #[serde(default)]
    pub summary: Option<String>,
    /// Metrics (`stage.metric`) of the overview table, in order; a choice of the main ones unless given.
    #[serde(default)]
    pub overview: Vec<String>,
}

impl StudyStage for Report {
    const DOC: &'static Doc = &Doc {
        id: "report",
        version: 1,
        about: "Title, text and overview of `report.html`: one page that opens without a network, warnings first, then overview, figures, all metrics, \
                the definition and the provenance. Every run writes it; this stage shapes it.",
        reference: "CONTRACT, results folder",
        scope: Scope::Study,
        inputs: &[Port::new(
            "stages",
            &[Kind::Map, Kind::Table, Kind::Spectrum],
            "",
            "not needed: the report shows all",
        )
        .optional()],
        outputs: &[],
        metrics: &[],
        metadata: &[],
        example: "run = \"report\"\ntitle = \"Elastic heterogeneity and β relaxation\"\noverview = [\"dist.span\", \"corr.xi\", \"relax.beta_class\"]\n",
    };

    fn check(&self) -> Result<(), ParamError> {
        if let Some(m) = self.overview.iter().find(|m| !m.contains('.')) {
            return Err(ParamError::new(
                "overview",
                format!("`{m}` is not of the form stage.metric, such as \"corr.xi\""),
            ));
        }
        Ok(())
    }

    fn metrics_wanted(&self) -> Vec<String> {
        self.overview.clone()
    }

    fn run(&self, _study: &Study<'_>, _cx: &Cx<'_>) -> Result<StudyOutputs, StageError> {
        Ok(StudyOutputs::default())
    }
}
