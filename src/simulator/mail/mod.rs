//! The simulator's mail: how an e-mail of the outbox becomes a mail, and where
//! it goes. Either into a mailbox that is served over IMAP on loopback, or
//! through an SMTP server to a mailbox that is somebody else's.

mod access;
mod carrier;
mod encode;
mod flags;
mod imap;
mod mailbox;
mod render;
mod smtp;

pub use access::ImapAccess;
pub use smtp::SmtpServer;

pub(super) use carrier::Carrier;
pub(super) use imap::ImapServer;
