//! How an iteration, a group, a step or a request ended: the values of the tag
//! `outcome`.

/// Everything in it was good.
pub const OK: &str = "ok";
/// It failed.
pub const FAILED: &str = "failed";
/// It had to fail, and did: neither good nor failed.
pub const EXPECTED: &str = "failed as expected";
/// It was under way when the grace at the end ran out: it failed, and took at
/// least as long as is recorded.
pub const CUT: &str = "cut";
/// It was under way when the user asked a second time to stop.
pub const INTERRUPTED: &str = "interrupted";
/// It belonged to a branch of `parallel` that was given up because another one
/// failed.
pub const ABANDONED: &str = "abandoned";

/// True for what has not ended by itself: how much of it there was in a second
/// says nothing.
pub fn is_unfinished(outcome: &str) -> bool {
    matches!(outcome, CUT | INTERRUPTED | ABANDONED)
}

/// Every outcome.
pub const ALL: &[&str] = &[OK, FAILED, EXPECTED, CUT, INTERRUPTED, ABANDONED];
