//! Reading documents of version 8 and of Cardinal, which keep their keys in
//! `securityMetadata`, under the secrets of exchange data.
//!
//! Facts come from icure/cardinal-sdk (`SecureDelegationsEncryptionImpl`,
//! `AccessControlSecret`). Writing stays with the older format, which those
//! clients read too.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use reqwest::header::{HeaderName, HeaderValue};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::error::CryptoFault;
use super::{IcureError, MeteredCrypto, Session, StepPlatform, exchange};
use crate::crypto::{AesKey, KeyPair, OaepHash};
use crate::http::Call;
use crate::wire::{ByFingerprint, ExchangeData, SecureDelegation, SecurityMetadata};

/// Access control keys, one after the other, in base64.
const KEYS_HEADER: HeaderName = HeaderName::from_static("icure-access-control-keys");

/// Stands before every secret, and shows that it was opened with the right key.
const VALIDATOR: &[u8] = b"Cure";

/// A fingerprint of these clients is the last 32 digits of a public key
/// without the exponent, which are these last ones.
const EXPONENT_DIGITS: usize = 10;

/// Exchange data that a session has opened.
#[derive(Clone)]
pub(super) struct Opened {
    id: String,
    exchange_key: AesKey,
    /// What access control keys are derived from, in hex.
    secret: Zeroizing<String>,
}

impl Opened {
    /// Key of the delegations that this exchange data opens in documents of a class.
    fn delegation_key(&self, class: &str) -> String {
        let key = access_control_key(&self.secret, class);
        hex::encode(Sha256::digest(key.as_slice()))
    }
}

/// `GET /exchangedata/byParticipant/{id}`
#[derive(Deserialize)]
struct Page {
    rows: Vec<ExchangeData>,
}

impl Session {
    /// The key pair in use, when a client of version 8 or later made it.
    fn newer_key_pair(&self) -> Option<KeyPair> {
        let newer = |pair: &&KeyPair| {
            let spki = pair.public().spki_hex();
            exchange::oaep_hash(&self.owner.data_owner, spki) == OaepHash::Sha256
        };
        self.key_pairs.iter().find(newer).cloned()
    }

    /// Adds what opens documents of a class that do not name us. Those whose key
    /// pair is an older one have nothing of the kind, and ask for nothing.
    ///
    /// # Errors
    /// When exchange data cannot be read or opened.
    pub(super) async fn with_access_keys(
        &mut self,
        platform: StepPlatform<'_>,
        class: &str,
        call: Call,
    ) -> Result<Call, IcureError> {
        self.read_exchange_data(platform).await?;
        let mut keys = Zeroizing::new(Vec::new());
        for opened in self.exchange_data.iter().flatten() {
            keys.extend_from_slice(access_control_key(&opened.secret, class).as_slice());
        }
        if keys.is_empty() {
            return Ok(call);
        }
        let encoded = Zeroizing::new(STANDARD.encode(&*keys));
        let mut value = HeaderValue::from_str(&encoded).map_err(|_| {
            IcureError::crypto(
                "encoding access control keys",
                CryptoFault::Malformed("base64"),
            )
        })?;
        value.set_sensitive(true);
        Ok(call.header(KEYS_HEADER, value))
    }

    /// Reads and opens exchange data, once, and only if there can be any.
    async fn read_exchange_data(&mut self, platform: StepPlatform<'_>) -> Result<(), IcureError> {
        if self.exchange_data.is_some() {
            return Ok(());
        }
        if let Some(pair) = self.newer_key_pair() {
            let opened = self.open_exchange_data(platform, &pair).await?;
            self.exchange_data = Some(opened);
        }
        Ok(())
    }

    async fn open_exchange_data(
        &mut self,
        platform: StepPlatform<'_>,
        pair: &KeyPair,
    ) -> Result<Vec<Opened>, IcureError> {
        let own = self.data_owner_id().to_owned();
        let call = platform.api_call(
            Method::GET,
            "/exchangedata/byParticipant/{id}",
            ["exchangedata", "byParticipant", &own],
        );
        let page: Page = self.auth.send(platform, call).await?.json()?;
        let crypto = platform.crypto();
        let mut opened = Vec::new();
        for data in page.rows {
            if let Some(secrets) = open(crypto, pair, data).await? {
                opened.push(secrets);
            }
        }
        Ok(opened)
    }

