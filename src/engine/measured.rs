//! What a plan will be measured by, as far as that is known before it is played.

use super::executor::Model;
use super::flow::{BLOCKS, Flow};
use super::planned_scenario::PlannedScenario;
use super::thresholds::PlannedThreshold;
use crate::http::Asked;
use crate::icure::OPERATIONS;
use crate::language::{Problem, Text};
use crate::metrics::{Dropped, Metric, MetricKind, Outcome, Phase, TagKey, Tags};
use crate::steps::{PlannedStep, error_kinds, is_error_kind};

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
    warms_up: bool,
    flow: &'a Flow,
}

impl Measured<'_> {
    /// Says what is wrong with a threshold over something that nothing is
    /// measured by.
    pub(super) fn find(&self, written: &Text, threshold: &PlannedThreshold) -> Result<(), Problem> {
        let selector = &threshold.threshold.selector;
        let look = Look {
            written,
            metric: selector.metric(),
            tags: selector.tags(),
        };
        look.check_keys()?;
        look.check(TagKey::Phase, &|_, known| {
            let all = ["setup", "warmup", "main", "teardown"];
            known.extend(all.map(str::to_owned));
            false
        })?;
        let parts = self.parts(&look)?;
        look.check(TagKey::Step, &|wanted, known| {
            for part in &parts {
                known.extend(part.flow.labels().iter().map(ToString::to_string));
            }
            // A block fails in its own name, and so does a feeder.
            let own = BLOCKS.iter().any(|kind| wanted.ends_with(kind.name)) || wanted == "feed";
            look.metric == Metric::Errors && own
        })?;
        look.check(TagKey::Group, &|_, known| {
            for part in &parts {
                known.extend(part.flow.groups().iter().map(ToString::to_string));
            }
            false
        })?;
        look.check_values(&look.steps(&parts))?;
        // Of what is only counted, there may be none, if it is counted at all.
        let counted = look.metric.kind() == MetricKind::Counter && !is_of_some_steps(look.metric);
        if counted
            || parts
                .iter()
                .any(|part| part.measures(look.metric, look.tags))
        {
            return Ok(());
        }
        let help = match look.metric {
            Metric::IterationServiceTime
            | Metric::StepServiceTime
            | Metric::HttpReqServiceTime
            | Metric::IterationStartLag => "it is measured in open models only",
            Metric::GroupDuration => "put steps into a `group`",
            Metric::Checks => "no step has `check` or `expect`",
            Metric::StepDuration => {
                "no such step is played; thresholds look at the main part, unless they name a `phase`"
            }
            metric if metric.is_of_keys() => "no step that is played takes a new key pair",
            metric if metric == Metric::OtpsRead || metric.is_of_mails() => {
                "no step that is played waits for a one-time password"
            }
            _ => "no step that is played has anything to do with it",
        };
        let message = format!("nothing is measured by `{}`", written.text);
        Err(Problem::new(written.span, message, help))
    }

    fn parts(&self, look: &Look<'_>) -> Result<Vec<Part<'_>>, Problem> {
        let mut parts = Vec::new();
        let around = [(self.setup, Phase::Setup), (self.teardown, Phase::Teardown)];
        for (flow, phase) in around.into_iter().filter(|(flow, _)| !flow.is_empty()) {
            parts.push(Part {
                scenario: phase.name(),
                phase,
                model: Model::Closed,
                warms_up: false,
                flow,
            });
        }
        for scenario in &self.scenarios {
            parts.push(Part {
                scenario: &scenario.name,
                phase: Phase::Main,
                model: scenario.executor.model(),
                warms_up: !scenario.timing.warmup.is_zero(),
                flow: &scenario.flow,
            });
        }
        look.check(TagKey::Scenario, &|_, known| {
            known.extend(parts.iter().map(|part| part.scenario.to_owned()));
            false
        })?;
        if let Some(wanted) = look.tags.get(TagKey::Scenario) {
            parts.retain(|part| part.scenario == wanted);
        }
        let phase = look.tags.get(TagKey::Phase);
        parts.retain(|part| match phase {
            _ if !look.metric.has_phase() => true,
            Some("warmup") => part.warms_up,
            phase => part.phase.name() == phase.unwrap_or("main"),
        });
        let Some(phase) = phase.filter(|_| parts.is_empty()) else {
            return Ok(parts);
        };
        Err(look.wrong(
            phase,
            format!("nothing is played in the phase `{phase}`"),
            match phase {
                "warmup" => "no scenario that this is about has a `warmup`".into(),
                "setup" | "teardown" => {
                    format!("the file has no `{phase}`, or it is not in that scenario")
                }
                _ => "setup and teardown have phases of their own: `phase=setup`".to_owned(),
            },
        ))
    }
}

