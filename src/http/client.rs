//! Sends calls and measures them.

use std::sync::Arc;
use std::time::{Duration, Instant};

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
use super::request::Request;
use super::socket::{self, Socket};
use super::tls::Tls;
use super::{
    Call, Exchange, Failure, RateLimits, RequestError, Response, TlsSettings, TraceListener,
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
        let dialler = Arc::new(Dialler {
            clock: settings.clock,
            book: Arc::new(Book::new(settings.recorder.clone())),
            meter: Meter::new(settings.recorder, Tags::new()),
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
    pub async fn send(&self, call: Call, cx: StepContext<'_>) -> Result<Response, RequestError> {
        let (asked, sent) = self.permit(&call, cx).await;
        let (request, trace) = (call.request(), call.traceparent(cx.trace.context()));
        let mut measurement =
            Measurement::begin(cx, &request.method, &request.endpoint, asked, sent);
        if let Some(document) = &request.writes {
            measurement.writes(document);
        }
        let transfer = &mut measurement.transfer;
        let tags = [
            (TagKey::Method, request.method.as_str()),
            (TagKey::Endpoint, &*request.endpoint),
        ];
        let resent = || cx.record(Counter::HTTP_RESENT, &tags, 1);
        let answer = self
            .exchange(request, trace.as_ref(), sent, transfer, resent)
            .await;
        let took = measurement.ended(&answer, &request.expected);
        self.answered(call, trace, answer, took, cx)
    }

    /// Asks for a WebSocket, and records that as a request; the connection is made
    /// for it, with HTTP/1.1.
    ///
    /// # Errors
    /// When the answer's status is not 101, or no answer comes.
    pub async fn open_socket(
        &self,
        call: Call,
        cx: StepContext<'_>,
    ) -> Result<Socket, RequestError> {
        let (call, accepted) = socket::asking(call);
        let (asked, sent) = self.permit(&call, cx).await;
        let (request, trace) = (call.request(), call.traceparent(cx.trace.context()));
        let mut measurement =
            Measurement::begin(cx, &request.method, &request.endpoint, asked, sent);
        let transfer = &mut measurement.transfer;
        let outgoing = self.outgoing(request, trace.as_ref());
        let timeout = request.timeout.unwrap_or(self.shared.request_timeout);
        let switching = self.pool.switch(&outgoing, sent, timeout, transfer).await;
        let (answer, switched) = match switching {
            Ok((answer, switched)) => (socket::accepted(answer, &accepted), switched),
            Err(lost) => (
                Err(self.failure(&request.url, lost, timeout, transfer)),
                None,
            ),
        };
        let took = measurement.ended(&answer, &request.expected);
        let response = self.answered(call, trace, answer, took, cx)?;
        match switched {
            Some(switched) => Ok(Socket::new(switched).await),
            None => Err(response.call.fails(socket::no_switch())),
        }
    }

    /// Waits for a permit of a rate limit, if there is one. Gives when it was asked
    /// for, and when the request may go out.
    async fn permit(&self, call: &Call, cx: StepContext<'_>) -> (Instant, Instant) {
        let asked = cx.clock.now();
        let Some(limits) = &self.shared.limits else {
            return (asked, asked);
        };
        let request = call.request();
        let waiting = cx.waiting_for("a permit of the rate limit");
        let (method, endpoint) = (request.method.as_str(), &*request.endpoint);
        let permit = limits.permit(cx.scenario, method, endpoint).await;
        waiting.end();
        let sent = cx.clock.now();
        if let Some(permit) = permit {
            cx.record(Trend::RATE_LIMIT_WAIT, &[], permit.waited);
        }
        (asked, sent)
    }

    /// Shows an exchange to whoever listens, and judges it by the status.
    fn answered(
        &self,
        call: Call,
        trace: Option<HeaderValue>,
        answer: Result<Answer, Failure>,
        took: Duration,
        cx: StepContext<'_>,
    ) -> Result<Response, RequestError> {
        if let Some(listener) = &self.shared.listener
            && listener.wants(cx.step)
        {
            let answer = answer.clone();
            let answer = answer.map_err(|failure| call.fails(failure).to_string());
            let call = trace.into_iter().fold(call.duplicate(), |call, trace| {
                call.header(TRACEPARENT.clone(), trace)
            });
            listener.take(Exchange::new(cx.step, call, answer, took));
        }
        let answer = answer.map_err(|failure| call.fails(failure))?;
        let expected = &call.request().expected;
        let refused = (!expected.contain(answer.status)).then(|| expected.clone());
        let response = Response { call, answer, took };
        match refused {
            None => Ok(response),
            Some(expected) => Err(response.refused(expected, cx.clock.timestamp())),
        }
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
        let now = self.clock().now();
        let answer = self
            .exchange(call.request(), None, now, &mut transfer, || ())
            .await;
        answer.map(drop).map_err(|failure| call.fails(failure))
    }

    /// One exchange, from the request to the last byte of the answer.
    async fn exchange(
        &self,
        call: &Request,
        trace: Option<&HeaderValue>,
        sent: Instant,
        transfer: &mut Transfer,
        resent: impl Fn(),
    ) -> Result<Answer, Failure> {
        let timeout = call.timeout.unwrap_or(self.shared.request_timeout);
        let outgoing = self.outgoing(call, trace);
        let max_body = outgoing.max_body;
        let exchange = self
            .pool
            .exchange(&outgoing, sent, timeout, transfer, resent);
        match exchange.await {
            Ok(answer) => unpacked(answer, max_body),
            Err(lost) => Err(self.failure(&call.url, lost, timeout, transfer)),
        }
    }

    fn outgoing<'r>(&'r self, call: &'r Request, trace: Option<&'r HeaderValue>) -> Outgoing<'r> {
        Outgoing {
            method: &call.method,
            url: &call.url,
            headers: &call.headers,
            trace,
            body: call.body.pieces(),
            clock: self.clock(),
            max_body: call.max_body.unwrap_or(self.shared.max_body),
        }
    }

    fn failure(&self, url: &Url, lost: Lost, timeout: Duration, transfer: &Transfer) -> Failure {
        match lost {
            Lost::TimedOut => Failure::Timeout(timeout),
            Lost::Unconnected(error) => unconnected(url, &error, self.shared.dialler.timeout),
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
