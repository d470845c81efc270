//! A request before it is sent, and the answer to it.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{
    AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHORIZATION,
};
use reqwest::{Method, StatusCode};
use secrecy::SecretString;
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::connection::TRACEPARENT;
use super::request::Request;
use super::retry_after::retry_after;
use super::said::{Said, instead_of_json};
use super::text::{json, text};
use super::{Answer, Failure, Payload, RequestError, Statuses};
use crate::shown::Secrets;
use crate::trace_context::TraceContext;

/// A request, named by the template of its path. It carries secrets, so it has
/// no `Debug`, and its body is wiped.
pub struct Call(Box<Request>);

impl Call {
    /// A request without a body. `endpoint` is the path with its variable
    /// parts in braces, and is what metrics and errors show.
    pub fn new(method: Method, endpoint: impl Into<Arc<str>>, url: impl Into<Arc<Url>>) -> Self {
        Self(Box::new(Request {
            method,
            url: url.into(),
            endpoint: endpoint.into(),
            headers: HeaderMap::new(),
            body: Payload::default(),
            secrets: Vec::new(),
            expected: Statuses::default(),
            timeout: None,
            max_body: None,
            secret_answer: false,
            writes: None,
        }))
    }

    /// Adds a query parameter.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        Arc::make_mut(&mut self.0.url)
            .query_pairs_mut()
            .append_pair(name, value);
        self
    }

    /// Sets a JSON body.
    ///
    /// # Errors
    /// When `body` cannot be written as JSON, which no wire type does.
    pub fn json<T: Serialize>(mut self, body: &T) -> Result<Self, RequestError> {
        let bytes = serde_json::to_vec(body)
            .map_err(|error| self.fails(Failure::Encode(error.to_string())))?;
        self.0
            .headers
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self.0.body = Payload::wiped(bytes);
        Ok(self)
    }

    /// Adds a header. Mark its value as sensitive when it is.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.insert(name, value);
        self
    }

    /// Names a secret that this request carries: should the server repeat it
    /// in an error, it is cut out of our message.
    #[must_use]
    pub fn secret(mut self, secret: &SecretString) -> Self {
        self.0.secrets.push(secret.clone());
        self
    }

    /// Says that the whole answer is a secret, such as a token.
    #[must_use]
    pub fn secret_answer(mut self) -> Self {
        self.0.secret_answer = true;
        self
    }

    /// Says which document it writes: an event that tells of it is measured from
    /// this request.
    #[must_use]
    pub fn writes(mut self, document: &str) -> Self {
        self.0.writes = Some(document.into());
        self
    }

    /// Sets a body that is sent as it is.
    #[must_use]
    pub fn body(mut self, body: Payload) -> Self {
        self.0.body = body;
        self
    }

    /// Takes these statuses for good answers, instead of 2xx.
    #[must_use]
    pub fn expect(mut self, statuses: Statuses) -> Self {
        self.0.expected = statuses;
        self
    }

    /// Waits so long for the whole answer, instead of as the target says.
    #[must_use]
    pub fn timeout(mut self, timeout: Option<Duration>) -> Self {
        self.0.timeout = timeout;
        self
    }

    /// Reads so many bytes of the answer's body at most, instead of as the
    /// target says.
    #[must_use]
    pub fn max_body(mut self, bytes: Option<u64>) -> Self {
        self.0.max_body = bytes;
        self
    }

    /// Where it goes.
    pub fn url(&self) -> &Arc<Url> {
        &self.0.url
    }

    /// What it asks for.
    pub fn method(&self) -> &Method {
        &self.0.method
    }

    /// Whether it has a header of this name.
    pub fn has_header(&self, name: &HeaderName) -> bool {
        self.0.headers.contains_key(name)
    }

    /// Whether it carries secrets, as far as they were named.
    pub fn has_secrets(&self) -> bool {
        !self.0.secrets.is_empty()
    }

    /// Takes a redirect for a good answer too.
    #[must_use]
    pub fn or_redirects(mut self) -> Self {
        self.0.expected = self.0.expected.or_redirects();
        self
    }

    /// The same at another address, under an endpoint of its own.
    #[must_use]
    pub fn moved(mut self, url: Url, endpoint: impl Into<Arc<str>>) -> Self {
        self.0.url = url.into();
        self.0.endpoint = endpoint.into();
        self
    }

    /// The same as a `GET` without a body.
    #[must_use]
    pub fn without_body(mut self) -> Self {
        if self.0.method != Method::HEAD {
            self.0.method = Method::GET;
        }
        self.0.body = Payload::default();
        self.0.headers.remove(CONTENT_TYPE);
        self
    }

    /// The same without credentials and cookies.
    #[must_use]
    pub fn without_credentials(mut self) -> Self {
        for name in [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION] {
            self.0.headers.remove(name);
        }
        self
    }

    /// A copy to send again, with other credentials.
    pub(crate) fn duplicate(&self) -> Self {
        Self(self.0.clone())
    }

    pub(super) fn request(&self) -> &Request {
        &self.0
    }

    pub(super) fn into_request(self) -> Box<Request> {
        self.0
    }

    /// What names the trace, unless the scenario names one itself.
    pub(super) fn traceparent(&self, trace: Option<TraceContext>) -> Option<HeaderValue> {
        let trace = trace.filter(|_| !self.0.headers.contains_key(&TRACEPARENT))?;
        HeaderValue::from_bytes(&trace.traceparent()).ok()
    }

    pub(super) fn fails(&self, failure: Failure) -> RequestError {
        RequestError {
            method: self.0.method.clone(),
            endpoint: Arc::clone(&self.0.endpoint),
            failure,
        }
    }
}