    /// The key of a document of a class, from the first secure delegation that we
    /// open.
    pub(super) fn secure_key(
        &self,
        platform: StepPlatform<'_>,
        class: &str,
        metadata: &SecurityMetadata,
    ) -> Option<AesKey> {
        let crypto = platform.crypto();
        let sealed = self.sealed(class, metadata, |delegation| &delegation.encryption_keys);
        let mut keys = sealed.filter_map(|(key, sealed)| unseal(crypto, key, sealed));
        keys.find_map(|key| AesKey::from_bytes(crypto.backend(), &key).ok())
    }

    /// The secret ids of this patient in its secure delegations, of which one is
    /// enough.
    ///
    /// # Errors
    /// When exchange data cannot be read or opened.
    pub(super) async fn secure_secret_ids(
        &mut self,
        platform: StepPlatform<'_>,
        class: &str,
    ) -> Result<Vec<String>, IcureError> {
        if self.owner.data_owner.security_metadata.is_none() {
            return Ok(Vec::new());
        }
        self.read_exchange_data(platform).await?;
        let crypto = platform.crypto();
        let metadata = self.owner.data_owner.security_metadata.iter();
        let mut sealed = metadata
            .flat_map(|metadata| self.sealed(class, metadata, |delegation| &delegation.secret_ids));
        let id = sealed.find_map(|(key, sealed)| {
            let id = unseal(crypto, key, sealed)?;
            str::from_utf8(&id).ok().map(str::to_owned)
        });
        Ok(id.into_iter().collect())
    }

    /// What is sealed in those secure delegations that we open, each with the key
    /// that does.
    fn sealed<'a>(
        &'a self,
        class: &'a str,
        metadata: &'a SecurityMetadata,
        what: fn(&SecureDelegation) -> &BTreeSet<String>,
    ) -> impl Iterator<Item = (&'a AesKey, &'a String)> {
        let data = self.exchange_data.iter().flatten();
        data.flat_map(move |opened| {
            let own = opened.delegation_key(class);
            let delegations = metadata.secure_delegations.iter();
            let ours = delegations.filter(move |(key, delegation)| {
                **key == own || delegation.exchange_data_id.as_deref() == Some(&opened.id)
            });
            let sealed = ours.flat_map(move |(_, delegation)| what(delegation));
            sealed.map(|sealed| (&opened.exchange_key, sealed))
        })
    }
}

/// Opens exchange data; `None` when it is not for this key pair.
async fn open(
    crypto: MeteredCrypto<'_>,
    pair: &KeyPair,
    data: ExchangeData,
) -> Result<Option<Opened>, IcureError> {
    let (Some(key), Some(secret)) = (
        sealed_for(pair, &data.exchange_key),
        sealed_for(pair, &data.access_control_secret),
    ) else {
        return Ok(None);
    };
    let doing = || format!("opening exchange data `{}`", data.id);
    let unwrap = async |sealed: &str| {
        let sealed = STANDARD
            .decode(sealed)
            .map_err(|_| CryptoFault::Malformed("base64"))?;
        let opened = crypto.unwrap(pair, OaepHash::Sha256, sealed).await;
        opened.map_err(CryptoFault::from)
    };
    let exchange_key = unwrap(key)
        .await
        .map_err(|e| IcureError::crypto(doing(), e))?;
    // 16 random bytes, as long as an AES key.
    let secret = unwrap(secret)
        .await
        .map_err(|e| IcureError::crypto(doing(), e))?;
    Ok(Some(Opened {
        id: data.id,
        exchange_key,
        secret: secret.to_hex(),
    }))
}

fn sealed_for<'a>(pair: &KeyPair, sealed: &'a ByFingerprint) -> Option<&'a str> {
    let digits = pair.public().fingerprint().as_str();
    let fingerprint = digits.get(..digits.len().checked_sub(EXPONENT_DIGITS)?)?;
    sealed.get(fingerprint).map(String::as_str)
}

