//! Ending early, politely at first.

use std::sync::{Arc, OnceLock};

use tokio_util::sync::CancellationToken;

use crate::metrics::{CutBy, Cutoff, Cutting};

/// Why a run ends before its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// Somebody asked for it, by Ctrl-C, SIGTERM or SIGHUP.
    Signal,
    /// Nobody reads what it says any more: its terminal was closed.
    Unread,
    /// An iteration has failed, and the run is to end at the first one.
    FailedIteration,
    /// A scenario has said `abort`.
    Aborted {
        /// Its name.
        scenario: String,
        /// What it has said, without secrets.
        message: String,
    },
    /// A threshold with `abort_on_fail` is not met.
    Threshold {
        /// Selector and condition.
        threshold: String,
        /// The value when it was looked at.
        seen: String,
    },
}

/// How far a run, a scenario or a virtual user has been asked to stop. Draining
/// lets the iteration under way finish; cutting does not.
///
/// Stops form a tree: what is asked of one is asked of its children.
#[derive(Clone, Debug)]
pub struct Stop {
    /// Of the run, whatever this one is of.
    run: CancellationToken,
    draining: CancellationToken,
    cutoff: Cutoff,
    reason: Arc<OnceLock<StopReason>>,
}

impl Default for Stop {
    fn default() -> Self {
        let run = CancellationToken::new();
        Self {
            draining: run.clone(),
            run,
            cutoff: Cutoff::default(),
            reason: Arc::default(),
        }
    }
}

impl Stop {
    /// Nobody has asked to stop.
    pub fn new() -> Self {
        Self::default()
    }

    /// A stop that follows this one and can come earlier.
    #[must_use]
    pub fn child(&self) -> Self {
        Self {
            run: self.run.clone(),
            draining: self.draining.child_token(),
            cutoff: self.cutoff.child(),
            reason: Arc::clone(&self.reason),
        }
    }

    /// One step further: from running to draining, from draining to cut.
    pub fn escalate(&self) {
        if self.draining.is_cancelled() {
            self.cutoff.cut(CutBy::User);
        }
        self.give_up(StopReason::Signal);
    }

    /// Ends the run before its time, whoever asks; the first reason counts.
    pub fn give_up(&self, reason: StopReason) {
        // A later reason changes nothing.
        let _ = self.reason.set(reason);
        self.run.cancel();
    }

    /// No new iterations: the time is over.
    pub fn drain(&self) {
        self.draining.cancel();
    }

    /// Cuts what is still under way: it has had its time.
    pub fn cut(&self) {
        self.draining.cancel();
        self.cutoff.cut(CutBy::Grace);
    }

    /// What cuts that which is under way.
    pub fn cutoff(&self) -> &Cutoff {
        &self.cutoff
    }

    /// Why the run ended before its time, if it did.
    pub fn reason(&self) -> Option<&StopReason> {
        self.reason.get()
    }

    /// True once no new iteration may start.
    pub fn is_draining(&self) -> bool {
        self.draining.is_cancelled()
    }

    /// Resolves when no new iteration may start.
    pub async fn draining(&self) {
        self.draining.cancelled().await;
    }

    /// Resolves when iterations under way must end.
    pub fn cutting(&self) -> Cutting {
        self.cutoff.cutting()
    }
}

#[cfg(test)]
mod tests {
    use super::{Stop, StopReason};
    use crate::metrics::CutBy;

    #[tokio::test]
    async fn the_second_request_is_harder_than_the_first() {
        let stop = Stop::new();
        stop.escalate();
        stop.draining().await;
        assert!(stop.is_draining() && stop.cutoff().by().is_none());
        stop.escalate();
        stop.cutting().await;
        assert_eq!(stop.cutoff().by(), Some(CutBy::User));
    }

    #[test]
    fn a_child_follows_and_does_not_lead() {
        let run = Stop::new();
        let (one, other) = (run.child(), run.child());
        one.cut();
        assert!(one.cutoff().by().is_some() && !run.is_draining() && !other.is_draining());
        assert_eq!(run.reason(), None);
        let reason = StopReason::Threshold {
            threshold: "errors count == 0".into(),
            seen: "1".into(),
        };
        run.give_up(reason.clone());
        run.escalate();
        assert!(other.cutoff().by().is_some());
        // The first reason counts.
        assert_eq!(other.reason(), Some(&reason));
    }
}
