//! What `watch` shows of a play: a line for each step, and what has changed since the
//! last play.

use std::fmt::Write;
use std::time::Duration;

use anstyle::AnsiColor;

use crate::language::Look;
use crate::metrics::Metric;
use crate::numbers::time;
use crate::report::{CheckLine, Report, StepBreakdown};
use crate::shown;

/// A step took another time when it took so many times as long, or so small a part.
const MUCH: f64 = 1.5;
/// And when the difference is more than what a machine does of itself.
const NOISE: Duration = Duration::from_millis(20);

/// What a play has given.
pub(super) struct Play {
    lines: Vec<Line>,
}

/// A step or a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    name: String,
    state: State,
    /// Plays of a step; conditions are told when they do not hold or have turned.
    times: Option<u64>,
    took: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Good,
    Bad,
    NotPlayed,
    /// The iteration ended there on purpose.
    Skipped,
}

impl Play {
    pub(super) fn of(report: &Report) -> Self {
        let several = report.run.scenarios.len() > 1;
        let of = |scenario: &str, name: &str| {
            if several {
                format!("{scenario} / {name}")
            } else {
                name.to_owned()
            }
        };
        let checks = report.checks();
        let mut lines = Vec::new();
        for breakdown in report.steps() {
            let (scenario, label) = (&breakdown.scenario, &breakdown.step.name);
            let here = |check: &&CheckLine| *check.scenario == **scenario && *check.step == **label;
            lines.push(step(of(scenario, label), &breakdown));
            lines.extend(
                checks
                    .iter()
                    .filter(here)
                    .map(|check| condition(check, &of(scenario, label))),
            );
        }
        let skips = report.skips.iter();
        lines.extend(skips.map(|skip| skipped(&of(&skip.scenario, &skip.step), &skip.reason)));
        Self { lines }
    }

    /// All of it in lines, with what is otherwise than in the play before.
    pub(super) fn show(&self, before: Option<&Self>, look: Look) -> String {
        let mut out = String::new();
        let steps = self.lines.iter().filter(|line| line.times.is_some());
        let width = steps.map(|line| line.name.chars().count()).max();
        let width = width.unwrap_or_default().min(48);
        for line in &self.lines {
            let known =
                |before: &Self| before.lines.iter().find(|it| it.name == line.name).cloned();
            let change = before.and_then(|before| line.change(known(before).as_ref()));
            if line.times.is_none() && line.state == State::Good && change.is_none() {
                continue;
            }
            let change = change.map_or_else(String::new, |change| format!("  {change}"));
            // Writing to a text does not fail.
            let _ = writeln!(out, "  {}", line.show(width, &change, look));
        }
        out
    }
}

fn step(name: String, breakdown: &StepBreakdown) -> Line {
    let step = &breakdown.step;
    let expected = breakdown
        .parts
        .iter()
        .filter(|part| part.metric == Metric::StepDuration);
    let all = [&step.good, &step.failed, &step.cut].into_iter();
    let all = all.chain(expected.flat_map(|part| [&part.good, &part.failed]));
    let (times, took) = all.fold((0, Duration::ZERO), |(times, took), part| {
        (times + part.count(), took + part.sum())
    });
    let state = match (times, step.failed.is_empty() && step.cut.is_empty()) {
        (0, _) => State::NotPlayed,
        (_, true) => State::Good,
        (_, false) => State::Bad,
    };
    Line {
        name,
        state,
        times: Some(times),
        took,
    }
}

fn skipped(step: &str, reason: &str) -> Line {
    Line {
        name: format!("{step}: {reason}"),
        state: State::Skipped,
        times: None,
        took: Duration::ZERO,
    }
}

fn condition(check: &CheckLine, step: &str) -> Line {
    Line {
        name: format!("{step}: {} {}", check.kind, check.condition),
        state: if check.held < check.total {
            State::Bad
        } else {
            State::Good
        },
        times: None,
        took: Duration::ZERO,
    }
}

