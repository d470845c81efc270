//! Who shares connections, and how long they are kept.

use std::num::NonZeroU64;
use std::time::Duration;

/// How connections are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionSettings {
    /// Who shares them.
    pub sharing: Sharing,
    /// When a new one is made although there is one.
    pub reconnect: Reconnect,
    /// One that was not used for so long is closed; `None` keeps it as long as
    /// the server does.
    pub idle_timeout: Option<Duration>,
    /// Whether a new one takes up the TLS session of an earlier one.
    pub resume_tls: bool,
}

/// Who shares connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// Nobody: each user has some of their own, as a device has.
    PerUser,
    /// All users of a scenario: at most so many to a host, as a server's pool.
    Shared(NonZeroU64),
}

/// When a new connection is made although there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reconnect {
    /// It is kept as long as it can be.
    Never,
    /// Each iteration begins with none, as an app that is opened.
    EachIteration,
    /// Each request has its own.
    EachRequest,
    /// None serves for longer than this.
    After(Duration),
}

/// Connections of a user to a host when several requests are sent at once, as
/// browsers have them.
const PER_USER: NonZeroU64 = NonZeroU64::new(6).expect("six is not zero");

impl Default for ConnectionSettings {
    /// As devices and browsers do.
    fn default() -> Self {
        Self {
            sharing: Sharing::PerUser,
            reconnect: Reconnect::Never,
            idle_timeout: Some(Duration::from_secs(90)),
            resume_tls: true,
        }
    }
}

impl ConnectionSettings {
    /// The most HTTP/1 connections to one host.
    pub(super) fn most(&self) -> u64 {
        match self.sharing {
            Sharing::PerUser => PER_USER.get(),
            Sharing::Shared(most) => most.get(),
        }
    }
}
