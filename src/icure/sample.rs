//! Data samples: a *service* inside a *contact*, encrypted on this side.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::error::CryptoFault;
use super::platform::now_ms;
use super::{Effort, IcureError, Platform, Session, content, delegation};
use crate::crypto::{AesKey, Plain};
use crate::metrics::Meter;
use crate::wire::{Code, Contact, Service};

/// What a data sample is made of (`DataSample` of the MedTech SDK).
#[derive(Clone, Debug, Default)]
pub struct NewSample {
    /// Labels, `tags` on the wire.
    pub labels: Vec<Code>,
    /// Codes.
    pub codes: Vec<Code>,
    /// Content by language.
    pub content: Map<String, Value>,
    /// Fuzzy date `YYYYMMDDhhmmss`.
    pub opening_date: Option<i64>,
    /// Fuzzy date `YYYYMMDDhhmmss`.
    pub value_date: Option<i64>,
    /// Comment; travels in clear, as with the SDK.
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
    /// Labels.
    pub labels: Vec<Code>,
    /// Codes.
    pub codes: Vec<Code>,
    /// Content by language, in clear.
    pub content: Map<String, Value>,
    /// Fuzzy date `YYYYMMDDhhmmss`.
    pub opening_date: Option<i64>,
    /// Fuzzy date `YYYYMMDDhhmmss`.
    pub value_date: Option<i64>,
    /// Comment.
    pub comment: Option<String>,
}

impl Session {
    /// Encrypts a data sample and stores it (`createOrModifyDataSampleFor`).
    ///
    /// # Errors
    /// When a delegate has no public key, or a request fails.
    pub async fn create_sample(
        &mut self,
        platform: &Platform,
        new: NewSample,
        meter: &Meter,
    ) -> Result<Sample, IcureError> {
        let mut contact = Contact {
            id: Uuid::new_v4().to_string(),
            created: Some(now_ms()),
            modified: Some(now_ms()),
            author: Some(self.user.id.clone()),
            responsible: Some(self.data_owner_id().to_owned()),
            group_id: Some(Uuid::new_v4().to_string()),
            opening_date: new.opening_date.or(new.value_date),
            ..Contact::default()
        };
        let key = AesKey::generate();
        self.share_contact(platform, &mut contact, &key, &new.share_with, meter)
            .await?;
        let effort = Effort::new(meter);
        // The clients write the encrypted part of a contact even when empty.
        contact.encrypted_self = Some(seal_json(effort, &key, &json!({}))?);
        contact.services = vec![Service {
            id: Uuid::new_v4().to_string(),
            created: contact.created,
            opening_date: new.opening_date,
            value_date: new.value_date,
            tags: new.labels,
            codes: new.codes,
            comment: new.comment,
            encrypted_self: Some(seal_json(
                effort,
                &key,
                &EncryptedSelf {
                    content: &new.content,
                },
            )?),
            ..Service::default()
        }];
        // Exchange keys must be there before anybody reads the contact.
        self.save_owner(platform, meter).await?;
        let call = platform
            .api_call(Method::POST, "/contact", ["contact"])
            .json(&contact)?;
        let stored: Contact = self.auth.send(platform, call, meter).await?.json()?;
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
        platform: &Platform,
        id: &str,
        meter: &Meter,
    ) -> Result<Sample, IcureError> {
        let call = platform.api_call(
            Method::GET,
            "/contact/service/{id}",
            ["contact", "service", id],
        );
        let service: Service = self.auth.send(platform, call, meter).await?.json()?;
        let content = self.open_service(platform, &service, meter).await?;
        let batch = service.contact_id.clone();
        Ok(sample(service, batch, content))
    }

