//! How a simulator is set up.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use super::{Identity, Retain, SmtpServer};
use crate::clock::Clock;

/// Settings of a simulator.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address and port to listen on; port 0 takes a free one.
    pub bind: SocketAddr,
    /// Folder that keeps accounts and documents; `None` keeps them in memory.
    pub data: Option<PathBuf>,
    /// How much of each kind of entity is kept; `None` keeps everything.
    pub retain: Option<Retain>,
    /// How long a one-time password can be handed in and, once it has been,
    /// how long it is a password.
    pub otp_lifetime: Duration,
    /// How long an access JWT is valid.
    pub jwt_lifetime: Duration,
    /// How long a JWT can be renewed without a password.
    pub refresh_lifetime: Duration,
    /// How long after a validated code a new account lets its owner in. The
    /// platform creates accounts asynchronously; clients must try again.
    pub account_delay: Duration,
    /// Public key of the responsible practitioner: RSA, SPKI, hex. `None`
    /// takes one whose private half does not exist any more. It is used when
    /// the identity is made, so not with a data folder that has one already.
    pub responsible_key: Option<String>,
    /// The ids that clients know; `None` makes new ones. A data folder that has
    /// some keeps them.
    pub identity: Option<Identity>,
    /// Address and port to serve a mailbox on over IMAP, loopback only; port 0
    /// takes a free one. E-mails are delivered to it.
    pub imap: Option<SocketAddr>,
    /// The server that e-mails are delivered through, in place of the own
    /// mailbox.
    pub smtp: Option<SmtpServer>,
    /// File to append requests to that nothing answers, as JSON Lines.
    pub log_unknown: Option<PathBuf>,
    /// The time.
    pub clock: Clock,
}

impl Default for Config {
    /// In memory, on loopback, on a free port.
    fn default() -> Self {
        Self {
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            data: None,
            retain: None,
            otp_lifetime: Duration::from_secs(300),
            jwt_lifetime: Duration::from_secs(3600),
            refresh_lifetime: Duration::from_secs(24 * 3600),
            account_delay: Duration::ZERO,
            responsible_key: None,
            identity: None,
            imap: None,
            smtp: None,
            log_unknown: None,
            clock: Clock::real(),
        }
    }
}
