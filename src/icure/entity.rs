//! Entities of any kind, whose secrets are shared in them: read, opened, sealed,
//! shared and written.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::delegation::Opened;
use super::error::CryptoFault;
use super::{IcureError, MeteredCrypto, Session, StepPlatform, delegation};
use crate::crypto::{AesKey, Plain};
use crate::http::Call;
use crate::wire::{
    Contact, DataOwner, Delegations, Entity, HealthElement, SecurityMetadata, Service,
};

/// A kind of entity.
pub(super) struct Kind {
    /// What one is called.
    pub(super) name: &'static str,
    /// What its access control keys are derived with.
    pub(super) class: &'static str,
    /// Path of all of them.
    pub(super) path: &'static [&'static str],
    /// The same as metrics show it.
    pub(super) all: &'static str,
    /// Path of one of them as metrics show it.
    pub(super) one: &'static str,
}

pub(super) const CONTACT: Kind = Kind {
    name: "contact",
    class: "Contact",
    path: &["contact"],
    all: "/contact",
    one: "/contact/{id}",
};

pub(super) const DOCUMENT: Kind = Kind {
    name: "document",
    class: "Document",
    path: &["document"],
    all: "/document",
    one: "/document/{id}",
};

pub(super) const HEALTH_ELEMENT: Kind = Kind {
    name: "health element",
    class: "HealthElement",
    path: &["helement"],
    all: "/helement",
    one: "/helement/{id}",
};

pub(super) const MAINTENANCE_TASK: Kind = Kind {
    name: "notification",
    class: "MaintenanceTask",
    path: &["maintenancetask"],
    all: "/maintenancetask",
    one: "/maintenancetask/{id}",
};

pub(super) const PATIENT: Kind = Kind {
    name: "patient",
    class: "Patient",
    path: &["patient"],
    all: "/patient",
    one: "/patient/{id}",
};

/// On its own a service has the secrets of its contact.
pub(super) const SERVICE: Kind = Kind {
    name: "data sample",
    class: "Contact",
    path: &["contact", "service"],
    all: "/contact/service",
    one: "/contact/service/{id}",
};

/// An entity whose secrets are shared in it.
pub(super) trait Encrypted {
    fn id(&self) -> &str;
    /// Its key, for each delegate.
    fn encryption_keys(&self) -> &Delegations;
    /// The same of clients from version 8 on.
    fn metadata(&self) -> Option<&SecurityMetadata>;
    /// Its encrypted fields.
    fn sealed(&self) -> Option<&str>;
    /// Takes others for them.
    fn seal(&mut self, sealed: String);
    /// All that is shared with delegates.
    fn shared(&mut self) -> Vec<&mut Delegations>;
}

macro_rules! encrypted {
    ($($entity:ty $(=> $inner:ident)?: $($shared:ident),*;)*) => {$(
        impl Encrypted for $entity {
            fn id(&self) -> &str {
                &self$(.$inner)?.id
            }

            fn encryption_keys(&self) -> &Delegations {
                &self$(.$inner)?.encryption_keys
            }

            fn metadata(&self) -> Option<&SecurityMetadata> {
                self$(.$inner)?.security_metadata.as_ref()
            }

            fn sealed(&self) -> Option<&str> {
                self$(.$inner)?.encrypted_self.as_deref()
            }

            fn seal(&mut self, sealed: String) {
                self$(.$inner)?.encrypted_self = Some(sealed);
            }

            fn shared(&mut self) -> Vec<&mut Delegations> {
                let entity = self;
                $(let entity = &mut entity.$inner;)?
                vec![$(&mut entity.$shared),*]
            }
        }
    )*};
}

encrypted! {
    Contact: delegations, encryption_keys, crypted_foreign_keys;
    Service: delegations, encryption_keys, crypted_foreign_keys;
    Entity: delegations, encryption_keys, crypted_foreign_keys;
    HealthElement => entity: delegations, encryption_keys, crypted_foreign_keys;
    DataOwner: delegations, encryption_keys;
}

/// The secrets of a new entity.
pub(super) struct NewSecrets {
    /// What it is encrypted with.
    pub(super) key: AesKey,
    /// Its secret id, for each delegate.
    pub(super) delegations: Delegations,
    /// Its key, for each delegate.
    pub(super) encryption_keys: Delegations,
    /// The id of the patient that it belongs to, for each delegate.
    pub(super) crypted_foreign_keys: Delegations,
}

impl Session {
    /// `GET /{entity}/{id}`
    ///
    /// # Errors
    /// When it is not there or not ours.
    pub(super) async fn read_entity<T: DeserializeOwned>(
        &mut self,
        platform: StepPlatform<'_>,
        kind: &Kind,
        id: &str,
    ) -> Result<T, IcureError> {
        let path = kind.path.iter().copied().chain([id]);
        let call = platform.api_call(Method::GET, kind.one, path);
        self.ask(platform, kind, call).await
    }

    /// `POST` or `PUT /{entity}`; gives the entity as it is then.
    ///
    /// # Errors
    /// 409 when somebody else changed it meanwhile, 403 when it is not ours to
    /// change.
    pub(super) async fn write_entity<T: Encrypted + Serialize + DeserializeOwned>(
        &mut self,
        platform: StepPlatform<'_>,
        kind: &Kind,
        method: Method,
        entity: &T,
    ) -> Result<T, IcureError> {
        // Exchange keys must be there before anybody reads the entity.
        self.save_owner(platform).await?;
        let path = kind.path.iter().copied();
        let call = platform.api_call(method, kind.all, path);
        let call = call.writes(entity.id()).json(entity)?;
        self.ask(platform, kind, call).await
    }

