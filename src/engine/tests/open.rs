//! `constant_arrival_rate` and `ramping_arrival_rate`: exact counts and exact
//! times. In real time, counts are exact however slow the machine is, since what
//! is due late is due all the same.

use std::sync::Arc;
use std::time::Duration;

use super::{Act, Ended, World, ms, problems};
use crate::engine::schedule::{Arrivals, Profile, SeededRng, Spacing};
use crate::metrics::{Metric, TagKey};

const AT_ONCE: Act = Act::Take(Duration::ZERO);

/// When all iterations started, in order.
fn starts(ended: &Ended) -> Vec<Duration> {
    let mut starts: Vec<_> = ended.plays.iter().map(|play| play.start).collect();
    starts.sort_unstable();
    starts
}

#[tokio::test(start_paused = true)]
async fn each_iteration_of_a_constant_rate_starts_at_its_moment() {
    let ended = World::new(
        "executor: constant_arrival_rate, rate: 200/s, duration: 500ms, pre_allocated_vus: 1",
        |_| AT_ONCE,
    )
    .play()
    .await;
    let exact: Vec<_> = (0..100).map(|place| ms(5) * place).collect();
    assert_eq!(starts(&ended), exact);
    assert_eq!((ended.iterations("ok"), ended.due()), (100, 100));
    assert!(ended.threshold("iteration_start_lag", "max == 0ms").0);
    assert_eq!(ended.took, ms(500));
}

#[tokio::test(start_paused = true)]
async fn each_iteration_of_a_ramping_rate_starts_at_its_moment() {
    let ended = World::new(
        "executor: ramping_arrival_rate, start_rate: 0/s, pre_allocated_vus: 1, stages: [
            {duration: 2s, target: 100/s}, {duration: 1s, target: 100/s}]",
        |_| AT_ONCE,
    )
    .play()
    .await;
    assert_eq!((ended.iterations("ok"), ended.due()), (200, 200));
    // The n-th is due when 25 t² is n; a timer of the runtime ends at a whole
    // millisecond.
    for (start, place) in starts(&ended).iter().zip(0_u32..100) {
        let due = Duration::from_secs_f64((f64::from(place) / 25.0).sqrt());
        assert!(*start >= due && *start <= due + ms(1), "{place}: {start:?}");
    }
    assert_eq!(ended.took, ms(3000));
}

