//! How often the comparer errs, by simulation: seconds that hang together, with
//! latencies of one hump and of two. Seeds are fixed, so the rates are the same
//! each time; docs/compare.md tells them.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "latencies in nanoseconds"
)]

use std::collections::BTreeMap;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::judge::Method;
use super::{Line, LineKind, LineName, Margin, Run, Second, Statistic, Verdict, compare};

const STEPS: usize = 3;

#[derive(Clone, Copy, Debug)]
enum Shape {
    /// A median of 20 ms and a long tail.
    Lognormal,
    /// A fifth of the plays misses a cache and takes six times as long.
    Bimodal,
}

/// A standard normal number (Box and Muller).
fn normal(rng: &mut StdRng) -> f64 {
    let (a, b): (f64, f64) = (rng.random(), rng.random());
    (-2.0 * (1.0 - a).ln()).sqrt() * (std::f64::consts::TAU * b).cos()
}

/// Seconds of some twenty plays, whose level wanders: each second keeps half of
/// what the one before was off.
fn line(rng: &mut StdRng, step: usize, seconds: usize, shape: Shape, times: f64) -> Line {
    let mut off = 0.0;
    let seconds = (0..seconds).map(|_| {
        off = 0.5 * off + 0.08 * normal(rng);
        let plays = rng.random_range(10..30);
        let mut second = Second {
            length: 1.0,
            ..Second::default()
        };
        let mut values: BTreeMap<u64, u64> = BTreeMap::new();
        for _ in 0..plays {
            if rng.random_bool(0.01) {
                second.failed += 1;
                continue;
            }
            let level = match shape {
                Shape::Bimodal if rng.random_bool(0.2) => 120e6,
                _ => 20e6,
            };
            let value = level * times * (off + 0.4 * normal(rng)).exp();
            second.sum += value;
            // Three digits, as in a histogram.
            let digit = 10_f64.powf(value.log10().floor() - 2.0);
            *values
                .entry(((value / digit).round() * digit) as u64)
                .or_default() += 1;
        }
        second.values = values.into_iter().collect();
        second
    });
    Line {
        seconds: seconds.collect(),
        name: LineName {
            kind: LineKind::Step,
            of: "people".into(),
            name: format!("step {step}").into(),
        },
    }
}

/// A run; `shift` is how many times as long the first step takes, and `level`
/// what all of the run is off, as between one night and the next.
fn run(rng: &mut StdRng, seconds: usize, shape: Shape, shift: f64, level: f64) -> Run {
    let level = (level * normal(rng)).exp();
    let lines = (0..STEPS).map(|step| {
        let shift = if step == 0 { shift } else { 1.0 };
        line(rng, step, seconds, shape, shift * level)
    });
    Run {
        lines: lines.collect(),
    }
}

/// Of so many comparisons: in how many anything was told to have changed, and
/// in how many the first step was told to be slower, by its median, its 95th
/// percentile or its mean, and by none of them to be faster.
fn rates(
    trials: u64,
    mut sides: impl FnMut(&mut StdRng) -> [Vec<Run>; 2],
    method: Method,
) -> (f64, f64) {
    let (mut alarms, mut detections) = (0.0, 0.0);
    for trial in 0..trials {
        let mut rng = StdRng::seed_from_u64(trial);
        let [base, new] = sides(&mut rng);
        let seen = compare(&base, &new, Margin::default());
        assert_eq!(seen.method, method);
        let quiet = |verdict| matches!(verdict, Verdict::Unchanged | Verdict::Inconclusive);
        let all = seen.lines.iter().flat_map(|line| &line.changes);
        alarms += f64::from(!all.into_iter().all(|change| quiet(change.verdict)));
        let told = |verdict: Verdict| {
            let times = [Statistic::P50, Statistic::P95, Statistic::Mean];
            let mut changes = seen.lines[0].changes.iter();
            changes.any(|change| times.contains(&change.statistic) && change.verdict == verdict)
        };
        detections += f64::from(told(Verdict::Slower) && !told(Verdict::Faster));
    }
    (alarms / trials as f64, detections / trials as f64)
}

fn one_run_each(shape: Shape) {
    let pair = |shift: f64| {
        move |rng: &mut StdRng| {
            let sides = [1.0, shift].map(|shift| run(rng, 120, shape, shift, 0.0));
            sides.map(|run| vec![run])
        }
    };
    let (alarms, _) = rates(100, pair(1.0), Method::Seconds);
    let (_, detections) = rates(40, pair(1.2), Method::Seconds);
    println!(
        "one run each, {shape:?}: false alarms {:.1} %, a shift of 20 % seen in {:.1} %",
        alarms * 100.0,
        detections * 100.0
    );
    assert!(alarms <= 0.05, "{shape:?}: {alarms}");
    assert!(detections >= 0.95, "{shape:?}: {detections}");
}

#[test]
fn one_run_on_each_side_errs_no_more_often_than_promised() {
    one_run_each(Shape::Lognormal);
}

#[test]
fn nor_does_it_where_latencies_have_two_humps() {
    one_run_each(Shape::Bimodal);
}

#[test]
fn several_runs_on_each_side_err_no_more_often_than_promised() {
    let shape = Shape::Lognormal;
    let sides = |count: usize, shift: f64| {
        move |rng: &mut StdRng| {
            [1.0, shift].map(|shift| {
                (0..count)
                    .map(|_| run(rng, 30, shape, shift, 0.03))
                    .collect()
            })
        }
    };
    let (alarms, _) = rates(100, sides(5, 1.0), Method::Shuffle);
    let (_, detections) = rates(40, sides(5, 1.2), Method::Shuffle);
    println!(
        "five runs each, {shape:?}: false alarms {:.1} %, a shift of 20 % seen in {:.1} %",
        alarms * 100.0,
        detections * 100.0
    );
    assert!(alarms <= 0.05, "{alarms}");
    assert!(detections >= 0.95, "{detections}");
    let (alarms, _) = rates(100, sides(2, 1.0), Method::FewRuns);
    println!(
        "two runs each, {shape:?}: false alarms {:.1} %",
        alarms * 100.0
    );
    assert!(alarms <= 0.05, "{alarms}");
}
