//! The stage `figure`: panels of plots on one page.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{PLOTS, Plot, Request, find};
use crate::data::{Kind, Warning};
use crate::figure::{Figure as Page, Width, export, layout};
use crate::stage::{
    Connections, Cx, Doc, Expectation, FigureFile, ParamError, Port, Scope, StageError, Study, StudyOutputs, StudyStage,
};

/// Draws plots on one page.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Figure {
    /// What is drawn of each input, in their order: one name, or a list as long as `input`.
    pub(super) plot: OneOrMore,
    /// Samples, in this order; all that have the input unless given.
    #[serde(default)]
    pub(super) samples: Vec<String>,
    /// Page width: `single` (86 mm), `one-and-half` (120 mm), `double` (178 mm).
    #[serde(default)]
    pub(super) width: PageWidth,
    /// Columns of panels; one a sample for plots that have a panel for every sample.
    #[serde(default)]
    pub(super) columns: Option<usize>,
    /// Whether the maps, and the profiles, of one figure share their range; they do unless `false`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    share_range: Option<bool>,
    /// Which `[x, y]` pairs a `link` plot draws; all unless given.
    #[serde(default)]
    pub(super) pairs: Vec<[String; 2]>,
    /// Logarithmic ordinate of a `loss` plot, or abscissa of a `link` plot.
    #[serde(default)]
    pub(super) log: bool,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum OneOrMore {
    One(String),
    More(Vec<String>),
}

#[derive(Clone, Copy, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum PageWidth {
    Single,
    OneAndHalf,
    #[default]
    Double,
}

impl Figure {
    /// Whether panels share their range.
    pub(super) fn shares_range(&self) -> bool {
        self.share_range.unwrap_or(true)
    }

    /// Names of the plots, one an input.
    pub(crate) fn plots(&self) -> &[String] {
        match &self.plot {
            OneOrMore::One(p) => std::slice::from_ref(p),
            OneOrMore::More(p) => p,
        }
    }
}