/// A good answer, read to its end. It may carry secrets, so it has no `Debug`,
/// and its body is wiped.
pub struct Response {
    pub(super) call: Call,
    pub(super) answer: Answer,
    pub(super) took: Duration,
}

impl Response {
    /// From sending the request to the last byte of the answer.
    pub fn took(&self) -> Duration {
        self.took
    }

    /// Status: 2xx, unless the call expects others.
    pub fn status(&self) -> StatusCode {
        self.answer.status
    }

    /// Those of the answer, secrets included.
    pub fn headers(&self) -> &HeaderMap {
        self.answer.headers.map()
    }

    /// Whether there is a header of this name.
    pub fn has_header(&self, name: &HeaderName) -> bool {
        self.answer.headers.contains(name)
    }

    /// The body as it is.
    pub fn body(&self) -> &[u8] {
        &self.answer.body
    }

    /// The body as a text, in the charset that the answer names.
    pub fn text(&self) -> Cow<'_, str> {
        text(&self.answer.headers, &self.answer.body)
    }

    /// The body as a document; `None` when it is no JSON.
    pub fn document(&self) -> Option<serde_json::Value> {
        json(&self.text()).ok()
    }

    /// Secrets that the request carried: the server may have repeated them.
    pub fn secrets(&self) -> &[SecretString] {
        &self.call.0.secrets
    }

    /// What must not be shown of the answer: what its request carried, and its
    /// own secrets. It takes a while, and is for those who tell of a failure.
    pub(crate) fn hidden(&self) -> Secrets {
        self.call.0.secrets(&self.answer)
    }

    /// The error that it is where other statuses are `expected`.
    pub fn refused(self, expected: Statuses, now: Timestamp) -> RequestError {
        let (request, answer) = (self.call.0, self.answer);
        RequestError {
            method: request.method.clone(),
            endpoint: Arc::clone(&request.endpoint),
            failure: Failure::Status {
                status: answer.status,
                expected,
                retry_after: retry_after(answer.headers.map(), now),
                said: Said::new(request, answer),
            },
        }
    }

    /// Reads the body as JSON.
    ///
    /// # Errors
    /// When the body is not the expected document. The message gives the
    /// position and the expectation, not the body, which may hold a secret.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, RequestError> {
        serde_json::from_slice(&self.answer.body)
            .map_err(|error| self.call.fails(self.not_read(&error)))
    }

    fn not_read(&self, error: &serde_json::Error) -> Failure {
        let other = || instead_of_json(self.headers(), &self.text(), &self.hidden());
        if (error.is_syntax() || error.is_eof())
            && let Some(other) = other()
        {
            return Failure::NotJson(other);
        }
        let (line, column) = (error.line(), error.column());
        Failure::Decode(format!(
            "line {line}, column {column} ({:?})",
            error.classify()
        ))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
    use reqwest::{Method, StatusCode};
    use zeroize::Zeroizing;

    use super::{Answer, Call, Response, Url};

    #[test]
    fn a_page_where_json_was_expected_is_called_so() {
        let error = |kind: &'static str, body: &str| {
            let kind = (CONTENT_TYPE, HeaderValue::from_static(kind));
            let url: Url = "http://h/".parse().unwrap();
            let response = Response {
                call: Call::new(Method::GET, "/x", url),
                answer: Answer {
                    status: StatusCode::OK,
                    headers: HeaderMap::from_iter([kind]).into(),
                    body: Zeroizing::new(body.as_bytes().to_vec()),
                },
                took: Duration::ZERO,
            };
            response.json::<Vec<u8>>().unwrap_err()
        };
        let page = error("text/html", "<title>Sign in</title>");
        assert_eq!(page.kind(), "unexpected answer");
        assert_eq!(
            page.to_string(),
            "GET /x: expected JSON, got text/html: `Sign in`"
        );
        let other = error("application/json", "{}").to_string();
        assert_eq!(
            other,
            "GET /x: unexpected answer at line 1, column 0 (Data)"
        );
    }
}