/// Whether a count belongs to some kinds of steps alone.
fn is_of_some_steps(metric: Metric) -> bool {
    matches!(metric, Metric::OtpsRead | Metric::CryptoBytes)
        || metric.is_of_keys()
        || metric.is_of_mails()
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

struct Look<'a> {
    written: &'a Text,
    metric: Metric,
    tags: &'a Tags,
}

impl Look<'_> {
    /// Tags that the metric never has.
    fn check_keys(&self) -> Result<(), Problem> {
        let keys = self.metric.keys();
        let Some((key, _)) = self.tags.iter().find(|(key, _)| !keys.contains(key)) else {
            return Ok(());
        };
        let known: Vec<&str> = keys.iter().map(|key| key.name()).collect();
        let message = format!("`{}` is not told apart by `{}`", self.metric, key.name());
        let help = match known[..] {
            [] => "leave the braces out: there is one series of it".to_owned(),
            _ => format!("its tags: {}", known.join(", ")),
        };
        Err(self.wrong(key.name(), message, help))
    }

    fn steps<'p>(&self, parts: &[Part<'p>]) -> Vec<&'p PlannedStep> {
        let wanted = self.tags.get(TagKey::Step);
        let mut steps = Vec::new();
        for part in parts {
            let flow: &'p Flow = part.flow;
            flow.each_step(&mut |step| {
                if wanted.is_none_or(|label| *step.label == *label) {
                    steps.push(step);
                }
            });
        }
        steps
    }

    /// Values that no series of the metric has, and those that none has together.
    fn check_values(&self, steps: &[&PlannedStep]) -> Result<(), Problem> {
        let words = |words: &[&str], known: &mut Vec<String>| {
            known.extend(words.iter().map(ToString::to_string));
            false
        };
        self.check(TagKey::Outcome, &|_, known| {
            let fails = steps.iter().any(|step| step.must_fail());
            let possible = self.outcomes().iter();
            let possible = possible.filter(|it| fails || **it != Outcome::FailedAsExpected);
            known.extend(possible.map(|outcome| outcome.name().to_owned()));
            false
        })?;
        match self.metric {
            Metric::Errors | Metric::StepAttempts => self.check(TagKey::Kind, &|wanted, known| {
                let status = wanted.trim_start_matches(|c: char| !c.is_ascii_digit());
                known.push(format!("http {status}"));
                known.retain(|kind| is_error_kind(kind));
                words(error_kinds(), known) || is_error_kind(wanted)
            }),
            Metric::DroppedIterations => {
                self.check(TagKey::Kind, &|_, known| words(Dropped::NAMES, known))
            }
            Metric::Checks => self.check_conditions(steps),
            Metric::CryptoDuration | Metric::CryptoBytes => {
                self.check(TagKey::Operation, &|_, known| words(OPERATIONS, known))
            }
            Metric::VaultDuration => self.check(TagKey::Operation, &|_, known| {
                words(&["save", "read"], known)
            }),
            _ if self.metric.keys().contains(&TagKey::Endpoint) => self.check_requests(steps),
            _ => Ok(()),
        }
    }

    fn outcomes(&self) -> &'static [Outcome] {
        match self.metric {
            Metric::StepAttempts | Metric::HttpDnsLookup | Metric::HttpConnect => {
                &[Outcome::Ok, Outcome::Failed]
            }
            Metric::StepDuration | Metric::StepServiceTime => &[
                Outcome::Ok,
                Outcome::Failed,
                Outcome::FailedAsExpected,
                Outcome::Cut,
                Outcome::Interrupted,
                Outcome::Abandoned,
            ],
            Metric::GroupDuration => &[
                Outcome::Ok,
                Outcome::Failed,
                Outcome::Skipped,
                Outcome::Cut,
                Outcome::Interrupted,
                Outcome::Abandoned,
            ],
            Metric::Iterations | Metric::IterationDuration | Metric::IterationServiceTime => &[
                Outcome::Ok,
                Outcome::Failed,
                Outcome::Skipped,
                Outcome::Cut,
                Outcome::Interrupted,
            ],
            _ => &[
                Outcome::Ok,
                Outcome::Failed,
                Outcome::Cut,
                Outcome::Interrupted,
                Outcome::Abandoned,
            ],
        }
    }

    fn check_conditions(&self, steps: &[&PlannedStep]) -> Result<(), Problem> {
        let kind = self.tags.get(TagKey::Kind);
        self.check(TagKey::Kind, &|_, known| {
            known.extend(["check", "expect"].map(str::to_owned));
            false
        })?;
        self.check(TagKey::Check, &|_, known| {
            let all = steps.iter().flat_map(|step| step.conditions());
            let all = all.filter(|(its, _)| kind.is_none_or(|kind| kind == *its));
            known.extend(all.map(|(_, condition)| condition.to_owned()));
            false
        })
    }

    /// Endpoints that nobody asks, and statuses that nobody gets with such an
    /// outcome.
    fn check_requests(&self, steps: &[&PlannedStep]) -> Result<(), Problem> {
        let mut asked: Vec<Asked> = steps.iter().flat_map(|step| step.requests()).collect();
        for (key, value) in [
            (
                TagKey::Endpoint,
                (|asked| &asked.endpoint) as fn(&Asked) -> &String,
            ),
            (TagKey::Method, |asked| &asked.method),
        ] {
            self.check(key, &|_, known| {
                known.extend(asked.iter().map(|asked| value(asked).clone()));
                false
            })?;
            if let Some(wanted) = self.tags.get(key) {
                asked.retain(|asked| value(asked) == wanted);
            }
        }
        let Some(status) = self.tags.get(TagKey::Status) else {
            return Ok(());
        };
        let ended = self.tags.get(TagKey::Outcome).and_then(Outcome::named);
        let number = status
            .parse()
            .ok()
            .filter(|status| (100..=599).contains(status));
        let Some(number) = number else {
            return self.check_no_status(status, ended);
        };
        let good = asked.iter().filter(|asked| asked.is_good(number)).count();
        let possible = match ended {
            Some(Outcome::Ok) => good > 0,
            Some(Outcome::Failed) => good < asked.len(),
            // What was not finished has no status.
            Some(
                Outcome::FailedAsExpected
                | Outcome::Skipped
                | Outcome::Cut
                | Outcome::Interrupted
                | Outcome::Abandoned,
            ) => false,
            None => true,
        };
        if possible || asked.is_empty() {
            return Ok(());
        }
        let name = ended.map_or("", Outcome::name);
        let message = format!("no request that is answered with {status} is `{name}` here");
        let help = match ended {
            Some(Outcome::Ok | Outcome::Failed) => {
                "leave `outcome` out: with a `status`, requests count whatever their outcome"
            }
            _ => "what was not finished has the status `unfinished`",
        };
        Err(self.wrong(status, message, help.into()))
    }

    /// A word instead of a status, which says why there was none.
    fn check_no_status(&self, status: &str, ended: Option<Outcome>) -> Result<(), Problem> {
        if !error_kinds().contains(&status) {
            let near = Problem::suggest(status, error_kinds());
            let help = if near.starts_with("did you mean") {
                near
            } else {
                "a number from `100` to `599`, or why there was none, such as `timeout`".into()
            };
            let message = format!("there is no status `{status}`");
            return Err(self.wrong(status, message, help));
        }
        if ended == Some(Outcome::Ok) {
            let message = format!("no request is `ok` that ended with `{status}`");
            return Err(self.wrong(status, message, "leave `outcome` out".into()));
        }
        Ok(())
    }

    /// Checks the value of a tag against those that there are. `list` collects
    /// them, and may say that the value is good all the same.
    fn check(
        &self,
        key: TagKey,
        list: &dyn Fn(&str, &mut Vec<String>) -> bool,
    ) -> Result<(), Problem> {
        let Some(wanted) = self.tags.get(key) else {
            return Ok(());
        };
        let mut known = Vec::new();
        if list(wanted, &mut known) || known.iter().any(|name| name == wanted) {
            return Ok(());
        }
        known.sort();
        known.dedup();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let message = format!("there is no {} `{wanted}` here", key.name());
        let help = match known[..] {
            [] => "nothing that is played has one".into(),
            _ => Problem::suggest(wanted, &known),
        };
        Err(self.wrong(wanted, message, help))
    }

    /// A problem at a part of the selector.
    fn wrong(&self, part: &str, message: String, help: String) -> Problem {
        let text = &self.written.text;
        // The name of the metric may hold the part as well.
        let braces = text.find('{').unwrap_or_default();
        let at = text[braces..].find(part).map_or(0, |at| braces + at);
        Problem::inside(self.written, at..at + part.len(), message, help)
    }
}
