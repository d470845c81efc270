//! Which traces a server is asked to keep.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use super::{TraceContext, TraceId};

/// Trace sampling in `traceparent`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sampling {
    /// Nothing: no header is sent.
    Off,
    /// Every iteration has a trace, and this share of them, from 0 to 1, is to
    /// be kept.
    Share(f64),
    /// Every iteration has a trace, and of those that begin within a second so
    /// many are to be kept.
    PerSecond(u32),
}

impl Default for Sampling {
    /// A run of a few users is kept whole, and a storm does not flood what
    /// keeps the traces.
    fn default() -> Self {
        Self::PerSecond(10)
    }
}

/// What a text should have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {}", Sampling::EXPECTED)]
pub struct NotSampling;

impl Sampling {
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
pub struct Sampler {
    sampling: Sampling,
    start: Instant,
    /// Second of the run in the upper half, traces kept in it in the lower.
    kept: AtomicU64,
}

impl Sampler {
    /// For a run that begins now.
    pub fn new(sampling: Sampling) -> Self {
        Self {
            sampling,
            start: Instant::now(),
            kept: AtomicU64::new(0),
        }
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
            Sampling::PerSecond(most) => self.claim(self.start.elapsed().as_secs(), most),
        };
        Some(TraceContext { id, sampled })
    }

    /// Takes one of the places of a second, if one is left.
    fn claim(&self, second: u64, most: u32) -> bool {
        let claimed = |now: u64| {
            let taken = if now >> 32 == second {
                now & u64::from(u32::MAX)
            } else {
                0
            };
            (taken < u64::from(most)).then_some((second << 32) | (taken + 1))
        };
        self.kept
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, claimed)
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
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
        let sampler = Sampler::new(Sampling::PerSecond(3));
        let kept = |second| (0..10).filter(|_| sampler.claim(second, 3)).count();
        assert_eq!([kept(1), kept(1), kept(2), kept(7)], [3, 0, 3, 3]);
        assert!(!sampler.claim(8, 0));
    }
}
