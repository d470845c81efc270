//! What is looked at once a second: tripwires and the number of users.

use super::{Act, SECOND, World, ms};
use crate::engine::StopReason;

fn failing(after: u64, delay: &str) -> World {
    let text = format!(
        "
scenarios:
  s: {{executor: constant_vus, duration: 60s, steps: [double]}}
thresholds:
  errors:
    - {{condition: count < 3, abort_on_fail: true{delay}}}
"
    );
    World::of(&text, move |play| {
        if play.iteration > after {
            Act::Fail
        } else {
            Act::Take(SECOND / 4)
        }
    })
}

#[tokio::test(start_paused = true)]
async fn a_threshold_that_is_not_met_ends_the_run_within_a_second() {
    let mut world = failing(10, "");
    // Failing at once, over and over, would never let time pass.
    let act = world.act.clone();
    world.act = std::sync::Arc::new(move |play| match act(play) {
        Act::Fail if play.iteration < 14 => Act::Fail,
        _ => Act::Take(SECOND / 4),
    });
    let ended = world.play().await;
    // Fails at 2.5 s; looked at each second.
    assert!(ended.took < ms(3300), "{:?}", ended.took);
    let Some(StopReason::Threshold { threshold, seen }) = ended.stop.reason() else {
        panic!("{:?}", ended.stop.reason())
    };
    assert_eq!(
        (threshold.as_str(), seen.as_str()),
        ("errors count < 3", "3")
    );
}

#[tokio::test(start_paused = true)]
async fn a_delay_lets_it_go_on_for_a_while() {
    let mut world = failing(0, ", delay: 20s");
    world.act = std::sync::Arc::new(|play| {
        if play.iteration < 4 {
            Act::Fail
        } else {
            Act::Take(SECOND / 4)
        }
    });
    let ended = world.play().await;
    assert!(
        ended.took >= SECOND * 20 && ended.took < ms(21_500),
        "{:?}",
        ended.took
    );
    assert!(matches!(
        ended.stop.reason(),
        Some(StopReason::Threshold { .. })
    ));
}

#[tokio::test(start_paused = true)]
async fn a_threshold_that_is_met_lets_the_run_go_on() {
    let ended = failing(1000, "").play().await;
    assert_eq!(ended.stop.reason(), None);
    assert_eq!(ended.took, SECOND * 60);
}

#[tokio::test(start_paused = true)]
async fn what_tripwires_look_at_is_not_missing_from_the_time_series() {
    let ended = failing(1000, "").play().await;
    // The last tick has no other after it.
    assert_eq!(ended.told, ended.rows.len() as u64 - 1);
    let rows: u64 = ended.rows.iter().map(|row| row.iterations).sum();
    assert_eq!(rows, ended.iterations("ok"));
}

#[tokio::test(start_paused = true)]
async fn users_who_come_and_go_within_a_second_are_counted() {
    let ended = World::new("vus: 5, iterations: 1", |_| Act::Take(ms(10)))
        .play()
        .await;
    assert_eq!(ended.threshold("vus", "max == 5"), (true, "5".into()));
    let ended = World::new("executor: constant_vus, vus: 2, duration: 3s", |_| {
        Act::Take(ms(10))
    })
    .play()
    .await;
    // Nobody is expected before and after.
    assert_eq!(ended.threshold("vus", "min == 2"), (true, "2".into()));
}
