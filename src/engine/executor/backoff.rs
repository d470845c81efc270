//! `failure_backoff`: a user whose iterations fail at once, without anybody
//! having answered anything, waits a little longer each time.

use std::time::Duration;

use serde_json::Value as Json;

use crate::document::ReadContext;
use crate::language::{Node, Read, Shape, Written, duration_shape, format_duration};

/// The first wait; each further one is twice as long.
const FIRST: Duration = Duration::from_millis(1);

/// The longest wait from the start of an iteration that failed at once to the
/// start of the next one; `None` for no wait at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FailureBackoff(Option<Duration>);

impl Default for FailureBackoff {
    fn default() -> Self {
        Self::USUAL
    }
}

impl FailureBackoff {
    /// Ten failures a second tell as much as a hundred thousand.
    pub(super) const USUAL: Self = Self(Some(Duration::from_millis(100)));

    /// How long after its start an iteration is followed by the next one, when
    /// it is the `failures`th in a row that failed at once.
    pub(super) fn after(self, failures: u32) -> Option<Duration> {
        let doublings = failures.checked_sub(1)?;
        let longest = self.0?;
        let wait = 2_u32.checked_pow(doublings).map(|times| FIRST * times);
        Some(wait.map_or(longest, |wait| wait.min(longest)))
    }
}

/// `off`, or the longest wait.
impl Read<ReadContext> for FailureBackoff {
    const EXPECTED: &'static str = "`off`, or the longest wait such as `100ms`";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        if node.scalar().is_some_and(|text| text.text == "off") {
            return Some(Self(None));
        }
        Duration::read(node, cx).map(|longest| Self(Some(longest)))
    }

    fn shape() -> Shape {
        Shape::Words(vec!["off"]).or(duration_shape())
    }
}

impl Written for FailureBackoff {
    fn written(&self) -> Json {
        Json::from(self.0.map_or_else(|| "off".to_owned(), format_duration))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::FailureBackoff;

    #[test]
    fn each_wait_is_twice_as_long_up_to_the_longest() {
        let waits = (0..9).map(|failures| FailureBackoff::default().after(failures));
        let expected = [
            None,
            Some(1),
            Some(2),
            Some(4),
            Some(8),
            Some(16),
            Some(32),
            Some(64),
            Some(100),
        ];
        let expected = expected.map(|wait| wait.map(Duration::from_millis));
        assert_eq!(waits.collect::<Vec<_>>(), expected);
        let longest = FailureBackoff::default().after(u32::MAX);
        assert_eq!(longest, Some(Duration::from_millis(100)));
        assert_eq!(FailureBackoff(None).after(7), None);
    }
}
