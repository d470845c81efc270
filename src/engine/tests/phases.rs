//! Setup, several scenarios, warm-up, teardown.

use std::time::Duration;

use super::{Act, SECOND, World};
use crate::metrics::{Metric, Phase, TagKey};

const WHOLE: &str = "
setup: [double]
scenarios:
  now: {executor: constant_vus, duration: 4s, steps: [double]}
  later: {executor: per_vu_iterations, start_time: 3s, iterations: 2, steps: [double]}
teardown: [double]
";

#[tokio::test(start_paused = true)]
async fn scenarios_start_at_their_time_between_setup_and_teardown() {
    let ended = World::of(WHOLE, |_| Act::Take(SECOND)).play().await;
    let seen: Vec<_> = ended
        .plays
        .iter()
        .map(|play| (play.scenario.as_str(), play.start.as_secs()))
        .collect();
    assert_eq!(
        seen[..4],
        [("setup", 0), ("now", 0), ("now", 1), ("now", 2)]
    );
    let mut together = seen[4..6].to_vec();
    together.sort_unstable();
    assert_eq!(together, [("later", 3), ("now", 3)]);
    assert_eq!(seen[6..], [("later", 4), ("teardown", 5)]);
    assert_eq!(ended.took, SECOND * 5);
    let phase = |name| ended.count(Metric::Iterations, &[(TagKey::Phase, name)]);
    assert_eq!(
        [phase("setup"), phase("main"), phase("teardown")],
        [1, 6, 1]
    );
    // Rows are about the scenarios.
    assert_eq!(ended.rows.iter().map(|row| row.iterations).sum::<u64>(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_setup_that_fails_is_followed_by_nothing() {
    let ended = World::of(WHOLE, |_| Act::Fail).play().await;
    assert_eq!(ended.iterations("failed"), 1);
    assert_eq!(ended.plays.len(), 1);
    assert_eq!(ended.count(Metric::Errors, &[]), 1);
}

#[tokio::test(start_paused = true)]
async fn the_first_iterations_can_be_told_apart_as_warm_up() {
    let ended = World::new("executor: constant_vus, duration: 10s, warmup: 3s", |_| {
        Act::Take(SECOND)
    })
    .play()
    .await;
    let phase = |name| ended.count(Metric::Iterations, &[(TagKey::Phase, name)]);
    assert_eq!([phase("warmup"), phase("main")], [3, 7]);
    let told = |phase| {
        ended
            .plays
            .iter()
            .filter(|play| play.phase == phase)
            .count()
    };
    assert_eq!([told(Phase::Warmup), told(Phase::Main)], [3, 7]);
    assert_eq!(
        ended.threshold("iterations", "count == 7"),
        (true, "7".into())
    );
}

#[tokio::test(start_paused = true)]
async fn the_time_series_has_a_row_a_second() {
    let ended = World::new("executor: constant_vus, vus: 2, duration: 5s", |_| {
        Act::Take(SECOND / 2)
    })
    .play()
    .await;
    let lengths: Vec<_> = ended.rows.iter().map(|row| row.length).collect();
    assert_eq!(lengths[..4], [SECOND; 4]);
    assert_eq!(lengths.iter().sum::<Duration>(), SECOND * 5);
    assert_eq!(ended.rows.iter().map(|row| row.iterations).sum::<u64>(), 20);
    assert!(ended.rows[..4].iter().all(|row| row.vus == 2));
}
