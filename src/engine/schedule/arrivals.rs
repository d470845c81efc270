//! Intended start times of an open model.

use std::time::Duration;

use super::profile::Profile;
use super::seeded_rng::SeededRng;

/// How arrivals follow one another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spacing {
    /// Evenly: the n-th arrival is when the profile has produced n.
    #[default]
    Uniform,
    /// At random, independent of one another, with the profile as their rate:
    /// a Poisson process.
    Poisson,
}

/// Iterates over the intended start times, from the scenario's start.
#[derive(Debug)]
pub struct Arrivals {
    profile: Profile,
    spacing: Spacing,
    draw: SeededRng,
    index: u64,
    /// How many there are when they come evenly.
    even: u64,
    /// Integral of the rate at which the next random arrival comes.
    random: f64,
}

impl Arrivals {
    /// Arrivals whose rate per second is `profile`; `draw` is used when they
    /// are random.
    pub fn new(profile: Profile, spacing: Spacing, mut draw: SeededRng) -> Self {
        let random = draw.exponential();
        Self {
            even: profile.arrivals(),
            profile,
            spacing,
            draw,
            index: 0,
            random,
        }
    }
}

impl Iterator for Arrivals {
    type Item = Duration;

    #[expect(clippy::cast_precision_loss, reason = "far below 2^52 arrivals")]
    fn next(&mut self) -> Option<Duration> {
        let area = match self.spacing {
            Spacing::Uniform if self.index == self.even => return None,
            Spacing::Uniform => self.index as f64,
            Spacing::Poisson => self.random,
        };
        let seconds = self.profile.reaches(area)?;
        self.index += 1;
        if self.spacing == Spacing::Poisson {
            self.random += self.draw.exponential();
        }
        Duration::try_from_secs_f64(seconds).ok()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::{Arrivals, Spacing};
    use crate::engine::schedule::{Profile, SeededRng, Stage};

    fn arrivals(profile: Profile, spacing: Spacing, seed: u64) -> Vec<Duration> {
        Arrivals::new(profile, spacing, SeededRng::new(seed, "test", 0, 0)).collect()
    }

    #[test]
    fn a_constant_rate_ticks_without_drift() {
        let profile = Profile::constant(200.0, Duration::from_secs(3600));
        let times = arrivals(profile, Spacing::Uniform, 0);
        assert_eq!(times.len(), 720_000);
        assert_eq!(times[0], Duration::ZERO);
        for index in [1_u32, 1000, 719_999] {
            let exact = Duration::from_millis(5) * index;
            assert!(times[index as usize].abs_diff(exact) < Duration::from_micros(1));
        }
    }

    #[test]
    fn a_rate_and_a_duration_give_their_product_whatever_the_unit() {
        for (unit, seconds) in [(60.0, 60), (3600.0, 3600), (60.0, 600)] {
            for number in 1..500_u32 {
                let profile =
                    Profile::constant(f64::from(number) / unit, Duration::from_secs(seconds));
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                let times = u64::from(number) * (seconds / unit as u64);
                assert_eq!(profile.arrivals(), times);
                assert_eq!(arrivals(profile, Spacing::Uniform, 0).len() as u64, times);
            }
        }
    }

    #[test]
    fn random_arrivals_come_at_the_rate_and_vary_as_they_should() {
        let profile = Profile::constant(1000.0, Duration::from_secs(100));
        let times = arrivals(profile.clone(), Spacing::Poisson, 1);
        // The standard deviation of the count is √100,000 ≈ 316.
        assert!(times.len().abs_diff(100_000) < 5 * 316, "{}", times.len());
        let gaps: Vec<f64> = times
            .windows(2)
            .map(|w| w[1].abs_diff(w[0]).as_secs_f64())
            .collect();
        #[expect(clippy::cast_precision_loss)]
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        #[expect(clippy::cast_precision_loss)]
        let variance = gaps.iter().map(|g| (g - mean).powi(2)).sum::<f64>() / gaps.len() as f64;
        // Of an exponential distribution, mean and standard deviation are equal.
        assert!(
            (variance.sqrt() / mean - 1.0).abs() < 0.05,
            "{}",
            variance.sqrt() / mean
        );
        assert_eq!(times, arrivals(profile.clone(), Spacing::Poisson, 1));
        assert_ne!(times, arrivals(profile, Spacing::Poisson, 2));
    }

    fn any_profile() -> impl Strategy<Value = Profile> {
        let stage = (0_u64..20_000, 0.0_f64..500.0).prop_map(|(ms, target)| Stage {
            duration: Duration::from_millis(ms),
            target,
        });
        (0.0_f64..500.0, prop::collection::vec(stage, 1..6))
            .prop_map(|(start, stages)| Profile::new(start, &stages))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_stages_give_as_many_arrivals_as_their_integral(profile in any_profile()) {
            let times = arrivals(profile.clone(), Spacing::Uniform, 0);
            #[expect(clippy::cast_precision_loss)]
            let count = times.len() as f64;
            prop_assert!((count - profile.area()).abs() <= 1.0, "{count} of {}", profile.area());
            prop_assert!(times.windows(2).all(|pair| pair[0] <= pair[1]));
            prop_assert!(times.last().is_none_or(|last| *last <= profile.duration()));
        }
    }
}
