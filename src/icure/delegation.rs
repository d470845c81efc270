//! Secrets shared inside a document.
//!
//! A delegation is the AES-CBC encryption, under the exchange key of owner and
//! delegate, of `{entity id}:{secret}`, in hex.

use uuid::Uuid;

use super::error::CryptoFault;
use super::{Effort, IcureError};
use crate::crypto::AesKey;
use crate::wire::Delegation;

/// Seals `secret` about `entity` from `owner` to `delegate`.
///
/// # Errors
/// When the cryptography fails, which no input causes.
pub(super) fn seal(
    effort: Effort<'_>,
    exchange_key: &AesKey,
    owner: &str,
    delegate: &str,
    entity: &str,
    secret: &str,
) -> Result<Delegation, IcureError> {
    let plain = zeroize::Zeroizing::new(format!("{entity}:{secret}"));
    let sealed = effort.encrypt(exchange_key, plain.as_bytes());
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
    effort: Effort<'_>,
    exchange_key: &AesKey,
    entity: &str,
    delegation: &Delegation,
) -> Result<zeroize::Zeroizing<String>, IcureError> {
    let doing = || format!("opening a delegation of `{entity}`");
    let sealed = hex::decode(&delegation.key)
        .map_err(|_| IcureError::crypto(doing(), CryptoFault::Malformed("hexadecimal")))?;
    let plain = effort
        .decrypt(exchange_key, &sealed)
        .map_err(|error| IcureError::crypto(doing(), error))?;
    let secret = std::str::from_utf8(&plain)
        .ok()
        .and_then(|text| text.split_once(':'))
        .map(|(_, secret)| zeroize::Zeroizing::new(secret.to_owned()));
    secret.ok_or_else(|| IcureError::crypto(doing(), CryptoFault::Malformed("`entity id:secret`")))
}

/// A fresh secret id.
pub(super) fn secret_id() -> String {
    Uuid::new_v4().to_string()
}