#[tokio::test(start_paused = true)]
async fn random_arrivals_are_the_same_again_with_the_same_seed() {
    let play = |seed| {
        let world = World::new(
            "executor: constant_arrival_rate, rate: 50/s, duration: 10s, arrivals: poisson,
             pre_allocated_vus: 1",
            |_| AT_ONCE,
        );
        world.seeded(seed).play()
    };
    let (one, again, other) = (play(1).await, play(1).await, play(2).await);
    assert_eq!(starts(&one), starts(&again));
    assert_ne!(starts(&one), starts(&other));
    // All that were due were played, or found the only user at work.
    let profile = Profile::constant(50.0, Duration::from_secs(10));
    for (ended, seed) in [(one, 1), (other, 2)] {
        let draw = SeededRng::new(seed, "s arrivals", 0, 0);
        let due = Arrivals::new(profile.clone(), Spacing::Poisson, draw).count();
        assert_eq!(ended.due(), u64::try_from(due).unwrap());
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_busy_when_an_iteration_is_due_drops_it() {
    // Three users, each busy for 95 of every 100 ms: three of ten are played.
    let ended = World::new(
        "executor: constant_arrival_rate, rate: 100/s, duration: 1s, pre_allocated_vus: 3",
        |_| Act::Take(ms(95)),
    )
    .play()
    .await;
    assert_eq!((ended.iterations("ok"), ended.dropped("no_vu")), (30, 70));
    let played = (0..10).flat_map(|round| [0, 10, 20].map(|at| ms(100 * round + at)));
    assert_eq!(starts(&ended), played.collect::<Vec<_>>());
    assert_eq!(ended.count(Metric::UnplannedVus, &[]), 0);
    // Two more are made when they are needed, and no third.
    let ended = World::new(
        "executor: constant_arrival_rate, rate: 100/s, duration: 1s, pre_allocated_vus: 3,
         max_vus: 5",
        |_| Act::Take(ms(95)),
    )
    .play()
    .await;
    assert_eq!((ended.iterations("ok"), ended.dropped("no_vu")), (50, 50));
    assert_eq!(ended.count(Metric::UnplannedVus, &[]), 2);
    assert!(ended.threshold("iteration_start_lag", "max == 0ms").0);
}

#[tokio::test(start_paused = true)]
async fn what_is_due_after_the_stop_is_neither_played_nor_dropped() {
    let world = World::new(
        "executor: constant_arrival_rate, rate: 100/s, duration: 1h, graceful_stop: 50ms,
         pre_allocated_vus: 10, max_vus: 20",
        |play| if play.vu % 2 == 0 { Act::Hang } else { AT_ONCE },
    );
    let stop = world.stop.clone();
    let stopping = async {
        tokio::time::sleep(ms(255)).await;
        stop.escalate();
    };
    let ended = tokio::join!(world.play(), stopping).0;
    // Those at 0, 10, … 250 ms.
    assert_eq!(ended.due(), 26);
    assert_eq!(ended.dropped("stopped"), 0);
    assert_eq!(ended.iterations("ok") + ended.iterations("cut"), 26);
    assert_eq!(ended.took, ms(305));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_constant_rate_starts_its_number_of_iterations() {
    let ended = World::new(
        "executor: constant_arrival_rate, rate: 200/s, duration: 500ms, pre_allocated_vus: 100",
        |_| AT_ONCE,
    )
    .in_real_time()
    .play()
    .await;
    assert_eq!(ended.iterations("ok"), 100);
    assert_eq!(ended.due(), 100);
    assert_eq!(ended.count(Metric::UnplannedVus, &[]), 0);
    assert_eq!(ended.count(Metric::IterationStartLag, &[]), 100);
    // The last one starts at 495 ms, and the scenario lasts as long as it says.
    assert!(ended.took >= ms(500), "{:?}", ended.took);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_iteration_starts_before_it_is_due() {
    let ended = World::new(
        "executor: constant_arrival_rate, rate: 100/s, duration: 300ms, pre_allocated_vus: 30",
        |_| AT_ONCE,
    )
    .in_real_time()
    .play()
    .await;
    let starts = starts(&ended);
    assert_eq!(starts.len(), 30);
    for (start, place) in starts.iter().zip(0..) {
        assert!(*start >= ms(10) * place, "{place}: {start:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_ramping_rate_starts_as_many_as_the_area_below_it() {
    let ended = World::new(
        "executor: ramping_arrival_rate, start_rate: 0/s, pre_allocated_vus: 200, stages: [
            {duration: 200ms, target: 400/s}, {duration: 0s, target: 100/s},
            {duration: 200ms, target: 100/s}]",
        |_| AT_ONCE,
    )
    .play()
    .await;
    // 200 ms at 200/s on average, and 200 ms at 100/s.
    assert_eq!(ended.iterations("ok"), 60);
    assert_eq!(ended.due(), 60);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_iteration_finds_the_pre_allocated_user() {
    // Once in a while was not enough to see it fail; a hundred times was.
    for _ in 0..100 {
        let ended = World::new(
            "executor: constant_arrival_rate, rate: 1/s, duration: 1ms, pre_allocated_vus: 1",
            |_| AT_ONCE,
        )
        .in_real_time()
        .play()
        .await;
        assert_eq!((ended.iterations("ok"), ended.due()), (1, 1));
    }
}

fn crowded(allocation: &str) -> World {
    World::new(
        &format!(
            "executor: constant_arrival_rate, rate: 200/s, duration: 250ms, graceful_stop: 0s, {allocation}"
        ),
        |_| Act::Hang,
    )
}

#[tokio::test(start_paused = true)]
async fn iterations_without_a_user_are_dropped_and_counted() {
    let ended = crowded("pre_allocated_vus: 3").play().await;
    assert_eq!(ended.iterations("cut"), 3);
    assert_eq!(ended.dropped("no_vu"), 47);
    assert_eq!(ended.due(), 50);
    assert_eq!(ended.counts.dropped_no_vu, 47);
    let dropped = ended.threshold("dropped_iterations", "count < 47");
    assert_eq!(dropped, (false, "47".into()));
}

#[tokio::test(start_paused = true)]
async fn further_users_come_until_there_are_max_vus() {
    let ended = crowded("pre_allocated_vus: 3, max_vus: 10").play().await;
    assert_eq!(ended.iterations("cut"), 10);
    assert_eq!(ended.dropped("no_vu"), 40);
    assert_eq!(ended.counts.unplanned, 7);
    assert_eq!(
        ended.threshold("unplanned_vus", "count == 7"),
        (true, "7".into())
    );
    assert_eq!(ended.threshold("vus", "max == 10"), (true, "10".into()));
    assert!(ended.threshold("iteration_start_lag", "p99 < 10s").0);
}

/// Stops politely, or at once, in the middle of a run that could go on.
async fn stopped(cut: bool) -> Ended {
    let world = World::new(
        "executor: constant_arrival_rate, rate: 1000/s, duration: 1h, graceful_stop: 50ms,
         pre_allocated_vus: 20, max_vus: 40",
        |play| if play.vu % 2 == 0 { Act::Hang } else { AT_ONCE },
    )
    .in_real_time();
    let (stop, counts) = (world.stop.clone(), Arc::clone(&world.counts));
    let stopping = async {
        while counts.lock().done < 100 {
            tokio::time::sleep(ms(1)).await;
        }
        stop.escalate();
        if cut {
            stop.escalate();
        }
    };
    tokio::join!(Box::pin(world.play()), stopping).0
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_due_is_what_was_played_cut_or_dropped() {
    for cut in [false, true] {
        let ended = stopped(cut).await;
        // The clock has given out moments in order: as many as are counted, and
        // all of those that lie before the stop.
        let due = ended.due();
        assert!(due >= 100);
        assert!(ended.took >= ms(due - 1), "{due} in {:?}", ended.took);
        let noted = u64::try_from(ended.plays.len()).unwrap();
        let played = ended.count(Metric::Iterations, &[]);
        // An iteration that is handed over and cut before its first step is
        // counted as cut, though no step saw it.
        assert!(noted <= played, "{noted} of {played}");
        let lags = ended.count(Metric::IterationStartLag, &[]);
        assert_eq!(lags, played);
    }
}

#[tokio::test(start_paused = true)]
async fn service_time_stands_beside_latency() {
    let ended = World::new(
        "executor: constant_arrival_rate, rate: 100/s, duration: 200ms, pre_allocated_vus: 1,
         max_vus: 1",
        |_| AT_ONCE,
    )
    .play()
    .await;
    let good = [(TagKey::Outcome, "ok")];
    for metric in [
        Metric::IterationDuration,
        Metric::IterationServiceTime,
        Metric::StepDuration,
        Metric::StepServiceTime,
    ] {
        assert_eq!(
            ended.count(metric, &good),
            ended.iterations("ok"),
            "{metric}"
        );
    }
}

#[test]
fn a_rate_of_zero_is_a_mistake() {
    let seen =
        problems("executor: constant_arrival_rate, rate: 0/s, duration: 1s, pre_allocated_vus: 1");
    assert!(seen.contains("a rate of zero starts nothing"), "{seen}");
}
