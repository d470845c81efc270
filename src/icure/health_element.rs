//! Health elements: what a patient has, its description encrypted on this side.

use reqwest::Method;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::entity::{HEALTH_ELEMENT, NewSecrets, seal_entity};
use super::paged::Page;
use super::{IcureError, Session, StepPlatform};
use crate::crypto::AesKey;
use crate::wire::{Code, Entity, HealthElement};

/// Fields that are encrypted (`EncryptedFieldsConfig.Defaults.healthElement`).
const DESCRIPTION: &str = "descr";
const NOTE: &str = "note";

/// What is said of a health element; what is left out stays as it is.
#[derive(Clone, Debug, Default)]
pub struct HealthElementDetails {
    /// `tags` on the wire.
    pub labels: Option<Vec<Code>>,
    /// What it is in terminologies such as SNOMED CT.
    pub codes: Option<Vec<Code>>,
    /// Encrypted.
    pub description: Option<String>,
    /// Encrypted.
    pub note: Option<String>,
    /// Fuzzy date `YYYYMMDDhhmmss`.
    pub opening_date: Option<i64>,
    /// Fuzzy date `YYYYMMDDhhmmss`.
    pub closing_date: Option<i64>,
    /// Fuzzy date `YYYYMMDDhhmmss`.
    pub value_date: Option<i64>,
}

/// Which health elements are looked for: all of this must hold. Dates alone find
/// nothing: the platform has no such filter.
#[derive(Clone, Debug, Default)]
pub struct HealthElementFilter {
    /// A label that they have.
    pub label: Option<Code>,
    /// A code that they have.
    pub code: Option<Code>,
    /// Id of the patient that they belong to.
    pub patient: Option<String>,
    /// Opened at this fuzzy date, or later.
    pub from: Option<i64>,
    /// Opened at this fuzzy date, or before.
    pub until: Option<i64>,
}

impl HealthElementDetails {
    /// Changes what is in clear, and what is not.
    fn apply(self, element: &mut HealthElement, clear: &mut Map<String, Value>) {
        let entity = &mut element.entity;
        entity.tags = self.labels.unwrap_or(std::mem::take(&mut entity.tags));
        entity.codes = self.codes.unwrap_or(std::mem::take(&mut entity.codes));
        element.opening_date = self.opening_date.or(element.opening_date);
        element.closing_date = self.closing_date.or(element.closing_date);
        element.value_date = self.value_date.or(element.value_date);
        for (field, text) in [(DESCRIPTION, self.description), (NOTE, self.note)] {
            clear.extend(text.map(|text| (field.to_owned(), text.into())));
        }
    }
}

impl HealthElementFilter {
    /// The platform's, of the data owner `own`; `secret_ids` are those of the
    /// patient.
    fn of(&self, own: &str, secret_ids: Option<&[String]>) -> Value {
        let (from, until) = (self.from, self.until);
        let mut filters = Vec::new();
        if let Some(label) = &self.label {
            filters.push(json!({
                "$type": "HealthElementByHcPartyTagFilter", "healthcarePartyId": own,
                "tagType": label.kind, "tagCode": label.code,
                "startOfHealthElementDate": from, "endOfHealthElementDate": until,
            }));
        }
        if let Some(code) = &self.code {
            filters.push(json!({
                "$type": "HealthElementByHcPartyCodeFilter", "healthcarePartyId": own,
                "codeType": code.kind, "codeCode": code.code,
                "startOfHealthElementDate": from, "endOfHealthElementDate": until,
            }));
        }
        if let Some(secret_ids) = secret_ids {
            filters.push(if from.or(until).is_some() {
                json!({
                    "$type": "HealthElementByDataOwnerPatientOpeningDate",
                    "healthcarePartyId": own, "patientSecretForeignKeys": secret_ids,
                    "startDate": from, "endDate": until,
                })
            } else {
                json!({
                    "$type": "HealthElementByHcPartySecretForeignKeysFilter",
                    "healthcarePartyId": own, "patientSecretForeignKeys": secret_ids,
                })
            });
        }
        match filters.len() {
            0 => json!({"$type": "HealthElementByHcPartyFilter", "hcpId": own}),
            1 => filters.remove(0),
            _ => json!({"$type": "IntersectionFilter", "filters": filters}),
        }
    }
}

