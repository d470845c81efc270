//! One scenario of a plan: when its iterations start, and what they are.

use std::sync::Arc;
use std::time::Duration;

use super::executor::{EXECUTORS, Executor, ExecutorKind, Model, Overrides};
use super::flow::Flow;
use crate::document::{Defaulted, Field, ReadContext, ScenarioDoc};
use crate::http::ConnectionSettings;
use crate::language::{Fields, Key, Problem};
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
    fields.finish_with(cx, of_other_executors);
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

/// Whose setting this is, if it is one at all.
fn of_other_executors(key: &str) -> Option<String> {
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