    /// Sends a request about entities of a kind, with what opens them.
    ///
    /// # Errors
    /// When the request fails.
    pub(super) async fn ask<T: DeserializeOwned>(
        &mut self,
        platform: StepPlatform<'_>,
        kind: &Kind,
        call: Call,
    ) -> Result<T, IcureError> {
        let call = self.with_access_keys(platform, kind.class, call).await?;
        Ok(self.auth.send(platform, call).await?.json()?)
    }

    /// The secrets of a new entity, of a patient or of nobody, for these data owners.
    ///
    /// # Errors
    /// When one of them has no public key.
    pub(super) async fn new_secrets(
        &mut self,
        platform: StepPlatform<'_>,
        id: &str,
        belongs_to: Option<&str>,
        delegates: &[String],
    ) -> Result<NewSecrets, IcureError> {
        let key = AesKey::generate(platform.crypto_backend());
        let (secret, hex) = (delegation::secret_id(), key.to_hex());
        let secrets = [secret.as_str(), &hex];
        let sealed = self.seal_for(platform, id, secrets, delegates);
        let [delegations, encryption_keys] = sealed.await?;
        let mut crypted_foreign_keys = Delegations::new();
        if let Some(patient) = belongs_to {
            let sealed = self.seal_for(platform, id, [patient], delegates);
            [crypted_foreign_keys] = sealed.await?;
        }
        Ok(NewSecrets {
            key,
            delegations,
            encryption_keys,
            crypted_foreign_keys,
        })
    }

    /// Ourselves, those with whom everything new is shared, and these.
    pub(super) fn delegates_and(&self, also: &[String]) -> Vec<String> {
        let mut delegates = vec![self.data_owner_id().to_owned()];
        for id in self.default_delegates().iter().chain(also) {
            if !delegates.contains(id) {
                delegates.push(id.clone());
            }
        }
        delegates
    }

    /// The key of an entity, from the first of its keys that we can open.
    ///
    /// # Errors
    /// When there is none.
    pub(super) async fn key_of(
        &mut self,
        platform: StepPlatform<'_>,
        kind: &Kind,
        entity: &impl Encrypted,
    ) -> Result<AesKey, IcureError> {
        let (id, keys) = (entity.id(), entity.encryption_keys());
        if let Some((key, _)) = self.entity_key(platform, id, keys).await? {
            return Ok(key);
        }
        let metadata = entity.metadata();
        let key = metadata.and_then(|metadata| self.secure_key(platform, kind.class, metadata));
        key.ok_or_else(|| IcureError::crypto(decrypting(kind, id), self.no_key()))
    }

    /// The key of an entity, and its encrypted fields.
    ///
    /// # Errors
    /// When none of our keys opens them.
    pub(super) async fn open_entity(
        &mut self,
        platform: StepPlatform<'_>,
        kind: &Kind,
        entity: &impl Encrypted,
    ) -> Result<(AesKey, Map<String, Value>), IcureError> {
        let key = self.key_of(platform, kind, entity).await?;
        let clear = match entity.sealed() {
            Some(sealed) => open_json(platform.crypto(), &key, sealed)
                .map_err(|fault| IcureError::crypto(decrypting(kind, entity.id()), fault))?,
            None => Map::new(),
        };
        Ok((key, clear))
    }

    /// Seals what we can open of an entity's secrets for further delegates, as
    /// far as they do not have it.
    ///
    /// # Errors
    /// When one of them has no public key.
    pub(super) async fn extend(
        &mut self,
        platform: StepPlatform<'_>,
        entity: &mut impl Encrypted,
        with: &[String],
    ) -> Result<(), IcureError> {
        let id = entity.id().to_owned();
        let own = self.data_owner_id().to_owned();
        for shared in entity.shared() {
            let items: Vec<_> = delegation::of(shared, &own).collect();
            let mut opened = None;
            for item in items {
                opened = self.open(platform, &id, &item).await?;
                if opened.is_some() {
                    break;
                }
            }
            let Some(Opened { secret, .. }) = opened else {
                continue;
            };
            let new = with.iter().filter(|to| !shared.contains_key(*to));
            let new: Vec<String> = new.cloned().collect();
            let sealed = self.seal_for(platform, &id, [secret.as_str()], &new);
            let [sealed] = sealed.await?;
            shared.extend(sealed);
        }
        Ok(())
    }
}

/// What is being done when an entity does not open.
pub(super) fn decrypting(kind: &Kind, id: &str) -> String {
    format!("decrypting {} `{id}`", kind.name)
}

/// Seals the encrypted fields of an entity.
///
/// # Errors
/// When the cryptography fails, which no input causes.
pub(super) fn seal_entity(
    crypto: MeteredCrypto<'_>,
    key: &AesKey,
    entity: &mut impl Encrypted,
    clear: &Map<String, Value>,
) -> Result<(), IcureError> {
    entity.seal(seal_json(crypto, key, clear)?);
    Ok(())
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

/// What [`seal_json`] has made of an object.
///
/// # Errors
/// When the key does not open it.
pub(super) fn open_json(
    crypto: MeteredCrypto<'_>,
    key: &AesKey,
    sealed: &str,
) -> Result<Map<String, Value>, CryptoFault> {
    let sealed = STANDARD.decode(sealed);
    let sealed = sealed.map_err(|_| CryptoFault::Malformed("base64"))?;
    let plain = crypto.decrypt(key, &sealed)?;
    serde_json::from_slice(&plain).map_err(|_| CryptoFault::Malformed("a JSON object"))
}
