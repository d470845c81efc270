//! Why a simulator does not start.

use std::net::SocketAddr;
use std::path::PathBuf;

/// A simulator that did not start; the message says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum SimulatorError {
    /// Somebody else listens there.
    #[error(
        "cannot listen on {address}: the port is taken; choose another with `--port`, or `--port 0` for a free one"
    )]
    PortTaken {
        /// Address that was asked for.
        address: SocketAddr,
    },
    /// The address cannot be listened on.
    #[error(
        "cannot listen on {address}: {reason}; `--bind` takes an address of this machine, and ports below 1024 may need more rights"
    )]
    Bind {
        /// Address that was asked for.
        address: SocketAddr,
        /// What the system says.
        reason: std::io::Error,
    },
    /// The mailbox would be served to other machines.
    #[error(
        "cannot serve the mailbox on {address}: it has no TLS and holds codes, so it is for this machine only; use a loopback address"
    )]
    ImapNotLoopback {
        /// Address that was asked for.
        address: SocketAddr,
    },
    /// The mailbox cannot be served there.
    #[error(
        "cannot serve the mailbox on {address}: {reason}; choose another port with `--imap PORT`, or `--imap` alone for a free one"
    )]
    ImapBind {
        /// Address that was asked for.
        address: SocketAddr,
        /// What the system says.
        reason: std::io::Error,
    },
    /// The SMTP server cannot be found.
    #[error("cannot find the SMTP server {address}: {reason}; `--smtp` takes HOST:PORT")]
    Smtp {
        /// The server, as it was given.
        address: String,
        /// What the system says.
        reason: String,
    },
    /// The SMTP server is another machine.
    #[error(
        "the SMTP server {address} is not on this machine; mails go there without TLS, with codes in them: say `--allow-remote-smtp` if that is meant"
    )]
    SmtpRemote {
        /// The server, as it was given.
        address: String,
    },
    /// The data folder cannot be made, read or written.
    #[error(
        "cannot keep data in {}: {reason}; `--data` takes a folder that can be written, or leave it out to keep data in memory",
        path.display()
    )]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What went wrong.
        reason: String,
    },
    /// Another simulator has the folder open.
    #[error(
        "the data folder {} is in use by another simulator; end that one, or name another folder with `--data`",
        path.display()
    )]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// The data is in a format that this version does not know.
    #[error(
        "{} was written by a newer version of rehearse (format {found}, this version reads {known}); use that version, or name another folder with `--data`",
        path.display()
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// Format of the file.
        found: u64,
        /// Format that this version writes.
        known: u64,
    },
    /// The data file holds something else than expected.
    #[error(
        "{}: {reason}; restore it from a copy, or name another folder with `--data`",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The log of unknown requests cannot be written.
    #[error(
        "cannot append unknown requests to {}: {reason}; `--log-unknown` takes a file in a folder that can be written",
        path.display()
    )]
    UnknownLog {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: std::io::Error,
    },
    /// The public key of the responsible is none.
    #[error(
        "the responsible's public key is not an RSA public key: expected its SPKI form, DER, in hexadecimal"
    )]
    ResponsibleKey,
}
