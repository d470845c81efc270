//! A random sequence that can be repeated.

use std::hash::{Hash, Hasher};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Exp1, StandardNormal};

/// A source of random numbers that depends on the run's seed and on what the
/// numbers are for, but not on timing: whichever virtual user comes first, each
/// draws the same numbers again.
#[derive(Debug)]
pub struct SeededRng(StdRng);

impl SeededRng {
    /// Numbers for `purpose`, of a virtual user in an iteration.
    pub fn new(seed: u64, purpose: &str, user: u64, iteration: u64) -> Self {
        // A hasher whose result is the same in every build and process.
        let mut hasher =
            foldhash::fast::FoldHasher::with_seed(seed, foldhash::SharedSeed::global_fixed());
        purpose.hash(&mut hasher);
        (user, iteration).hash(&mut hasher);
        Self(StdRng::seed_from_u64(hasher.finish()))
    }

    /// At least 0, less than 1, each as likely as any other.
    pub fn unit(&mut self) -> f64 {
        self.0.random()
    }

    /// A whole number below `limit`, each as likely as any other; 0 when there
    /// is none.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0.random_range(0..limit.max(1))
    }

    /// Of an exponential distribution with mean 1.
    pub fn exponential(&mut self) -> f64 {
        self.0.sample(Exp1)
    }

    /// Of a normal distribution with mean 0 and standard deviation 1.
    pub fn normal(&mut self) -> f64 {
        self.0.sample(StandardNormal)
    }
}

/// How long a virtual user waits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pause {
    /// Always the same.
    Constant(Duration),
    /// Anything between two values.
    Uniform {
        /// Shortest.
        min: Duration,
        /// Longest.
        max: Duration,
    },
    /// Around a mean; never below zero.
    Normal {
        /// Mean, before negative values become zero.
        mean: Duration,
        /// Standard deviation.
        stddev: Duration,
    },
    /// Memoryless, as independent people are.
    Exponential {
        /// Mean.
        mean: Duration,
    },
}

impl Pause {
    /// A wait.
    pub fn draw(self, draw: &mut SeededRng) -> Duration {
        match self {
            Self::Constant(duration) => duration,
            Self::Uniform { min, max } => min + max.saturating_sub(min).mul_f64(draw.unit()),
            Self::Normal { mean, stddev } => {
                let seconds = stddev
                    .as_secs_f64()
                    .mul_add(draw.normal(), mean.as_secs_f64());
                Duration::try_from_secs_f64(seconds).unwrap_or_default()
            }
            Self::Exponential { mean } => mean.mul_f64(draw.exponential()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Pause, SeededRng};

    const SECOND: Duration = Duration::from_secs(1);

    /// Mean and standard deviation, in seconds, of many waits.
    fn moments(pause: Pause) -> (f64, f64) {
        const N: u32 = 20_000;
        let mut draw = SeededRng::new(1, "moments", 0, 0);
        let waits: Vec<f64> = (0..N)
            .map(|_| pause.draw(&mut draw).as_secs_f64())
            .collect();
        let mean = waits.iter().sum::<f64>() / f64::from(N);
        let variance = waits.iter().map(|w| (w - mean).powi(2)).sum::<f64>() / f64::from(N);
        (mean, variance.sqrt())
    }

    #[test]
    fn waits_have_the_mean_and_spread_of_their_distribution() {
        let cases = [
            (Pause::Constant(SECOND), 1.0, 0.0),
            (
                Pause::Uniform {
                    min: SECOND,
                    max: 3 * SECOND,
                },
                2.0,
                2.0 / 12_f64.sqrt(),
            ),
            (
                Pause::Normal {
                    mean: 10 * SECOND,
                    stddev: 2 * SECOND,
                },
                10.0,
                2.0,
            ),
            (Pause::Exponential { mean: 2 * SECOND }, 2.0, 2.0),
        ];
        for (pause, mean, spread) in cases {
            let seen = moments(pause);
            assert!((seen.0 - mean).abs() < 0.05 * mean, "{pause:?}: {seen:?}");
            assert!(
                (seen.1 - spread).abs() <= 0.05 * spread,
                "{pause:?}: {seen:?}"
            );
        }
    }

    #[test]
    fn the_same_purpose_draws_the_same_numbers() {
        let numbers = |seed, purpose, user, iteration| {
            let mut draw = SeededRng::new(seed, purpose, user, iteration);
            [draw.unit(), draw.unit()].map(f64::to_bits)
        };
        let first = numbers(1, "think", 2, 3);
        assert_eq!(first, numbers(1, "think", 2, 3));
        for other in [
            numbers(2, "think", 2, 3),
            numbers(1, "pace", 2, 3),
            numbers(1, "think", 3, 3),
            numbers(1, "think", 2, 4),
        ] {
            assert_ne!(first, other);
        }
    }
}
