//! Sends calls and measures them.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::StatusCode;
use reqwest::redirect::Policy;
use secrecy::SecretString;
use url::Url;
use zeroize::Zeroizing;

use super::connect::{Dial, Names, noting_connection};
use super::fault::{Sent, classify};
use super::measurement::{Measurement, Transfer};
use super::retry_after::retry_after;
use super::said;
use super::tls::client_builder;
use super::{
    Answer, Call, Exchange, Failure, RateLimits, RequestError, Response, TlsSettings, TraceListener,
};
use crate::clock::Clock;
use crate::metrics::{Meter, Recorder, StepContext, Tags, Trend};

/// How the client behaves; from the target and the command line.
pub struct ClientSettings {
    /// Longest wait for a connection.
    pub connect_timeout: Duration,
    /// Longest wait for a whole answer.
    pub request_timeout: Duration,
    /// Ceilings on requests, if there are any.
    pub limits: Option<RateLimits>,
    /// How connections are protected, beyond what this machine does by itself.
    pub tls: TlsSettings,
    /// Who sees requests and answers as they are, if anybody does.
    pub listener: Option<Arc<dyn TraceListener>>,
    /// Where connections are recorded, which belong to no step.
    pub recorder: Recorder,
    /// The time.
    pub clock: Clock,
}

/// A client that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// By the HTTP library.
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    /// With these certificates.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// A file with certificates or a key.
    #[error("TLS: {0}")]
    Pem(#[from] rustls::pki_types::pem::Error),
}

/// The HTTP client of a run.
pub struct Client {
    inner: reqwest::Client,
    connect_timeout: Duration,
    request_timeout: Duration,
    limits: Option<RateLimits>,
    listener: Option<Arc<dyn TraceListener>>,
    clock: Clock,
}

impl Client {
    /// Builds the client. It never follows redirects, never retries and never
    /// uses a proxy from the environment: what is measured is what was asked.
    ///
    /// # Errors
    /// When the TLS set-up of the machine is unusable.
    pub fn new(settings: ClientSettings) -> Result<Self, ClientError> {
        let meter = Meter::new(settings.recorder, Tags::new());
        let builder = settings.tls.apply(client_builder())?;
        let inner = builder
            .connect_timeout(settings.connect_timeout)
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .tcp_nodelay(true)
            .user_agent(concat!("rehearse/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Names::new(meter.clone(), settings.clock.clone()))
            .connector_layer(Dial::new(meter, settings.clock.clone()))
            .build()?;
        Ok(Self {
            inner,
            connect_timeout: settings.connect_timeout,
            request_timeout: settings.request_timeout,
            limits: settings.limits,
            listener: settings.listener,
            clock: settings.clock,
        })
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
        mut call: Call,
        cx: StepContext<'_>,
    ) -> Result<Response, RequestError> {
        call.belong_to(cx.trace.context());
        let (method, endpoint) = (call.method.clone(), Arc::clone(&call.endpoint));
        let asked = cx.clock.now();
        if let Some(limits) = &self.limits {
            let waiting = cx.waiting_for("a permit of the rate limit");
            let permit = limits.permit(cx.scenario, method.as_str(), &endpoint).await;
            waiting.end();
            if let Some(permit) = permit {
                cx.record(Trend::RATE_LIMIT_WAIT, &[], permit.waited);
            }
        }
        let listener = self.listener.as_deref().filter(|it| it.wants(cx.step));
        let copy = listener.map(|_| call.duplicate());
        let mut measurement = Measurement::begin(cx, method, endpoint, asked);
        let transfer = &mut measurement.transfer;
        let mut exchange = self.exchange(call, transfer, listener.is_some()).await;
        let end = cx.clock.now();
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
        &self.clock
    }

    /// Says that this is a secret, to whoever sees requests and answers.
    pub fn keep_secret(&self, secret: SecretString) {
        if let Some(listener) = &self.listener {
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
        match self.exchange(call, &mut transfer, false).await.outcome {
            Err(error) if error.status().is_none() => Err(error),
            _ => Ok(()),
        }
    }

    /// One exchange, from the request to the last byte of the answer, of which a
    /// copy is kept if somebody wants to see it.
    async fn exchange(&self, mut call: Call, transfer: &mut Transfer, keep: bool) -> Transmitted {
        let timeout = call.timeout.unwrap_or(self.request_timeout);
        let request = self
            .inner
            .request(call.method.clone(), call.url.clone())
            .headers(std::mem::take(&mut call.headers))
            .timeout(timeout);
        let sent = self.clock.now();
        let body = call.body.take().unwrap_or_default();
        let request = request.body(body.into_body(Arc::clone(&transfer.taken)));
        let (answer, fresh) = receive(request, transfer, &self.clock).await;
        let kept = answer.as_ref().ok().filter(|_| keep).cloned();
        let outcome = match answer {
            Ok(answer) if call.expected.contain(answer.status) => Ok(Response {
                method: call.method,
                endpoint: call.endpoint,
                status: answer.status,
                headers: answer.headers,
                body: answer.body,
                secrets: call.secrets,
                took: self.clock.since(sent),
            }),
            Ok(answer) => Err(call.fails(refusal(&call, &answer, self.clock.timestamp()))),
            Err(error) => {
                let sent = Sent {
                    connect_timeout: self.connect_timeout,
                    timeout,
                    fresh,
                    answered: transfer.first_byte.is_some(),
                };
                Err(call.fails(classify(error, sent)))
            }
        };
        Transmitted { outcome, kept }
    }
}

/// Sends a request and reads its answer to the end. What has come until then is
/// known from `transfer`, should this fail or be dropped. Says too whether a
/// connection was made for it.
async fn receive(
    request: reqwest::RequestBuilder,
    transfer: &mut Transfer,
    clock: &Clock,
) -> (Result<Answer, reqwest::Error>, bool) {
    let (head, fresh) = noting_connection(request.send()).await;
    let reading = async {
        let mut response = head?;
        transfer.first_byte = Some(clock.now());
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let mut body = Zeroizing::new(Vec::new());
        while let Some(piece) = response.chunk().await? {
            transfer.received += piece.len() as u64;
            body.extend_from_slice(&piece);
        }
        Ok(Answer {
            status,
            headers,
            body,
        })
    };
    (reading.await, fresh)
}

/// An answer of an unexpected status.
fn refusal(call: &Call, answer: &Answer, now: Timestamp) -> Failure {
    let redirected = answer.status.is_redirection();
    let redirected = redirected.then(|| said::redirect(&answer.headers, &call.url, &call.secrets));
    let (headers, body) = (&answer.headers, &answer.body);
    Failure::Status {
        status: answer.status,
        expected: call.expected.clone(),
        message: said::message(redirected.flatten(), headers, body, &call.secrets).into(),
        retry_after: retry_after(headers, now),
    }
}

/// What came of sending a call.
struct Transmitted {
    outcome: Result<Response, RequestError>,
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
