//! The engine's clock: the async runtime's, which tests can hold and move.

use std::time::Instant;

/// This moment. Outside tests, the system's monotonic clock and nothing else.
pub(super) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
