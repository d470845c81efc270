//! A mailbox with an HTTP interface, as a target describes it.

use std::time::Duration;

use secrecy::SecretString;

use super::path::Path;
use super::template::UrlTemplate;
use crate::document::record;
use crate::otp::Reading;

/// How long one request may take, and how long it may stand still.
pub(super) const TIMEOUT: Duration = Duration::from_secs(30);
pub(super) const SILENCE: Duration = Duration::from_secs(10);

record! {
    /// Where things are in an answer.
    #[derive(Clone, Debug, Default)]
    pub(super) struct Shape of "`otp`" {
        /// path of the list of messages in the answer; `/` is the answer itself
        pub(super) messages: Path, example("/messages"), shown;
        /// path of the id in a message
        pub(super) id: Path, example("/ID");
        /// path of the recipient in a message
        pub(super) recipient: Path, example("/To/0/Address"), shown;
        /// path of the text in a message
        pub(super) body: Path, example("/Snippet"), shown;
        /// path of the HTML in a message
        pub(super) html: Path, example("/HTML");
        /// path of the date in a message
        pub(super) date: Path, example("/Created");
        /// path of a whole mail, headers included, in a message
        pub(super) raw: Path, example("/Raw");
    }
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
