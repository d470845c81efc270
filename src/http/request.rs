//! What is asked, kept beside the answer: an answer may repeat it.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::HeaderMap;
use secrecy::SecretString;
use url::Url;

use super::text::text;
use super::{Answer, Payload, Statuses, learn};
use crate::shown::Secrets;

/// All that a call says. It carries secrets, so it has no `Debug`.
#[derive(Clone)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) url: Arc<Url>,
    pub(super) endpoint: Arc<str>,
    pub(super) headers: HeaderMap,
    pub(super) body: Payload,
    pub(super) secrets: Vec<SecretString>,
    pub(super) expected: Statuses,
    pub(super) timeout: Option<Duration>,
    pub(super) max_body: Option<u64>,
    pub(super) secret_answer: bool,
    /// Id of the document that it writes.
    pub(super) writes: Option<Arc<str>>,
}

impl Request {
    /// Its secrets and those of its answer. Nobody needs them while all goes
    /// well, so they are not looked for before.
    pub(super) fn secrets(&self, answer: &Answer) -> Secrets {
        let mut secrets = Secrets::default();
        let body = self.body.joined();
        learn::request(
            &mut secrets,
            &self.url,
            &self.headers,
            Some(&body),
            &self.secrets,
        );
        let whole = self.secret_answer || learn::tells_secrets(&self.url);
        let whole = whole && answer.status.is_success();
        let text = text(&answer.headers, &answer.body);
        learn::answer(&mut secrets, answer.headers.map(), &text, whole);
        secrets
    }
}
