//! Secrets of documents: sealed for delegates, and opened again.

use super::delegation::Opened;
use super::entity::PATIENT;
use super::error::CryptoFault;
use super::exchange::ExchangeKey;
use super::{IcureError, Session, StepPlatform, delegation, exchange};
use crate::crypto::AesKey;
use crate::wire::{Delegation, Delegations};

impl Session {
    /// Gives a patient a secret id that it can open, by which its contacts will
    /// be found (`ensureDelegationForSelf`).
    pub(super) async fn ensure_secret_id(
        &mut self,
        platform: StepPlatform<'_>,
        delegates: Vec<String>,
    ) -> Result<(), IcureError> {
        let id = self.data_owner_id().to_owned();
        let secret = delegation::secret_id();
        if self.owner.data_owner.delegations.is_empty() {
            let key = AesKey::generate(platform.crypto_backend()).to_hex();
            let secrets = [secret.as_str(), &key];
            let sealed = self.seal_for(platform, &id, secrets, &delegates);
            let [delegations, encryption_keys] = sealed.await?;
            let owner = &mut self.owner.data_owner;
            owner.delegations = delegations;
            owner.encryption_keys = encryption_keys;
        } else if self.secret_ids(platform).await?.is_empty() {
            // Those that there are were lost with another key pair.
            let to = std::slice::from_ref(&id);
            let sealed = self.seal_for(platform, &id, [secret.as_str()], to);
            let [sealed] = sealed.await?;
            let delegations = &mut self.owner.data_owner.delegations;
            for (to, items) in sealed {
                delegations.entry(to).or_default().extend(items);
            }
        }
        Ok(())
    }

    /// Seals secrets about an entity for each of these delegates: one mapping
    /// from delegates to delegations for each secret.
    pub(super) async fn seal_for<const N: usize>(
        &mut self,
        platform: StepPlatform<'_>,
        entity: &str,
        secrets: [&str; N],
        delegates: &[String],
    ) -> Result<[Delegations; N], IcureError> {
        let own = self.data_owner_id().to_owned();
        let crypto = platform.crypto();
        let mut sealed = std::array::from_fn(|_| Delegations::new());
        for delegate in delegates {
            let exchange = self.exchange_key_to(platform, delegate).await?;
            for (secret, sealed) in secrets.iter().zip(&mut sealed) {
                let item = delegation::seal(crypto, &exchange, &own, delegate, entity, secret)?;
                sealed.insert(delegate.clone(), vec![item]);
            }
        }
        Ok(sealed)
    }

    /// The secret ids of this patient, of which one is enough: its contacts are
    /// found by them. None for a practitioner.
    pub(super) async fn secret_ids(
        &mut self,
        platform: StepPlatform<'_>,
    ) -> Result<Vec<String>, IcureError> {
        let own = self.data_owner_id().to_owned();
        let items: Vec<_> = delegation::of(&self.owner.data_owner.delegations, &own)
            .filter(|item| item.owner == own)
            .collect();
        for item in items {
            if let Some(opened) = self.open(platform, &own, &item).await? {
                return Ok(vec![opened.secret.to_string()]);
            }
        }
        self.secure_secret_ids(platform, PATIENT.class).await
    }

    /// The key of an entity, from the first of its delegations that we can open,
    /// and the exchange key that opened it.
    pub(super) async fn entity_key(
        &mut self,
        platform: StepPlatform<'_>,
        entity: &str,
        encryption_keys: &Delegations,
    ) -> Result<Option<(AesKey, ExchangeKey)>, IcureError> {
        let own = self.data_owner_id().to_owned();
        for item in delegation::of(encryption_keys, &own) {
            if let Some(opened) = self.open(platform, entity, &item).await? {
                let key = delegation::entity_key(platform.crypto_backend(), &opened.secret);
                let doing = || format!("reading the key of `{entity}`");
                let key = key.map_err(|error| IcureError::crypto(doing(), error))?;
                return Ok(Some((key, opened.with)));
            }
        }
        Ok(None)
    }

    /// Opens a delegation to or from us; `None` when no key at hand does. Exchange keys of others that were opened before may be
    /// older than it: if none fits, they are read again.
    pub(super) async fn open(
        &mut self,
        platform: StepPlatform<'_>,
        entity: &str,
        item: &Delegation,
    ) -> Result<Option<Opened>, IcureError> {
        let (from, to) = (&item.owner, &item.delegated_to);
        let is_known = self.exchange_keys.get(from, to).is_some();
        let keys = self.exchange_keys_from(platform, from, to).await?;
        let crypto = platform.crypto();
        let opened = delegation::open_any(crypto, &keys, entity, item);
        if opened.is_some() || !is_known || from == self.data_owner_id() {
            return Ok(opened);
        }
        self.exchange_keys.forget(from, to);
        let keys = self.exchange_keys_from(platform, from, to).await?;
        Ok(delegation::open_any(crypto, &keys, entity, item))
    }

    /// Why nothing at hand opens something.
    pub(super) fn no_key(&self) -> CryptoFault {
        let missing = exchange::missing(&self.owner.data_owner, &self.key_pairs);
        if missing.is_empty() {
            CryptoFault::NoKey
        } else {
            CryptoFault::MissingKey { missing }
        }
    }
}
