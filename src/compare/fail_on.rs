//! `--fail-on "p95{step=login} > +10%"`: changes that fail the command.

use std::fmt;

use super::{Change, Comparison, LineKind, LineName, Statistic, Verdict};
use crate::metrics::{Selector, TagKey, Tags};

/// A change that must not be.
#[derive(Clone, Debug)]
pub struct FailOn {
    text: String,
    statistic: Statistic,
    tags: Tags,
    more: bool,
    limit: f64,
}

#[derive(Clone, Debug)]
pub struct Failure {
    /// The limit as it was written.
    pub limit: String,
    pub line: LineName,
    pub change: Change,
    /// False when it may be chance: then it fails nothing.
    pub sure: bool,
}

impl fmt::Display for FailOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::str::FromStr for FailOn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const SHAPE: &str = "write a statistic, `>` or `<`, and a change, such as `p95 > +10%` or `error_rate{step=login} > +0.1%`";
        // A value in quotes may have anything in it, so the last one counts.
        let at = text
            .rfind(['<', '>'])
            .ok_or_else(|| format!("no `>` or `<`; {SHAPE}"))?;
        let (left, right) = (text[..at].trim(), text[at + 1..].trim());
        let (name, braces) = left.split_at(left.find('{').unwrap_or(left.len()));
        let statistic = Statistic::named(name.trim()).ok_or_else(|| {
            let names = Statistic::ALL.map(Statistic::name).join(", ");
            format!("unknown statistic `{}`; one of: {names}", name.trim())
        })?;
        Ok(Self {
            text: text.trim().to_owned(),
            statistic,
            tags: tags(braces)?,
            more: text[at..].starts_with('>'),
            limit: percentage(right)
                .ok_or_else(|| format!("expected a change in percent, found `{right}`; {SHAPE}"))?,
        })
    }
}

/// What tells steps and endpoints apart.
const KEYS: [TagKey; 4] = [
    TagKey::Scenario,
    TagKey::Step,
    TagKey::Method,
    TagKey::Endpoint,
];

fn tags(braces: &str) -> Result<Tags, String> {
    if braces.is_empty() {
        return Ok(Tags::new());
    }
    // The language of thresholds has the same braces.
    let selector = Selector::parse(&format!("step_duration{braces}"))
        .map_err(|error| format!("{}; {}", error.message, error.help))?;
    match selector.tags().iter().find(|(key, _)| !KEYS.contains(key)) {
        Some((key, _)) => Err(format!(
            "steps and endpoints are not told apart by `{}`; use one of: {}",
            key.name(),
            KEYS.map(TagKey::name).join(", ")
        )),
        None => Ok(selector.tags().clone()),
    }
}

fn percentage(text: &str) -> Option<f64> {
    let number = text.strip_suffix('%')?.trim();
    let value: f64 = number.parse().ok()?;
    value.is_finite().then_some(value / 100.0)
}

impl FailOn {
    /// Lines whose change is beyond the limit.
    ///
    /// # Errors
    /// When there is no such line: a limit over nothing would never fail.
    pub fn check(&self, comparison: &Comparison) -> Result<Vec<Failure>, String> {
        let mut lines = comparison
            .lines
            .iter()
            .filter(|line| self.is_about(&line.name))
            .peekable();
        if lines.peek().is_none() {
            let names = comparison.lines.iter().map(|line| line.name.to_string());
            return Err(format!(
                "`{}` is about nothing that both sides have; they have: {}",
                self.text,
                names.collect::<Vec<_>>().join(", ")
            ));
        }
        let failures = lines.filter_map(|line| {
            let of = |change: &&Change| change.statistic == self.statistic;
            let change = line.changes.iter().find(of)?;
            if change.unfinished && self.more && change.base.is_some() {
                // No number says so, and yet it is worse than it was.
                return Some(Failure {
                    limit: self.text.clone(),
                    line: line.name.clone(),
                    sure: true,
                    change: change.clone(),
                });
            }
            let beyond = match (change.by?, self.more) {
                (change, true) => change > self.limit,
                (change, false) => change < self.limit,
            };
            (beyond && (change.verdict != Verdict::Unchanged || change.is_sure())).then(|| {
                Failure {
                    limit: self.text.clone(),
                    line: line.name.clone(),
                    sure: change.is_sure(),
                    change: change.clone(),
                }
            })
        });
        Ok(failures.collect())
    }

