//! From measurements of two sides to verdicts.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::adjust::holm;
use super::blocks::{LEAST, enough, estimates, plays};
use super::runs::{Numbers, chances, ways};
use super::seconds::Table;
use super::verdict::direction;
use super::{Line, LineName, Run, Statistic, Verdict};

/// Chance that a comparison in which nothing has changed calls anything faster
/// or slower.
const FALSE_ALARMS: f64 = 0.05;

/// So many ways to split the runs are needed for shuffling to be able to show
/// anything: the actual one and its opposite are then 5 % of them.
const WAYS: usize = 40;

/// How the two sides were held against each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// One run each, of which blocks of seconds were drawn.
    Seconds,
    Shuffle,
    /// Too few runs to shuffle, and Student's test of them.
    FewRuns,
}

/// Changes that are ignored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Margin {
    /// Of times and throughput, as a share.
    pub relative: f64,
    /// Of error rates, as a difference of shares.
    pub points: f64,
}

/// Where a change lies 95 % confidence interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

/// One statistic of one line on both sides. Times are in nanoseconds, shares
/// and changes are of 1.
#[derive(Clone, Debug)]
pub struct Change {
    pub statistic: Statistic,
    pub base: Option<f64>,
    pub new: Option<f64>,
    /// True when the figure after falls among runs of the step that were not finished: they
    /// took longer than all that were.
    pub unfinished: bool,
    /// After in relation to before; a difference for error rates.
    pub by: Option<f64>,
    /// How sure that is, taken alone.
    pub interval: Option<Interval>,
    /// The chance of seeing as much anywhere in the comparison when nothing has
    /// changed.
    pub chance: Option<f64>,
    pub verdict: Verdict,
    /// Why nothing can be said, where the verdict is that.
    pub doubt: Doubt,
}

#[derive(Clone, Debug)]
pub struct LineChange {
    pub name: LineName,
    /// In the order of [`Statistic::ALL`].
    pub changes: Vec<Change>,
}

/// Both sides, line by line.
#[derive(Clone, Debug)]
pub struct Comparison {
    pub method: Method,
    /// Lines that both sides have.
    pub lines: Vec<LineChange>,
    /// Lines that only some runs have.
    pub missing: Vec<LineName>,
}

impl Default for Margin {
    fn default() -> Self {
        Self {
            relative: 0.05,
            points: 0.001,
        }
    }
}

impl Change {
    pub fn is_sure(&self) -> bool {
        self.chance.is_some_and(|chance| chance < FALSE_ALARMS)
    }
}

/// Why nothing can be said of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// A side has so few runs of the step, or requests.
    FewPlays {
        /// Those of the side that has fewest.
        seen: u64,
        /// So many are needed.
        least: u64,
    },
    /// A run was measured for so few seconds.
    Short {
        /// Those of the shorter one.
        seen: usize,
        /// So many are needed.
        least: usize,
    },
    /// The figure falls among what was not finished.
    Unfinished,
    /// It may be chance.
    Noise,
}

/// A difference on the statistic's scale.
#[derive(Clone, Copy)]
struct Answer {
    at: f64,
    error: f64,
    freedom: f64,
}

/// Holds two sides against each other. Each has at least one run.
pub fn compare(base: &[Run], new: &[Run], margin: Margin) -> Comparison {
    let (names, missing) = names(base, new);
    let method = method(base.len(), new.len());
    let mut answers = Vec::new();
    let mut lines: Vec<LineChange> = Vec::new();
    for name in names {
        let sides = [base, new].map(|runs| tables(runs, &name));
        let changes = Statistic::ALL.map(|statistic| shown(statistic, &sides, method));
        let found = match method {
            Method::Seconds => by_seconds(&sides),
            Method::Shuffle | Method::FewRuns => by_runs(&sides),
        };
        answers.extend(found.into_iter().map(|found| (lines.len(), found)));
        lines.push(LineChange {
            name,
            changes: changes.to_vec(),
        });
    }
    let chances = chances_of(method, &answers);
    for ((line, (statistic, answer, _)), chance) in answers.into_iter().zip(chances) {
        let mut told = lines[line].changes.iter_mut();
        if let Some(told) = told.find(|told| told.statistic == statistic) {
            answer.tell(told, chance, margin);
        }
    }
    Comparison {
        method,
        lines,
        missing,
    }
}

