//! What all virtual users of a run share.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use crate::icure::Platform;
use crate::metrics::Recorder;
use crate::otp::Dispatcher;
use crate::vault::Vault;

/// Platform, mailbox, vault and recorder of a run.
pub struct Services {
    /// The platform.
    pub platform: Platform,
    /// The mailbox where codes arrive.
    pub mailbox: Dispatcher,
    /// Saved credentials; `None` when no step saves or reads any.
    pub vault: Option<Vault>,
    /// Where measurements go.
    pub recorder: Recorder,
    users_seen: Mutex<HashSet<String>>,
}

impl Services {
    /// Puts the services of a run together.
    pub fn new(
        platform: Platform,
        mailbox: Dispatcher,
        vault: Option<Vault>,
        recorder: Recorder,
    ) -> Self {
        Self {
            platform,
            mailbox,
            vault,
            recorder,
            users_seen: Mutex::default(),
        }
    }

    /// Notes that this account was authenticated.
    pub fn note_user(&self, id: &str) {
        let mut seen = self
            .users_seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if !seen.contains(id) {
            seen.insert(id.to_owned());
        }
    }

    /// How many different accounts were authenticated.
    pub fn distinct_users(&self) -> u64 {
        self.users_seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len() as u64
    }
}