impl Line {
    fn show(&self, width: usize, change: &str, look: Look) -> String {
        let mark = match self.state {
            State::Good => look.good("✓"),
            State::Bad => look.bad("✗"),
            State::Skipped => look.warn("↷"),
            State::NotPlayed => look.painted("·", AnsiColor::BrightBlack.on_default()),
        };
        let name = shown::line(&self.name);
        let line = match self.times {
            None => format!("{mark} {name}{change}"),
            Some(0) => format!("{mark} {name:width$}  not played{change}"),
            Some(1) => format!("{mark} {name:width$}  {:>8}{change}", time(self.took)),
            Some(times) => format!(
                "{mark} {name:width$}  {:>8} in {times} plays{change}",
                time(self.took)
            ),
        };
        line.trim_end().to_owned()
    }

    /// What is otherwise than it was; nothing of a step that has not been played again.
    fn change(&self, before: Option<&Self>) -> Option<String> {
        let Some(before) = before else {
            return Some("new".to_owned());
        };
        let now = match (before.state, self.state, self.times) {
            (State::Good | State::NotPlayed, State::Bad, Some(_)) => "now fails",
            (State::Bad | State::NotPlayed, State::Good, Some(_)) => "now passes",
            (State::Good, State::Bad, None) => "no longer holds",
            (State::Bad, State::Good, None) => "now holds",
            (State::Good | State::Bad, State::NotPlayed, _) => "no longer played",
            _ => return self.moved(before),
        };
        Some(now.to_owned())
    }

    /// The time that it took before, when this one is another.
    fn moved(&self, before: &Self) -> Option<String> {
        let (now, then) = (self.took.as_secs_f64(), before.took.as_secs_f64());
        let much = now > then * MUCH || then > now * MUCH;
        let moved = much && self.took.abs_diff(before.took) > NOISE && self.times == before.times;
        moved.then(|| format!("was {}", time(before.took)))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Line, Look, Play, State};

    fn step(name: &str, state: State, milliseconds: u64) -> Line {
        Line {
            name: name.to_owned(),
            state,
            times: Some(u64::from(state != State::NotPlayed)),
            took: Duration::from_millis(milliseconds),
        }
    }

    fn check(holds: bool) -> Line {
        Line {
            name: "c: check x == 1".to_owned(),
            state: if holds { State::Good } else { State::Bad },
            times: None,
            took: Duration::ZERO,
        }
    }

    #[test]
    fn a_play_shows_its_steps_and_what_has_changed() {
        use State::{Bad, Good, NotPlayed};
        let first = Play {
            lines: vec![
                step("a", Good, 100),
                step("b", Good, 10),
                step("c", Good, 9),
                check(true),
            ],
        };
        insta::assert_snapshot!(first.show(None, Look::Plain), @r"
        ✓ a     100ms
        ✓ b    10.0ms
        ✓ c    9.00ms
        ");
        let second = Play {
            lines: vec![
                step("a", Good, 300),
                step("b", Bad, 5),
                step("c", NotPlayed, 0),
                check(false),
                step("d", Good, 1),
            ],
        };
        insta::assert_snapshot!(second.show(Some(&first), Look::Plain), @r"
        ✓ a     300ms  was 100ms
        ✗ b    5.00ms  now fails
        · c  not played  no longer played
        ✗ c: check x == 1  no longer holds
        ✓ d    1.00ms  new
        ");
        insta::assert_snapshot!(first.show(Some(&second), Look::Plain), @r"
        ✓ a     100ms  was 300ms
        ✓ b    10.0ms  now passes
        ✓ c    9.00ms  now passes
        ✓ c: check x == 1  now holds
        ");
        // What a machine does of itself is no change.
        let third = Play {
            lines: vec![
                step("a", Good, 110),
                step("b", Good, 25),
                step("c", Good, 9),
                check(true),
            ],
        };
        assert!(!third.show(Some(&first), Look::Plain).contains("was"));
        assert!(
            second
                .show(None, Look::Colour)
                .contains("\u{1b}[31m✗\u{1b}[0m b")
        );
    }
}
