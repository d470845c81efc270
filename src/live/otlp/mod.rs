//! Export by OTLP/HTTP: metrics as protobuf, posted to a collector.
//!
//! All figures are cumulative, so an export that is lost costs a moment of the
//! curve and nothing of the sums.

mod encode;
mod settings;

use std::error::Error;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;
use prost::Message;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::redirect::Policy;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::Feed;
pub use encode::Origin;
pub use settings::{Collector, from_environment};

use crate::ceilings;
use crate::http::{BodyError, client_builder, read_body};

/// Longest wait for a collector.
const PATIENCE: Duration = Duration::from_secs(10);
/// The same for the last export, for which somebody waits.
const LAST_PATIENCE: Duration = Duration::from_secs(3);
/// How often the last export is tried, and how long after a failure.
const LAST_ATTEMPTS: u32 = 3;
const LAST_PAUSE: Duration = Duration::from_millis(500);

/// What came of exporting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub taken: u64,
    pub lost: u64,
    /// Why the last of all was lost, if it was.
    pub last_lost: Option<String>,
}

/// Exports a run's figures until it is finished or dropped.
pub struct Exporter {
    task: JoinHandle<Tally>,
    finish: oneshot::Sender<()>,
}

impl Exporter {
    /// Exports what `feed` shows, again and again. `complain` is told the first
    /// time that an export is lost.
    ///
    /// # Errors
    /// When TLS is unusable on this machine.
    pub fn start(
        collector: Collector,
        origin: Origin,
        feed: Feed,
        complain: impl Fn(&str) + Send + Sync + 'static,
    ) -> Result<Self, reqwest::Error> {
        let client = client_builder()
            .redirect(Policy::none())
            .no_proxy()
            .user_agent(concat!("rehearse/", env!("CARGO_PKG_VERSION")))
            .build()?;
        let (finish, finished) = oneshot::channel();
        let export = Export {
            client,
            collector,
            origin,
            feed,
            tally: Tally::default(),
            complain: Box::new(complain),
        };
        let task = tokio::spawn(export.run(finished));
        Ok(Self { task, finish })
    }

    /// Exports once more, and says what came of it all. Takes some seconds when
    /// the collector does not answer.
    pub async fn finish(self) -> Tally {
        // The task ends by this alone.
        let _ = self.finish.send(());
        self.task.await.unwrap_or_else(|_| Tally {
            lost: 1,
            last_lost: Some(Lost::Unmade.to_string()),
            ..Tally::default()
        })
    }
}

struct Export {
    client: reqwest::Client,
    collector: Collector,
    origin: Origin,
    feed: Feed,
    tally: Tally,
    complain: Box<dyn Fn(&str) + Send + Sync>,
}

/// Why an export was lost. Holds nothing of the headers, and of the answer
/// nothing but its status.
#[derive(Debug, thiserror::Error)]
enum Lost {
    #[error("{0}")]
    NoAnswer(String),
    #[error("no answer within {} s", .0.as_secs())]
    TooSlow(Duration),
    #[error("it answered {0}")]
    Refused(StatusCode),
    #[error("it has rejected {0} data points")]
    Rejected(i64),
    #[error("the figures could not be put together")]
    Unmade,
}

impl Lost {
    /// Whether the same export may be taken a moment later. Which refusals pass,
    /// the OTLP specification says; no other may be tried again.
    fn may_pass(&self) -> bool {
        match self {
            Self::NoAnswer(_) | Self::TooSlow(_) => true,
            Self::Refused(status) => matches!(status.as_u16(), 429 | 502 | 503 | 504),
            Self::Rejected(_) | Self::Unmade => false,
        }
    }
}

