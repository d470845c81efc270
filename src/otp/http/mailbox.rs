//! A mailbox with an HTTP interface, as a target describes it.

use std::time::Duration;

use super::path::Path;
use super::template::UrlTemplate;
use crate::document::record;
use crate::otp::Reading;
use crate::otp::caller::Login;

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

/// What an interface does that cannot be described.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Habits {
    /// Whole mails are in base64 (RFC 4648, section 5).
    pub(super) base64: bool,
    /// There is no list where it would be empty.
    pub(super) no_empty_list: bool,
}

/// `otp: {source: http, url: …, messages: …, recipient: …, body: …}`
#[derive(Debug)]
pub(super) struct HttpMailbox {
    pub(super) url: UrlTemplate,
    /// Where one message is, when the list has only a part of it.
    pub(super) message_url: Option<UrlTemplate>,
    pub(super) login: Login,
    pub(super) shape: Shape,
    /// How a known mailbox differs from those that are described.
    pub(super) habits: Habits,
    pub(super) poll: Duration,
    pub(super) reading: Reading,
}
