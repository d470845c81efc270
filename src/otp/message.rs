//! A message with a one-time password in it.

use secrecy::SecretString;

pub use super::body::Body;

/// A message as it was delivered.
pub struct Message {
    /// E-mail addresses or phone numbers it may be for, the surest first.
    pub recipients: Vec<String>,
    /// What no other message has; `None` when the source has no such thing.
    pub id: Option<String>,
    /// When it was sent, if it says so.
    pub sent: Option<Sent>,
    /// What it says.
    pub content: Content,
    /// How the mailbox calls it, for [`PushSource::used`](super::PushSource::used).
    pub handle: u64,
}

/// A moment by the sender's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Milliseconds since 1970.
    pub at: i64,
    /// How much later it may have been, in milliseconds: mails are dated in
    /// whole seconds.
    pub within: i64,
}

/// What a message says.
pub enum Content {
    /// Texts that hold the code.
    Text {
        /// The plain one, searched first.
        plain: Option<Body>,
        /// What is seen of the HTML one, searched when the other has no code.
        html: Option<Body>,
    },
    /// The code itself.
    Code(SecretString),
    /// What another program wrote by itself, an answer or a report: there is no code in it,
    /// though it may quote one.
    Automatic {
        /// The header by which it is known.
        by: String,
    },
}
