//! Exchange keys: one AES key per delegator and delegate, in the delegator's
//! document, encrypted for each public key that may use it.

use std::collections::HashMap;

use reqwest::Method;

use super::error::CryptoFault;
use super::{Authenticator, Effort, IcureError, Platform};
use crate::crypto::{AesKey, Fingerprint, KeyPair, OaepHash, PublicKey};
use crate::metrics::Meter;
use crate::wire::{DataOwner, DataOwnerWithType};

/// Hexadecimal digits of a fingerprint.
const FINGERPRINT_DIGITS: usize = 32;

/// Exchange keys that a session has opened, by delegator and delegate.
#[derive(Default)]
pub(super) struct ExchangeKeys {
    opened: HashMap<(String, String), Vec<AesKey>>,
}

impl ExchangeKeys {
    pub(super) fn get(&self, delegator: &str, delegate: &str) -> Option<&[AesKey]> {
        self.opened
            .get(&(delegator.to_owned(), delegate.to_owned()))
            .map(Vec::as_slice)
    }

    pub(super) fn insert(&mut self, delegator: &str, delegate: &str, keys: Vec<AesKey>) {
        self.opened
            .insert((delegator.to_owned(), delegate.to_owned()), keys);
    }
}

/// Opens every exchange key from `delegator` to `delegate` that one of our key
/// pairs can open.
///
/// # Errors
/// When there is a key for one of our key pairs that does not open.
pub(super) async fn open_keys(
    delegator: &DataOwner,
    delegate: &str,
    key_pairs: &[KeyPair],
    effort: Effort<'_>,
) -> Result<Vec<AesKey>, IcureError> {
    let mut opened = Vec::new();
    for by_delegate in delegator.aes_exchange_keys.values() {
        let Some(sealed) = by_delegate.get(delegate) else {
            continue;
        };
        let mine = key_pairs.iter().find_map(|pair| {
            let sealed = sealed.get(pair.public().fingerprint().as_str())?;
            Some((pair, sealed))
        });
        let Some((pair, sealed)) = mine else {
            continue;
        };
        let doing = || {
            format!(
                "opening the exchange key from `{}` to `{delegate}`",
                delegator.id
            )
        };
        let sealed = hex::decode(sealed)
            .map_err(|_| IcureError::crypto(doing(), CryptoFault::Malformed("hexadecimal")))?;
        let hash = oaep_hash(delegator, pair.public().spki_hex());
        let key = effort.unwrap(pair, hash, sealed).await;
        opened.push(key.map_err(|error| IcureError::crypto(doing(), error))?);
    }
    Ok(opened)
}

/// Makes an exchange key from `owner` to `delegate` and writes it into the
/// owner's document, encrypted for our key pair and for each of the delegate's
/// public keys. The document is not sent yet.
///
/// # Errors
/// When a public key is unusable.
pub(super) async fn create_key(
    owner: &mut DataOwner,
    delegate: &DataOwner,
    own: &PublicKey,
    effort: Effort<'_>,
) -> Result<AesKey, IcureError> {
    let key = AesKey::generate();
    let mut sealed = std::collections::BTreeMap::new();
    let theirs = if owner.id == delegate.id {
        Vec::new()
    } else {
        public_keys(delegate)?
    };
    for public in std::iter::once(own).chain(&theirs) {
        let document = if public == own { &*owner } else { delegate };
        let hash = oaep_hash(document, public.spki_hex());
        let wrapped = effort.wrap(public, hash, &key).await.map_err(|error| {
            IcureError::crypto(
                format!("sealing an exchange key for `{}`", delegate.id),
                error,
            )
        })?;
        sealed.insert(
            public.fingerprint().as_str().to_owned(),
            hex::encode(wrapped),
        );
    }
    owner
        .aes_exchange_keys
        .entry(own.spki_hex().to_owned())
        .or_default()
        .insert(delegate.id.clone(), sealed);
    Ok(key)
}

/// Every public key of a data owner: the first one and those that have
/// exchange keys.
pub(super) fn public_keys(owner: &DataOwner) -> Result<Vec<PublicKey>, IcureError> {
    let mut hex: Vec<&str> = owner
        .public_key
        .iter()
        .chain(owner.aes_exchange_keys.keys())
        .map(String::as_str)
        // Keys of `aesExchangeKeys` may be fingerprints, which are no keys.
        .filter(|key| key.len() > FINGERPRINT_DIGITS)
        .collect();
    hex.sort_unstable();
    hex.dedup();
    if hex.is_empty() {
        return Err(IcureError::Document {
            document: format!("data owner `{}`", owner.id),
            expected: "a public key, without which nothing can be shared with it",
        });
    }
    hex.into_iter()
        .map(|spki| {
            PublicKey::from_spki_hex(spki).map_err(|error| {
                IcureError::crypto(format!("reading a public key of `{}`", owner.id), error)
            })
        })
        .collect()
}

/// True when the data owner's document names this public key. Keys of
/// `aesExchangeKeys` may be fingerprints (`fixAesExchangeKeyEntriesToFingerprints`).
pub(super) fn knows(owner: &DataOwner, fingerprint: &Fingerprint) -> bool {
    owner
        .public_key
        .iter()
        .chain(owner.aes_exchange_keys.keys())
        .any(|key| key.ends_with(fingerprint.as_str()))
}

/// SHA-1 up to version 7 of the clients; keys made by later ones are listed in
/// `publicKeysForOaepWithSha256` of their owner.
fn oaep_hash(owner: &DataOwner, spki_hex: &str) -> OaepHash {
    let listed = owner
        .other
        .get("publicKeysForOaepWithSha256")
        .and_then(|keys| keys.as_array())
        .is_some_and(|keys| keys.iter().any(|key| key.as_str() == Some(spki_hex)));
    if listed {
        OaepHash::Sha256
    } else {
        OaepHash::Sha1
    }
}

/// `GET /dataowner/{id}`
pub(super) async fn fetch_data_owner(
    auth: &mut Authenticator,
    platform: &Platform,
    id: &str,
    meter: &Meter,
) -> Result<DataOwnerWithType, IcureError> {
    let call = platform.api_call(Method::GET, "/dataowner/{id}", ["dataowner", id]);
    Ok(auth.send(platform, call, meter).await?.json()?)
}
