//! Looks into a mailbox with an HTTP interface from time to time, for everybody.

use super::api::Api;
use crate::clock::Clock;
use crate::otp::polled::Poll;
use crate::otp::{Message, Reply, SourceError};

/// A mailbox that is looked at from time to time.
pub(super) struct Watcher {
    api: Api,
    since: i64,
}

impl Watcher {
    /// Looks once: what is there already is not news.
    pub(super) async fn start(api: Api, clock: &Clock) -> Result<Self, SourceError> {
        let since = clock.unix_millis();
        api.skip(since).await?;
        Ok(Self { api, since })
    }
}

impl Poll for Watcher {
    fn poll(&mut self) -> Reply<'_, Vec<Message>> {
        Box::pin(async move {
            tokio::time::sleep(self.api.poll).await;
            self.api.news("", self.since).await
        })
    }
}
