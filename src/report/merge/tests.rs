use std::time::Duration;

use proptest::prelude::*;

use super::super::example::{example, played, threshold};
use super::{MergeError, Part, merge};
use crate::metrics::{
    Counter, Measure, Meter, Metric, Rate, Recorder, Series, Snapshot, Span, TagKey, Tags, Trend,
    Windows,
};
use crate::report::{Report, RunFolder, StopKind, StopLine, read_saved};

/// A play: which step, how long in microseconds, by which runner.
type Play = (usize, u64, usize);

fn record(plays: &[Play]) -> Snapshot {
    let recorder = Recorder::new();
    for (step, micros, _) in plays {
        let meter = Meter::new(
            recorder.clone(),
            Tags::new().with(TagKey::Step, ["a", "b"][*step]),
        );
        let outcome = if micros % 5 == 0 { "failed" } else { "ok" };
        let tags = [(TagKey::Outcome, outcome)];
        meter.record(Trend::STEP_DURATION, &tags, Duration::from_micros(*micros));
        meter.record(Counter::HTTP_REQS, &tags, *micros);
        meter.record(Rate::CHECKS, &[], micros % 2 == 0);
    }
    let span = Span {
        start: Duration::ZERO,
        length: Duration::from_secs(3),
    };
    recorder.snapshot(Windows::default().with("s", "main", span))
}

fn part(name: usize, snapshot: Snapshot) -> Part {
    let mut report = example();
    report.snapshot = snapshot;
    report.thresholds = vec![threshold("step_duration{step=a}", "p95 < 500ms", true)];
    Part {
        name: format!("runner-{name}"),
        report,
    }
}

/// Everything in it to the last bucket, in an order of its own.
fn told(snapshot: &Snapshot) -> Vec<String> {
    let tell = |series: &Series| {
        let values = match &series.measure {
            Measure::Duration(spans) => {
                let values: Vec<_> = spans.values().collect();
                format!(
                    "{values:?} {:?} {:?} {:?}",
                    spans.sum(),
                    spans.min(),
                    spans.max()
                )
            }
            Measure::Count(sum) => sum.to_string(),
            Measure::Rate { held, total } => format!("{held} of {total}"),
            Measure::Level(level) => format!("{level:?}"),
        };
        format!("{}{} {values}", series.metric, series.tags)
    };
    let mut told: Vec<String> = snapshot.series().iter().map(tell).collect();
    told.sort();
    told
}

proptest! {
    #[test]
    fn parts_of_a_recording_in_any_order_are_the_recording(
        plays in prop::collection::vec((0_usize..2, 1_u64..2_000_000, 0_usize..4), 1..80),
        order in Just(vec![0_usize, 1, 2, 3]).prop_shuffle(),
    ) {
        let whole = part(9, record(&plays));
        let parts: Vec<Part> = order.iter().map(|index| {
            let own: Vec<Play> = plays.iter().filter(|play| play.2 == *index).copied().collect();
            part(*index, record(&own))
        }).collect();
        let merged = merge(&parts).unwrap();
        prop_assert_eq!(told(&merged.snapshot), told(&whole.report.snapshot));
        prop_assert_eq!(merged.took, whole.report.took);
        let alone = merge(&[whole]).unwrap();
        prop_assert_eq!(&merged.thresholds[0].verdict, &alone.thresholds[0].verdict);
    }
}

#[test]
fn one_alone_is_written_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let mut report = example();
    // The example's thresholds were not judged by what it measured.
    report.thresholds.clear();
    let alone = merge(&[Part {
        name: "one".into(),
        report,
    }])
    .unwrap();
    RunFolder::existing(folder.path())
        .write(&alone.into())
        .unwrap();
    let again = played(read_saved(folder.path()).unwrap());
    assert_eq!(told(&again.snapshot), told(&example().snapshot));
    assert_eq!(again.time_series, example().time_series);
}

