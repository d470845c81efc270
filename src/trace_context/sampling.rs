//! Which traces a server is asked to keep.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

use super::{TraceContext, TraceId};

/// Trace sampling in `traceparent`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sampling {
    /// Nothing: no header is sent.
    Off,
    /// Every iteration has a trace, and this share of them, from 0 to 1, is to
    /// be kept.
    Share(f64),
    /// Every iteration has a trace, and so many a second are to be kept, as many
    /// at once after a pause.
    PerSecond(u32),
}

impl Default for Sampling {
    fn default() -> Self {
        Self::USUAL
    }
}

/// What a text should have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {}", Sampling::EXPECTED)]
pub struct NotSampling;

impl Sampling {
    /// A run of a few users is kept whole, and a storm does not flood what
    /// keeps the traces.
    pub const USUAL: Self = Self::PerSecond(10);
    /// What can be written.
    pub const EXPECTED: &str = "`off`, a share such as `1%`, or a number a second such as `10/s`";
}

impl FromStr for Sampling {
    type Err = NotSampling;

    fn from_str(text: &str) -> Result<Self, NotSampling> {
        if text == "off" {
            return Ok(Self::Off);
        }
        if let Some(number) = text.strip_suffix("/s") {
            return number.parse().map(Self::PerSecond).map_err(|_| NotSampling);
        }
        let percent = text.strip_suffix('%').map(str::parse::<f64>);
        match percent {
            Some(Ok(percent)) if (0.0..=100.0).contains(&percent) => {
                Ok(Self::Share(percent / 100.0))
            }
            _ => Err(NotSampling),
        }
    }
}

impl fmt::Display for Sampling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::Share(share) => write!(f, "{}%", share * 100.0),
            Self::PerSecond(number) => write!(f, "{number}/s"),
        }
    }
}

/// Begins the traces of a run.
#[derive(Debug)]
pub struct Sampler<C: Clock = MonotonicClock> {
    sampling: Sampling,
    /// Of `PerSecond`, unless it is 0.
    limiter: Option<RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<C::Instant>>>,
}

impl Sampler {
    /// For a run, in real time.
    pub fn new(sampling: Sampling) -> Self {
        Self::with_clock(sampling, MonotonicClock)
    }
}

impl<C: Clock> Sampler<C> {
    /// For a run whose seconds `clock` tells.
    pub fn with_clock(sampling: Sampling, clock: C) -> Self {
        let most = match sampling {
            Sampling::PerSecond(most) => NonZeroU32::new(most),
            Sampling::Off | Sampling::Share(_) => None,
        };
        let limiter =
            most.map(|most| RateLimiter::direct_with_clock(Quota::per_second(most), clock));
        Self { sampling, limiter }
    }

    /// A further trace; `None` when none are wanted.
    pub fn begin(&self) -> Option<TraceContext> {
        let id = TraceId::random();
        let sampled = match self.sampling {
            Sampling::Off => return None,
            // By the id, as servers that sample by a share do it too.
            Sampling::Share(share) => {
                #[expect(clippy::cast_precision_loss, reason = "a share of 2^56")]
                let (place, all) = (id.randomness() as f64, (1_u64 << 56) as f64);
                place < share * all
            }
            Sampling::PerSecond(_) => {
                let limiter = self.limiter.as_ref();
                limiter.is_some_and(|limiter| limiter.check().is_ok())
            }
        };
        Some(TraceContext { id, sampled })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use governor::clock::FakeRelativeClock;

    use super::{Sampler, Sampling};

    #[test]
    fn what_is_written_is_what_is_said() {
        for text in ["off", "0%", "1%", "2.5%", "100%", "0/s", "10/s"] {
            assert_eq!(text.parse::<Sampling>().unwrap().to_string(), text);
        }
        for text in ["", "on", "101%", "-1%", "nan%", "5", "1.5/s", "-1/s", "5/m"] {
            assert!(text.parse::<Sampling>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_share_is_kept() {
        let kept = |text: &str| {
            let sampler = Sampler::new(text.parse().unwrap());
            let traces = (0..4000).filter_map(|_| sampler.begin());
            traces.filter(|trace| trace.sampled).count()
        };
        assert_eq!(kept("0%"), 0);
        assert_eq!(kept("100%"), 4000);
        // A thousand, give or take six standard deviations.
        let quarter = kept("25%");
        assert!((836..=1164).contains(&quarter), "{quarter}");
        assert!(Sampler::new(Sampling::Off).begin().is_none());
    }

    #[test]
    fn so_many_are_kept_of_each_second() {
        let clock = FakeRelativeClock::default();
        let sampler = Sampler::with_clock(Sampling::PerSecond(3), clock.clone());
        let kept = |after| {
            clock.advance(Duration::from_secs(after));
            let traces = (0..10).filter_map(|_| sampler.begin());
            traces.filter(|trace| trace.sampled).count()
        };
        assert_eq!([kept(1), kept(0), kept(1), kept(5)], [3, 0, 3, 3]);
        let none = Sampler::new(Sampling::PerSecond(0));
        assert!(!none.begin().unwrap().sampled);
    }
}
