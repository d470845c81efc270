//! From a report to what is compared, and in what reports differ otherwise.

use std::collections::HashMap;
use std::time::Duration;

use crate::compare::{Line, LineKind, LineName, Run, Second};
use crate::metrics::{Histogram, Tags, Timeline, Windows};
use crate::numbers::nanoseconds;
use crate::report::{Report, RunLine};

/// A run's steps and endpoints, second by second.
pub(super) fn run(report: &Report) -> Run {
    let windows = report.snapshot.windows();
    let mut lines = lines(&report.timeline, LineKind::Step, windows);
    lines.extend(self::lines(&report.requests, LineKind::Endpoint, windows));
    Run { lines }
}

fn lines(timeline: &Timeline, kind: LineKind, windows: &Windows) -> Vec<Line> {
    let spans: Vec<_> = timeline.spans().collect();
    let places: HashMap<Duration, usize> = spans
        .iter()
        .enumerate()
        .map(|(place, span)| (span.start, place))
        .collect();
    // Of each second, as much as was measured: what ended later counts as well.
    let silent = |scenario: &str| -> Vec<Second> {
        let window = match kind {
            LineKind::Step => windows.of_scenario(scenario),
            LineKind::Endpoint => windows.of(&Tags::new()),
        };
        let shares = window.shares(spans.iter().copied()).into_iter();
        let second = |share: Duration| Second {
            length: share.as_secs_f64(),
            ..Second::default()
        };
        shares.map(second).collect()
    };
    let mut lines: Vec<Line> = Vec::new();
    let mut second =
        |pair: &(std::sync::Arc<str>, std::sync::Arc<str>), start, add: &dyn Fn(&mut Second)| {
            let name = LineName {
                kind,
                of: pair.0.clone(),
                name: pair.1.clone(),
            };
            let known = lines.iter().position(|line| line.name == name);
            let index = known.unwrap_or_else(|| {
                lines.push(Line {
                    name,
                    seconds: silent(&pair.0),
                });
                lines.len() - 1
            });
            if let Some(place) = places.get(&start) {
                add(&mut lines[index].seconds[*place]);
            }
        };
    for moment in timeline.moments() {
        let good = moment.packed.histogram();
        second(
            &timeline.steps()[moment.step],
            moment.span.start,
            &|second| played(second, &good),
        );
    }
    for (span, pair, count) in timeline.failures() {
        second(pair, span.start, &|second| second.failed += count);
    }
    for (span, pair, count) in timeline.unfinished() {
        second(pair, span.start, &|second| second.unfinished += count);
    }
    // They are played once: of one value nothing can be said.
    lines.retain(|line| kind != LineKind::Step || !matches!(&*line.name.of, "setup" | "teardown"));
    for line in &mut lines {
        line.seconds.retain(is_of_the_line);
    }
    lines
}

fn played(second: &mut Second, good: &Histogram) {
    second.sum += good.sum().as_secs_f64() * 1e9;
    second.values.extend(
        good.values()
            .map(|(value, count)| (nanoseconds(value), count)),
    );
}

/// Of a scenario that is over, what follows is no pause of it.
fn is_of_the_line(second: &Second) -> bool {
    let plays = second.failed + second.unfinished;
    second.length > 0.0 || plays > 0 || !second.values.is_empty()
}

/// In what the sides differ besides what was measured.
pub(super) fn warnings(sides: &[Vec<Report>; 2]) -> Vec<String> {
    let runs = sides
        .each_ref()
        .map(|side| side.iter().map(|report| &report.run));
    let [base, new] = runs.map(Iterator::collect::<Vec<&RunLine>>);
    let told = |what: &str, of: &dyn Fn(&RunLine) -> String| {
        let values = |runs: &[&RunLine]| {
            let mut values: Vec<String> = runs.iter().map(|run| of(run)).collect();
            values.sort();
            values.dedup();
            values.join(" and ")
        };
        let (base, new) = (values(&base), values(&new));
        (base != new).then(|| format!("{what} differs: {base}; then {new}"))
    };
    let planned = |run: &RunLine| {
        let scenarios = run.scenarios.iter();
        let lines = scenarios.map(|line| {
            format!(
                "{} ({}; {})",
                line.name,
                line.executor,
                line.steps.join(", ")
            )
        });
        lines.collect::<Vec<_>>().join(", ")
    };
    let machine = |run: &RunLine| {
        let machine = &run.machine;
        format!(
            "{}, {} threads, {}",
            machine.processor, machine.threads, machine.system
        )
    };
    let built = |run: &RunLine| {
        let how = if run.versions.optimised {
            ""
        } else {
            ", without optimisation"
        };
        format!("{}{how}", run.versions.rehearse)
    };
    let mut warnings: Vec<String> = [
        told("the plan", &|run| run.name.clone()),
        told("what is played", &planned),
        told("the target", &|run| target(run)),
        told("the machine", &machine),
        told("the cryptography", &|run| run.crypto_backend.to_string()),
        told("rehearse", &built),
    ]
    .into_iter()
    .flatten()
    .collect();
    let told: [(&str, Is); 3] = [
        ("ended before their time", |report| !report.stops.is_empty()),
        (
            "had steps that were not finished: times that fall among them are not known",
            |report| report.timeline.unfinished().next().is_some(),
        ),
        (
            "had warnings of their own: look at their reports",
            |report| !report.warnings().is_empty(),
        ),
    ];
    for (what, is_so) in told {
        let count = sides
            .iter()
            .flatten()
            .filter(|report| is_so(report))
            .count();
        if count > 0 {
            warnings.push(format!("{count} of the runs {what}"));
        }
    }
    warnings
}

/// Whether something can be said of a report.
type Is = fn(&Report) -> bool;

/// The simulator in this process has another port each time.
fn target(run: &RunLine) -> String {
    let target = &run.target;
    if target.name == "simulator" {
        target.name.clone()
    } else {
        format!("{} at {}", target.name, target.url)
    }
}
