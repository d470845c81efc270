//! Sends calls and measures them.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use reqwest::StatusCode;
use reqwest::header::HeaderValue;
use secrecy::SecretString;
use url::Url;

use super::coding::decoded;
use super::connection::{
    Answer, Book, ConnectionSettings, Dialler, Lost, MemoryNetwork, Network, NetworkSettings,
    Outgoing, Pool, Sharing, TRACEPARENT, Transfer,
};
use super::error::ClientError;
use super::fault::{self, unconnected};
use super::measurement::Measurement;
use super::retry_after::retry_after;
use super::said::Said;
use super::tls::Tls;
use super::{
    Call, Exchange, Failure, Payload, RateLimits, RequestError, Response, TlsSettings,
    TraceListener,
};
use crate::clock::Clock;
use crate::metrics::{Counter, Meter, Recorder, StepContext, TagKey, Tags, Trend};

/// How the client behaves; from the target and the command line.
pub struct ClientSettings {
    /// Longest wait for a connection.
    pub connect_timeout: Duration,
    /// Longest wait for a whole answer.
    pub request_timeout: Duration,
    /// So many bytes may the body of an answer have, packed and unpacked.
    pub max_body: u64,
    /// Ceilings on requests, if there are any.
    pub limits: Option<RateLimits>,
    /// How connections are protected, beyond what this machine does by itself.
    pub tls: TlsSettings,
    /// Who sees requests and answers as they are, if anybody does.
    pub listener: Option<Arc<dyn TraceListener>>,
    /// How connections are used, unless a scenario says otherwise.
    pub connections: ConnectionSettings,
    /// How connections leave this machine.
    pub network: NetworkSettings,
    /// What stands for the network, in tests.
    pub memory: Option<MemoryNetwork>,
    /// Where connections are recorded, which belong to no step.
    pub recorder: Recorder,
    /// The time.
    pub clock: Clock,
}

/// The HTTP client of a virtual user. Clones use the same connections.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    pool: Arc<Pool>,
}

/// What the clients of a run have in common.
struct Shared {
    dialler: Arc<Dialler>,
    request_timeout: Duration,
    max_body: u64,
    limits: Option<RateLimits>,
    listener: Option<Arc<dyn TraceListener>>,
}

impl Client {
    /// Builds the client. It never follows redirects and never uses a proxy
    /// from the environment: what is measured is what was asked.
    ///
    /// # Errors
    /// When the TLS set-up of the machine is unusable.
    pub fn new(settings: ClientSettings) -> Result<Self, ClientError> {
        let meter = Meter::new(settings.recorder, Tags::new());
        let dialler = Arc::new(Dialler {
            clock: settings.clock,
            book: Arc::new(Book::new(meter.clone())),
            meter,
            timeout: settings.connect_timeout,
            tls: Tls::new(&settings.tls)?,
            version: settings.tls.version,
            network: Network::new(settings.network),
            memory: settings.memory,
        });
        let pool = Pool::new(settings.connections, Arc::clone(&dialler));
        let shared = Shared {
            dialler,
            request_timeout: settings.request_timeout,
            max_body: settings.max_body,
            limits: settings.limits,
            listener: settings.listener,
        };
        Ok(Self {
            shared: Arc::new(shared),
            pool: Arc::new(pool),
        })
    }

    /// The client of all users of a scenario, who use connections in this way.
    #[must_use]
    pub fn of_scenario(&self, connections: ConnectionSettings) -> Self {
        let pool = Pool::new(connections, Arc::clone(&self.shared.dialler));
        Self {
            shared: Arc::clone(&self.shared),
            pool: Arc::new(pool),
        }
    }

    /// The client of a further user: with connections of their own, unless
    /// users share them.
    #[must_use]
    pub fn of_user(&self) -> Self {
        match self.pool.settings().sharing {
            Sharing::PerUser => self.of_scenario(self.pool.settings()),
            Sharing::Shared(_) => self.clone(),
        }
    }

    /// A new iteration begins.
    pub fn begin_iteration(&self) {
        self.pool.begin_iteration();
    }

    /// Sends a call, reads the whole answer, and records both.
    ///
    /// Waiting for a permit of a rate limit is recorded as its own metric. It
    /// is part of the request's duration in an open model, where the request
    /// would have gone out at once; in a closed one it is not.
    ///
    /// # Errors
    /// When the answer's status is not one that the call expects, or no answer
    /// comes.
    pub async fn send(
        &self,
        call: Call,
        cx: StepContext<'_>,
    ) -> Result<Response, RequestError> {
        let trace = call.traceparent(cx.trace.context());
        let (method, endpoint) = (call.method.clone(), Arc::clone(&call.endpoint));
        let asked = cx.clock.now();
        let mut sent = asked;
        if let Some(limits) = &self.shared.limits {
            let waiting = cx.waiting_for("a permit of the rate limit");
            let permit = limits.permit(cx.scenario, method.as_str(), &endpoint).await;
            waiting.end();
            sent = cx.clock.now();
            if let Some(permit) = permit {
                cx.record(Trend::RATE_LIMIT_WAIT, &[], permit.waited);
            }
        }
        let listener = self
            .shared
            .listener
            .as_deref()
            .filter(|it| it.wants(cx.step));
        let copy = listener.map(|_| {
            let copy = call.duplicate();
            let named = trace.iter().cloned();
            named.fold(copy, |copy, trace| copy.header(TRACEPARENT.clone(), trace))
        });
        let mut measurement = Measurement::begin(cx, &method, &endpoint, asked, sent);
        let transfer = &mut measurement.transfer;
        let tags = [
            (TagKey::Method, method.as_str()),
            (TagKey::Endpoint, &*endpoint),
        ];
        let resent = || cx.record(Counter::HTTP_RESENT, &tags, 1);
        let keep = listener.is_some();
        let mut exchange = self.exchange(call, trace, sent, transfer, keep, resent).await;
        let end = exchange.end;
        if let Some((listener, call)) = listener.zip(copy) {
            let answer = exchange.kept.take().ok_or_else(|| match &exchange.outcome {
                Ok(_) => String::new(),
                Err(error) => error.to_string(),
            });
            let took = end.duration_since(measurement.sent());
            listener.take(Exchange::new(cx.step, call, answer, took));
        }
        measurement.end(end, &exchange.status(), exchange.outcome.is_ok());
        exchange.outcome
    }

