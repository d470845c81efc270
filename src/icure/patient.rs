//! Patients: one's own record, and those of others that are shared with us. Their
//! `note` is encrypted (`EncryptedFieldsConfig.Defaults.patient`).

use reqwest::Method;
use serde_json::{Map, Value};

use super::entity::{PATIENT, seal_entity};
use super::{IcureError, Session, StepPlatform, delegation};
use crate::crypto::AesKey;
use crate::wire::DataOwner;

const NOTE: &str = "note";

/// A patient as it is on the platform, decrypted.
pub struct Patient {
    /// The document. What is encrypted in it stays so.
    pub document: DataOwner,
    /// A note, in clear.
    pub note: Option<String>,
}

/// What is another one from now on; the rest stays.
#[derive(Clone, Debug, Default)]
pub struct PatientChange {
    /// Revision that the change was made from; the current one otherwise.
    pub rev: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Fuzzy date `YYYYMMDD`.
    pub date_of_birth: Option<i64>,
    /// `male`, `female` and others.
    pub gender: Option<String>,
    /// A note, which is encrypted.
    pub note: Option<String>,
}

impl PatientChange {
    /// Changes what is in clear; gives the note.
    fn apply(self, patient: &mut DataOwner) -> Option<String> {
        patient.rev = self.rev.or(patient.rev.take());
        patient.first_name = self.first_name.or(patient.first_name.take());
        patient.last_name = self.last_name.or(patient.last_name.take());
        let others = [
            ("dateOfBirth", self.date_of_birth.map(Value::from)),
            ("gender", self.gender.map(Value::from)),
        ];
        for (field, value) in others {
            if let Some(value) = value {
                patient.other.insert(field.to_owned(), value);
            }
        }
        self.note
    }
}

impl Session {
    /// Id of this patient; none of a practitioner.
    pub fn patient_id(&self) -> Option<&str> {
        self.is_patient().then(|| self.data_owner_id())
    }

    /// Reads a patient and decrypts it (`getPatient`); the own one is remembered.
    ///
    /// # Errors
    /// When it is not there, not ours, or none of our keys opens it.
    pub async fn patient(
        &mut self,
        platform: StepPlatform<'_>,
        id: &str,
    ) -> Result<Patient, IcureError> {
        let document = self.read_patient(platform, id).await?;
        let (_, clear) = self.open_patient(platform, &document).await?;
        Ok(opened(document, &clear))
    }

    /// Changes a patient (`createOrModifyPatient`).
    ///
    /// # Errors
    /// 409 when somebody else changed it since the revision that is named, and as
    /// [`Session::patient`].
    pub async fn modify_patient(
        &mut self,
        platform: StepPlatform<'_>,
        id: &str,
        change: PatientChange,
    ) -> Result<Patient, IcureError> {
        let mut patient = self.read_patient(platform, id).await?;
        let (key, mut clear) = self.open_patient(platform, &patient).await?;
        if let Some(note) = change.apply(&mut patient) {
            let key = match key {
                Some(key) => key,
                None => self.give_key(platform, &mut patient).await?,
            };
            clear.insert(NOTE.to_owned(), note.into());
            seal_entity(platform.crypto(), &key, &mut patient, &clear)?;
        }
        let stored = self.write_patient(platform, patient).await?;
        Ok(opened(stored, &clear))
    }

    /// Shares a patient's record (`giveAccessTo`).
    ///
    /// # Errors
    /// As [`Session::patient`].
    pub async fn share_patient(
        &mut self,
        platform: StepPlatform<'_>,
        id: &str,
        with: &[String],
    ) -> Result<Patient, IcureError> {
        let mut patient = self.read_patient(platform, id).await?;
        let (_, clear) = self.open_patient(platform, &patient).await?;
        self.extend(platform, &mut patient, with).await?;
        let stored = self.write_patient(platform, patient).await?;
        Ok(opened(stored, &clear))
    }

    /// The secret ids of a patient that we know: what is about it is found by them.
    ///
    /// # Errors
    /// As [`Session::patient`].
    pub(super) async fn secret_ids_of(
        &mut self,
        platform: StepPlatform<'_>,
        id: &str,
    ) -> Result<Vec<String>, IcureError> {
        if id == self.data_owner_id() {
            return self.secret_ids(platform).await;
        }
        let patient = self.read_patient(platform, id).await?;
        let own = self.data_owner_id().to_owned();
        let items: Vec<_> = delegation::of(&patient.delegations, &own).collect();
        let mut secrets = Vec::new();
        for item in items {
            let opened = self.open(platform, id, &item).await?;
            let secret = opened.map(|opened| opened.secret.to_string());
            secrets.extend(secret.filter(|secret| !secrets.contains(secret)));
        }
        Ok(secrets)
    }

