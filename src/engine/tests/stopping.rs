//! Ending before the time.

use std::time::Duration;

use super::{Act, Ended, SECOND, World};
use crate::engine::StopReason;
use crate::metrics::{Metric, TagKey};

const WHOLE: &str = "
setup: [double]
scenarios:
  s: {executor: constant_vus, vus: 2, duration: 1h, graceful_stop: 10s, steps: [double]}
teardown: [double]
";

/// Plays, and asks to stop at these moments.
async fn stopped(world: World, at: &[u64]) -> Ended {
    let stop = world.stop.clone();
    let stopping = async {
        let start = tokio::time::Instant::now();
        for second in at {
            tokio::time::sleep_until(start + Duration::from_secs(*second)).await;
            stop.escalate();
        }
    };
    tokio::join!(Box::pin(world.play()), stopping).0
}

fn teardowns(ended: &Ended) -> u64 {
    let tags = [(TagKey::Phase, "teardown"), (TagKey::Outcome, "ok")];
    ended.count(Metric::Iterations, &tags)
}

#[tokio::test(start_paused = true)]
async fn the_first_request_lets_iterations_finish() {
    // Setup takes 4 s, iterations begin at 4 and 8 s.
    let ended = stopped(World::of(WHOLE, |_| Act::Take(SECOND * 4)), &[9]).await;
    let main = [(TagKey::Phase, "main"), (TagKey::Outcome, "ok")];
    assert_eq!(ended.count(Metric::Iterations, &main), 4);
    assert_eq!(ended.iterations("cut"), 0);
    assert_eq!(ended.took, SECOND * 8);
    assert_eq!(ended.stop.reason(), Some(&StopReason::Signal));
    assert_eq!(teardowns(&ended), 1);
}

#[tokio::test(start_paused = true)]
async fn what_does_not_finish_within_the_graceful_stop_is_cut_and_teardown_is_played() {
    let world = World::of(WHOLE, |play| match play.scenario.as_str() {
        "s" => Act::Hang,
        _ => Act::Take(SECOND),
    });
    let ended = stopped(world, &[5]).await;
    assert_eq!(ended.iterations("cut"), 2);
    // From 1 s to 5 s, and ten more.
    assert_eq!(ended.took, SECOND * 14);
    // What was under way is an error of its own, and took at least that long.
    let unfinished = [(TagKey::Kind, "unfinished"), (TagKey::Step, "double")];
    assert_eq!(ended.count(Metric::Errors, &unfinished), 2);
    for (metric, condition, told) in [
        ("step_duration", "count == 2", "2"),
        ("iteration_duration", "count == 2", "2"),
        ("iteration_duration", "min >= 14s", "> 14.00s"),
        ("iteration_duration", "max >= 14s", "> 14.00s"),
    ] {
        let (held, seen) = ended.threshold(&format!("{metric}{{outcome=cut}}"), condition);
        assert!(held, "{metric} {condition}: {seen}");
        assert_eq!(seen, told, "{metric} {condition}");
    }
    assert_eq!(teardowns(&ended), 1);
}

#[tokio::test(start_paused = true)]
async fn the_second_request_cuts_at_once_and_teardown_too() {
    let world = World::of(WHOLE, |play| match play.scenario.as_str() {
        "s" => Act::Hang,
        _ => Act::Take(SECOND),
    });
    let ended = stopped(world, &[5, 7]).await;
    let main = [(TagKey::Phase, "main"), (TagKey::Outcome, "interrupted")];
    assert_eq!(ended.count(Metric::Iterations, &main), 2);
    // Whoever did not want to wait has no failure.
    assert_eq!(ended.count(Metric::Errors, &[]), 0);
    assert_eq!(
        ended.threshold("iteration_duration{outcome=interrupted}", "min >= 6s"),
        (true, "> 6.00s".into())
    );
    assert_eq!(ended.took, SECOND * 6);
    assert_eq!(teardowns(&ended), 0);
}

#[tokio::test(start_paused = true)]
async fn a_graceful_stop_from_the_command_line_goes_before_the_files() {
    let mut world = World::of(WHOLE, |play| match play.scenario.as_str() {
        "s" => Act::Hang,
        _ => Act::Take(SECOND),
    });
    world.graceful_stop = Some(SECOND * 2);
    let ended = stopped(world, &[5]).await;
    assert_eq!(ended.took, SECOND * 6);
}

#[tokio::test(start_paused = true)]
async fn setup_has_a_graceful_stop_as_well() {
    let mut world = World::of(WHOLE, |_| Act::Hang);
    world.graceful_stop = Some(SECOND * 3);
    let started = tokio::time::Instant::now();
    let ended = stopped(world, &[5]).await;
    assert_eq!(started.elapsed(), SECOND * 8);
    // It was cut and has not failed; no scenario is played, and no teardown.
    assert_eq!(ended.iterations("failed"), 0);
    assert_eq!(ended.plays.len(), 1);
    assert_eq!(ended.iterations("cut"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_scenario_that_has_not_started_does_not() {
    let world = World::new("start_time: 1m", |_| Act::Take(SECOND));
    let ended = stopped(world, &[5]).await;
    assert_eq!((ended.plays.len(), ended.took), (0, SECOND * 5));
}

#[tokio::test(start_paused = true)]
async fn iterations_that_nobody_let_start_are_not_dropped() {
    let world = World::new("vus: 1, iterations: 100", |_| Act::Take(SECOND));
    let ended = stopped(world, &[3]).await;
    assert_eq!(ended.count(Metric::DroppedIterations, &[]), 0);
}

const MANY: &str = "
scenarios:
  s: {executor: per_vu_iterations, vus: 2, iterations: 10, warmup: 4s, steps: [double]}
teardown: [double]
";

#[tokio::test(start_paused = true)]
async fn the_first_failed_iteration_ends_a_run_that_is_to_fail_fast() {
    // One in the warm-up, which does not count, and one at 6 s, when the other user is at work.
    let act = |play: &super::Play| match (play.vu, play.iteration) {
        (1, 2 | 4) if play.scenario == "s" => Act::Fail,
        _ => Act::Take(SECOND * 3),
    };
    let world = || World::of(MANY, act);
    let mut fast = world();
    fast.fail_fast = true;
    let ended = Box::pin(fast.play()).await;
    assert_eq!(ended.stop.reason(), Some(&StopReason::FailedIteration));
    let main = |outcome| [(TagKey::Phase, "main"), (TagKey::Outcome, outcome)];
    assert_eq!(ended.count(Metric::Iterations, &main("failed")), 1);
    // What was under way has finished, nothing is dropped, and teardown is played.
    assert_eq!(ended.iterations("cut"), 0);
    assert_eq!(ended.count(Metric::DroppedIterations, &[]), 0);
    assert_eq!(teardowns(&ended), 1);
    let begun = ended
        .plays
        .iter()
        .filter(|play| play.scenario == "s")
        .count() as u64;
    let all = ["ok", "failed"].map(|outcome| ended.iterations(outcome));
    assert_eq!(all.iter().sum::<u64>(), begun + teardowns(&ended));
    assert!(begun < 10, "{begun}");
    let slow = Box::pin(world().play()).await;
    assert_eq!(slow.stop.reason(), None);
}
