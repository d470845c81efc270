//! Notifications: what one data owner asks of another. On the wire they are
//! maintenance tasks.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use reqwest::Method;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::entity::{MAINTENANCE_TASK, decrypting, open_json, seal_json};
use super::error::CryptoFault;
use super::paged::Page;
use super::{IcureError, Session, StepPlatform, delegation, exchange};
use crate::crypto::AesKey;
use crate::wire::{
    AesExchangeKeys, CONCERNED_ID, CONCERNED_KEY, DataOwnerKind, KEY_PAIR_UPDATE, MaintenanceTask,
    NEW_USER_OWN_DATA_ACCESS, Property, TaskFilter, TaskStatus,
};

/// How far back notifications are looked for, unless somebody says otherwise: a
/// month (`_findAfterDateFilterValue`).
pub const LOOKED_BACK: Duration = Duration::from_secs(30 * 24 * 3600);

/// The part of a task that is encrypted.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct EncryptedSelf {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<Property>,
}

/// Which notifications are looked for: all of this must hold.
#[derive(Clone, Debug)]
pub struct NotificationSearch {
    /// What is asked.
    pub task_type: Option<String>,
    /// How far somebody has come with it.
    pub status: Option<TaskStatus>,
    /// Made no longer ago than this.
    pub since: Duration,
}

/// A request for access that was read.
pub(super) struct AccessRequest {
    /// The notification.
    pub(super) task: MaintenanceTask,
    /// Data owner who asks.
    pub(super) owner: String,
    /// Public key that it asks for: SPKI in hex, or its fingerprint.
    pub(super) key: String,
}

impl Session {
    /// Asks everybody with whom this data owner's own document is shared for
    /// access to its data (`authenticateAndAskAccessToItsExistingData`). Gives
    /// whom it has asked.
    ///
    /// # Errors
    /// When a request fails.
    pub async fn request_access(
        &mut self,
        platform: StepPlatform<'_>,
    ) -> Result<Vec<String>, IcureError> {
        let own = self.data_owner_id();
        let delegates = self.owner.data_owner.delegations.keys();
        let delegates: Vec<String> = delegates.filter(|id| *id != own).cloned().collect();
        for delegate in &delegates {
            let to = std::slice::from_ref(delegate);
            self.notify(platform, to, NEW_USER_OWN_DATA_ACCESS, Vec::new())
                .await?;
        }
        Ok(delegates)
    }

    /// After another key pair was made: asks those with whom exchange keys are
    /// shared that are not sealed for it to seal them
    /// (`createMaintenanceTasksForNewKeypair`). Practitioners ask practitioners
    /// alone.
    pub(super) async fn announce_key(
        &mut self,
        platform: StepPlatform<'_>,
    ) -> Result<(), IcureError> {
        let Some(key) = self.key_pairs.first().map(|pair| pair.public().clone()) else {
            return Ok(());
        };
        // The only key pair: nothing can be sealed for another one.
        if exchange::missing(&self.owner.data_owner, &self.key_pairs).is_empty() {
            return Ok(());
        }
        let own = self.data_owner_id().to_owned();
        let mut asked: BTreeSet<String> = BTreeSet::new();
        let is_closed = |sealed: &BTreeMap<String, String>| {
            let mut keys = sealed.keys();
            !keys.any(|sealed_for| sealed_for.ends_with(key.fingerprint().as_str()))
        };
        for by_delegate in self.owner.data_owner.aes_exchange_keys.values() {
            let closed = by_delegate.iter().filter(|(_, sealed)| is_closed(sealed));
            asked.extend(closed.map(|(delegate, _)| delegate.clone()));
        }
        if !self.is_patient() {
            asked = self.practitioners(platform, asked).await?;
        }
        for (delegator, by_key) in self.delegators(platform).await? {
            if by_key.values().any(is_closed) {
                asked.insert(delegator);
            }
        }
        asked.remove(&own);
        let properties = [
            Property::text(CONCERNED_ID, &own),
            Property::text(CONCERNED_KEY, key.spki_hex()),
        ];
        for delegate in asked {
            let to = std::slice::from_ref(&delegate);
            self.notify(platform, to, KEY_PAIR_UPDATE, properties.to_vec())
                .await?;
        }
        Ok(())
    }

