//! Who may see requests and answers as they are. Nobody does in a normal run.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::HeaderMap;
use secrecy::SecretString;
use url::Url;
use zeroize::Zeroizing;

use super::learn::tells_secrets;
use super::{Answer, Call};

/// Sees what is sent and what comes back, secrets included: whatever it shows
/// must be cleared of them first.
pub trait TraceListener: Send + Sync {
    /// Whether requests of this step are of interest.
    fn wants(&self, step: &str) -> bool;

    /// Takes a request with its answer.
    fn take(&self, exchange: Exchange);

    /// Takes a secret that must not be shown, wherever it stands.
    fn keep_secret(&self, secret: SecretString);
}

/// A request with its answer, as they were. Full of secrets, so it has no
/// `Debug`, and bodies are wiped.
pub struct Exchange {
    /// The step that it belongs to.
    pub step: String,
    /// What was asked for.
    pub method: Method,
    /// Where.
    pub url: Arc<Url>,
    /// Headers of the request, without those that the connection adds.
    pub headers: HeaderMap,
    /// What was sent; `None` when nothing was.
    pub body: Option<Zeroizing<Vec<u8>>>,
    /// Secrets that it is known to carry.
    pub secrets: Vec<SecretString>,
    /// Whether the whole answer is a secret.
    pub secret_answer: bool,
    /// The answer, or why there is none.
    pub answer: Result<Answer, String>,
    /// From sending the request to the last byte of the answer.
    pub took: Duration,
}

impl Exchange {
    pub(super) fn new(
        step: &str,
        call: Call,
        answer: Result<Answer, String>,
        took: Duration,
    ) -> Self {
        let call = *call.into_request();
        Self {
            step: step.to_owned(),
            secret_answer: call.secret_answer || tells_secrets(&call.url),
            method: call.method,
            url: call.url,
            headers: call.headers,
            body: (!call.body.is_empty()).then(|| call.body.joined()),
            secrets: call.secrets,
            answer,
            took,
        }
    }
}
