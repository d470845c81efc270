//! The same seed plays the same run again.

use super::{Act, Play, SECOND, World, ms};

async fn plays(settings: &str, seed: u64) -> Vec<Play> {
    let world = World::new(settings, |play| {
        Act::Take(ms(100) * u32::try_from(play.vu).unwrap())
    });
    let mut plays = world.seeded(seed).play().await.plays;
    plays.sort_by_key(|play| (play.vu, play.iteration));
    plays
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_gives_the_same_names_and_think_times() {
    for think_time in [
        "{uniform: {min: 1s, max: 9s}}",
        "{normal: {mean: 5s, stddev: 2s}}",
        "{exponential: {mean: 5s}}",
    ] {
        let settings = format!("vus: 3, iterations: 4, think_time: {think_time}");
        let first = plays(&settings, 7).await;
        assert_eq!(first.len(), 12);
        assert_eq!(first, plays(&settings, 7).await);
        let other = plays(&settings, 8).await;
        assert!(first.iter().zip(&other).any(|(a, b)| a.name != b.name));
        assert!(first.iter().zip(&other).any(|(a, b)| a.start != b.start));
        // Users do not think alike.
        let pause = |vu: u64| {
            let starts: Vec<_> = first.iter().filter(|play| play.vu == vu).collect();
            starts[1]
                .start
                .saturating_sub(ms(100) * u32::try_from(vu).unwrap())
        };
        assert_ne!(pause(1), pause(2));
        assert!(pause(1) < SECOND * 100);
    }
}