/// What opens documents of a kind to those who know the secret.
fn access_control_key(secret: &str, kind: &str) -> Zeroizing<[u8; 16]> {
    let hash = Sha256::new().chain_update(secret).chain_update(kind);
    let mut key = Zeroizing::new([0; 16]);
    key.copy_from_slice(&hash.finalize()[..16]);
    key
}

fn unseal(
    crypto: MeteredCrypto<'_>,
    exchange_key: &AesKey,
    sealed: &str,
) -> Option<Zeroizing<Vec<u8>>> {
    let sealed = STANDARD.decode(sealed).ok()?;
    let plain = crypto.decrypt(exchange_key, &sealed).ok()?;
    plain.strip_prefix(VALIDATOR).map(|it| it.to_vec().into())
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use sha2::{Digest, Sha256};

    use super::{MeteredCrypto, OaepHash, access_control_key, open, unseal};
    use crate::clock::Clock;
    use crate::crypto::{AesKey, ClientCrypto, CryptoBackend, KeyBits, KeyPair};
    use crate::metrics::{Meter, Recorder, StepContext, Tags, Trace};
    use crate::wire::{ByFingerprint, ExchangeData};

    fn meter() -> Meter {
        Meter::new(Recorder::default(), Tags::new())
    }

    fn for_pair(pair: &KeyPair, secret: &[u8]) -> ByFingerprint {
        let sealed = pair.public().encrypt_oaep(OaepHash::Sha256, secret);
        let spki = pair.public().spki_hex();
        let fingerprint = &spki[spki.len() - 32..spki.len() - 10];
        [(fingerprint.to_owned(), STANDARD.encode(sealed.unwrap()))].into()
    }

    #[tokio::test]
    async fn exchange_data_opens_with_the_key_pair_that_it_is_for() {
        let [own, other] =
            [(); 2].map(|()| KeyPair::generate(CryptoBackend::default(), KeyBits::B2048).unwrap());
        let exchange_key = AesKey::generate(CryptoBackend::default());
        let data = ExchangeData {
            id: "data".to_owned(),
            exchange_key: for_pair(&own, exchange_key.as_bytes()),
            access_control_secret: for_pair(&own, &[0xab; 16]),
            ..ExchangeData::default()
        };
        let (client, meter, trace) = (ClientCrypto::default(), meter(), Trace::default());
        let clock = Clock::real();
        let crypto = MeteredCrypto::new(&client, StepContext::bare(&meter, &trace, &clock));
        let opened = open(crypto, &own, data.clone()).await.unwrap();
        let opened = opened.unwrap();
        assert_eq!(opened.exchange_key.as_bytes(), exchange_key.as_bytes());
        let key = Sha256::digest(format!("{}Contact", "ab".repeat(16)));
        assert_eq!(
            opened.delegation_key("Contact"),
            hex::encode(Sha256::digest(&key[..16]))
        );
        let others = open(crypto, &other, data.clone()).await.unwrap();
        assert!(others.is_none());
        let damaged = ExchangeData {
            exchange_key: for_pair(&own, b"not sixteen"),
            ..data
        };
        assert!(open(crypto, &own, damaged).await.is_err());
    }

    #[test]
    fn a_secret_is_taken_with_its_validator_and_not_without() {
        let (exchange_key, key) = {
            let key = || AesKey::generate(CryptoBackend::default());
            (key(), key())
        };
        let seal = |prefix: &[u8]| {
            let plain = [prefix, key.as_bytes()].concat();
            STANDARD.encode(exchange_key.encrypt_cbc(&plain).unwrap())
        };
        let (client, meter, trace) = (ClientCrypto::default(), meter(), Trace::default());
        let clock = Clock::real();
        let crypto = MeteredCrypto::new(&client, StepContext::bare(&meter, &trace, &clock));
        let unseal = |sealed: &str| unseal(crypto, &exchange_key, sealed);
        assert_eq!(unseal(&seal(b"Cure")).unwrap().as_slice(), key.as_bytes());
        assert!(unseal(&seal(b"cure")).is_none());
        assert!(unseal("no base64").is_none());
    }

    #[test]
    fn keys_of_two_kinds_of_documents_have_nothing_in_common() {
        let secret = "00112233445566778899aabbccddeeff";
        let contact = access_control_key(secret, "Contact");
        assert_ne!(contact, access_control_key(secret, "Patient"));
    }
}
