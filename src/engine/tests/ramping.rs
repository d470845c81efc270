//! `ramping_vus`.

use std::time::Duration;

use super::{Act, SECOND, World, ms, problems};

/// First start of each user, in the order of their numbers.
fn arrivals(ended: &super::Ended) -> Vec<Duration> {
    let firsts = ended.plays.iter().filter(|play| play.iteration == 1);
    let mut firsts: Vec<_> = firsts.map(|play| (play.vu, play.start)).collect();
    firsts.sort_unstable();
    firsts.into_iter().map(|(_, start)| start).collect()
}

#[tokio::test(start_paused = true)]
async fn users_come_one_at_a_time_and_the_last_to_come_leave_first() {
    let ended = World::new(
        "executor: ramping_vus, start_vus: 0, stages: [
            {duration: 4s, target: 4}, {duration: 4s, target: 4}, {duration: 4s, target: 0}]",
        |_| Act::Take(ms(100)),
    )
    .play()
    .await;
    assert_eq!(arrivals(&ended), [1, 2, 3, 4].map(Duration::from_secs));
    // The fourth leaves at 9 s, the first at 12 s; each finishes what it does.
    for (vu, leaves) in [(4, 9), (3, 10), (2, 11), (1, 12)] {
        let last = *ended.starts_of(vu).last().unwrap();
        let leaves = Duration::from_secs(leaves);
        assert!(last < leaves && last + ms(102) >= leaves, "{vu}: {last:?}");
    }
    assert_eq!(ended.iterations("cut"), 0);
    assert_eq!(ended.threshold("vus", "max == 4"), (true, "4".into()));
}

#[tokio::test(start_paused = true)]
async fn a_stage_of_no_length_is_a_jump() {
    let ended = World::new(
        "executor: ramping_vus, start_vus: 1, stages: [
            {duration: 2s, target: 1}, {duration: 0s, target: 3}, {duration: 2s, target: 3}]",
        |_| Act::Take(ms(500)),
    )
    .play()
    .await;
    assert_eq!(arrivals(&ended), [0, 2, 2].map(Duration::from_secs));
}

#[tokio::test(start_paused = true)]
async fn who_must_leave_is_cut_only_after_the_grace() {
    // Told to leave at 1 s, with two seconds to finish.
    for (takes, outcome) in [(ms(2999), "ok"), (ms(3001), "cut")] {
        let ended = World::new(
            "executor: ramping_vus, start_vus: 1, graceful_ramp_down: 2s, stages: [
                {duration: 1s, target: 0}, {duration: 9s, target: 0}]",
            move |_| Act::Take(takes),
        )
        .play()
        .await;
        assert_eq!(ended.iterations(outcome), 1, "{takes:?}");
        assert_eq!(ended.due(), 1);
        assert_eq!(ended.took, SECOND * 10);
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_there_to_the_end_has_the_graceful_stop_and_not_the_ramp_downs() {
    let ended = World::new(
        "executor: ramping_vus, start_vus: 1, graceful_ramp_down: 1s, graceful_stop: 5s,
         stages: [{duration: 2s, target: 1}]",
        |_| Act::Take(SECOND * 6),
    )
    .play()
    .await;
    assert_eq!((ended.iterations("ok"), ended.iterations("cut")), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn who_comes_after_somebody_left_is_another_user() {
    let ended = World::new(
        "executor: ramping_vus, start_vus: 1, stages: [
            {duration: 0s, target: 0}, {duration: 1s, target: 0},
            {duration: 0s, target: 1}, {duration: 1s, target: 1}]",
        |_| Act::Take(ms(400)),
    )
    .play()
    .await;
    let mut numbers: Vec<_> = ended.plays.iter().map(|play| play.vu).collect();
    numbers.dedup();
    assert_eq!(numbers.last(), Some(&2));
    assert!(ended.starts_of(2)[0] >= SECOND);
}

#[test]
fn no_stages_are_a_mistake() {
    for executor in ["ramping_vus", "ramping_arrival_rate, pre_allocated_vus: 1"] {
        let seen = problems(&format!("executor: {executor}, stages: []"));
        assert!(seen.contains("there are no stages"), "{seen}");
    }
}
