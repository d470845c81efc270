//! Data samples: a *service* inside a *contact*, encrypted on this side. One
//! contact holds those that were stored together, a batch.

use reqwest::Method;
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::content::Clear;
use super::entity::{CONTACT, SERVICE, decrypting, seal_json};
use super::{IcureError, Session, StepPlatform, content};
use crate::ceilings;
use crate::crypto::AesKey;
use crate::wire::{Code, Contact, Identifier, Ids, Service};

/// What a data sample is made of (`DataSample` of the MedTech SDK).
#[derive(Clone, Debug, Default)]
pub struct NewSample {
    /// `tags` on the wire.
    pub labels: Vec<Code>,
    /// What it is in terminologies such as LOINC or SNOMED CT.
    pub codes: Vec<Code>,
    /// What it is called elsewhere.
    pub identifiers: Vec<Identifier>,
    /// Ids of the health elements that it is about.
    pub health_elements: Vec<String>,
    /// Content by language.
    pub content: Map<String, Value>,
    /// Fuzzy date `YYYYMMDDhhmmss`.
    pub opening_date: Option<i64>,
    /// Fuzzy date `YYYYMMDDhhmmss`.
    pub value_date: Option<i64>,
    /// Travels in clear, as with the SDK.
    pub comment: Option<String>,
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
    /// What it is called elsewhere.
    pub identifiers: Vec<Identifier>,
    /// Content by language, in clear.
    pub content: Map<String, Value>,
    /// Fuzzy date `YYYYMMDDhhmmss`.
    pub opening_date: Option<i64>,
    /// Fuzzy date `YYYYMMDDhhmmss`.
    pub value_date: Option<i64>,
    /// In clear on the wire, except with Cardinal.
    pub comment: Option<String>,
}

/// Data samples that are going to be stored together: what is added is encrypted
/// at once.
pub struct Batch {
    contact: Contact,
    key: AesKey,
    /// Bytes of what is encrypted.
    sealed: u64,
}

impl Batch {
    /// Encrypts one more, and gives its id.
    ///
    /// # Errors
    /// When there is more than a batch may hold.
    pub fn add(
        &mut self,
        platform: StepPlatform<'_>,
        new: &NewSample,
    ) -> Result<String, IcureError> {
        let content = EncryptedSelf {
            content: &new.content,
        };
        let sealed = seal_json(platform.crypto(), &self.key, &content)?;
        self.weigh(&sealed)?;
        let id = Uuid::new_v4().to_string();
        let mut service = Service {
            id: id.clone(),
            created: self.contact.created,
            opening_date: new.opening_date,
            value_date: new.value_date,
            tags: new.labels.clone(),
            codes: new.codes.clone(),
            comment: new.comment.clone(),
            encrypted_self: Some(sealed),
            ..Service::default()
        };
        service.set_identifiers(&new.identifiers);
        self.file(&id, &new.health_elements);
        let contact = &mut self.contact;
        let opened = [contact.opening_date, new.opening_date.or(new.value_date)];
        contact.opening_date = opened.into_iter().flatten().min();
        contact.services.push(service);
        Ok(id)
    }

    fn weigh(&mut self, sealed: &str) -> Result<(), IcureError> {
        self.sealed = self.sealed.saturating_add(sealed.len() as u64);
        if self.sealed > ceilings::BATCH {
            return Err(IcureError::TooLarge {
                most: ceilings::BATCH,
            });
        }
        Ok(())
    }

    /// Notes what a data sample is about, in `subContacts`.
    fn file(&mut self, id: &str, health_elements: &[String]) {
        if health_elements.is_empty() {
            return;
        }
        let other = &mut self.contact.other;
        let filed = other.entry("subContacts").or_insert_with(|| json!([]));
        let Some(filed) = filed.as_array_mut() else {
            return;
        };
        filed.extend(
            health_elements.iter().map(
                |element| json!({"healthElementId": element, "services": [{"serviceId": id}]}),
            ),
        );
    }
}

impl Session {
    /// Encrypts a data sample of a patient and stores it, shared with further data
    /// owners (`createOrModifyDataSampleFor`). Without `patient`, it is one of this
    /// data owner.
    ///
    /// # Errors
    /// When the patient shares nothing with us, a delegate has no public key, or a request fails.
    pub async fn create_sample(
        &mut self,
        platform: StepPlatform<'_>,
        new: NewSample,
        patient: Option<String>,
        share_with: &[String],
    ) -> Result<Sample, IcureError> {
        let mut batch = self.begin_batch(platform, patient, share_with).await?;
        batch.add(platform, &new)?;
        let mut stored = self.store_batch(platform, batch).await?;
        let Some(service) = stored.services.pop() else {
            return Err(IcureError::Document {
                document: format!("contact `{}`", stored.id),
                expected: "the service that was sent",
            });
        };
        Ok(sample(service, Some(stored.id), new.content))
    }