    /// Makes the delegations of a new contact, to ourselves and everybody we
    /// share with.
    async fn share_contact(
        &mut self,
        platform: &Platform,
        contact: &mut Contact,
        key: &AesKey,
        also: &[String],
        meter: &Meter,
    ) -> Result<(), IcureError> {
        let own = self.data_owner_id().to_owned();
        let mut delegates = vec![own.clone()];
        for id in self.default_delegates().iter().chain(also) {
            if !delegates.contains(id) {
                delegates.push(id.clone());
            }
        }
        contact.secret_foreign_keys = self.secret_ids(platform, meter).await?;
        let effort = Effort::new(meter);
        let secret = delegation::secret_id();
        let key = key.to_hex();
        for delegate in delegates {
            let exchange = self.exchange_key_to(platform, &delegate, meter).await?;
            let seal = |text: &str| {
                let id = &contact.id;
                let sealed = delegation::seal(effort, &exchange, &own, &delegate, id, text);
                sealed.map(|delegation| vec![delegation])
            };
            let (sealed_secret, sealed_key) = (seal(&secret)?, seal(&key)?);
            if self.is_patient() {
                let sealed_patient = seal(&own)?;
                contact
                    .crypted_foreign_keys
                    .insert(delegate.clone(), sealed_patient);
            }
            contact.delegations.insert(delegate.clone(), sealed_secret);
            contact.encryption_keys.insert(delegate, sealed_key);
        }
        Ok(())
    }

    /// The secret ids of this patient: its contacts are found by them. None
    /// for a practitioner.
    async fn secret_ids(
        &mut self,
        platform: &Platform,
        meter: &Meter,
    ) -> Result<Vec<String>, IcureError> {
        let own = self.data_owner_id().to_owned();
        let Some(delegations) = self.owner.data_owner.delegations.get(&own).cloned() else {
            return Ok(Vec::new());
        };
        let keys = self.exchange_keys_from(platform, &own, &own, meter).await?;
        let effort = Effort::new(meter);
        let opened = delegations.iter().filter(|item| item.owner == own);
        let opened = opened.filter_map(|item| open_any(effort, &keys, &own, item));
        Ok(opened.take(1).map(|secret| secret.to_string()).collect())
    }

    /// The content of a service, decrypted with the first of its keys that we
    /// can open.
    async fn open_service(
        &mut self,
        platform: &Platform,
        service: &Service,
        meter: &Meter,
    ) -> Result<Map<String, Value>, IcureError> {
        let own = self.data_owner_id().to_owned();
        let doing = || format!("decrypting data sample `{}`", service.id);
        let effort = Effort::new(meter);
        for item in service.encryption_keys.get(&own).into_iter().flatten() {
            let keys = self
                .exchange_keys_from(platform, &item.owner, &own, meter)
                .await?;
            let Some(key) = open_any(effort, &keys, &service.id, item) else {
                continue;
            };
            let key = delegation::entity_key(&key).map_err(|e| IcureError::crypto(doing(), e))?;
            return content::open(effort, &key, service)
                .map_err(|fault| IcureError::crypto(doing(), fault));
        }
        Err(IcureError::crypto(doing(), CryptoFault::NoKey))
    }
}

/// Opens a delegation with whichever key fits.
fn open_any(
    effort: Effort<'_>,
    keys: &[AesKey],
    entity: &str,
    item: &crate::wire::Delegation,
) -> Option<Zeroizing<String>> {
    keys.iter()
        .find_map(|key| delegation::open(effort, key, entity, item).ok())
}

/// What `encryptedSelf` of a document holds: JSON, encrypted with AES-CBC, in
/// base64.
///
/// # Errors
/// When there is no JSON for `value`, or the cryptography fails.
pub fn seal_json<T: Serialize>(
    effort: Effort<'_>,
    key: &AesKey,
    value: &T,
) -> Result<String, IcureError> {
    let doing = "encrypting a document";
    let mut plain = Plain::new();
    serde_json::to_writer(&mut plain, value)
        .map_err(|_| IcureError::crypto(doing, CryptoFault::Malformed("JSON")))?;
    let sealed = effort.encrypt(key, &plain);
    let sealed = sealed.map_err(|error| IcureError::crypto(doing, error))?;
    Ok(STANDARD.encode(sealed))
}

/// The encrypted part of a service.
#[derive(Serialize)]
struct EncryptedSelf<'a> {
    content: &'a Map<String, Value>,
}

fn sample(service: Service, batch_id: Option<String>, content: Map<String, Value>) -> Sample {
    Sample {
        id: service.id,
        batch_id,
        labels: service.tags,
        codes: service.codes,
        content,
        opening_date: service.opening_date,
        value_date: service.value_date,
        comment: service.comment,
    }
}
