//! Notifications: what one data owner asks of another. On the wire they are
//! maintenance tasks.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::entity::seal_json;
use super::error::CryptoFault;
use super::{IcureError, Session, StepPlatform, delegation, exchange};
use crate::crypto::AesKey;
use crate::wire::{
    AesExchangeKeys, CONCERNED_ID, CONCERNED_KEY, DataOwnerKind, KEY_PAIR_UPDATE, MaintenanceTask,
    NEW_USER_OWN_DATA_ACCESS, Property, TaskFilter, TaskFilterChain, TaskPage, TaskStatus,
};

/// How far back pending notifications are looked for, in milliseconds: a month
/// (`_findAfterDateFilterValue`).
const PENDING_SINCE: i64 = 30 * 24 * 3600 * 1000;
/// Notifications of one page.
const PAGE: usize = 1000;

/// The part of a task that is encrypted.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct EncryptedSelf {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<Property>,
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
            self.notify(platform, delegate, NEW_USER_OWN_DATA_ACCESS, &[])
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
            self.notify(platform, &delegate, KEY_PAIR_UPDATE, &properties)
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

    /// `POST /maintenancetask`, shared with `delegate` and everybody with whom
    /// everything is shared.
    async fn notify(
        &mut self,
        platform: StepPlatform<'_>,
        delegate: &str,
        task_type: &str,
        properties: &[Property],
    ) -> Result<(), IcureError> {
        let own = self.data_owner_id().to_owned();
        let id = Uuid::new_v4().to_string();
        let mut delegates = vec![own.clone()];
        let everything = self.user.auto_delegations.all.iter();
        for to in std::iter::once(delegate).chain(everything.map(String::as_str)) {
            if !delegates.iter().any(|known| known == to) {
                delegates.push(to.to_owned());
            }
        }
        let key = AesKey::generate(platform.crypto_backend());
        let (secret, key_hex) = (delegation::secret_id(), key.to_hex());
        let secrets = [secret.as_str(), &key_hex];
        let sealed = self.seal_for(platform, &id, secrets, &delegates);
        let [delegations, encryption_keys] = sealed.await?;
        let properties = properties.to_vec();
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
            encrypted_self: Some(seal_json(
                platform.crypto(),
                &key,
                &EncryptedSelf { properties },
            )?),
            ..MaintenanceTask::default()
        };
        // Exchange keys must be there before anybody reads the task.
        self.save_owner(platform).await?;
        let call = platform
            .api_call(Method::POST, "/maintenancetask", ["maintenancetask"])
            .json(&task)?;
        self.auth.send(platform, call).await?;
        Ok(())
    }

    /// The pending requests for access that were sent to this data owner.
    pub(super) async fn pending_requests(
        &mut self,
        platform: StepPlatform<'_>,
    ) -> Result<Vec<AccessRequest>, IcureError> {
        let own = self.data_owner_id().to_owned();
        let mut requests = Vec::new();
        for task in self.tasks(platform).await? {
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

    /// `POST /maintenancetask/filter`, page by page.
    async fn tasks(
        &mut self,
        platform: StepPlatform<'_>,
    ) -> Result<Vec<MaintenanceTask>, IcureError> {
        let filter = TaskFilter::AfterDate {
            data_owner: Some(self.data_owner_id().to_owned()),
            date: platform.now_ms() - PENDING_SINCE,
        };
        let body = TaskFilterChain { filter };
        let mut tasks = Vec::new();
        let mut start: Option<String> = None;
        loop {
            let mut call = platform
                .api_call(
                    Method::POST,
                    "/maintenancetask/filter",
                    ["maintenancetask", "filter"],
                )
                .query("limit", &PAGE.to_string());
            if let Some(start) = &start {
                call = call.query("startDocumentId", start);
            }
            let call = call.json(&body)?;
            let page: TaskPage = self.auth.send(platform, call).await?.json()?;
            tasks.extend(page.rows);
            let next = page.next_key_pair.and_then(|next| next.start_key_doc_id);
            // A page that begins where the last one did would never end.
            if next.is_none() || next == start {
                return Ok(tasks);
            }
            start = next;
        }
    }

    /// The details of a task, decrypted, and the public key of whoever has sealed
    /// it.
    async fn properties(
        &mut self,
        platform: StepPlatform<'_>,
        task: &MaintenanceTask,
    ) -> Result<(Vec<Property>, String), IcureError> {
        let doing = || format!("decrypting notification `{}`", task.id);
        let malformed = |what| IcureError::crypto(doing(), CryptoFault::Malformed(what));
        let keys = &task.encryption_keys;
        let key = self.entity_key(platform, &task.id, keys).await?;
        let (key, with) = key.ok_or_else(|| IcureError::crypto(doing(), self.no_key()))?;
        let Some(sealed) = &task.encrypted_self else {
            return Ok((task.properties.clone(), with.kept_under));
        };
        let sealed = STANDARD.decode(sealed).map_err(|_| malformed("base64"))?;
        let plain = platform.crypto().decrypt(&key, &sealed);
        let plain = plain.map_err(|error| IcureError::crypto(doing(), error))?;
        let opened: EncryptedSelf =
            serde_json::from_slice(&plain).map_err(|_| malformed("JSON with `properties`"))?;
        Ok((opened.properties, with.kept_under))
    }

    /// Says that a task is done: `GET /maintenancetask/{id}`, then `PUT`
    /// (`updateNotificationStatus`).
    pub(super) async fn complete_task(
        &mut self,
        platform: StepPlatform<'_>,
        id: &str,
    ) -> Result<(), IcureError> {
        let call = platform.api_call(
            Method::GET,
            "/maintenancetask/{id}",
            ["maintenancetask", id],
        );
        let mut task: MaintenanceTask = self.auth.send(platform, call).await?.json()?;
        task.status = TaskStatus::Completed;
        let call = platform
            .api_call(Method::PUT, "/maintenancetask", ["maintenancetask"])
            .json(&task)?;
        self.auth.send(platform, call).await?;
        Ok(())
    }
}
