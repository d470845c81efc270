//! One scenario of a plan: when its iterations start, and what they are.

use std::sync::Arc;
use std::time::Duration;

use super::executor::{EXECUTORS, Executor, ExecutorKind, Model, Overrides};
use super::flow::Flow;
use crate::document::{Defaulted, Field, ReadContext, ScenarioDoc};
use crate::http::ConnectionSettings;
use crate::language::inline::inline;
use crate::language::{Fields, Key, Node, Problem, Text};
use crate::target::CONNECTIONS;

/// How long iterations under way may go on once no further one starts; k6 has
/// the same default.
pub(super) const GRACEFUL_STOP: Duration = Duration::from_secs(30);

/// One scenario of a plan.
pub struct PlannedScenario {
    /// Its name.
    pub name: Arc<str>,
    /// When its iterations start.
    pub executor: Box<dyn Executor>,
    /// Feeders of which each iteration has a row.
    pub feed: Vec<Arc<str>>,
    /// What an iteration is.
    pub flow: Arc<Flow>,
    /// When it starts and how it ends.
    pub timing: Timing,
    /// How its users use connections, if not as the target says.
    pub connections: Option<ConnectionSettings>,
}

/// When iterations start, and what their users reach the target by.
pub(super) struct Planned {
    pub(super) timing: Timing,
    pub(super) executor: Box<dyn Executor>,
    pub(super) connections: Option<ConnectionSettings>,
}

/// When a scenario starts and how it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// From the start of the run.
    pub start_time: Duration,
    /// Iterations that start in this time are told apart as warm-up.
    pub warmup: Duration,
    /// How long iterations under way may go on after the scenario's end.
    pub graceful_stop: Duration,
}

/// Reads when iterations start: everything in a scenario but its steps.
pub(super) fn plan_executor(
    document: &ScenarioDoc,
    overrides: Overrides,
    cx: &mut ReadContext,
) -> Option<Planned> {
    let name = &document.executor;
    // An unknown executor was reported; its settings mean nothing then.
    let kind = EXECUTORS
        .iter()
        .find(|kind| kind.name == name.text.as_str())?;
    let what = format!("a `{}` scenario", name.text);
    let keys = [COMMON].iter().chain(kind.fields);
    let keys = keys.flat_map(|group| group.iter().copied()).collect();
    let mut fields = Fields::of(&document.settings, &what, keys, cx)?;
    let timing = Timing::read(&mut fields, cx);
    let connections = fields.get(&CONNECTIONS, cx);
    let executor = (kind.compile)(&mut fields, name, overrides, cx);
    let warmup = fields.span_of("warmup");
    let unsaid = (document.executor.span == document.name.span)
        .then(|| unsaid_executor(&document.settings, kind))
        .flatten();
    if let Some((meant, problem)) = &unsaid {
        cx.push(problem.clone());
        fields.with(&meant.fields.concat());
    }
    fields.finish_with(cx, |key| of_other_executors(key, &document.settings));
    if unsaid.is_some() {
        return None;
    }
    let executor = executor?;
    if let (Some(span), Some(duration)) = (warmup, executor.extent().duration)
        && (executor.model() == Model::Open || executor.extent().iterations.is_none())
        && timing.warmup >= duration
    {
        let help = "thresholds and summary leave it out: make it shorter than the scenario";
        let warning = Problem::new(span, "the whole scenario is warm-up", help);
        cx.warn(warning.of("without-effect"));
    }
    Some(Planned {
        timing,
        executor,
        connections,
    })
}

