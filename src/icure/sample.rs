//! Data samples: a *service* inside a *contact*, encrypted on this side.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::content::Clear;
use super::error::CryptoFault;
use super::exchange::ExchangeKey;
use super::{IcureError, MeteredCrypto, Session, StepPlatform, content, delegation};
use crate::crypto::{AesKey, Plain};
use crate::wire::{Code, Contact, Delegations, Service};

/// What a data sample is made of (`DataSample` of the MedTech SDK).
#[derive(Clone, Debug, Default)]
pub struct NewSample {
    /// `tags` on the wire.
    pub labels: Vec<Code>,
    /// What it is in terminologies such as LOINC or SNOMED CT.
    pub codes: Vec<Code>,
    /// Content by language.
    pub content: Map<String, Value>,
    /// Fuzzy date `YYYYMMDDhhmmss`.
    pub opening_date: Option<i64>,
    /// Fuzzy date `YYYYMMDDhhmmss`.
    pub value_date: Option<i64>,
    /// Travels in clear, as with the SDK.
    pub comment: Option<String>,
    /// Data owners to share with, besides the default ones.
    pub share_with: Vec<String>,
}

/// A data sample as it is on the platform, decrypted.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Id of the service.
    pub id: String,
    /// Id of the contact that holds it.
    pub batch_id: Option<String>,
    /// `tags` on the wire.
    pub labels: Vec<Code>,
    /// What it is in terminologies such as LOINC or SNOMED CT.
    pub codes: Vec<Code>,
    /// Content by language, in clear.
    pub content: Map<String, Value>,
    /// Fuzzy date `YYYYMMDDhhmmss`.
    pub opening_date: Option<i64>,
    /// Fuzzy date `YYYYMMDDhhmmss`.
    pub value_date: Option<i64>,
    /// In clear on the wire, except with Cardinal.
    pub comment: Option<String>,
}

impl Session {
    /// Encrypts a data sample and stores it (`createOrModifyDataSampleFor`).
    ///
    /// # Errors
    /// When a delegate has no public key, or a request fails.
    pub async fn create_sample(
        &mut self,
        platform: StepPlatform<'_>,
        new: NewSample,
    ) -> Result<Sample, IcureError> {
        let mut contact = Contact {
            id: Uuid::new_v4().to_string(),
            created: Some(platform.now_ms()),
            modified: Some(platform.now_ms()),
            author: Some(self.user.id.clone()),
            responsible: Some(self.data_owner_id().to_owned()),
            group_id: Some(Uuid::new_v4().to_string()),
            opening_date: new.opening_date.or(new.value_date),
            ..Contact::default()
        };
        let key = AesKey::generate(platform.crypto_backend());
        self.share_contact(platform, &mut contact, &key, &new.share_with)
            .await?;
        let crypto = platform.crypto();
        // The clients write the encrypted part of a contact even when empty.
        contact.encrypted_self = Some(seal_json(crypto, &key, &json!({}))?);
        contact.services = vec![Service {
            id: Uuid::new_v4().to_string(),
            created: contact.created,
            opening_date: new.opening_date,
            value_date: new.value_date,
            tags: new.labels,
            codes: new.codes,
            comment: new.comment,
            encrypted_self: Some(seal_json(
                crypto,
                &key,
                &EncryptedSelf {
                    content: &new.content,
                },
            )?),
            ..Service::default()
        }];
        // Exchange keys must be there before anybody reads the contact.
        self.save_owner(platform).await?;
        let call = platform
            .api_call(Method::POST, "/contact", ["contact"])
            .json(&contact)?;
        let stored: Contact = self.auth.send(platform, call).await?.json()?;
        let Some(service) = stored.services.into_iter().next() else {
            return Err(IcureError::Document {
                document: format!("contact `{}`", stored.id),
                expected: "the service that was sent",
            });
        };
        Ok(sample(service, Some(stored.id), new.content))
    }

