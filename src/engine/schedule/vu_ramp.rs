//! How many virtual users there should be, as a number that changes with time.

use std::time::Duration;

/// The moments at which the number of users changes. Between two stages it
/// follows the line between them, one user at a time.
#[derive(Clone, Debug)]
pub struct VuRamp {
    /// Moment and number from then on; ascending.
    changes: Vec<(Duration, u64)>,
    duration: Duration,
}

impl VuRamp {
    /// Starts with `start` users and goes through stages of (duration, number).
    pub fn new(start: u64, stages: &[(Duration, u64)]) -> Self {
        let mut changes = vec![(Duration::ZERO, start)];
        let (mut at, mut from) = (Duration::ZERO, start);
        for (duration, to) in stages {
            let steps = from.abs_diff(*to);
            for step in 1..=steps {
                // The n-th of m changes comes after n/m of the stage.
                let share = ratio(step, steps);
                let number = if *to > from { from + step } else { from - step };
                changes.push((at + duration.mul_f64(share), number));
            }
            at += *duration;
            from = *to;
        }
        Self {
            changes,
            duration: at,
        }
    }

    /// How often the number of users would change.
    pub fn count(start: u64, stages: &[(Duration, u64)]) -> u64 {
        let numbers = stages.iter().map(|(_, number)| *number);
        let before = std::iter::once(start).chain(numbers.clone());
        let changes = before.zip(numbers).map(|(from, to)| from.abs_diff(to));
        changes.fold(0, u64::saturating_add)
    }

    /// The changes, in order.
    pub fn changes(&self) -> &[(Duration, u64)] {
        &self.changes
    }

    /// How long the stages last together.
    pub fn duration(&self) -> Duration {
        self.duration
    }

    /// The largest number of users.
    pub fn peak(&self) -> u64 {
        self.changes
            .iter()
            .map(|(_, number)| *number)
            .max()
            .unwrap_or(0)
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52 users")]
fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::VuRamp;

    const fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn users_come_and_go_one_at_a_time() {
        let ramp = VuRamp::new(0, &[(seconds(4), 2), (seconds(2), 2), (seconds(1), 0)]);
        let expected = [
            (Duration::ZERO, 0),
            (seconds(2), 1),
            (seconds(4), 2),
            (Duration::from_millis(6500), 1),
            (seconds(7), 0),
        ];
        assert_eq!(ramp.changes(), expected);
        assert_eq!((ramp.peak(), ramp.duration()), (2, seconds(7)));
    }

    #[test]
    fn a_stage_without_length_is_a_jump() {
        let ramp = VuRamp::new(1, &[(Duration::ZERO, 3)]);
        assert_eq!(ramp.changes().last(), Some(&(Duration::ZERO, 3)));
    }

    proptest! {
        #[test]
        fn each_stage_ends_with_its_number(start in 0_u64..50, stages in prop::collection::vec((0_u64..5000, 0_u64..50), 0..6)) {
            let stages: Vec<_> = stages.iter().map(|(ms, n)| (Duration::from_millis(*ms), *n)).collect();
            let ramp = VuRamp::new(start, &stages);
            let mut end = Duration::ZERO;
            prop_assert!(ramp.changes().windows(2).all(|w| w[0].0 <= w[1].0 && w[0].1.abs_diff(w[1].1) == 1));
            for (index, (duration, number)) in stages.iter().enumerate() {
                end += *duration;
                // Jumps that follow at the same moment come later in the list.
                if stages.get(index + 1).is_none_or(|next| !next.0.is_zero()) {
                    let last = ramp.changes().iter().rev().find(|(at, _)| *at <= end);
                    prop_assert_eq!(last.map(|(_, n)| *n), Some(*number));
                }
            }
        }
    }
}