    /// Whether something can be said of any line that it is about.
    pub fn is_judged(&self, comparison: &Comparison) -> bool {
        let lines = comparison.lines.iter();
        let mut changes = lines
            .filter(|line| self.is_about(&line.name))
            .flat_map(|line| &line.changes);
        changes.any(|change| {
            change.statistic == self.statistic && change.verdict != Verdict::Inconclusive
        })
    }

    fn is_about(&self, name: &LineName) -> bool {
        let tags = Tags::new();
        let tags = match name.kind {
            LineKind::Step => tags
                .with(TagKey::Scenario, name.of.clone())
                .with(TagKey::Step, name.name.clone()),
            LineKind::Endpoint => tags
                .with(TagKey::Method, name.of.clone())
                .with(TagKey::Endpoint, name.name.clone()),
        };
        tags.contain(&self.tags)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::FailOn;
    use crate::compare::{
        Line, LineKind, LineName, Margin, Run, Second, Statistic, Verdict, compare,
    };

    #[test]
    fn limits_are_read_with_and_without_braces() {
        let read: FailOn = "p95 > +10%".parse().unwrap();
        assert_eq!((read.statistic, read.more), (Statistic::P95, true));
        assert!((read.limit - 0.1).abs() < 1e-12);
        let read: FailOn = "throughput{endpoint=\"/a > b\", method=GET} < -5 %"
            .parse()
            .unwrap();
        assert_eq!((read.statistic, read.more), (Statistic::Throughput, false));
        let name = |kind, of: &str, name: &str| LineName {
            kind,
            of: of.into(),
            name: name.into(),
        };
        assert!(read.is_about(&name(LineKind::Endpoint, "GET", "/a > b")));
        assert!(!read.is_about(&name(LineKind::Endpoint, "PUT", "/a > b")));
        assert!(!read.is_about(&name(LineKind::Step, "GET", "/a > b")));
    }

    /// Half a minute of a step, of which so many plays were not finished.
    fn run(unfinished: u64) -> Run {
        let second = Second {
            length: 1.0,
            values: vec![(1_000_000, 20), (2_000_000, 10)],
            sum: 40e6,
            ..Second::default()
        };
        let mut seconds = vec![second; 30];
        seconds[29].unfinished = unfinished;
        Run {
            lines: vec![Line {
                name: LineName {
                    kind: LineKind::Step,
                    of: "s".into(),
                    name: "x".into(),
                },
                seconds,
            }],
        }
    }

    #[test]
    fn what_was_not_finished_is_worse_than_any_number() {
        let held = |limit: &str, base: Run, new: Run| {
            let comparison = compare(&[base], &[new], Margin::default());
            let failures = limit.parse::<FailOn>().unwrap().check(&comparison).unwrap();
            failures.iter().all(|failure| !failure.sure)
        };
        // 100 of 1000 were not finished: the median is as it was, p95 is not known.
        assert!(held("p50 > +10%", run(0), run(100)));
        assert!(!held("p95 > +10%", run(0), run(100)));
        assert!(!held("mean > +10%", run(0), run(100)));
        assert!(held("p95 > +10%", run(100), run(0)));
        assert!(held("p95 < -10%", run(0), run(100)));
        let comparison = compare(&[run(0)], &[run(100)], Margin::default());
        let p95 = &comparison.lines[0].changes[1];
        assert_eq!((p95.new, p95.verdict), (None, Verdict::Inconclusive));
    }

    #[test]
    fn errors_say_what_is_expected() {
        for (text, part) in [
            ("p95", "no `>` or `<`"),
            ("p96 > 1%", "unknown statistic `p96`; one of: p50, p95"),
            ("p95 > 10", "expected a change in percent, found `10`"),
            ("p95 > nan%", "expected a change in percent"),
            ("p95{step=} > 1%", "tag `step` has no value"),
            ("p95{status=200} > 1%", "not told apart by `status`"),
        ] {
            let error = text.parse::<FailOn>().unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "(p95|mean)?[{}=step\" é<>+%0-9.]{0,16}") {
            if let Ok(read) = text.parse::<FailOn>() {
                prop_assert!(read.limit.is_finite());
            }
        }
    }
}
