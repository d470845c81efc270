//! `per_vu_iterations`, `shared_iterations`, `constant_vus`, think time and
//! pacing.

use std::time::Duration;

use super::{Act, Play, SECOND, World, ms, problems};

const TAKES_A_SECOND: Act = Act::Take(SECOND);

#[tokio::test(start_paused = true)]
async fn each_user_plays_its_iterations_one_after_another() {
    let ended = World::new(
        "executor: per_vu_iterations, vus: 3, iterations: 4",
        |play| Act::Take(SECOND * u32::try_from(play.vu).unwrap()),
    )
    .play()
    .await;
    assert_eq!(ended.iterations("ok"), 12);
    for vu in 1..=3 {
        let beat = SECOND * u32::try_from(vu).unwrap();
        let expected: Vec<_> = (0..4).map(|n| beat * n).collect();
        assert_eq!(ended.starts_of(vu), expected);
    }
    assert_eq!(ended.took, SECOND * 12);
}

#[tokio::test(start_paused = true)]
async fn a_fast_user_plays_more_of_what_is_shared() {
    let ended = World::new(
        "executor: shared_iterations, vus: 2, iterations: 11",
        |play| Act::Take(if play.vu == 1 { SECOND } else { SECOND * 10 }),
    )
    .play()
    .await;
    assert_eq!(ended.iterations("ok"), 11);
    assert_eq!(ended.starts_of(1).len(), 10);
    assert_eq!(ended.starts_of(2), [Duration::ZERO]);
}

#[tokio::test(start_paused = true)]
async fn there_are_no_more_users_than_shared_iterations() {
    let ended = World::new("executor: shared_iterations, vus: 9, iterations: 2", |_| {
        TAKES_A_SECOND
    })
    .play()
    .await;
    assert_eq!(ended.iterations("ok"), 2);
    assert!(ended.plays.iter().all(|play| play.vu <= 2));
}

#[tokio::test(start_paused = true)]
async fn constant_users_start_nothing_once_the_time_is_over() {
    let ended = World::new("executor: constant_vus, vus: 2, duration: 10s", |_| {
        Act::Take(ms(3000))
    })
    .play()
    .await;
    // At 0, 3, 6 and 9 s; the last ones may finish.
    assert_eq!(ended.starts_of(2), [0, 3, 6, 9].map(Duration::from_secs));
    assert_eq!((ended.iterations("ok"), ended.iterations("cut")), (8, 0));
    assert_eq!(ended.took, SECOND * 12);
}

#[tokio::test(start_paused = true)]
async fn what_is_under_way_at_the_end_has_the_graceful_stop_to_finish() {
    let ended = World::new(
        "executor: constant_vus, vus: 2, duration: 10s, graceful_stop: 2s",
        |play| Act::Take(if play.vu == 1 { ms(11_999) } else { ms(12_001) }),
    )
    .play()
    .await;
    assert_eq!((ended.iterations("ok"), ended.iterations("cut")), (1, 1));
    assert_eq!(ended.took, SECOND * 12);
}

