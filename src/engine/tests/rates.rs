//! Rates: what was measured, over the time in which it was.

use super::{Act, Ended, SECOND, World, ms};
use crate::metrics::{Metric, Tags};

/// Twenty iterations a second, each of 5 ms.
fn twenty(settings: &str) -> String {
    format!("{{executor: constant_vus, pacing: 50ms, {settings}, steps: [double]}}")
}

async fn play(scenarios: &str) -> Ended {
    let text = format!("setup: [double]\nscenarios:\n{scenarios}\nteardown: [double]");
    let world = World::of(&text, |play| match play.scenario.as_str() {
        "setup" | "teardown" => Act::Take(SECOND * 2),
        _ => Act::Take(ms(5)),
    });
    world.play().await
}

fn rate(ended: &Ended, selector: &str) -> String {
    ended.threshold(selector, "rate > 0/s").1
}

#[tokio::test(start_paused = true)]
async fn neither_setup_nor_start_time_nor_warm_up_are_in_a_rate() {
    for settings in [
        "duration: 6s",
        "duration: 6s, warmup: 3s",
        "duration: 6s, start_time: 3s",
        "duration: 6s, start_time: 3s, warmup: 3s",
    ] {
        let ended = play(&format!("  s: {}", twenty(settings))).await;
        assert_eq!(rate(&ended, "iterations"), "20.00/s", "{settings}");
        if settings.contains("warmup") {
            assert_eq!(rate(&ended, "iterations{phase=warmup}"), "20.00/s");
        }
        assert_eq!(rate(&ended, "iterations{phase=setup}"), "0.50/s");
        assert_eq!(
            rate(&ended, "iterations{scenario=teardown}"),
            "nothing was measured"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn each_scenario_has_a_window_of_its_own() {
    let ended = play(&format!(
        "  a: {}\n  b: {}\n  c: {}",
        twenty("duration: 4s"),
        twenty("duration: 4s, start_time: 2s, warmup: 1s"),
        // After a pause in which nothing is measured.
        twenty("duration: 2s, start_time: 10s"),
    ))
    .await;
    for scenario in ["a", "b", "c"] {
        let selector = format!("iterations{{scenario={scenario}}}");
        assert_eq!(rate(&ended, &selector), "20.00/s");
    }
    // 80, 60 and 40 in 6 and 2 seconds.
    assert_eq!(rate(&ended, "iterations"), "22.50/s");
}

#[tokio::test(start_paused = true)]
async fn the_last_iterations_may_take_their_time() {
    let world = World::new(
        "executor: constant_vus, vus: 2, pacing: 500ms, duration: 5s, graceful_stop: 30s",
        |play| match (play.vu, play.iteration) {
            // One ends late, and one does not end at all.
            (1, 10) => Act::Take(SECOND * 9),
            (2, 10) => Act::Hang,
            _ => Act::Take(ms(5)),
        },
    );
    let ended = world.play().await;
    assert!(ended.took > SECOND * 30, "{:?}", ended.took);
    assert_eq!(ended.count(Metric::Iterations, &[]), 20);
    assert_eq!(rate(&ended, "iterations"), "3.80/s");
    assert_eq!(rate(&ended, "iterations{outcome=cut}"), "0.20/s");
}

#[tokio::test(start_paused = true)]
async fn a_number_of_iterations_is_measured_until_the_last_one_has_ended() {
    for (settings, expected) in [
        ("vus: 2, iterations: 8", "4.00/s"),
        (
            "executor: shared_iterations, vus: 2, iterations: 16",
            "4.00/s",
        ),
        ("vus: 2, iterations: 8, warmup: 1s", "4.00/s"),
        // No further one starts after 3 s.
        ("vus: 2, iterations: 80, max_duration: 3s", "4.00/s"),
    ] {
        let ended = World::new(settings, |_| Act::Take(SECOND / 2)).play().await;
        assert_eq!(rate(&ended, "iterations"), expected, "{settings}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_stopped_is_measured_until_then() {
    let world = World::of(
        &format!("scenarios: {{s: {}}}", twenty("duration: 1h")),
        |play| {
            Act::Take(if play.iteration == 80 {
                SECOND * 20
            } else {
                ms(5)
            })
        },
    );
    let stop = world.stop.clone();
    let stopping = async {
        tokio::time::sleep(SECOND * 4).await;
        stop.escalate();
    };
    let (ended, ()) = tokio::join!(world.play(), stopping);
    assert_eq!(rate(&ended, "iterations"), "20.00/s");
}

#[tokio::test(start_paused = true)]
async fn where_nothing_was_measured_there_is_no_rate() {
    let world = World::new(
        &format!("{}, warmup: 6s", "executor: constant_vus, duration: 5s"),
        |_| Act::Take(SECOND),
    );
    let ended = world.play().await;
    assert!(!ended.threshold("iterations", "rate < 100/s").0);
    assert_eq!(rate(&ended, "iterations"), "nothing was measured");
    assert!(ended.snapshot.windows().of(&Tags::new()).length().is_zero());
}

#[tokio::test(start_paused = true)]
async fn a_rate_that_is_kept_ends_no_run_before_it_was_measured() {
    let text = format!(
        "scenarios: {{s: {}}}
thresholds: {{iterations: [{{condition: rate > 19/s, abort_on_fail: true}}]}}",
        twenty("duration: 10s, start_time: 3s, warmup: 2500ms")
    );
    let ended = World::of(&text, |_| Act::Take(ms(5))).play().await;
    assert_eq!(ended.stop.reason(), None);
    let slow = World::of(&text, |_| Act::Take(ms(100))).play().await;
    // Looked at at 6 s and at 7 s: a second is needed.
    assert!(
        slow.took < ms(7200) && slow.took >= ms(6500),
        "{:?}",
        slow.took
    );
}
