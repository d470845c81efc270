//! What went wrong, said beside the verdict.

use serde::Serialize;

use super::super::Report;
use crate::numbers::grouped;
use crate::shown::clipped;

/// So many of a kind are told; a link leads to the others.
const MOST: usize = 3;
/// So many characters of a message are told.
const FIT: usize = 300;

/// What was not met, did not hold or failed.
#[derive(Default, Serialize)]
pub(super) struct Wrong {
    kinds: Vec<Kind>,
}

/// What went wrong in one way.
#[derive(Serialize)]
struct Kind {
    title: &'static str,
    /// The section that has all of them.
    section: &'static str,
    lines: Vec<Line>,
    more: usize,
}

/// What it was, and what is known of it.
#[derive(Serialize)]
struct Line {
    what: String,
    told: String,
}

impl Wrong {
    pub(super) fn of(report: &Report) -> Self {
        let thresholds = report.thresholds.iter();
        let thresholds = thresholds.filter(|line| !line.verdict.passed);
        let checks = report.checks().into_iter();
        let checks = checks.filter(|line| line.held < line.total);
        let mut errors: Vec<_> = report.errors.iter().collect();
        errors.sort_by_key(|line| std::cmp::Reverse(line.count));
        let kinds = [
            kind(
                "Thresholds that were not met",
                "thresholds",
                thresholds.map(|line| Line {
                    what: line.threshold.to_string(),
                    told: format!("seen {}", line.verdict.seen),
                }),
            ),
            kind(
                "Checks that did not always hold",
                "thresholds",
                checks.map(|line| Line {
                    told: format!("held {} of {}", grouped(line.held), grouped(line.total)),
                    what: format!(
                        "{}: {}",
                        report.step_name(&line.scenario, &line.step),
                        line.condition
                    ),
                }),
            ),
            kind(
                "Errors",
                "errors",
                errors.into_iter().map(|line| Line {
                    what: format!(
                        "{}: {}, {} {}",
                        report.step_name(&line.scenario, &line.step),
                        line.kind,
                        grouped(line.count),
                        if line.count == 1 { "time" } else { "times" }
                    ),
                    told: line.sample.clone(),
                }),
            ),
        ];
        Self {
            kinds: kinds.into_iter().flatten().collect(),
        }
    }
}

fn kind(
    title: &'static str,
    section: &'static str,
    lines: impl Iterator<Item = Line>,
) -> Option<Kind> {
    let mut lines: Vec<Line> = lines.collect();
    let more = lines.len().saturating_sub(MOST);
    lines.truncate(MOST);
    for line in &mut lines {
        line.told = clipped(std::mem::take(&mut line.told), FIT);
    }
    (!lines.is_empty()).then_some(Kind {
        title,
        section,
        lines,
        more,
    })
}