#[tokio::test(start_paused = true)]
async fn iterations_that_max_duration_leaves_no_time_for_are_dropped() {
    for executor in ["per_vu_iterations", "shared_iterations"] {
        let settings =
            format!("executor: {executor}, vus: 1, iterations: 10, max_duration: 4500ms");
        let ended = World::new(&settings, |_| TAKES_A_SECOND).play().await;
        assert_eq!(ended.iterations("ok"), 5, "{executor}");
        assert_eq!(ended.dropped("max_duration"), 5, "{executor}");
        assert_eq!(ended.counts.dropped_no_vu, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_word_iterations_may_take_ten_minutes() {
    let ended = World::new("vus: 1, iterations: 2000", |_| TAKES_A_SECOND)
        .play()
        .await;
    assert_eq!(ended.iterations("ok"), 600);
    assert_eq!(ended.due(), 2000);
}

#[tokio::test(start_paused = true)]
async fn think_time_lies_between_iterations_and_not_after_the_last() {
    for executor in ["per_vu_iterations", "shared_iterations"] {
        let settings = format!("executor: {executor}, iterations: 3, think_time: 2s");
        let ended = World::new(&settings, |_| TAKES_A_SECOND).play().await;
        assert_eq!(ended.starts_of(1), [0, 3, 6].map(Duration::from_secs));
        assert_eq!(ended.took, SECOND * 7, "{executor}");
    }
}

#[tokio::test(start_paused = true)]
async fn pacing_is_from_start_to_start_and_does_not_drift() {
    // The iteration takes fractions of what a timer can tell apart.
    let ended = World::new("iterations: 101, pacing: 100ms", |_| {
        Act::Take(Duration::from_micros(30_300))
    })
    .play()
    .await;
    let starts = ended.starts_of(1);
    assert_eq!(starts.len(), 101);
    for (start, beat) in starts.iter().zip(0..) {
        let late = start.saturating_sub(ms(100) * beat);
        assert!(
            late <= ms(2) && *start >= ms(100) * beat,
            "{beat}: {start:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_late_for_the_pace_does_not_catch_up() {
    let ended = World::new("iterations: 4, pacing: 1s", |play| {
        Act::Take(if play.iteration == 1 {
            ms(2500)
        } else {
            ms(10)
        })
    })
    .play()
    .await;
    assert_eq!(ended.starts_of(1), [0, 2500, 3500, 4500].map(ms));
}

#[tokio::test(start_paused = true)]
async fn a_resting_user_goes_home_when_the_time_is_over() {
    let ended = World::new(
        "executor: constant_vus, duration: 5s, think_time: 1h",
        |_| TAKES_A_SECOND,
    )
    .play()
    .await;
    assert_eq!((ended.iterations("ok"), ended.took), (1, SECOND * 5));
}

#[tokio::test(start_paused = true)]
async fn a_failed_iteration_is_followed_by_the_next() {
    let ended = World::new("iterations: 4", |play| {
        if play.iteration % 2 == 0 {
            Act::Fail
        } else {
            TAKES_A_SECOND
        }
    })
    .play()
    .await;
    assert_eq!((ended.iterations("ok"), ended.iterations("failed")), (2, 2));
    assert_eq!((ended.counts.done, ended.counts.failed), (4, 2));
}

#[test]
fn a_duration_must_be_written_somewhere() {
    let missing = problems("executor: constant_vus, vus: 2");
    assert!(missing.contains("needs `duration`"), "{missing}");
    assert_eq!(problems("executor: constant_vus, duration: 1s"), "");
}

#[tokio::test(start_paused = true)]
async fn a_user_whose_iterations_fail_at_once_waits_longer_each_time() {
    let ended = World::new("executor: constant_vus, vus: 1, duration: 1s", |_| {
        Act::Fail
    })
    .play()
    .await;
    // Each wait is twice as long, up to 100 ms.
    let starts = [
        0, 1, 3, 7, 15, 31, 63, 127, 227, 327, 427, 527, 627, 727, 827, 927,
    ];
    assert_eq!(ended.starts_of(1), starts.map(ms));
    let waits = ended.threshold("failure_backoff", "max == 100ms");
    assert!(waits.0, "{}", waits.1);
}

#[tokio::test(start_paused = true)]
async fn what_failed_after_a_while_or_waits_anyway_is_not_made_to_wait() {
    for settings in ["think_time: 200ms", "pacing: 200ms, failure_backoff: 1s"] {
        let settings = format!("executor: constant_vus, vus: 1, duration: 1s, {settings}");
        let act = |play: &Play| match play.iteration {
            // A good one in between: what fails after it is a first failure.
            2 | 4 => Act::Take(ms(1)),
            _ => Act::Fail,
        };
        let ended = World::new(&settings, act).play().await;
        assert_eq!(ended.starts_of(1).len(), 5, "{settings}");
    }
}
