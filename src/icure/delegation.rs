//! Secrets shared inside a document.
//!
//! A delegation is the AES-CBC encryption, under the exchange key of owner and
//! delegate, of `{entity id}:{secret}`, in hex.

use uuid::Uuid;

use super::error::CryptoFault;
use super::exchange::ExchangeKey;
use super::{IcureError, MeteredCrypto};
use crate::crypto::{AesKey, CryptoBackend, CryptoError};
use crate::wire::{Delegation, Delegations};

/// Seals `secret` about `entity` from `owner` to `delegate`.
///
/// # Errors
/// When the cryptography fails, which no input causes.
pub(super) fn seal(
    crypto: MeteredCrypto<'_>,
    exchange_key: &AesKey,
    owner: &str,
    delegate: &str,
    entity: &str,
    secret: &str,
) -> Result<Delegation, IcureError> {
    let plain = zeroize::Zeroizing::new(format!("{entity}:{secret}"));
    let sealed = crypto.encrypt(exchange_key, plain.as_bytes());
    let sealed = sealed.map_err(|error| {
        IcureError::crypto(format!("sealing a delegation of `{entity}`"), error)
    })?;
    Ok(Delegation {
        owner: owner.to_owned(),
        delegated_to: delegate.to_owned(),
        key: hex::encode(sealed),
        tags: Vec::new(),
    })
}

/// Opens a delegation found in the document of `entity`.
///
/// The id inside is not compared with the entity's: it differs where patients
/// were merged, and in a service that is read apart from its contact
/// (`decryptKeyInDelegationLikes` does not compare them either).
///
/// # Errors
/// When the key does not open it.
pub(super) fn open(
    crypto: MeteredCrypto<'_>,
    exchange_key: &AesKey,
    entity: &str,
    delegation: &Delegation,
) -> Result<zeroize::Zeroizing<String>, IcureError> {
    let doing = || format!("opening a delegation of `{entity}`");
    let sealed = hex::decode(&delegation.key)
        .map_err(|_| IcureError::crypto(doing(), CryptoFault::Malformed("hexadecimal")))?;
    let plain = crypto
        .decrypt(exchange_key, &sealed)
        .map_err(|error| IcureError::crypto(doing(), error))?;
    let secret = std::str::from_utf8(&plain)
        .ok()
        .and_then(|text| text.split_once(':'))
        .map(|(_, secret)| zeroize::Zeroizing::new(secret.to_owned()));
    secret.ok_or_else(|| IcureError::crypto(doing(), CryptoFault::Malformed("`entity id:secret`")))
}

/// The key of an entity, from the secret in its `encryptionKeys`: hexadecimal,
/// or a UUID, dashes and all, whose digits are the key. Clients up to version 6
/// make the latter (`initEncryptionKeys`).
///
/// # Errors
/// When it is neither.
pub(super) fn entity_key(backend: CryptoBackend, secret: &str) -> Result<AesKey, CryptoError> {
    match Uuid::try_parse(secret) {
        Ok(id) => AesKey::from_bytes(backend, id.as_bytes()),
        Err(_) => AesKey::from_hex(backend, secret),
    }
}

/// What a delegation held, and the key that opened it.
pub(super) struct Opened {
    pub(super) secret: zeroize::Zeroizing<String>,
    pub(super) with: ExchangeKey,
}

/// Opens a delegation with whichever key fits.
pub(super) fn open_any(
    crypto: MeteredCrypto<'_>,
    keys: &[ExchangeKey],
    entity: &str,
    item: &Delegation,
) -> Option<Opened> {
    keys.iter().find_map(|exchange| {
        let secret = open(crypto, &exchange.key, entity, item).ok()?;
        let with = exchange.clone();
        Some(Opened { secret, with })
    })
}

/// Delegations to and from a data owner, whose secrets it can open (what it
/// has shared itself opens for it too: `extractFromDelegationsForDataOwner`).
pub(super) fn of<'d>(
    delegations: &'d Delegations,
    own: &'d str,
) -> impl Iterator<Item = Delegation> + use<'d> {
    let to_us = delegations.get(own).into_iter().flatten();
    let others = delegations.iter().filter(move |(to, _)| *to != own);
    let from_us = others.flat_map(|(to, items)| items.iter().map(move |item| (to, item)));
    let from_us = from_us.filter(move |(_, item)| item.owner == own);
    let all = to_us.map(move |item| (own, item));
    all.chain(from_us.map(|(to, item)| (to.as_str(), item)))
        .map(|(to, item)| Delegation {
            // Some clients leave it out.
            delegated_to: to.to_owned(),
            ..item.clone()
        })
}

/// A fresh secret id.
pub(super) fn secret_id() -> String {
    Uuid::new_v4().to_string()
}

#[cfg(test)]
mod tests {
    use super::{CryptoBackend, entity_key, of};
    use crate::wire::{Delegation, Delegations};

    #[test]
    fn the_key_of_an_entity_is_hexadecimal_or_a_uuid() {
        let entity_key = |secret: &str| entity_key(CryptoBackend::default(), secret);
        let id = "00112233-4455-4677-8899-aabbccddeeff";
        let digits = id.replace('-', "");
        for secret in [id, &digits] {
            assert_eq!(*entity_key(secret).unwrap().to_hex(), digits);
        }
        let long = "ab".repeat(32);
        assert_eq!(*entity_key(&long).unwrap().to_hex(), long);
        for secret in ["", "00112233", "0011-2233", "not hexadecimal"] {
            assert!(entity_key(secret).is_err(), "{secret}");
        }
    }

    #[test]
    fn what_is_to_us_comes_first_then_what_is_from_us() {
        let item = |owner: &str, to: &str| Delegation {
            owner: owner.to_owned(),
            delegated_to: to.to_owned(),
            ..Delegation::default()
        };
        let delegations: Delegations = [
            ("a".to_owned(), vec![item("ada", "a"), item("bob", "a")]),
            // The second one does not say to whom it is.
            ("ada".to_owned(), vec![item("ada", "ada"), item("bob", "")]),
            (
                "bob".to_owned(),
                vec![item("bob", "bob"), item("ada", "bob")],
            ),
        ]
        .into();
        let found: Vec<_> = of(&delegations, "ada")
            .map(|item| (item.owner, item.delegated_to))
            .collect();
        let pairs = [("ada", "ada"), ("bob", "ada"), ("ada", "a"), ("ada", "bob")];
        assert_eq!(found, pairs.map(|(a, b)| (a.to_owned(), b.to_owned())));
    }
}
