//! Lines of a report, of what the engine tells.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::engine::{
    ErrorGroup, Flow, LogItem, LogLine, Plan, SkipGroup, SlowIteration, StopReason,
};
use crate::metrics::{Metric, Recorder};
use crate::numbers::{milliseconds, plural};
use crate::report::{
    ErrorLine, LogSaid, LoggedLine, ScenarioLine, SkipLine, SlowLine, SpanLine, StopKind, StopLine,
    TraceLine, in_order,
};
use crate::trace_context::TraceContext;

/// An iteration with everything in it, at its place. A wait for a processor is
/// told after the work that it came before.
pub(super) fn slow_line(slow: &SlowIteration, run: Instant, recorder: &Recorder) -> SlowLine {
    let mut work = Duration::ZERO;
    let mut spans = Vec::new();
    for traced in &slow.spans {
        let Some((metric, tags)) = recorder.describe(traced.series) else {
            continue;
        };
        let end = traced.end.saturating_duration_since(slow.began);
        let after = match metric {
            Metric::CryptoWait => work,
            _ => Duration::ZERO,
        };
        work = match metric {
            Metric::CryptoDuration => traced.took,
            _ => Duration::ZERO,
        };
        let start = end.saturating_sub(traced.took + after);
        spans.extend(SpanLine::new(metric, &tags, start, traced.took));
    }
    in_order(&mut spans);
    SlowLine {
        scenario: Arc::clone(&slow.scenario),
        vu: slow.vu,
        iteration: slow.iteration,
        failed: slow.failed,
        began: slow.began.saturating_duration_since(run),
        took: slow.took,
        trace: slow.trace.map(trace),
        spans,
    }
}

fn trace(context: TraceContext) -> TraceLine {
    TraceLine {
        id: context.id.to_string(),
        sampled: context.sampled,
    }
}

/// What scenarios have said, from `began` on.
pub(super) fn log(items: &[LogItem], began: Instant) -> Vec<LogSaid> {
    let line = |line: &LogLine| LoggedLine {
        at_ms: milliseconds(line.at.saturating_duration_since(began)),
        vu: line.vu,
        iteration: line.iteration,
        text: line.text.to_string(),
    };
    let said = items.iter().map(|item| LogSaid {
        scenario: item.scenario.to_string(),
        item: item.item.to_string(),
        lines: item.lines.iter().map(line).collect(),
        withheld: item.withheld,
    });
    said.collect()
}

pub(super) fn stopped(reason: &StopReason, cut: u64) -> StopLine {
    let (kind, by) = match reason {
        StopReason::Signal => (StopKind::Signal, "stopped by a signal".to_owned()),
        StopReason::Unread => {
            let by = "stopped because its terminal was closed".to_owned();
            (StopKind::TerminalClosed, by)
        }
        StopReason::FailedIteration => {
            let by = "stopped at the first failed iteration (--fail-fast)".to_owned();
            (StopKind::FailedIteration, by)
        }
        StopReason::Aborted { scenario, message } => {
            let by = format!("stopped by `abort` in scenario `{scenario}`: {message}");
            (StopKind::Abort, by)
        }
        StopReason::Threshold { threshold, seen } => {
            let by = format!("stopped by a threshold: {threshold}, seen {seen}");
            (StopKind::Threshold, by)
        }
    };
    let text = match cut {
        0 => by,
        _ => format!(
            "{by}; {} cut",
            plural(cut, "iteration was", "iterations were")
        ),
    };
    StopLine { kind, text }
}

pub(super) fn scenarios(plan: &Plan) -> Vec<ScenarioLine> {
    let once = |name: &str, flow: &Flow| {
        let line = ScenarioLine {
            name: name.into(),
            executor: "once".into(),
            steps: flow.labels().to_vec(),
        };
        (!flow.is_empty()).then_some(line)
    };
    let scenarios = plan.scenarios.iter().map(|scenario| ScenarioLine {
        name: Arc::clone(&scenario.name),
        executor: scenario.executor.describe(),
        steps: scenario.flow.labels().to_vec(),
    });
    once("setup", &plan.setup)
        .into_iter()
        .chain(scenarios)
        .chain(once("teardown", &plan.teardown))
        .collect()
}

pub(super) fn errors(groups: &[ErrorGroup]) -> Vec<ErrorLine> {
    let lines = groups.iter().map(|group| ErrorLine {
        scenario: Arc::clone(&group.scenario),
        step: Arc::clone(&group.step),
        kind: group.kind.clone(),
        count: group.count,
        sample: group.sample.clone(),
        trace: group.trace.map(trace),
    });
    lines.collect()
}

pub(super) fn skips(groups: &[SkipGroup]) -> Vec<SkipLine> {
    let lines = groups.iter().map(|group| SkipLine {
        scenario: Arc::clone(&group.scenario),
        step: Arc::clone(&group.step),
        reason: Arc::clone(&group.reason),
        count: group.count,
    });
    lines.collect()
}