    /// Those of these data owners who are practitioners.
    async fn practitioners(
        &mut self,
        platform: StepPlatform<'_>,
        ids: BTreeSet<String>,
    ) -> Result<BTreeSet<String>, IcureError> {
        let mut practitioners = BTreeSet::new();
        for id in ids
            .into_iter()
            .filter(|id| id != self.owner.data_owner.id.as_str())
        {
            let auth = &mut self.auth;
            let owner = exchange::fetch_data_owner(auth, platform, &id).await?;
            if owner.kind == DataOwnerKind::Hcp {
                practitioners.insert(id);
            }
        }
        Ok(practitioners)
    }

    /// Who shares with this data owner: `GET /hcparty/{id}/aesExchangeKeys`, and
    /// of a patient the same of patients. A platform that refuses this tells of
    /// nobody (`getAllExchangeKeysWith`).
    async fn delegators(
        &mut self,
        platform: StepPlatform<'_>,
    ) -> Result<AesExchangeKeys, IcureError> {
        let own = self.data_owner_id().to_owned();
        let mut endpoints = vec![("/hcparty/{id}/aesExchangeKeys", "hcparty")];
        if self.is_patient() {
            endpoints.push(("/patient/{id}/aesExchangeKeys", "patient"));
        }
        let mut delegators = AesExchangeKeys::new();
        for (endpoint, kind) in endpoints {
            let path = [kind, &own, "aesExchangeKeys"];
            let call = platform.api_call(Method::GET, endpoint, path);
            match self.auth.send(platform, call).await {
                Ok(answer) => delegators.extend(answer.json::<AesExchangeKeys>()?),
                Err(IcureError::Request(error)) if error.status().is_some() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(delegators)
    }

    /// Asks something of other data owners (`createOrModifyNotification`); gives
    /// what was stored.
    ///
    /// # Errors
    /// When one of them has no public key, or a request fails.
    pub async fn notify(
        &mut self,
        platform: StepPlatform<'_>,
        to: &[String],
        task_type: &str,
        properties: Vec<Property>,
    ) -> Result<MaintenanceTask, IcureError> {
        let own = self.data_owner_id().to_owned();
        let id = Uuid::new_v4().to_string();
        let mut delegates = vec![own.clone()];
        // And everybody with whom everything is shared.
        for to in to.iter().chain(&self.user.auto_delegations.all) {
            if !delegates.contains(to) {
                delegates.push(to.clone());
            }
        }
        let key = AesKey::generate(platform.crypto_backend());
        let (secret, key_hex) = (delegation::secret_id(), key.to_hex());
        let secrets = [secret.as_str(), &key_hex];
        let sealed = self.seal_for(platform, &id, secrets, &delegates);
        let [delegations, encryption_keys] = sealed.await?;
        let sealed = EncryptedSelf { properties };
        let task = MaintenanceTask {
            id,
            created: Some(platform.now_ms()),
            modified: Some(platform.now_ms()),
            author: Some(self.user.id.clone()),
            responsible: Some(own),
            task_type: Some(task_type.to_owned()),
            status: TaskStatus::Pending,
            delegations,
            encryption_keys,
            encrypted_self: Some(seal_json(platform.crypto(), &key, &sealed)?),
            ..MaintenanceTask::default()
        };
        // Exchange keys must be there before anybody reads the task.
        self.save_owner(platform).await?;
        let call = platform
            .api_call(Method::POST, "/maintenancetask", ["maintenancetask"])
            .writes(&task.id)
            .json(&task)?;
        let stored = self.auth.send(platform, call).await?.json()?;
        Ok(MaintenanceTask {
            properties: sealed.properties,
            ..stored
        })
    }

    /// The pending requests for access that were sent to this data owner.
    pub(super) async fn pending_requests(
        &mut self,
        platform: StepPlatform<'_>,
    ) -> Result<Vec<AccessRequest>, IcureError> {
        let own = self.data_owner_id().to_owned();
        let mut requests = Vec::new();
        for task in self.tasks(platform, None, LOOKED_BACK).await? {
            // Our own ones are among them.
            let from = task.responsible.clone().filter(|from| *from != own);
            let (Some(from), TaskStatus::Pending) = (from, task.status) else {
                continue;
            };
            if !matches!(
                task.task_type.as_deref(),
                Some(NEW_USER_OWN_DATA_ACCESS | KEY_PAIR_UPDATE)
            ) {
                continue;
            }
            let (properties, asked_with) = self.properties(platform, &task).await?;
            let text = |id: &str| {
                let found = properties.iter().find(|property| property.id == id);
                found.and_then(|property| property.typed_value.string_value.clone())
            };
            requests.push(AccessRequest {
                owner: text(CONCERNED_ID).unwrap_or(from),
                // Who does not name a key has asked with it.
                key: text(CONCERNED_KEY).unwrap_or(asked_with),
                task,
            });
        }
        Ok(requests)
    }

    /// Finds notifications to this data owner, or by it, and decrypts them
    /// (`filterNotifications`).
    ///
    /// # Errors
    /// When a request fails, or one does not open.
    pub async fn notifications(
        &mut self,
        platform: StepPlatform<'_>,
        search: &NotificationSearch,
    ) -> Result<Vec<MaintenanceTask>, IcureError> {
        let task_type = search.task_type.as_deref();
        let mut found = self.tasks(platform, task_type, search.since).await?;
        found.retain(|task| search.status.is_none_or(|status| task.status == status));
        for task in &mut found {
            task.properties = self.properties(platform, task).await?.0;
        }
        Ok(found)
    }

    /// The tasks since so long ago that are for this data owner, or by it.
    async fn tasks(
        &mut self,
        platform: StepPlatform<'_>,
        task_type: Option<&str>,
        since: Duration,
    ) -> Result<Vec<MaintenanceTask>, IcureError> {
        let since = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        let data_owner = Some(self.data_owner_id().to_owned());
        let mut filter = TaskFilter::AfterDate {
            data_owner: data_owner.clone(),
            date: platform.now_ms().saturating_sub(since),
        };
        if let Some(task_type) = task_type {
            let task_type = task_type.to_owned();
            let of_type = TaskFilter::ByType {
                data_owner,
                task_type,
            };
            filter = TaskFilter::Intersection {
                filters: vec![filter, of_type],
            };
        }
        let mut tasks = Vec::new();
        let mut page = Page::default();
        loop {
            let endpoint = "/maintenancetask/filter";
            let asked = self.filtered(platform, &MAINTENANCE_TASK, endpoint, &filter, &page);
            let (rows, next) = asked.await?;
            tasks.extend(rows);
            let Some(next) = next else {
                return Ok(tasks);
            };
            page.start = Some(next);
        }
    }

    /// The details of a task, decrypted, and the public key of whoever has sealed
    /// it.
    async fn properties(
        &mut self,
        platform: StepPlatform<'_>,
        task: &MaintenanceTask,
    ) -> Result<(Vec<Property>, String), IcureError> {
        let doing = || decrypting(&MAINTENANCE_TASK, &task.id);
        let keys = &task.encryption_keys;
        let key = self.entity_key(platform, &task.id, keys).await?;
        let (key, with) = key.ok_or_else(|| IcureError::crypto(doing(), self.no_key()))?;
        let Some(sealed) = &task.encrypted_self else {
            return Ok((task.properties.clone(), with.kept_under));
        };
        let opened = open_json(platform.crypto(), &key, sealed)
            .and_then(|clear| {
                let clear = EncryptedSelf::deserialize(clear);
                clear.map_err(|_| CryptoFault::Malformed("JSON with `properties`"))
            })
            .map_err(|error| IcureError::crypto(doing(), error))?;
        Ok((opened.properties, with.kept_under))
    }

    /// Says how far one has come with a task: `GET /maintenancetask/{id}`, then `PUT`
    /// (`updateNotificationStatus`).
    ///
    /// # Errors
    /// When it is not there, not ours, or does not open.
    pub async fn update_notification(
        &mut self,
        platform: StepPlatform<'_>,
        id: &str,
        status: TaskStatus,
    ) -> Result<MaintenanceTask, IcureError> {
        let stored = self.set_status(platform, id, status).await?;
        let (properties, _) = self.properties(platform, &stored).await?;
        Ok(MaintenanceTask {
            properties,
            ..stored
        })
    }

    pub(super) async fn set_status(
        &mut self,
        platform: StepPlatform<'_>,
        id: &str,
        status: TaskStatus,
    ) -> Result<MaintenanceTask, IcureError> {
        let call = platform.api_call(
            Method::GET,
            "/maintenancetask/{id}",
            ["maintenancetask", id],
        );
        let mut task: MaintenanceTask = self.auth.send(platform, call).await?.json()?;
        task.status = status;
        let call = platform
            .api_call(Method::PUT, "/maintenancetask", ["maintenancetask"])
            .writes(&task.id)
            .json(&task)?;
        Ok(self.auth.send(platform, call).await?.json()?)
    }
}
