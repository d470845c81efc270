//! What a plan will be measured by, as far as that is known before it is played.

use super::executor::Model;
use super::flow::BLOCKS;
use super::plan::PlannedScenario;
use super::thresholds::PlannedThreshold;
use super::{Flow, Phase};
use crate::metrics::{Metric, MetricKind, TagKey, Tags};
use crate::scenario::{Problem, Text};

/// Everything that is played.
pub(super) struct Measured<'a> {
    pub(super) setup: &'a Flow,
    pub(super) scenarios: Vec<&'a PlannedScenario>,
    pub(super) teardown: &'a Flow,
}

/// Some steps, and where they are played.
struct Part<'a> {
    scenario: &'a str,
    phase: Phase,
    model: Model,
    flow: &'a Flow,
}

impl Measured<'_> {
    /// Says what is wrong with a threshold over something that nothing is
    /// measured by.
    pub(super) fn find(&self, written: &Text, threshold: &PlannedThreshold) -> Result<(), Problem> {
        let selector = &threshold.threshold.selector;
        let (metric, tags) = (selector.metric(), selector.tags());
        check_words(written, tags)?;
        let parts = self.parts(written, tags)?;
        check_name(written, TagKey::Step, tags, &|wanted, known| {
            for part in &parts {
                known.extend(part.flow.labels().iter().map(ToString::to_string));
            }
            // A block fails in its own name, and so does a feeder.
            let own = BLOCKS.iter().any(|kind| wanted.ends_with(kind.name)) || wanted == "feed";
            metric == Metric::Errors && own
        })?;
        check_name(written, TagKey::Group, tags, &|_, known| {
            for part in &parts {
                known.extend(part.flow.groups().iter().map(ToString::to_string));
            }
            false
        })?;
        // Of what is only counted, there may be none.
        let counted = metric.kind() == MetricKind::Counter;
        if counted || parts.iter().any(|part| part.measures(metric, tags)) {
            return Ok(());
        }
        let help = match metric {
            Metric::IterationServiceTime
            | Metric::StepServiceTime
            | Metric::HttpReqServiceTime
            | Metric::IterationStartLag => "it is measured in open models only",
            Metric::GroupDuration => "put steps into a `group`",
            Metric::Checks => "no step has `check` or `expect`",
            Metric::StepDuration => {
                "no such step is played; thresholds look at the main part, unless they name a `phase`"
            }
            _ => "no step that is played has anything to do with it",
        };
        let message = format!("nothing is measured by `{}`", written.text);
        Err(Problem::new(written.span, message, help))
    }

    /// The parts that a selector is about.
    fn parts(&self, written: &Text, tags: &Tags) -> Result<Vec<Part<'_>>, Problem> {
        let mut parts = Vec::new();
        let around = [(self.setup, Phase::Setup), (self.teardown, Phase::Teardown)];
        for (flow, phase) in around.into_iter().filter(|(flow, _)| !flow.is_empty()) {
            parts.push(Part {
                scenario: phase.name(),
                phase,
                model: Model::Closed,
                flow,
            });
        }
        for scenario in &self.scenarios {
            parts.push(Part {
                scenario: &scenario.name,
                phase: Phase::Main,
                model: scenario.executor.model(),
                flow: &scenario.flow,
            });
        }
        check_name(written, TagKey::Scenario, tags, &|_, known| {
            known.extend(parts.iter().map(|part| part.scenario.to_owned()));
            false
        })?;
        if let Some(wanted) = tags.get(TagKey::Scenario) {
            parts.retain(|part| part.scenario == wanted);
        }
        let phase = tags.get(TagKey::Phase).unwrap_or("main");
        let phase = if phase == "warmup" { "main" } else { phase };
        parts.retain(|part| part.phase.name() == phase);
        Ok(parts)
    }
}

impl Part<'_> {
    fn measures(&self, metric: Metric, tags: &Tags) -> bool {
        let mut found = match metric {
            Metric::Vus | Metric::IterationDuration => return true,
            Metric::IterationServiceTime | Metric::IterationStartLag => {
                return self.model == Model::Open;
            }
            Metric::StepServiceTime | Metric::HttpReqServiceTime if self.model != Model::Open => {
                return false;
            }
            Metric::GroupDuration => return !self.flow.groups().is_empty(),
            _ => false,
        };
        self.flow.each_step(&mut |step| {
            let wanted = tags.get(TagKey::Step);
            let named = wanted.is_none_or(|label| *step.label == *label);
            found |= named && step.may_measure(metric);
        });
        found
    }
}

/// Values that some tags have, whatever is played.
fn check_words(written: &Text, tags: &Tags) -> Result<(), Problem> {
    for (key, words) in [
        (TagKey::Phase, &["setup", "warmup", "main", "teardown"][..]),
        (
            TagKey::Outcome,
            &["ok", "failed", "failed as expected", "cut"],
        ),
    ] {
        check_name(written, key, tags, &|_, known| {
            known.extend(words.iter().map(ToString::to_string));
            false
        })?;
    }
    Ok(())
}

/// Checks the value of a tag against those that there are. `list` collects
/// them, and may say that the value is good all the same.
fn check_name(
    written: &Text,
    key: TagKey,
    tags: &Tags,
    list: &dyn Fn(&str, &mut Vec<String>) -> bool,
) -> Result<(), Problem> {
    let Some(wanted) = tags.get(key) else {
        return Ok(());
    };
    let mut known = Vec::new();
    if list(wanted, &mut known) || known.iter().any(|name| name == wanted) {
        return Ok(());
    }
    known.sort();
    known.dedup();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let at = written.text.find(wanted).unwrap_or_default();
    let place = at..at + wanted.len();
    let message = format!("there is no {} `{wanted}` here", key.name());
    Err(Problem::inside(
        written,
        place,
        message,
        Problem::suggest(wanted, &known),
    ))
}
