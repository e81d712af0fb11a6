//! A stage of one's own in a pipeline beside softspot's: the share of a map above a value. `cargo run --example own_stage`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use softspot::data::{Kind, Metric};
use softspot::pipeline::{Options, Registry, prepare_with, run};
use softspot::stage::{Cx, Doc, Entry, Inputs, MetricDoc, Outputs, ParamError, Port, Scope, Stage, StageError};
use softspot::unit::Quantity;

/// The parameters are the stage; unknown ones are errors.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Above {
    /// The value, with its unit.
    value: String,
}

impl Stage for Above {
    const DOC: &'static Doc = &Doc {
        id: "above",
        version: 1,
        about: "Share of the valid pixels of a map above a value, such as a frequency of resonance.",
        reference: "an example",
        scope: Scope::Sample,
        inputs: &[Port::new("map", &[Kind::Map], "", "the map")],
        outputs: &[],
        metrics: &[MetricDoc::new("above", "", "share of the valid pixels above the value")],
        metadata: &[],
        example: "run = \"above\"\ninput = \"frequency\"\nvalue = \"1 MHz\"\n",
    };

    fn check(&self) -> Result<(), ParamError> {
        Quantity::parse(&self.value).map(|_| ()).map_err(|e| ParamError::new("value", e))
    }

    fn run(&self, inputs: &Inputs<'_>, _: &Cx<'_>) -> Result<Outputs, StageError> {
        let valid = inputs.map(0)?.valid();
        let value = Quantity::parse(&self.value).map_err(StageError::Failed)?.si;
        let above = valid.iter().filter(|v| **v > value).count() as f64 / valid.len() as f64;
        Ok(Outputs { metrics: vec![Metric::number("above", above, "").n(valid.len() as f64)], ..Outputs::default() })
    }
}

static ABOVE: Entry = Entry::sample::<Above>();

const DEFINITION: &str = r#"
[pipeline]
name = "own-stage"

[sample.glass]
frequency = { phantom = "la-cu-zr/vit105" }

[stage.above]
run   = "above"
input = "frequency"
value = "1.05 MHz"
"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let out = tempfile::tempdir()?;
    let registry = Registry::default().stage(&ABOVE);
    let plan = prepare_with(DEFINITION, std::path::Path::new("."), &[], &registry).map_err(|e| format!("{e:?}"))?;
    let run = run(&plan, &Options::new(out.path().join("results")))?;
    let row = run.row("glass", "above", "above").ok_or("no row")?;
    let share = row.metric.as_number().ok_or("no number")?;
    assert!((0.3..0.7).contains(&share), "the map is about 1.05 MHz: {share}");
    println!("{:.1} % of the pixels lie above 1.05 MHz", 100.0 * share);
    Ok(())
}