    /// A batch of a patient without data samples, shared with further data owners.
    /// Without `patient`, it is one of this data owner.
    ///
    /// # Errors
    /// When the patient shares nothing with us, or a delegate has no public key.
    pub async fn begin_batch(
        &mut self,
        platform: StepPlatform<'_>,
        patient: Option<String>,
        share_with: &[String],
    ) -> Result<Batch, IcureError> {
        let (patient, secret_foreign_keys) = self.belonging(platform, patient).await?;
        let mut contact = Contact {
            id: Uuid::new_v4().to_string(),
            created: Some(platform.now_ms()),
            modified: Some(platform.now_ms()),
            author: Some(self.user.id.clone()),
            responsible: Some(self.data_owner_id().to_owned()),
            group_id: Some(Uuid::new_v4().to_string()),
            secret_foreign_keys,
            ..Contact::default()
        };
        let delegates = self.delegates_and(share_with);
        let secrets = self.new_secrets(platform, &contact.id, patient.as_deref(), &delegates);
        let secrets = secrets.await?;
        contact.delegations = secrets.delegations;
        contact.encryption_keys = secrets.encryption_keys;
        contact.crypted_foreign_keys = secrets.crypted_foreign_keys;
        // The clients write the encrypted part of a contact even when empty.
        let sealed = seal_json(platform.crypto(), &secrets.key, &json!({}))?;
        contact.encrypted_self = Some(sealed);
        Ok(Batch {
            contact,
            key: secrets.key,
            sealed: 0,
        })
    }

    /// `POST /contact` (`createOrModifyDataSamplesFor`); gives it as it is stored.
    ///
    /// # Errors
    /// When a request fails.
    pub async fn store_batch(
        &mut self,
        platform: StepPlatform<'_>,
        batch: Batch,
    ) -> Result<Contact, IcureError> {
        self.write_contact(platform, Method::POST, &batch.contact)
            .await
    }

    /// Stores a contact, and remembers that it was us.
    pub(super) async fn write_contact(
        &mut self,
        platform: StepPlatform<'_>,
        method: Method,
        contact: &Contact,
    ) -> Result<Contact, IcureError> {
        let is_new = method == Method::POST;
        let written = self.write_entity(platform, &CONTACT, method, contact);
        let stored: Contact = written.await?;
        if is_new {
            self.written.add(&stored.id);
        }
        Ok(stored)
    }

    /// Reads a data sample and decrypts it (`getDataSample`).
    ///
    /// # Errors
    /// When it is not there, not ours, deleted, or none of our keys opens it.
    pub async fn sample(
        &mut self,
        platform: StepPlatform<'_>,
        id: &str,
    ) -> Result<Sample, IcureError> {
        let service = self.service(platform, id).await?;
        self.opened(platform, service).await
    }

    /// Reads those of these data samples that there are and that we may read, and
    /// decrypts them (`getServices`).
    ///
    /// # Errors
    /// When none of our keys opens one.
    pub async fn samples(
        &mut self,
        platform: StepPlatform<'_>,
        ids: Vec<String>,
    ) -> Result<Vec<Sample>, IcureError> {
        let path = SERVICE.path.iter().copied();
        let call = platform.api_call(Method::POST, SERVICE.all, path);
        let call = call.json(&Ids { ids })?;
        let services: Vec<Service> = self.ask(platform, &SERVICE, call).await?;
        self.open_all(platform, services).await
    }

    /// Decrypts data samples, but for those that were deleted.
    pub(super) async fn open_all(
        &mut self,
        platform: StepPlatform<'_>,
        services: Vec<Service>,
    ) -> Result<Vec<Sample>, IcureError> {
        let mut samples = Vec::with_capacity(services.len());
        for service in services {
            if service.end_of_life.is_none() {
                samples.push(self.opened(platform, service).await?);
            }
        }
        Ok(samples)
    }

    async fn opened(
        &mut self,
        platform: StepPlatform<'_>,
        service: Service,
    ) -> Result<Sample, IcureError> {
        let (_, clear) = self.open_service(platform, &service).await?;
        let batch = service.contact_id.clone();
        Ok(sample(service, batch, clear))
    }

    /// A data sample as it is on the platform.
    ///
    /// # Errors
    /// When it is not there, not ours, or deleted.
    pub(super) async fn service(
        &mut self,
        platform: StepPlatform<'_>,
        id: &str,
    ) -> Result<Service, IcureError> {
        let service: Service = self.read_entity(platform, &SERVICE, id).await?;
        match service.end_of_life {
            Some(deleted_at) => Err(IcureError::Deleted {
                id: service.id,
                deleted_at,
            }),
            None => Ok(service),
        }
    }

    /// The key of a service, and what it encrypts.
    pub(super) async fn open_service(
        &mut self,
        platform: StepPlatform<'_>,
        service: &Service,
    ) -> Result<(AesKey, Clear), IcureError> {
        let key = self.key_of(platform, &SERVICE, service).await?;
        let clear = content::open(platform.crypto(), &key, service)
            .map_err(|fault| IcureError::crypto(decrypting(&SERVICE, &service.id), fault))?;
        Ok((key, clear))
    }
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
        identifiers: service.identifiers(),
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

#[cfg(test)]
mod tests {
    use super::{Batch, Contact, ceilings};
    use crate::crypto::{AesKey, CryptoBackend};

    #[test]
    fn a_batch_weighs_so_much_and_no_more() {
        let mut batch = Batch {
            contact: Contact::default(),
            key: AesKey::generate(CryptoBackend::default()),
            sealed: ceilings::BATCH - 1,
        };
        batch.weigh("x").unwrap();
        let error = batch.weigh("x").unwrap_err();
        assert_eq!(error.kind(), "too large");
        assert!(
            error.to_string().ends_with("is longer than 64 MiB"),
            "{error}"
        );
    }
}
