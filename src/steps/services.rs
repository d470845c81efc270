//! What all virtual users of a run share.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::icure::Platform;
use crate::keys::Supply;
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
    /// Key pairs for those who register.
    pub keys: Arc<Supply>,
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
            keys: Arc::new(Supply::generating()),
            recorder,
            users_seen: Mutex::default(),
        }
    }

    /// The same with keys from elsewhere.
    #[must_use]
    pub fn with_keys(mut self, keys: Supply) -> Self {
        self.keys = Arc::new(keys);
        self
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