#[test]
fn runners_are_named_with_what_they_were_warned_of() {
    let runner = |name: &str, dropped: u64| {
        let mut report = example();
        let tags = Tags::new()
            .with(TagKey::Scenario, "people")
            .with(TagKey::Kind, "no_vu");
        let mut series = report.snapshot.series().to_vec();
        series.push(Series {
            metric: Metric::DroppedIterations,
            tags,
            measure: Measure::Count(dropped),
        });
        report.snapshot = Snapshot::new(report.snapshot.windows().clone(), series);
        Part {
            name: name.into(),
            report,
        }
    };
    let (mut second, first) = (runner("two", 5), runner("one", 0));
    second.report.run.machine.processor = "another".into();
    second.report.stops = vec![StopLine {
        kind: StopKind::Signal,
        text: "stopped by a signal".into(),
    }];
    let merged = merge(&[first, second]).unwrap();
    let warnings: Vec<String> = merged
        .warnings()
        .into_iter()
        .map(|(what, _)| what)
        .collect();
    assert_eq!(
        warnings[0],
        "two: `people` needed more virtual users: 5 iterations were dropped"
    );
    assert!(
        warnings[1].starts_with("two: processor `another`"),
        "{warnings:?}"
    );
    assert_eq!(
        merged.stops,
        [StopLine {
            kind: StopKind::Signal,
            text: "two: stopped by a signal".into()
        }]
    );
    assert_eq!(merged.errors[0].count, 6);
    assert_eq!(merged.users, 14);
    assert_eq!(merged.slowest.len(), 2);
}

#[test]
fn another_plan_is_refused_by_what_differs() {
    let change = |change: fn(&mut Report)| {
        let mut report = example();
        change(&mut report);
        let parts = [example(), report].map(|report| Part {
            name: "x".into(),
            report,
        });
        merge(&parts).err().unwrap()
    };
    let what = |error| match error {
        MergeError::Plan { what, .. } => what,
        _ => "something else",
    };
    assert_eq!(
        what(change(|report| report.run.name = "other".into())),
        "the name"
    );
    assert_eq!(
        what(change(|report| report.run.scenarios[0].steps.clear())),
        "the steps"
    );
    assert_eq!(
        what(change(|report| report.thresholds.clear())),
        "the thresholds"
    );
    assert_eq!(merge(&[]).err(), Some(MergeError::Nothing));
}

#[test]
fn histograms_of_another_precision_are_refused() {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD_NO_PAD;
    use hdrhistogram::serialization::{Serializer, V2DeflateSerializer};
    let mut coarse = hdrhistogram::Histogram::<u64>::new(2).unwrap();
    coarse.record(1_000_000).unwrap();
    let mut bytes = Vec::new();
    V2DeflateSerializer::new()
        .serialize(&coarse, &mut bytes)
        .unwrap();
    let packed = crate::metrics::PackedMeasure::Duration {
        buckets: STANDARD_NO_PAD.encode(bytes),
        sum: "1000000".into(),
        min: 1_000_000,
        max: 1_000_000,
    };
    let series = Series {
        metric: Metric::OtpWait,
        tags: Tags::new(),
        measure: packed.unpack().unwrap(),
    };
    let mut report = example();
    report.snapshot = Snapshot::new(Windows::default(), vec![series]);
    let parts = [("a", example()), ("b", report)].map(|(name, report)| Part {
        name: name.into(),
        report,
    });
    let error = merge(&parts).err().unwrap().to_string();
    assert_eq!(
        error,
        "`b` has histograms of 2 significant digits, `a` of 3"
    );
}

#[test]
fn reasons_of_skipped_iterations_are_added_up() {
    let mut parts = [part(0, record(&[])), part(1, record(&[]))];
    let mut other = parts[1].report.skips[0].clone();
    other.reason = "too late".into();
    parts[1].report.skips.push(other);
    let merged = merge(&parts).unwrap();
    let told = merged.skips.iter().map(|line| (&*line.reason, line.count));
    let told: Vec<_> = told.collect();
    assert_eq!(told, [("no <patient> left", 4), ("too late", 2)]);
}
