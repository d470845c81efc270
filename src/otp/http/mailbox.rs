//! A mailbox with an HTTP interface, as a target describes it.

use std::time::Duration;

use secrecy::SecretString;

use super::path::Path;
use super::template::UrlTemplate;
use crate::otp::Reading;

/// How long one request may take, and how long it may stand still.
pub(super) const TIMEOUT: Duration = Duration::from_secs(30);
pub(super) const SILENCE: Duration = Duration::from_secs(10);

/// Where things are in an answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    /// The list of messages in the answer.
    pub(super) messages: Option<Path>,
    /// What follows is in each message.
    pub(super) id: Option<Path>,
    pub(super) recipient: Option<Path>,
    pub(super) body: Option<Path>,
    pub(super) html: Option<Path>,
    pub(super) date: Option<Path>,
    /// A whole mail, headers included, instead of all of the above.
    pub(super) raw: Option<Path>,
}

/// `otp: {source: http, url: …, messages: …, recipient: …, body: …}`
#[derive(Debug)]
pub(super) struct HttpMailbox {
    pub(super) url: UrlTemplate,
    /// Where one message is, when the list has only a part of it.
    pub(super) message_url: Option<UrlTemplate>,
    pub(super) headers: Vec<(String, SecretString)>,
    pub(super) login: Option<(SecretString, SecretString)>,
    pub(super) shape: Shape,
    pub(super) poll: Duration,
    pub(super) reading: Reading,
}
