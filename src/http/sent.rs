//! What was sent, kept beside the answer: an answer may repeat it.

use std::sync::Arc;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use secrecy::SecretString;
use url::Url;

use super::{Payload, learn};
use crate::shown::Secrets;

/// A request that was sent. It carries secrets, so it has no `Debug`.
pub(super) struct Sent {
    pub(super) url: Arc<Url>,
    pub(super) headers: HeaderMap,
    pub(super) body: Payload,
    pub(super) secrets: Vec<SecretString>,
    pub(super) secret_answer: bool,
}

impl Sent {
    /// The secrets of the request and of its answer. Nobody needs them while all
    /// goes well, so they are not looked for before.
    pub(super) fn secrets(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Secrets {
        let mut secrets = Secrets::default();
        let sent = self.body.joined();
        learn::request(
            &mut secrets,
            &self.url,
            &self.headers,
            Some(&sent),
            &self.secrets,
        );
        let whole = self.secret_answer || learn::tells_secrets(&self.url);
        learn::answer(&mut secrets, headers, body, whole && status.is_success());
        secrets
    }
}
