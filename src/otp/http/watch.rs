//! Looks into a mailbox with an HTTP interface from time to time, for everybody.

use std::time::Duration;

use super::api::Api;
use crate::otp::{BoxFuture, Mailbox, Message, News, SourceError, now_ms};

/// Longest pause while the mailbox does not answer.
const LONGEST: Duration = Duration::from_secs(30);

/// A mailbox that is looked at from time to time.
pub(super) struct Watcher {
    api: Api,
    since: i64,
    /// How often in a row it did not answer.
    failed: u32,
    /// What came with the first answer after that.
    held: Vec<Message>,
}

impl Watcher {
    /// Looks once: what is there already is not news.
    pub(super) async fn start(api: Api) -> Result<Self, SourceError> {
        let since = now_ms();
        api.skip(since).await?;
        Ok(Self {
            api,
            since,
            failed: 0,
            held: Vec::new(),
        })
    }

    fn pause(&self) -> Duration {
        let factor = 1_u32 << self.failed.min(8);
        let longest = self.api.poll.max(LONGEST);
        (self.api.poll * factor).min(longest)
    }
}

impl Mailbox for Watcher {
    fn next(&mut self) -> BoxFuture<'_, Result<News, SourceError>> {
        Box::pin(async move {
            if !self.held.is_empty() {
                return Ok(News::Messages(std::mem::take(&mut self.held)));
            }
            tokio::time::sleep(self.pause()).await;
            Ok(match self.api.news("", self.since).await {
                Ok(messages) if self.failed == 0 => News::Messages(messages),
                Ok(messages) => {
                    self.failed = 0;
                    self.held = messages;
                    News::Back
                }
                Err(error) => {
                    self.failed = self.failed.saturating_add(1);
                    News::Lost(error)
                }
            })
        })
    }
}
