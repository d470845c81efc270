//! Whether a message was sent before somebody asked for it, by two clocks that
//! may differ.
//!
//! Nobody tells us the sender's clock. All that is known is how far it may be
//! off (`clock_skew`), and that a message is seen after it was sent: a message
//! dated five seconds before it was seen is from a clock that is at most five
//! seconds behind. The messages that were given to somebody narrow it down.

use std::time::Duration;

use super::Sent;

/// What is allowed for beyond what was learned: one platform sends from
/// several machines, whose clocks differ a little.
const SLACK: i64 = 2000;

/// What is known of the sender's clock, in milliseconds.
pub(super) struct SenderClock {
    tolerance: i64,
    /// It is ahead of ours by at least this much.
    ahead: i64,
}

impl SenderClock {
    pub(super) fn new(tolerance: Duration) -> Self {
        let tolerance = i64::try_from(tolerance.as_millis()).unwrap_or(i64::MAX / 4);
        Self {
            tolerance: tolerance.min(i64::MAX / 4),
            ahead: -tolerance,
        }
    }

    /// By how much a message was sent before `since`, our clock: `None` when it
    /// may have been sent later. The answer errs towards taking the message.
    pub(super) fn too_old(&self, sent: Option<Sent>, since: i64) -> Option<Duration> {
        let sent = sent?;
        let ahead = (self.ahead.saturating_sub(SLACK)).max(-self.tolerance);
        let latest = sent.at.saturating_add(sent.within).saturating_sub(ahead);
        let early = since.saturating_sub(latest);
        let early = u64::try_from(early).ok().filter(|early| *early > 0)?;
        Some(Duration::from_millis(early))
    }

    /// Learns from a message that was seen at `now` and is the right one.
    pub(super) fn learn(&mut self, sent: Option<Sent>, now: i64) {
        if let Some(sent) = sent {
            let ahead = sent.at.saturating_sub(now).min(self.tolerance);
            self.ahead = self.ahead.max(ahead);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::SenderClock;
    use crate::otp::Sent;

    /// A mail that was sent at `at`, by a clock that is `skew` ahead.
    fn mail(at: i64, skew: i64) -> Sent {
        Sent {
            at: (at + skew).div_euclid(1000) * 1000,
            within: 1000,
        }
    }

    #[test]
    fn an_exact_clock_is_taken_at_its_word() {
        let clock = SenderClock::new(Duration::ZERO);
        let sent = |at| Some(Sent { at, within: 0 });
        assert_eq!(clock.too_old(sent(1000), 1000), None);
        assert_eq!(
            clock.too_old(sent(999), 1000),
            Some(Duration::from_millis(1))
        );
        assert_eq!(clock.too_old(None, 1000), None);
    }

    #[test]
    fn mails_narrow_down_what_the_clock_may_be() {
        let mut clock = SenderClock::new(Duration::from_secs(10));
        // Sent 8 s before: nothing is known of the clock yet.
        assert_eq!(clock.too_old(Some(mail(92_000, 0)), 100_000), None);
        clock.learn(Some(mail(100_500, 0)), 100_700);
        assert!(clock.too_old(Some(mail(92_000, 0)), 100_000).is_some());
        assert_eq!(clock.too_old(Some(mail(100_000, 0)), 100_000), None);
    }

    #[test]
    fn a_mail_from_the_future_spoils_little() {
        let mut clock = SenderClock::new(Duration::from_secs(10));
        clock.learn(Some(mail(i64::MAX / 2, 0)), 0);
        assert_eq!(clock.too_old(Some(mail(100_000, 9000)), 100_000), None);
    }

    proptest! {
        #[test]
        fn the_right_mail_is_never_refused(
            skew in -9000_i64..9000,
            mails in prop::collection::vec((0_i64..100_000, 0_i64..60_000), 1..20),
            asked in 0_i64..100_000,
        ) {
            let mut clock = SenderClock::new(Duration::from_secs(10));
            for (sent, delay) in mails {
                clock.learn(Some(mail(sent, skew)), sent + delay);
            }
            prop_assert_eq!(clock.too_old(Some(mail(asked, skew)), asked), None);
        }
    }
}