impl Export {
    async fn run(mut self, mut finished: oneshot::Receiver<()>) -> Tally {
        let every = self.collector.interval;
        let mut interval = interval(every);
        // The first one is due after an interval.
        interval.reset();
        interval.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                biased;
                // An exporter that was dropped has nobody to tell either.
                asked = &mut finished => match asked {
                    Ok(()) => break,
                    Err(_) => return self.tally,
                },
                _ = interval.tick() => {}
            }
            let sent = tokio::select! {
                biased;
                asked = &mut finished => match asked {
                    Ok(()) => break,
                    Err(_) => return self.tally,
                },
                sent = self.export(PATIENCE) => sent,
            };
            self.note(sent);
        }
        let mut sent = self.export(LAST_PATIENCE).await;
        for _ in 1..LAST_ATTEMPTS {
            if !sent.as_ref().is_err_and(Lost::may_pass) {
                break;
            }
            sleep(LAST_PAUSE).await;
            sent = self.export(LAST_PATIENCE).await;
        }
        self.tally.last_lost = sent.as_ref().err().map(ToString::to_string);
        self.note(sent);
        self.tally
    }

    fn note(&mut self, sent: Result<bool, Lost>) {
        match sent {
            Ok(false) => {}
            Ok(true) => self.tally.taken += 1,
            Err(lost) => {
                self.tally.lost += 1;
                if self.tally.lost == 1 {
                    (self.complain)(&lost.to_string());
                }
            }
        }
    }

    /// One export. False when there is nothing to export yet.
    async fn export(&self, patience: Duration) -> Result<bool, Lost> {
        let (feed, origin) = (self.feed.clone(), self.origin.clone());
        let body = put_together(move || {
            let shown = feed.shown()?;
            Some(encode::request(&shown, &origin).encode_to_vec())
        });
        let Some(body) = body.await? else {
            return Ok(false);
        };
        let exchange = timeout(patience, self.post(body)).await;
        exchange.unwrap_or(Err(Lost::TooSlow(patience)))?;
        Ok(true)
    }

    async fn post(&self, body: Vec<u8>) -> Result<(), Lost> {
        let request = self
            .client
            .post(self.collector.url.clone())
            .headers(self.collector.headers.clone())
            .header(
                CONTENT_TYPE,
                HeaderValue::from_static("application/x-protobuf"),
            )
            .body(body);
        let response = request.send().await.map_err(no_answer)?;
        if !response.status().is_success() {
            return Err(Lost::Refused(response.status()));
        }
        let answer = read_body(response, ceilings::CONTROL_BODY).await;
        let answer = answer.map_err(|error| match error {
            BodyError::Broken(error) => no_answer(error),
            error @ BodyError::TooLong(_) => Lost::NoAnswer(error.to_string()),
        })?;
        // An answer that cannot be read says nothing about rejected ones.
        let answer = ExportMetricsServiceResponse::decode(&*answer).unwrap_or_default();
        match answer.partial_success {
            Some(partial) if partial.rejected_data_points > 0 => {
                Err(Lost::Rejected(partial.rejected_data_points))
            }
            _ => Ok(()),
        }
    }
}

/// Makes a body. It takes some milliseconds, and users are played on this thread.
async fn put_together(
    make: impl FnOnce() -> Option<Vec<u8>> + Send + 'static,
) -> Result<Option<Vec<u8>>, Lost> {
    // It fails when `make` panics: that is not the same as nothing to export.
    let body = tokio::task::spawn_blocking(make).await;
    body.map_err(|_| Lost::Unmade)
}

/// The innermost reason, without the address.
fn no_answer(error: reqwest::Error) -> Lost {
    let error = error.without_url();
    let mut cause: &dyn Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    Lost::NoAnswer(cause.to_string())
}

#[cfg(test)]
mod tests {
    use super::{Lost, StatusCode, put_together};

    #[tokio::test]
    async fn a_panic_is_a_loss_and_not_nothing_to_export() {
        assert!(matches!(put_together(|| None).await, Ok(None)));
        let made = put_together(|| panic!("a test's own")).await;
        assert!(matches!(made, Err(Lost::Unmade)), "{made:?}");
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        for (status, expected) in [
            (400, false),
            (401, false),
            (404, false),
            (429, true),
            (500, false),
            (502, true),
            (503, true),
            (504, true),
        ] {
            let lost = Lost::Refused(StatusCode::from_u16(status).unwrap());
            assert_eq!(lost.may_pass(), expected, "{status}");
        }
        assert!(!Lost::Rejected(1).may_pass());
        assert!(!Lost::Unmade.may_pass());
        assert!(Lost::NoAnswer(String::new()).may_pass());
    }
}