fn method(base: usize, new: usize) -> Method {
    if base <= 1 && new <= 1 {
        Method::Seconds
    } else if ways(base + new, new) >= WAYS {
        Method::Shuffle
    } else {
        Method::FewRuns
    }
}

/// Lines that every run has, and lines that only some have.
fn names(base: &[Run], new: &[Run]) -> (Vec<LineName>, Vec<LineName>) {
    let runs = || base.iter().chain(new);
    let mut all: Vec<LineName> = Vec::new();
    for line in runs().flat_map(|run| &run.lines) {
        if !all.contains(&line.name) {
            all.push(line.name.clone());
        }
    }
    let everywhere =
        |name: &LineName| runs().all(|run| run.lines.iter().any(|line| line.name == *name));
    all.into_iter().partition(everywhere)
}

fn tables(runs: &[Run], name: &LineName) -> Vec<Table> {
    let lines = runs.iter().flat_map(|run| &run.lines);
    lines
        .filter(|line| line.name == *name)
        .map(|line: &Line| Table::new(&line.seconds))
        .collect()
}

/// The numbers themselves, which are there even if nothing can be said of them.
fn shown(statistic: Statistic, sides: &[Vec<Table>; 2], method: Method) -> Change {
    let [base, new] = sides.each_ref().map(|tables| {
        // A run of which only a bound is known is not left out as if it were
        // not there: the number of its side is not known.
        if tables.iter().any(|table| table.is_unknown(statistic)) {
            return None;
        }
        let values = tables.iter().filter_map(|table| table.whole(statistic));
        mean(values.map(|value| statistic.to_scale(value)))
    });
    let natural = |value: f64| {
        if statistic.is_difference() {
            value
        } else {
            value.exp()
        }
    };
    let change = base
        .zip(new)
        .map(|(base, new)| statistic.change(new - base));
    let [_, after] = sides;
    Change {
        statistic,
        unfinished: after.iter().any(|table| table.is_unknown(statistic)),
        base: base.map(natural),
        new: new.map(natural),
        by: change.filter(|change| change.is_finite()),
        interval: None,
        chance: None,
        verdict: Verdict::Inconclusive,
        doubt: doubt(statistic, sides, method),
    }
}

/// What stands in the way of a verdict; noise, when nothing else does.
fn doubt(statistic: Statistic, sides: &[Vec<Table>; 2], method: Method) -> Doubt {
    let tables = || sides.iter().flatten();
    let (least, plays) = (
        statistic.least(),
        tables().map(|table| plays(table, statistic)),
    );
    if let Some(seen) = plays.min().filter(|seen| *seen < least) {
        return Doubt::FewPlays { seen, least };
    }
    if tables().any(|table| table.is_unknown(statistic)) {
        return Doubt::Unfinished;
    }
    let seconds = tables().map(Table::len).min();
    match seconds.filter(|seen| method == Method::Seconds && *seen < LEAST) {
        Some(seen) => Doubt::Short { seen, least: LEAST },
        None => Doubt::Noise,
    }
}

#[expect(clippy::cast_precision_loss, reason = "hundreds at most")]
fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let values: Vec<f64> = values.collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// A statistic, what is known of its change, and the runs' numbers, if several.
type Found = (Statistic, Answer, Option<Numbers>);