    /// Reads a data sample and decrypts it (`getDataSample`).
    ///
    /// # Errors
    /// When it is not there, not ours, or none of our keys opens it.
    pub async fn sample(
        &mut self,
        platform: StepPlatform<'_>,
        id: &str,
    ) -> Result<Sample, IcureError> {
        let service = self.service(platform, id).await?;
        let clear = self.open_service(platform, &service).await?;
        let batch = service.contact_id.clone();
        Ok(sample(service, batch, clear))
    }

    /// A data sample as it is on the platform.
    pub(super) async fn service(
        &mut self,
        platform: StepPlatform<'_>,
        id: &str,
    ) -> Result<Service, IcureError> {
        let call = platform.api_call(
            Method::GET,
            "/contact/service/{id}",
            ["contact", "service", id],
        );
        let call = self.with_access_keys(platform, call).await?;
        Ok(self.auth.send(platform, call).await?.json()?)
    }

    /// Makes the delegations of a new contact, to ourselves and everybody we
    /// share with.
    async fn share_contact(
        &mut self,
        platform: StepPlatform<'_>,
        contact: &mut Contact,
        key: &AesKey,
        also: &[String],
    ) -> Result<(), IcureError> {
        let own = self.data_owner_id().to_owned();
        let mut delegates = vec![own.clone()];
        for id in self.default_delegates().iter().chain(also) {
            if !delegates.contains(id) {
                delegates.push(id.clone());
            }
        }
        contact.secret_foreign_keys = self.secret_ids(platform).await?;
        let secret = delegation::secret_id();
        let key = key.to_hex();
        let id = contact.id.clone();
        let secrets = [secret.as_str(), &key, &own];
        let sealed = self.seal_for(platform, &id, secrets, &delegates);
        let [delegations, encryption_keys, crypted_foreign_keys] = sealed.await?;
        contact.delegations = delegations;
        contact.encryption_keys = encryption_keys;
        if self.is_patient() {
            contact.crypted_foreign_keys = crypted_foreign_keys;
        }
        Ok(())
    }

    /// The secret ids of this patient: its contacts are found by them. None
    /// for a practitioner.
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
        Ok(Vec::new())
    }

    /// What is encrypted in a service, opened with the first of its keys that
    /// we can open.
    pub(super) async fn open_service(
        &mut self,
        platform: StepPlatform<'_>,
        service: &Service,
    ) -> Result<Clear, IcureError> {
        let doing = || format!("decrypting data sample `{}`", service.id);
        let keys = &service.encryption_keys;
        let key = self.entity_key(platform, &service.id, keys).await?;
        let key = match key {
            Some((key, _)) => Some(key),
            None => self.secure_key(platform, service),
        };
        let key = key.ok_or_else(|| IcureError::crypto(doing(), self.no_key()))?;
        content::open(platform.crypto(), &key, service)
            .map_err(|fault| IcureError::crypto(doing(), fault))
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
}

/// What `encryptedSelf` of a document holds: JSON, encrypted with AES-CBC, in
/// base64.
///
/// # Errors
/// When there is no JSON for `value`, or the cryptography fails.
pub fn seal_json<T: Serialize>(
    crypto: MeteredCrypto<'_>,
    key: &AesKey,
    value: &T,
) -> Result<String, IcureError> {
    let doing = "encrypting a document";
    let mut plain = Plain::new();
    serde_json::to_writer(&mut plain, value)
        .map_err(|_| IcureError::crypto(doing, CryptoFault::Malformed("JSON")))?;
    let sealed = crypto.encrypt(key, &plain);
    let sealed = sealed.map_err(|error| IcureError::crypto(doing, error))?;
    Ok(STANDARD.encode(sealed))
}

/// The encrypted part of a service.
#[derive(Serialize)]
struct EncryptedSelf<'a> {
    content: &'a Map<String, Value>,
}

pub(super) fn sample(
    service: Service,
    batch_id: Option<String>,
    clear: impl Into<Clear>,
) -> Sample {
    let clear = clear.into();
    Sample {
        id: service.id,
        batch_id,
        labels: service.tags,
        codes: service.codes,
        content: clear.content,
        opening_date: service.opening_date,
        value_date: service.value_date,
        comment: service.comment.or(clear.comment),
    }
}