/// The executor that was meant where none is named, if there are settings of others.
fn unsaid_executor(
    settings: &Node,
    default: &ExecutorKind,
) -> Option<(&'static ExecutorKind, Problem)> {
    let has = |kind: &ExecutorKind, name: &Text| {
        let mut keys = kind.fields.iter().copied().flatten();
        keys.any(|key| key.name == name.text)
    };
    let of_any = |name: &Text| EXECUTORS.iter().any(|kind| has(kind, name));
    let names: Vec<&Text> = settings.entries().map(|(name, _)| name).collect();
    let names: Vec<&Text> = names.into_iter().filter(|name| of_any(name)).collect();
    let first = names.iter().find(|name| !has(default, name))?;
    // `vus` is known to most, and those who have a rate mean something else by it.
    let fits = |kind: &&ExecutorKind| {
        let mut names = names.iter().filter(|name| name.text != "vus");
        names.all(|name| has(kind, name))
    };
    let meant = EXECUTORS.iter().find(fits)?;
    let mut lines = vec![format!("executor: {}", meant.name)];
    let keys = meant.fields.iter().copied().flatten();
    let missing = keys.filter(|key| key.is_required() && settings.entry(key.name).is_none());
    lines.extend(missing.filter_map(|key| {
        let vus = settings.entry("vus").filter(|_| key.is_also_called("vus"));
        match vus.and_then(Node::scalar) {
            Some(vus) => Some(format!("{}: {}", key.name, vus.text)),
            None => key.form(),
        }
    }));
    let message = format!(
        "`{}` is a setting of `{}`, and the scenario names no executor",
        first.text, meant.name
    );
    let help = format!("add\n  {}", lines.join("\n  "));
    Some((meant, Problem::new(first.span, message, help)))
}

/// Parts of a file that stand beside `scenarios`, and what other tools call them.
const OF_THE_FILE: [(&str, &[&str]); 6] = [
    ("setup", &["before", "before_all", "beforeAll"]),
    ("teardown", &["after", "after_all", "afterAll"]),
    ("vars", &["variables", "env"]),
    ("thresholds", &[]),
    ("feeders", &[]),
    ("rate_limits", &[]),
];

/// Whose setting this is, if it is one at all.
fn of_other_executors(key: &str, settings: &Node) -> Option<String> {
    let is_it = |(name, also): &&(&str, &[&str])| *name == key || also.contains(&key);
    if let Some((name, _)) = OF_THE_FILE.iter().find(is_it) {
        let value = settings.entry(key).map(inline).unwrap_or_default();
        let help = "it stands at the top of the file, beside `scenarios`";
        return Some(format!("{help}\n  {name}: {value}"));
    }
    if key == "weight" {
        let help = "scenarios start together; of alternatives one is played, by their weights:";
        return Some(format!(
            "{help}\n  steps:\n    - choose:\n        - {{weight: 3, steps: […]}}"
        ));
    }
    let has = |kind: &&ExecutorKind| {
        let mut keys = kind.fields.iter().copied().flatten();
        keys.any(|known| known.name == key)
    };
    let kinds = EXECUTORS.iter().filter(has);
    let kinds: Vec<String> = kinds.map(|kind| format!("`{}`", kind.name)).collect();
    (!kinds.is_empty()).then(|| format!("this is a setting of {}", kinds.join(", ")))
}

const START_TIME: Defaulted<Duration> = Field::new(
    "start_time",
    "how long after the start of the run it begins",
)
.or(&Duration::ZERO);
const WARMUP: Defaulted<Duration> = Field::new(
    "warmup",
    "iterations that start within this time are told apart: thresholds and summary \
     leave them out",
)
.or(&Duration::ZERO);
const GRACE: Defaulted<Duration> = Field::new(
    "graceful_stop",
    "how long iterations under way may go on after its end, before they are cut",
)
.or(&GRACEFUL_STOP);

/// Keys of a scenario that it has whatever its executor.
pub(super) const COMMON: &[Key] = &[
    START_TIME.key(),
    WARMUP.key(),
    GRACE.key(),
    CONNECTIONS.key(),
];

impl Timing {
    fn read(fields: &mut Fields<'_>, cx: &mut ReadContext) -> Self {
        Self {
            start_time: fields.get_or(&START_TIME, cx),
            warmup: fields.get_or(&WARMUP, cx),
            graceful_stop: fields.get_or(&GRACE, cx),
        }
    }
}