    /// The time by which requests are measured.
    pub fn clock(&self) -> &Clock {
        &self.shared.dialler.clock
    }

    /// Says that this is a secret, to whoever sees requests and answers.
    pub fn keep_secret(&self, secret: SecretString) {
        if let Some(listener) = &self.shared.listener {
            listener.keep_secret(secret);
        }
    }

    /// Asks `url` for anything at all, unrecorded: is somebody there?
    ///
    /// # Errors
    /// When no HTTP answer comes; every status counts as an answer.
    pub async fn reach(&self, url: &Url) -> Result<(), RequestError> {
        let call = Call::new(reqwest::Method::GET, "/", url.clone());
        let mut transfer = Transfer::default();
        match self
            .exchange(call, None, self.clock().now(), &mut transfer, false, || ())
            .await
            .outcome
        {
            Err(error) if error.status().is_none() => Err(error),
            _ => Ok(()),
        }
    }

    /// One exchange, from the request to the last byte of the answer, of which a
    /// copy is kept if somebody wants to see it.
    async fn exchange(
        &self,
        mut call: Call,
        trace: Option<HeaderValue>,
        sent: Instant,
        transfer: &mut Transfer,
        keep: bool,
        resent: impl Fn(),
    ) -> Transmitted {
        let clock = &self.shared.dialler.clock;
        let timeout = call.timeout.unwrap_or(self.shared.request_timeout);
        let max_body = call.max_body.unwrap_or(self.shared.max_body);
        let outgoing = Outgoing {
            method: &call.method,
            url: &call.url,
            headers: &call.headers,
            trace,
            body: call.body.take().unwrap_or_default().into_pieces(),
            clock,
            max_body,
        };
        let answer = self
            .pool
            .exchange(&outgoing, sent + timeout, transfer, resent);
        let answer = match answer.await {
            Ok(answer) => unpacked(answer, max_body),
            Err(lost) => Err(self.failure(lost, timeout, transfer)),
        };
        let end = transfer.ended.unwrap_or_else(|| clock.now());
        let kept = answer.as_ref().ok().filter(|_| keep).cloned();
        let body = Payload::of_pieces(outgoing.body);
        let outcome = match answer {
            Ok(answer) if call.expected.contain(answer.status) => {
                let (method, endpoint, request) = call.into_sent(body);
                Ok(Response {
                    method,
                    endpoint,
                    status: answer.status,
                    headers: answer.headers,
                    body: answer.body,
                    sent: request,
                    took: end.saturating_duration_since(sent),
                })
            }
            Ok(answer) => Err(refusal(call, body, answer, clock.timestamp())),
            Err(failure) => Err(call.fails(failure)),
        };
        Transmitted { outcome, end, kept }
    }

    fn failure(&self, lost: Lost, timeout: Duration, transfer: &Transfer) -> Failure {
        match lost {
            Lost::TimedOut => Failure::Timeout(timeout),
            Lost::Unconnected(error) => unconnected(&error, self.shared.dialler.timeout),
            Lost::Broken { broken, reused } => {
                fault::broken(&broken, reused, transfer.first_byte.is_some())
            }
        }
    }
}

/// The answer as it was before it was compressed.
fn unpacked(answer: Answer, max_body: u64) -> Result<Answer, Failure> {
    let body = decoded(&answer.headers, answer.body, max_body)?;
    Ok(Answer { body, ..answer })
}

/// An answer of an unexpected status.
fn refusal(call: Call, body: Payload, answer: Answer, now: Timestamp) -> RequestError {
    let expected = call.expected.clone();
    let (method, endpoint, request) = call.into_sent(body);
    RequestError {
        method,
        endpoint,
        failure: Failure::Status {
            status: answer.status,
            expected,
            retry_after: retry_after(answer.headers.map(), now),
            said: Said::new(request, answer),
        },
    }
}

/// What came of sending a call.
struct Transmitted {
    outcome: Result<Response, RequestError>,
    /// When the last byte of the answer was there, or it was known that none
    /// comes.
    end: Instant,
    /// The answer as it was, for a listener.
    kept: Option<Answer>,
}

impl Transmitted {
    /// The status of the answer, or why there was none.
    fn status(&self) -> Cow<'static, str> {
        let status = match &self.outcome {
            Ok(response) => Some(response.status),
            Err(error) => error.status(),
        };
        match (status, &self.outcome) {
            (Some(StatusCode::OK), _) => "200".into(),
            (Some(status), _) => status.as_u16().to_string().into(),
            (None, Err(error)) => error.kind().into(),
            (None, Ok(_)) => "".into(),
        }
    }
}
