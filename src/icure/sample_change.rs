//! Data samples that are changed, deleted and shared.
//!
//! A service may stand in several contacts, of which the newest counts. What this
//! session has stored is changed where it stands; otherwise there is another
//! contact with the new version, shared with whom the one before is.

use reqwest::Method;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::content::Clear;
use super::entity::{CONTACT, seal_json};
use super::sample::sample;
use super::{IcureError, Sample, Session, StepPlatform};
use crate::crypto::AesKey;
use crate::wire::{Code, Contact, Identifier, Service};

/// What is another one from now on; the rest stays.
#[derive(Clone, Debug, Default)]
pub struct SampleChange {
    /// `tags` on the wire.
    pub labels: Option<Vec<Code>>,
    /// What it is in terminologies such as LOINC or SNOMED CT.
    pub codes: Option<Vec<Code>>,
    /// What it is called elsewhere.
    pub identifiers: Option<Vec<Identifier>>,
    /// Content by language.
    pub content: Option<Map<String, Value>>,
    /// Fuzzy date `YYYYMMDDhhmmss`.
    pub opening_date: Option<i64>,
    /// Fuzzy date `YYYYMMDDhhmmss`.
    pub value_date: Option<i64>,
    /// Stays encrypted where it is.
    pub comment: Option<String>,
}

impl SampleChange {
    /// Changes a service; says whether what it encrypts is another one now.
    fn apply(self, service: &mut Service, clear: &mut Clear) -> bool {
        let mut reseal = false;
        if let Some(content) = self.content {
            clear.content = content;
            reseal = true;
        }
        match self.comment {
            Some(comment) if clear.comment.is_some() => {
                clear.comment = Some(comment);
                reseal = true;
            }
            Some(comment) => service.comment = Some(comment),
            None => {}
        }
        if let Some(labels) = self.labels {
            service.tags = labels;
        }
        if let Some(codes) = self.codes {
            service.codes = codes;
        }
        if let Some(identifiers) = self.identifiers {
            service.set_identifiers(&identifiers);
        }
        service.opening_date = self.opening_date.or(service.opening_date);
        service.value_date = self.value_date.or(service.value_date);
        reseal
    }
}

/// A data sample that is about to change.
pub(super) struct Opened {
    pub(super) contact: Contact,
    /// It, as it stands there.
    service: Service,
    key: AesKey,
    pub(super) clear: Clear,
}

impl Session {
    /// Changes a data sample (`createOrModifyDataSampleFor`).
    ///
    /// # Errors
    /// When it is not there, not ours, deleted, or none of our keys opens it.
    pub async fn modify_sample(
        &mut self,
        platform: StepPlatform<'_>,
        id: &str,
        change: SampleChange,
    ) -> Result<Sample, IcureError> {
        let opened = self.open_sample(platform, id).await?;
        self.change_sample(platform, opened, change).await
    }

    /// Changes one that was opened.
    pub(super) async fn change_sample(
        &mut self,
        platform: StepPlatform<'_>,
        opened: Opened,
        change: SampleChange,
    ) -> Result<Sample, IcureError> {
        let Opened {
            mut contact,
            mut service,
            key,
            mut clear,
        } = opened;
        if change.apply(&mut service, &mut clear) {
            service.encrypted_self = Some(seal_json(platform.crypto(), &key, &clear)?);
            service.encrypted_content = None;
            service.content = Map::new();
        }
        let now = platform.now_ms();
        service.modified = Some(now);
        contact.modified = Some(now);
        let stored = if self.written.has(&contact.id) {
            let id = service.id.clone();
            let mut services = contact.services.iter_mut();
            if let Some(before) = services.find(|before| before.id == id) {
                *before = service.clone();
            }
            self.write_contact(platform, Method::PUT, &contact).await?
        } else {
            let next = self.another_contact(contact, service.clone(), now);
            self.write_contact(platform, Method::POST, &next).await?
        };
        Ok(sample(service, Some(stored.id), clear))
    }

    /// Deletes a data sample: its newest version says that it has ended
    /// (`deleteDataSample`). Gives when.
    ///
    /// # Errors
    /// When it is not there, not ours, or deleted already.
    pub async fn delete_sample(
        &mut self,
        platform: StepPlatform<'_>,
        id: &str,
    ) -> Result<i64, IcureError> {
        let service = self.service(platform, id).await?;
        let contact = self.contact_of(platform, &service).await?;
        let now = platform.now_ms();
        let ended = Service {
            id: service.id,
            created: service.created,
            modified: Some(now),
            end_of_life: Some(now),
            ..Service::default()
        };
        let next = self.another_contact(contact, ended, now);
        self.write_contact(platform, Method::POST, &next).await?;
        Ok(now)
    }

    /// Shares one data sample, with the contact that holds it and the documents that
    /// it names (`giveAccessTo`).
    ///
    /// # Errors
    /// When it is not there or we cannot open it ourselves.
    pub async fn share_sample(
        &mut self,
        platform: StepPlatform<'_>,
        id: &str,
        with: &[String],
    ) -> Result<Sample, IcureError> {
        let Opened {
            mut contact,
            service,
            clear,
            ..
        } = self.open_sample(platform, id).await?;
        self.extend(platform, &mut contact, with).await?;
        let stored = self.write_contact(platform, Method::PUT, &contact).await?;
        self.share_documents(platform, &clear.content, with).await?;
        Ok(sample(service, Some(stored.id), clear))
    }

    /// Reads a data sample with its contact, and opens it.
    pub(super) async fn open_sample(
        &mut self,
        platform: StepPlatform<'_>,
        id: &str,
    ) -> Result<Opened, IcureError> {
        let service = self.service(platform, id).await?;
        let (key, clear) = self.open_service(platform, &service).await?;
        let contact = self.contact_of(platform, &service).await?;
        let mut services = contact.services.iter();
        // There it is without what it has from the contact.
        let found = services.find(|found| found.id == service.id).cloned();
        let service = found.ok_or_else(|| IcureError::Document {
            document: format!("contact `{}`", contact.id),
            expected: "the service that names it",
        })?;
        Ok(Opened {
            contact,
            service,
            key,
            clear,
        })
    }

    async fn contact_of(
        &mut self,
        platform: StepPlatform<'_>,
        service: &Service,
    ) -> Result<Contact, IcureError> {
        let id = service.contact_id.as_deref();
        let id = id.ok_or_else(|| IcureError::Document {
            document: format!("service `{}`", service.id),
            expected: "`contactId`",
        })?;
        self.read_entity(platform, &CONTACT, id).await
    }

    /// A new contact for the next version of a service, with the key of the one
    /// before and for the same readers.
    fn another_contact(&self, before: Contact, service: Service, now: i64) -> Contact {
        Contact {
            id: Uuid::new_v4().to_string(),
            rev: None,
            created: Some(now),
            modified: Some(now),
            author: Some(self.user.id.clone()),
            services: vec![service],
            ..before
        }
    }
}
