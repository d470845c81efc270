//! A mailbox that is asked again and again, for everybody.

use super::backoff::Backoff;
use super::{Message, News, Prospect, PushSource, Reply};

/// What can be asked for everything that is new.
pub(super) trait Poll: Send {
    /// What came since the last call that succeeded, maybe after a wait.
    fn poll(&mut self) -> Reply<'_, Vec<Message>>;
}

/// Asks it, and goes on asking while it is away.
pub(super) struct Polled<P> {
    source: P,
    backoff: Backoff,
    away: bool,
    /// What came with the first answer after that.
    held: Vec<Message>,
}

impl<P: Poll> Polled<P> {
    pub(super) fn new(source: P) -> Self {
        Self {
            source,
            backoff: Backoff::default(),
            away: false,
            held: Vec::new(),
        }
    }
}

impl<P: Poll> PushSource for Polled<P> {
    fn next(&mut self) -> Reply<'_, News> {
        Box::pin(async move {
            if !self.held.is_empty() {
                return Ok(News::Messages(std::mem::take(&mut self.held)));
            }
            if self.away {
                tokio::time::sleep(self.backoff.next()).await;
            }
            match self.source.poll().await {
                Ok(messages) if self.away => {
                    self.away = false;
                    self.backoff.reset();
                    self.held = messages;
                    Ok(News::Back)
                }
                Ok(messages) => Ok(News::Messages(messages)),
                Err(error) if error.prospect == Prospect::Permanent => Err(error),
                Err(error) => {
                    self.away = true;
                    Ok(News::Lost(error))
                }
            }
        })
    }
}