impl Session {
    /// Encrypts a health element of a patient and stores it
    /// (`createOrModifyHealthcareElement`). Without `patient`, it is one of this
    /// data owner.
    ///
    /// # Errors
    /// When the patient shares nothing with us, a delegate has no public key, or a
    /// request fails.
    pub async fn create_health_element(
        &mut self,
        platform: StepPlatform<'_>,
        details: HealthElementDetails,
        patient: Option<String>,
        share_with: &[String],
    ) -> Result<HealthElement, IcureError> {
        let (id, now) = (Uuid::new_v4().to_string(), platform.now_ms());
        let (patient, secret_foreign_keys) = self.belonging(platform, patient).await?;
        let delegates = self.delegates_and(share_with);
        let secrets = self.new_secrets(platform, &id, patient.as_deref(), &delegates);
        let NewSecrets {
            key,
            delegations,
            encryption_keys,
            crypted_foreign_keys,
        } = secrets.await?;
        let other = [("relevant", json!(true)), ("status", json!(0))];
        let other = other.map(|(name, value)| (name.to_owned(), value));
        let entity = Entity {
            id: id.clone(),
            created: Some(now),
            modified: Some(now),
            author: Some(self.user.id.clone()),
            responsible: Some(self.data_owner_id().to_owned()),
            secret_foreign_keys,
            delegations,
            encryption_keys,
            crypted_foreign_keys,
            other: other.into_iter().collect(),
            ..Entity::default()
        };
        let element = HealthElement {
            entity,
            health_element_id: Some(id),
            opening_date: fuzzy(now),
            ..HealthElement::default()
        };
        let opened = (element, key, Map::new());
        self.store_health_element(platform, Method::POST, opened, details)
            .await
    }

    /// Reads a health element and decrypts it (`getHealthcareElement`).
    ///
    /// # Errors
    /// When it is not there, not ours, or none of our keys opens it.
    pub async fn health_element(
        &mut self,
        platform: StepPlatform<'_>,
        id: &str,
    ) -> Result<HealthElement, IcureError> {
        let element: HealthElement = self.read_entity(platform, &HEALTH_ELEMENT, id).await?;
        let (_, clear) = self
            .open_entity(platform, &HEALTH_ELEMENT, &element)
            .await?;
        Ok(in_clear(element, &clear))
    }

    /// Finds health elements, and decrypts a page of them
    /// (`filterHealthcareElement`). Also gives where the next page begins.
    ///
    /// # Errors
    /// When the patient shares nothing with us, or one does not open.
    pub async fn find_health_elements(
        &mut self,
        platform: StepPlatform<'_>,
        filter: &HealthElementFilter,
        page: &Page,
    ) -> Result<(Vec<HealthElement>, Option<String>), IcureError> {
        let secret_ids = match &filter.patient {
            Some(patient) => Some(self.known_secret_ids(platform, patient).await?),
            None => None,
        };
        let filter = filter.of(self.data_owner_id(), secret_ids.as_deref());
        let (kind, endpoint) = (&HEALTH_ELEMENT, "/helement/filter");
        let found = self.filtered(platform, kind, endpoint, &filter, page);
        let (rows, next): (Vec<HealthElement>, _) = found.await?;
        let mut elements = Vec::with_capacity(rows.len());
        for element in rows {
            let (_, clear) = self.open_entity(platform, kind, &element).await?;
            elements.push(in_clear(element, &clear));
        }
        Ok((elements, next))
    }

    /// Changes a health element: reads it, and stores it with the key that it has.
    ///
    /// # Errors
    /// When it is not there, we may not change it, or none of our keys opens it.
    pub async fn modify_health_element(
        &mut self,
        platform: StepPlatform<'_>,
        id: &str,
        details: HealthElementDetails,
    ) -> Result<HealthElement, IcureError> {
        let mut element: HealthElement = self.read_entity(platform, &HEALTH_ELEMENT, id).await?;
        let (key, clear) = self
            .open_entity(platform, &HEALTH_ELEMENT, &element)
            .await?;
        element.entity.modified = Some(platform.now_ms());
        let opened = (element, key, clear);
        self.store_health_element(platform, Method::PUT, opened, details)
            .await
    }

    /// Changes what was opened, seals it and sends it; gives what was stored, in
    /// clear.
    async fn store_health_element(
        &mut self,
        platform: StepPlatform<'_>,
        method: Method,
        (mut element, key, mut clear): (HealthElement, AesKey, Map<String, Value>),
        details: HealthElementDetails,
    ) -> Result<HealthElement, IcureError> {
        // Somebody may have left them in clear.
        for (field, text) in [
            (DESCRIPTION, element.descr.take()),
            (NOTE, element.note.take()),
        ] {
            if let Some(text) = text {
                clear.entry(field).or_insert_with(|| text.into());
            }
        }
        details.apply(&mut element, &mut clear);
        seal_entity(platform.crypto(), &key, &mut element, &clear)?;
        let stored = self.write_entity(platform, &HEALTH_ELEMENT, method, &element);
        Ok(in_clear(stored.await?, &clear))
    }
}

fn in_clear(element: HealthElement, clear: &Map<String, Value>) -> HealthElement {
    let text = |field: &str| clear.get(field).and_then(Value::as_str).map(str::to_owned);
    HealthElement {
        descr: text(DESCRIPTION).or(element.descr),
        note: text(NOTE).or(element.note),
        ..element
    }
}

/// A moment as the clients write dates: `YYYYMMDDhhmmss`.
fn fuzzy(milliseconds: i64) -> Option<i64> {
    let time = jiff::Timestamp::from_millisecond(milliseconds).ok()?;
    time.strftime("%Y%m%d%H%M%S").to_string().parse().ok()
}
