//! Ending what is under way, and saying on whose account.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use super::Outcome;

/// On whose account something under way was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CutBy {
    /// The grace at the end ran out: whoever was waited for was too slow.
    Grace,
    /// The user asked a second time to stop.
    User,
}

impl CutBy {
    /// The outcome of what is ended so.
    pub fn outcome(self) -> Outcome {
        match self {
            Self::Grace => Outcome::Cut,
            Self::User => Outcome::Interrupted,
        }
    }
}

/// Waits until something is cut.
pub type Cutting = Pin<Box<WaitForCancellationFutureOwned>>;

/// Cuts what is under way. Cutoffs form a tree: a child is cut with its parent,
/// and can be cut before.
#[derive(Clone, Debug, Default)]
pub struct Cutoff {
    token: CancellationToken,
    by: Arc<OnceLock<CutBy>>,
    parent: Option<Arc<Self>>,
}

impl Cutoff {
    /// One that is cut with this one at the latest.
    #[must_use]
    pub fn child(&self) -> Self {
        Self {
            token: self.token.child_token(),
            by: Arc::default(),
            parent: Some(Arc::new(self.clone())),
        }
    }

    /// Cuts; the first reason counts.
    pub fn cut(&self, by: CutBy) {
        // A later reason changes nothing.
        let _ = self.by.set(self.by().unwrap_or(by));
        self.token.cancel();
    }

    /// On whose account it was cut, if it was.
    pub fn by(&self) -> Option<CutBy> {
        let own = self.by.get().copied();
        own.or_else(|| self.parent.as_ref()?.by())
    }

    /// Resolves when it is cut. Waiting costs nothing while it is the same task
    /// that waits.
    pub fn cutting(&self) -> Cutting {
        Box::pin(self.token.clone().cancelled_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::{CutBy, Cutoff};

    #[tokio::test]
    async fn a_child_is_cut_with_its_parent_and_not_the_other_way_round() {
        let run = Cutoff::default();
        let (one, other) = (run.child(), run.child().child());
        one.cut(CutBy::Grace);
        one.cutting().await;
        assert_eq!((run.by(), other.by()), (None, None));
        run.cut(CutBy::User);
        other.cutting().await;
        // The first reason counts.
        assert_eq!(one.by(), Some(CutBy::Grace));
        assert_eq!(other.by(), Some(CutBy::User));
    }
}
