//! What all virtual users of a run share.

use std::collections::HashSet;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::http::{Client, ConnectionSettings};
use crate::icure::Platform;
use crate::keys::KeyProvider;
use crate::metrics::{Counter, Meter, Recorder, Tags};
use crate::otp::{Dispatcher, MailCounts};
use crate::vault::Vault;

/// Platform, mailbox, vault and recorder of a run. Clones are the same ones.
#[derive(Clone)]
pub struct Services {
    /// The platform.
    pub platform: Platform,
    /// The mailbox where codes arrive.
    pub mailbox: Arc<Dispatcher>,
    /// Saved credentials; `None` when no step saves or reads any.
    pub vault: Option<Arc<Vault>>,
    /// Key pairs for those who register.
    pub keys: Arc<KeyProvider>,
    /// Where measurements go.
    pub recorder: Recorder,
    users_seen: Arc<Mutex<HashSet<String>>>,
    mails_recorded: Arc<Mutex<MailCounts>>,
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
            mailbox: Arc::new(mailbox),
            vault: vault.map(Arc::new),
            keys: Arc::new(KeyProvider::generating()),
            recorder,
            users_seen: Arc::default(),
            mails_recorded: Arc::default(),
        }
    }

    /// The same with keys from elsewhere.
    #[must_use]
    pub fn with_keys(mut self, keys: KeyProvider) -> Self {
        self.keys = Arc::new(keys);
        self
    }

    /// The same for the users of a scenario, who use connections in this way.
    #[must_use]
    pub fn of_scenario(&self, connections: ConnectionSettings) -> Self {
        self.through(self.platform.http().of_scenario(connections))
    }

    /// The same for a further user, with the connections of a device.
    #[must_use]
    pub fn of_user(&self) -> Self {
        self.through(self.platform.http().of_user())
    }

    fn through(&self, http: Client) -> Self {
        Self {
            platform: self.platform.through(http),
            ..self.clone()
        }
    }

    /// Notes that this account was authenticated.
    pub fn note_user(&self, id: &str) {
        let mut seen = self.users_seen.lock();
        if !seen.contains(id) {
            seen.insert(id.to_owned());
        }
    }

    /// How many different accounts were authenticated.
    pub fn distinct_users(&self) -> u64 {
        self.users_seen.lock().len() as u64
    }

    /// Records what happened in the mailbox since the last call. It belongs to
    /// no step.
    pub fn record_mails(&self) {
        let now = self.mailbox.counts();
        let mut before = self.mails_recorded.lock();
        let meter = Meter::new(self.recorder.clone(), Tags::new());
        for (metric, now, before) in [
            (Counter::MAILS_SEEN, now.seen, before.seen),
            (Counter::MAILS_MATCHED, now.matched, before.matched),
            (Counter::MAILS_UNMATCHED, now.unmatched, before.unmatched),
            (Counter::MAILS_LATE, now.late, before.late),
            (Counter::MAILS_DUPLICATE, now.duplicate, before.duplicate),
            (
                Counter::MAILBOX_RECONNECTS,
                now.reconnects,
                before.reconnects,
            ),
            (
                Counter::MAILBOX_IDLE_BROKEN,
                now.idle_broken,
                before.idle_broken,
            ),
        ] {
            if now > before {
                meter.record(metric, &[], now - before);
            }
        }
        *before = now;
    }
}