impl StudyStage for Figure {
    const DOC: &'static Doc = &Doc {
        id: "figure",
        version: 2,
        about: "A figure for a paper: SVG, PNG and PDF of stated width, fonts embedded, the same bytes on a re-run. Some plots have a panel for every \
                sample and some one for all; some draw nothing but lend regions, surrogates, classes or an inset to the others. The list is below.",
        reference: "FIGURES; S2 Fig. 2–4; S1 Fig. 35, 36, 78",
        scope: Scope::Study,
        inputs: &[Port::new(
            "inputs",
            &[Kind::Map, Kind::Volume, Kind::Labels, Kind::Table],
            "",
            "what each plot draws",
        )],
        outputs: &[],
        metrics: &[],
        metadata: &[],
        example: "run = \"figure\"\ninput = [\"level\", \"cut\"]\nplot = [\"map\", \"profile\"]\nwidth = \"double\"\n",
    };

    fn check(&self) -> Result<(), ParamError> {
        for name in self.plots() {
            if find(name).is_none() {
                let known: Vec<_> = PLOTS.iter().map(|p| p.doc().id).collect();
                return Err(ParamError::new("plot", format!("there is no plot `{name}`; plots: {}", known.join(", "))));
            }
        }
        if self.plots().is_empty() {
            return Err(ParamError::new("plot", "name at least one plot"));
        }
        let given = [("share_range", self.share_range.is_some()), ("pairs", !self.pairs.is_empty()), ("log", self.log)];
        for (option, _) in given.iter().filter(|(_, given)| *given) {
            let heeds = |p: &&dyn Plot| p.options().contains(option);
            if !self.plots().iter().filter_map(|p| find(p)).any(|p| heeds(&p)) {
                let owners: Vec<String> =
                    PLOTS.iter().copied().filter(heeds).map(|p| format!("`{}`", p.doc().id)).collect();
                let what = format!("does nothing here: it is for {}; leave it out", owners.join(" and "));
                return Err(ParamError::new(option, what));
            }
        }
        if self.columns.is_some_and(|c| !(1..=12).contains(&c)) {
            return Err(ParamError::new("columns", "1 to 12 columns fit a page"));
        }
        Ok(())
    }

    fn samples_wanted(&self) -> Vec<String> {
        self.samples.clone()
    }

    fn expects(&self, given: &Connections) -> Result<Vec<Expectation>, ParamError> {
        let (plots, inputs) = (self.plots(), given.len());
        if plots.len() != inputs {
            let what =
                format!("{} plots for {inputs} inputs: name one plot for each input, in their order", plots.len());
            return Err(ParamError::new("plot", what));
        }
        let expected = |p: &String| {
            find(p).map_or_else(Expectation::default, |p| Expectation { kinds: p.doc().kinds, of: p.doc().of })
        };
        Ok(plots.iter().map(expected).collect())
    }

    fn run(&self, study: &Study<'_>, cx: &Cx<'_>) -> Result<StudyOutputs, StageError> {
        let plots = self.plots();
        if plots.len() != study.inputs.len() {
            return Err(StageError::Failed(format!(
                "{} plots for {} inputs: name one plot for each",
                plots.len(),
                study.inputs.len()
            )));
        }
        let (samples, warnings) = self.samples(study)?;
        let (mut panels, mut captions, mut each) = (Vec::new(), Vec::new(), true);
        for (input, name) in plots.iter().enumerate() {
            let plot = find(name).ok_or_else(|| StageError::Failed(format!("there is no plot `{name}`")))?;
            let drawn = plot.draw(&Request { study, samples: &samples, input, stage: self })?;
            each &= plot.doc().each;
            panels.extend(drawn.panels);
            captions.extend((!drawn.caption.is_empty()).then_some(drawn.caption));
        }
        let columns = self.columns.unwrap_or(if each { samples.len().max(1) } else { panels.len().min(2) });
        let width = match self.width {
            PageWidth::Single => Width::Single,
            PageWidth::OneAndHalf => Width::OneAndHalf,
            PageWidth::Double => Width::Double,
        };
        let letters = panels.len() > 1;
        let scene = layout::grid(panels, columns, width, letters)?;
        let ids: Vec<_> = samples.iter().map(|i| study.samples[*i].info.id.as_str()).collect();
        let title = format!("{}: {}", plots.join(", "), ids.join(", "));
        let caption =
            format!("{} Samples: {}. Run key {}.", captions.join(" "), ids.join(", "), &cx.key[..cx.key.len().min(12)]);
        let page = Page { scene, title, description: caption.clone() };
        let figure = FigureFile {
            caption,
            svg: export::svg(&page),
            png: export::png(&page, export::DPI)?,
            pdf: export::pdf(&page)?,
        };
        Ok(StudyOutputs { figures: vec![figure], warnings, ..StudyOutputs::default() })
    }
}

impl Figure {
    /// Those asked for, or all that have every per-sample input; the others are named.
    fn samples(&self, study: &Study<'_>) -> Result<(Vec<usize>, Vec<Warning>), StageError> {
        let asked: Vec<usize> = if self.samples.is_empty() {
            (0..study.samples.len()).collect()
        } else {
            self.samples.iter().map(|id| study.sample(id)).collect::<Result<_, _>>()?
        };
        let needed: Vec<bool> = self.plots().iter().map(|p| find(p).is_none_or(Plot::needed)).collect();
        let has = |i: usize| {
            let mut inputs = study.inputs.iter().enumerate();
            inputs.all(|(k, input)| input.shared || !needed[k] || study.artifact(i, k).is_some())
        };
        let (with, without): (Vec<usize>, Vec<usize>) = asked.into_iter().partition(|i| has(*i));
        let mut warnings = Vec::new();
        if !self.samples.is_empty() {
            for i in without {
                warnings.push(Warning::new(
                    "not-drawn",
                    format!("sample `{}` has no data for this figure", study.samples[i].info.id),
                    "see its note in results.csv",
                ));
            }
        }
        if with.is_empty() {
            return Err(StageError::Failed("no sample has the data for this figure".into()));
        }
        Ok((with, warnings))
    }
}
