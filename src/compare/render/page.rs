//! What every format shows, and figures in words.

use std::fmt::Write;

use crate::compare::{Change, Comparison, Doubt, Failure, Interval, Statistic, Verdict};
use crate::numbers::{from_nanoseconds, plural, three_digits, time};

/// What is said of a figure that nobody knows.
pub(super) const UNFINISHED: &str =
    "falls among runs of the step that were not finished, which took longer than all that were";

/// Everything there is to say of two sides.
pub struct Page<'a> {
    /// What is compared, before and after; a line for each run.
    pub sides: [Vec<String>; 2],
    pub warnings: Vec<String>,
    pub comparison: &'a Comparison,
    pub failures: Vec<Failure>,
    /// How many limits there are.
    pub limits: usize,
    /// Those of them that something can be said of.
    pub judged: usize,
}

/// How a comparison has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// A change is beyond a limit, and not due to chance.
    Failed,
    /// Something was judged, each limit among it.
    Good,
    /// There is nothing, or a limit, of which something can be said.
    Nothing,
}

impl Page<'_> {
    /// True when a change is beyond a limit, and not due to chance.
    pub fn failed(&self) -> bool {
        self.failures.iter().any(|failure| failure.sure)
    }

    pub(super) fn outcome(&self) -> Outcome {
        let mut changes = self.changes();
        if self.failed() {
            Outcome::Failed
        } else if self.judged == self.limits
            && changes.any(|change| change.verdict != Verdict::Inconclusive)
        {
            Outcome::Good
        } else {
            Outcome::Nothing
        }
    }

    fn changes(&self) -> impl Iterator<Item = &Change> {
        self.comparison.lines.iter().flat_map(|line| &line.changes)
    }

    /// How many figures are inconclusive, why, and what helps, in one line; `None`
    /// when there are none.
    pub(super) fn doubts(&self) -> Option<String> {
        let unsure = self.changes();
        let unsure = unsure.filter(|change| change.verdict == Verdict::Inconclusive);
        let unsure: Vec<&Change> = unsure.collect();
        let doubts: Vec<Doubt> = unsure.iter().map(|change| change.doubt).collect();
        if doubts.is_empty() {
            return None;
        }
        let reasons: Vec<String> = [
            few_plays(&unsure),
            short(&doubts),
            others(
                &doubts,
                Doubt::Unfinished,
                "fall among what was not finished",
            ),
            others(
                &doubts,
                Doubt::Noise,
                "may be chance: play longer, or four runs on each side",
            ),
        ]
        .into_iter()
        .flatten()
        .collect();
        let figures = plural(doubts.len() as u64, "figure", "figures");
        Some(format!("{figures} inconclusive: {}", reasons.join("; ")))
    }

    /// `2 slower, 1 faster, 40 unchanged, 5 inconclusive`.
    pub(super) fn counts(&self) -> String {
        let counts = [
            Verdict::Slower,
            Verdict::MoreErrors,
            Verdict::Faster,
            Verdict::FewerErrors,
            Verdict::Unchanged,
            Verdict::Inconclusive,
        ]
        .map(|verdict| {
            let count = self
                .changes()
                .filter(|change| change.verdict == verdict)
                .count();
            (count > 0).then(|| format!("{count} {}", verdict.words()))
        });
        counts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// Figures of which there are too few plays, and how many are needed:
/// `3 to 12 runs each: 20 needed, 100 for p95`.
fn few_plays(unsure: &[&Change]) -> Option<String> {
    let few = unsure.iter().filter_map(|change| match change.doubt {
        Doubt::FewPlays { seen, least } => Some((least, seen, change.statistic)),
        _ => None,
    });
    let mut few: Vec<(u64, u64, Statistic)> = few.collect();
    few.sort_unstable_by_key(|(least, seen, _)| (*least, *seen));
    let (mut said, mut before) = (String::new(), String::new());
    for group in few.chunk_by(|(one, ..), (other, ..)| one == other) {
        let (least, fewest, statistic) = group[0];
        let most = group.last().map_or(fewest, |(_, most, _)| *most);
        let seen = if fewest == most {
            plural(most, "run", "runs")
        } else {
            format!("{fewest} to {most} runs")
        };
        if !said.is_empty() {
            said += ", ";
        }
        let _ = if seen == before {
            write!(said, "{least}")
        } else {
            write!(said, "{seen} each: {least} needed")
        };
        if least > Statistic::P50.least() {
            let _ = write!(said, " for {}", statistic.name());
        }
        before = seen;
    }
    let hint = "play longer, or at a higher rate";
    (!said.is_empty()).then(|| format!("{said} ({hint})"))
}

/// Figures of runs that were too short.
fn short(doubts: &[Doubt]) -> Option<String> {
    let short = doubts.iter().filter_map(|doubt| match doubt {
        Doubt::Short { seen, least } => Some((*seen, *least)),
        _ => None,
    });
    let (seen, least) = short.min()?;
    Some(format!("{seen}s measured: {least}s needed"))
}

fn others(doubts: &[Doubt], which: Doubt, said: &str) -> Option<String> {
    let count = doubts.iter().filter(|doubt| **doubt == which).count();
    (count > 0).then(|| format!("{count} {said}"))
}

/// A value with its unit.
pub fn show(statistic: Statistic, value: Option<f64>) -> String {
    let Some(value) = value else {
        return "–".into();
    };
    match statistic {
        Statistic::ErrorRate => format!("{:.2}%", value * 100.0),
        Statistic::Throughput => format!("{}/s", three_digits(value)),
        _ => time(from_nanoseconds(value)),
    }
}

pub(super) fn change(change: &Change) -> String {
    change
        .by
        .map_or_else(|| "–".into(), |seen| percent(change.statistic, seen))
}

pub(super) fn interval(change: &Change) -> String {
    match change.interval {
        Some(Interval { low, high }) => {
            let [low, high] = [low, high].map(|end| percent(change.statistic, end));
            format!("{low} … {high}")
        }
        None => "–".into(),
    }
}

/// `+12.3%`; for a difference of shares, `+0.10 points`.
fn percent(statistic: Statistic, share: f64) -> String {
    let value = share * 100.0;
    // No minus before a zero.
    let round = |digits: i32| {
        let factor = 10_f64.powi(digits);
        (value * factor).round() / factor + 0.0
    };
    if statistic.is_difference() {
        format!("{:+.2}pt", round(2))
    } else if value.abs() >= 1000.0 {
        "> +1000%".into()
    } else {
        format!("{:+.1}%", round(1))
    }
}