    /// The secret ids of a patient, of which there must be one.
    ///
    /// # Errors
    /// When the patient shares none with us, and as [`Session::patient`].
    pub(super) async fn known_secret_ids(
        &mut self,
        platform: StepPlatform<'_>,
        patient: &str,
    ) -> Result<Vec<String>, IcureError> {
        let ids = self.secret_ids_of(platform, patient).await?;
        if ids.is_empty() {
            return Err(IcureError::NoSecretId {
                patient: patient.to_owned(),
                own: self.data_owner_id().to_owned(),
            });
        }
        Ok(ids)
    }

    /// The patient that a new entity belongs to, and the secret ids by which it is
    /// found: this one, else the own one.
    ///
    /// # Errors
    /// When the patient shares nothing with us.
    pub(super) async fn belonging(
        &mut self,
        platform: StepPlatform<'_>,
        patient: Option<String>,
    ) -> Result<(Option<String>, Vec<String>), IcureError> {
        let secret_ids = match &patient {
            Some(patient) => self.known_secret_ids(platform, patient).await?,
            None => self.secret_ids(platform).await?,
        };
        let patient = patient.or_else(|| self.patient_id().map(str::to_owned));
        Ok((patient, secret_ids))
    }

    async fn read_patient(
        &mut self,
        platform: StepPlatform<'_>,
        id: &str,
    ) -> Result<DataOwner, IcureError> {
        if id != self.data_owner_id() {
            return self.read_entity(platform, &PATIENT, id).await;
        }
        // Exchange keys that could not be sent would be lost.
        self.save_owner(platform).await?;
        let patient: DataOwner = self.read_entity(platform, &PATIENT, id).await?;
        self.owner.data_owner = patient.clone();
        Ok(patient)
    }

    /// The key of a patient, if it has one, and what it encrypts.
    async fn open_patient(
        &mut self,
        platform: StepPlatform<'_>,
        patient: &DataOwner,
    ) -> Result<(Option<AesKey>, Map<String, Value>), IcureError> {
        let is_open = patient.encrypted_self.is_none() && patient.encryption_keys.is_empty();
        if is_open && patient.security_metadata.is_none() {
            return Ok((None, Map::new()));
        }
        let (key, clear) = self.open_entity(platform, &PATIENT, patient).await?;
        Ok((Some(key), clear))
    }

    /// Gives a patient that has no key one, for those who can read it
    /// (`initEncryptionKeys`).
    async fn give_key(
        &mut self,
        platform: StepPlatform<'_>,
        patient: &mut DataOwner,
    ) -> Result<AesKey, IcureError> {
        let key = AesKey::generate(platform.crypto_backend());
        let delegates = self.delegates_and(&[]);
        let hex = key.to_hex();
        let sealed = self.seal_for(platform, &patient.id, [hex.as_str()], &delegates);
        [patient.encryption_keys] = sealed.await?;
        Ok(key)
    }

    /// `PUT /patient`. The own document goes with the exchange keys that were made
    /// for it.
    async fn write_patient(
        &mut self,
        platform: StepPlatform<'_>,
        mut patient: DataOwner,
    ) -> Result<DataOwner, IcureError> {
        let is_own = patient.id == self.data_owner_id();
        let unsaved = self.unsaved;
        if is_own {
            patient.aes_exchange_keys = self.owner.data_owner.aes_exchange_keys.clone();
            self.unsaved = false;
        }
        let written = self.write_entity(platform, &PATIENT, Method::PUT, &patient);
        let stored: DataOwner = written.await.inspect_err(|_| self.unsaved = unsaved)?;
        if is_own {
            self.owner.data_owner = stored.clone();
            self.changes += 1;
        }
        Ok(stored)
    }
}

fn opened(document: DataOwner, clear: &Map<String, Value>) -> Patient {
    // Where it is not encrypted, somebody has left it in clear.
    let note = clear.get(NOTE).or_else(|| document.other.get(NOTE));
    let note = note.and_then(Value::as_str).map(str::to_owned);
    Patient { document, note }
}
