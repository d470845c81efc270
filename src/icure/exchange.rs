//! Exchange keys: one AES key per delegator and delegate, in the delegator's
//! document, encrypted for each public key that may use it.

use std::collections::{BTreeMap, HashMap};

use reqwest::Method;

use super::error::CryptoFault;
use super::{Authenticator, IcureError, MeteredCrypto, StepPlatform};
use crate::crypto::{AesKey, CryptoBackend, Fingerprint, KeyPair, OaepHash, PublicKey};
use crate::wire::{DataOwner, DataOwnerKind, DataOwnerWithType};

/// Hexadecimal digits of a fingerprint.
const FINGERPRINT_DIGITS: usize = 32;

/// An exchange key that was opened.
#[derive(Clone)]
pub(super) struct ExchangeKey {
    pub(super) key: AesKey,
    /// Under which of its public keys the delegator keeps it: the key, or its
    /// fingerprint.
    pub(super) kept_under: String,
}

impl ExchangeKey {
    /// Whether it was made with this key pair of the delegator.
    pub(super) fn is_of(&self, fingerprint: &Fingerprint) -> bool {
        self.kept_under.ends_with(fingerprint.as_str())
    }
}

/// Exchange keys that a session has opened, by delegator and delegate.
#[derive(Clone, Default)]
pub(super) struct ExchangeKeys {
    opened: HashMap<(String, String), Vec<ExchangeKey>>,
}

impl ExchangeKeys {
    pub(super) fn get(&self, delegator: &str, delegate: &str) -> Option<&[ExchangeKey]> {
        self.opened
            .get(&(delegator.to_owned(), delegate.to_owned()))
            .map(Vec::as_slice)
    }

    pub(super) fn add(&mut self, delegator: &str, delegate: &str, keys: Vec<ExchangeKey>) {
        self.opened
            .entry((delegator.to_owned(), delegate.to_owned()))
            .or_default()
            .extend(keys);
    }