fn by_seconds(sides: &[Vec<Table>; 2]) -> Vec<Found> {
    let [[base], [new]] = sides.each_ref().map(Vec::as_slice) else {
        return Vec::new();
    };
    let (base, new) = (estimates(base), estimates(new));
    let pairs = Statistic::ALL.into_iter().zip(base.into_iter().zip(new));
    let answers = pairs.filter_map(|(statistic, (base, new))| {
        let (base, new) = (base?, new?);
        let variance = base.variance + new.variance;
        let answer = Answer {
            at: new.at - base.at,
            error: variance.sqrt().max(statistic.resolution()),
            // Of the side with fewer blocks: cautious, as blocks are not quite
            // independent of one another.
            freedom: base.freedom.min(new.freedom),
        };
        answer.at.is_finite().then_some((statistic, answer, None))
    });
    answers.collect()
}

#[expect(clippy::cast_precision_loss, reason = "hundreds at most")]
fn by_runs(sides: &[Vec<Table>; 2]) -> Vec<Found> {
    let numbers = |tables: &[Table], statistic: Statistic| -> Option<Vec<f64>> {
        let values = tables.iter().map(|table| {
            let value = enough(table, statistic).then(|| table.whole(statistic))??;
            Some(statistic.to_scale(value)).filter(|value| value.is_finite())
        });
        values.collect()
    };
    let found = Statistic::ALL.into_iter().filter_map(|statistic| {
        let numbers = Numbers {
            base: numbers(&sides[0], statistic)?,
            new: numbers(&sides[1], statistic)?,
            resolution: statistic.resolution(),
        };
        let difference = numbers.difference();
        let answer = Answer {
            at: difference.at,
            error: difference.error,
            freedom: (numbers.base.len() + numbers.new.len()) as f64 - 2.0,
        };
        Some((statistic, answer, Some(numbers)))
    });
    found.collect()
}

/// The chance of each answer, all others considered.
fn chances_of(method: Method, answers: &[(usize, Found)]) -> Vec<f64> {
    if method == Method::Shuffle {
        let numbers = answers
            .iter()
            .filter_map(|(_, (_, _, numbers))| numbers.clone());
        return chances(&numbers.collect::<Vec<_>>());
    }
    let alone = answers.iter().map(|(_, (_, answer, _))| answer.chance());
    let mut all: Vec<f64> = alone.collect();
    holm(&mut all);
    all
}

impl Answer {
    fn student(self) -> Option<StudentsT> {
        StudentsT::new(0.0, 1.0, self.freedom).ok()
    }

    /// How often as much would be seen by chance, if this were all there is.
    fn chance(self) -> f64 {
        if self.at == 0.0 {
            1.0
        } else if self.error == 0.0 {
            0.0
        } else {
            let beyond = |student: StudentsT| 2.0 * student.cdf(-(self.at / self.error).abs());
            self.student().map_or(1.0, beyond)
        }
    }

    fn tell(self, told: &mut Change, chance: f64, margin: Margin) {
        let statistic = told.statistic;
        let Some(student) = self.student() else {
            return;
        };
        let reach = student.inverse_cdf(1.0 - FALSE_ALARMS / 2.0) * self.error;
        let interval = Interval {
            low: statistic.change(self.at - reach),
            high: statistic.change(self.at + reach),
        };
        told.interval = Some(interval);
        told.chance = Some(chance);
        let within = if statistic.is_difference() {
            margin.points
        } else {
            margin.relative
        };
        told.verdict = if interval.low >= -within && interval.high <= within {
            Verdict::Unchanged
        } else if told.is_sure() {
            direction(statistic, self.at > 0.0)
        } else {
            Verdict::Inconclusive
        };
    }
}

impl Method {
    pub fn words(self) -> &'static str {
        match self {
            Self::Seconds => {
                "one run on each side: blocks of seconds drawn again and again, Student's distribution, Holm's correction"
            }
            Self::Shuffle => {
                "several runs: shuffled, the most striking figure of each shuffle (Westfall and Young)"
            }
            Self::FewRuns => {
                "few runs: Student's test over runs, Holm's correction; four runs on each side see more"
            }
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Seconds => "seconds",
            Self::Shuffle => "shuffled_runs",
            Self::FewRuns => "few_runs",
        }
    }
}