    pub(super) fn forget(&mut self, delegator: &str, delegate: &str) {
        self.opened
            .remove(&(delegator.to_owned(), delegate.to_owned()));
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
    crypto: MeteredCrypto<'_>,
) -> Result<Vec<ExchangeKey>, IcureError> {
    let mut opened = Vec::new();
    for (kept_under, by_delegate) in &delegator.aes_exchange_keys {
        let Some(sealed) = by_delegate.get(delegate) else {
            continue;
        };
        if let Some(key) = open_key(delegator, delegate, sealed, key_pairs, crypto).await? {
            let kept_under = kept_under.clone();
            opened.push(ExchangeKey { key, kept_under });
        }
    }
    Ok(opened)
}

/// Opens one exchange key; `None` when it is sealed for none of our key pairs.
async fn open_key(
    delegator: &DataOwner,
    delegate: &str,
    sealed: &BTreeMap<String, String>,
    key_pairs: &[KeyPair],
    crypto: MeteredCrypto<'_>,
) -> Result<Option<AesKey>, IcureError> {
    let mine = key_pairs.iter().find_map(|pair| {
        let sealed = sealed.get(pair.public().fingerprint().as_str())?;
        Some((pair, sealed))
    });
    let Some((pair, sealed)) = mine else {
        return Ok(None);
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
    let key = crypto.unwrap(pair, hash, sealed).await;
    key.map(Some)
        .map_err(|error| IcureError::crypto(doing(), error))
}

/// What became of exchange keys that were to be sealed for a further public key.
#[derive(Clone, Copy, Default)]
pub(super) struct Resealed {
    /// Sealed for it now.
    pub(super) now: usize,
    /// Sealed for it already.
    pub(super) before: usize,
}

/// Seals every exchange key from `delegator` to `delegate` that we can open for
/// a further public key, `new`, of `owner`, who is one of the two. The document
/// is not sent yet (`extendForGiveAccessBackTo`).
///
/// # Errors
/// When there is a key for one of our key pairs that does not open.
pub(super) async fn reseal_keys(
    delegator: &mut DataOwner,
    delegate: &str,
    owner: &DataOwner,
    new: &PublicKey,
    key_pairs: &[KeyPair],
    crypto: MeteredCrypto<'_>,
) -> Result<Resealed, IcureError> {
    let hash = oaep_hash(owner, new.spki_hex());
    let fingerprint = new.fingerprint().as_str();
    let mut resealed = Resealed::default();
    let mut keys = std::mem::take(&mut delegator.aes_exchange_keys);
    let to_delegate = keys.values_mut();
    for sealed in to_delegate.filter_map(|by_delegate| by_delegate.get_mut(delegate)) {
        if sealed.contains_key(fingerprint) {
            resealed.before += 1;
            continue;
        }
        let Some(key) = open_key(delegator, delegate, sealed, key_pairs, crypto).await? else {
            continue;
        };
        let wrapped = crypto.wrap(new, hash, &key).await.map_err(|error| {
            IcureError::crypto(format!("sealing an exchange key for `{}`", owner.id), error)
        })?;
        sealed.insert(fingerprint.to_owned(), hex::encode(wrapped));
        resealed.now += 1;
    }
    delegator.aes_exchange_keys = keys;
    Ok(resealed)
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
    crypto: MeteredCrypto<'_>,
) -> Result<ExchangeKey, IcureError> {
    let key = AesKey::generate(crypto.backend());
    let mut sealed = BTreeMap::new();
    let theirs = if owner.id == delegate.id {
        Vec::new()
    } else {
        public_keys(delegate, crypto.backend())?
    };
    for public in std::iter::once(own).chain(&theirs) {
        let document = if public == own { &*owner } else { delegate };
        let hash = oaep_hash(document, public.spki_hex());
        let wrapped = crypto.wrap(public, hash, &key).await.map_err(|error| {
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
    Ok(ExchangeKey {
        key,
        kept_under: own.spki_hex().to_owned(),
    })
}

/// The public key of a data owner that ends in the digits of `key`, which is
/// one or the fingerprint of one.
///
/// # Errors
/// When the data owner has not published it. Any other might be anybody's.
pub(super) fn published_key(
    owner: &DataOwner,
    key: &str,
    backend: CryptoBackend,
) -> Result<PublicKey, IcureError> {
    let start = key.len().saturating_sub(FINGERPRINT_DIGITS);
    let fingerprint = key.get(start..).unwrap_or_default();
    let mut published = public_keys(owner, backend)?.into_iter();
    let found = published.find(|public| {
        let is_whole = key.len() > FINGERPRINT_DIGITS;
        let spki = public.spki_hex();
        (is_whole && spki == key) || (!is_whole && public.fingerprint().as_str() == key)
    });
    found.ok_or_else(|| IcureError::ForeignKey {
        owner: owner.id.clone(),
        fingerprint: fingerprint.to_owned(),
    })
}

/// What a data owner has published as public keys: the first one, those that
/// have exchange keys, and those that clients from version 8 on have made. Keys
/// of `aesExchangeKeys` may be fingerprints (`fixAesExchangeKeyEntriesToFingerprints`).
fn published(owner: &DataOwner) -> impl Iterator<Item = &str> {
    let older = owner
        .public_key
        .iter()
        .chain(owner.aes_exchange_keys.keys());
    older.map(String::as_str).chain(keys_for_sha256(owner))
}

/// Every public key of a data owner that is there as a whole.
pub(super) fn public_keys(
    owner: &DataOwner,
    backend: CryptoBackend,
) -> Result<Vec<PublicKey>, IcureError> {
    let mut hex: Vec<&str> = published(owner)
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
            PublicKey::from_spki_hex(backend, spki).map_err(|error| {
                IcureError::crypto(format!("reading a public key of `{}`", owner.id), error)
            })
        })
        .collect()
}

/// True when the data owner's document names this public key.
pub(super) fn knows(owner: &DataOwner, fingerprint: &Fingerprint) -> bool {
    published(owner).any(|key| key.ends_with(fingerprint.as_str()))
}

/// Fingerprints of the public keys that the data owner has published and that
/// none of these key pairs is of.
pub(super) fn missing(owner: &DataOwner, key_pairs: &[KeyPair]) -> Vec<String> {
    let held = |key: &str| {
        let mut pairs = key_pairs.iter();
        pairs.any(|pair| key.ends_with(pair.public().fingerprint().as_str()))
    };
    let missing = published(owner).filter(|key| !key.is_empty() && !held(key));
    let start = |key: &str| key.len().saturating_sub(FINGERPRINT_DIGITS);
    let mut missing: Vec<String> = missing
        .filter_map(|key| Some(key.get(start(key)..)?.to_owned()))
        .collect();
    missing.sort_unstable();
    missing.dedup();
    missing
}

/// Public keys that clients from version 8 on have made.
fn keys_for_sha256(owner: &DataOwner) -> impl Iterator<Item = &str> {
    let keys = owner.other.get("publicKeysForOaepWithSha256");
    let keys = keys.and_then(|keys| keys.as_array()).into_iter().flatten();
    keys.filter_map(|key| key.as_str())
}

/// SHA-1 up to version 7 of the clients; keys made by later ones are listed in
/// `publicKeysForOaepWithSha256` of their owner.
pub(super) fn oaep_hash(owner: &DataOwner, spki_hex: &str) -> OaepHash {
    if keys_for_sha256(owner).any(|key| key == spki_hex) {
        OaepHash::Sha256
    } else {
        OaepHash::Sha1
    }
}

/// `GET /dataowner/{id}`
pub(super) async fn fetch_data_owner(
    auth: &mut Authenticator,
    platform: StepPlatform<'_>,
    id: &str,
) -> Result<DataOwnerWithType, IcureError> {
    let call = platform.api_call(Method::GET, "/dataowner/{id}", ["dataowner", id]);
    Ok(auth.send(platform, call).await?.json()?)
}

/// `PUT /patient` or `/hcparty`; gives the document as it is then.
///
/// # Errors
/// 409 when somebody else changed it meanwhile, 403 when it is not ours to
/// change.
pub(super) async fn put_data_owner(
    auth: &mut Authenticator,
    platform: StepPlatform<'_>,
    owner: &DataOwnerWithType,
) -> Result<DataOwner, IcureError> {
    let (endpoint, path) = match owner.kind {
        DataOwnerKind::Patient => ("/patient", "patient"),
        DataOwnerKind::Hcp => ("/hcparty", "hcparty"),
        DataOwnerKind::Device => ("/device", "device"),
    };
    let call = platform
        .api_call(Method::PUT, endpoint, [path])
        .json(&owner.data_owner)?;
    Ok(auth.send(platform, call).await?.json()?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{missing, published_key};
    use crate::crypto::{CryptoBackend, KeyBits, KeyPair};
    use crate::wire::DataOwner;

    /// Somebody whose first key is `first`, and who has another one.
    fn owner(first: &KeyPair, other: &str) -> DataOwner {
        DataOwner {
            public_key: Some(first.public().spki_hex().to_owned()),
            aes_exchange_keys: [(other.to_owned(), [].into())].into(),
            ..DataOwner::default()
        }
    }

    #[test]
    fn a_key_is_published_whole_or_by_its_fingerprint() {
        let pair = || KeyPair::generate(CryptoBackend::default(), KeyBits::B2048).unwrap();
        let (first, second, later, foreign) = (pair(), pair(), pair(), pair());
        let mut owner = owner(&first, second.public().spki_hex());
        let of_version_8 = json!([later.public().spki_hex()]);
        let field = "publicKeysForOaepWithSha256".to_owned();
        owner.other.insert(field, of_version_8);
        assert_eq!(missing(&owner, &[first.clone(), second.clone()]).len(), 1);
        for pair in [&first, &second, &later] {
            let public = pair.public();
            for named in [public.spki_hex(), public.fingerprint().as_str()] {
                let found = published_key(&owner, named, CryptoBackend::default()).unwrap();
                assert_eq!(found.spki_hex(), public.spki_hex());
            }
        }
        let foreign = foreign.public();
        // Another key that ends in the same digits is another key.
        let forged = format!("00{}", first.public().spki_hex());
        for named in [
            foreign.spki_hex(),
            foreign.fingerprint().as_str(),
            &forged,
            "",
            "é",
        ] {
            assert!(
                published_key(&owner, named, CryptoBackend::default()).is_err(),
                "{named}"
            );
        }
    }

    #[test]
    fn a_key_pair_that_is_not_here_is_missing() {
        let pair = || KeyPair::generate(CryptoBackend::default(), KeyBits::B2048).unwrap();
        let (first, second) = (pair(), pair());
        let print = |pair: &KeyPair| pair.public().fingerprint().as_str().to_owned();
        // Some clients keep exchange keys under the fingerprint alone.
        for other in [second.public().spki_hex().to_owned(), print(&second)] {
            let owner = owner(&first, &other);
            let held = std::slice::from_ref(&first);
            assert_eq!(missing(&owner, held), [print(&second)]);
            let held = std::slice::from_ref(&second);
            assert_eq!(missing(&owner, held), [print(&first)]);
        }
        let owner = owner(&first, second.public().spki_hex());
        assert!(missing(&owner, &[second, first]).is_empty());
    }
}
