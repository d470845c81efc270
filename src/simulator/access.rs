//! Who may do what with a document: by `delegations`, as clients up to version
//! 7 write them, and by `securityMetadata`, as those after them do.

use std::collections::BTreeSet;

use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::Failure;
use crate::wire::{AccessLevel, SecureDelegation, SecurityMetadata};

/// Access control keys of the caller: one or more in a value, base64, without
/// anything between them.
const KEYS_HEADER: &str = "Icure-Access-Control-Keys";

/// Length of one of them, in bytes.
const KEY_LENGTH: usize = 16;

/// Keys of the delegations that a caller can show to be its own, without being
/// named in them.
#[derive(Clone, Debug, Default)]
pub(super) struct ShownKeys(BTreeSet<String>);

impl ShownKeys {
    /// Those of a request.
    ///
    /// # Errors
    /// 400 when a header does not hold keys.
    pub(super) fn read(headers: &HeaderMap) -> Result<Self, Failure> {
        let mut shown = BTreeSet::new();
        for value in headers.get_all(KEYS_HEADER) {
            let keys = STANDARD.decode(value).map_err(|_| malformed())?;
            if keys.len() % KEY_LENGTH != 0 {
                return Err(malformed());
            }
            shown.extend(keys.chunks(KEY_LENGTH).map(delegation_key));
        }
        Ok(Self(shown))
    }

    /// The same, each in hexadecimal.
    ///
    /// # Errors
    /// 400 when one is no key.
    pub(super) fn of_hex(keys: &[String]) -> Result<Self, Failure> {
        let keys = keys.iter().map(|key| {
            let key = hex::decode(key).ok().filter(|key| key.len() == KEY_LENGTH);
            key.map(|key| delegation_key(&key))
        });
        keys.collect::<Option<_>>().map(Self).ok_or_else(|| {
            Failure::bad_request(format!(
                "`accessControlKeys` must be keys of {KEY_LENGTH} bytes, in hexadecimal"
            ))
        })
    }

    /// The keys.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether a delegation is a data owner's: it is named there, or shows the
    /// key.
    pub(super) fn open(&self, key: &str, delegation: &SecureDelegation, owner: &str) -> bool {
        let named = [&delegation.delegator, &delegation.delegate];
        named.iter().any(|id| id.as_deref() == Some(owner)) || self.0.contains(key)
    }

    /// What a data owner may do with a document of these delegations.
    pub(super) fn level(&self, metadata: &SecurityMetadata, owner: &str) -> Option<AccessLevel> {
        let delegations = metadata.secure_delegations.iter();
        let own = delegations.filter(|(key, delegation)| self.open(key, delegation, owner));
        own.map(|(_, delegation)| delegation.permissions).max()
    }
}

fn malformed() -> Failure {
    Failure::bad_request(format!(
        "malformed `{KEYS_HEADER}`: expected keys of {KEY_LENGTH} bytes one after the other, in base64"
    ))
}

/// Key of the delegation that an access control key opens.
pub(super) fn delegation_key(access_control_key: &[u8]) -> String {
    hex::encode(Sha256::digest(access_control_key))
}

/// Checks what the platform checks in secure delegations.
///
/// # Errors
/// 400
pub(super) fn check(metadata: &SecurityMetadata) -> Result<(), Failure> {
    let delegations = &metadata.secure_delegations;
    if delegations.is_empty() {
        return Err(Failure::bad_request(
            "`securityMetadata` must hold a delegation",
        ));
    }
    for (key, delegation) in delegations {
        let is_explicit = delegation.delegator.is_some() && delegation.delegate.is_some();
        if is_explicit != delegation.exchange_data_id.is_some() {
            return Err(Failure::bad_request(
                "a secure delegation has an `exchangeDataId` when it names both sides, and only then",
            ));
        }
        let is_root = delegation.parent_delegations.is_empty();
        if is_root && delegation.permissions != AccessLevel::Write {
            return Err(Failure::bad_request(
                "a secure delegation without parents must have the permission `WRITE`",
            ));
        }
        if descends_from(metadata, key, key) {
            return Err(Failure::bad_request(
                "a secure delegation must not be its own parent",
            ));
        }
    }
    Ok(())
}

/// Whether one delegation is above another, however far.
pub(super) fn descends_from(metadata: &SecurityMetadata, child: &str, ancestor: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut above = vec![child];
    while let Some(key) = above.pop() {
        let Some(delegation) = metadata.secure_delegations.get(key) else {
            continue;
        };
        for parent in &delegation.parent_delegations {
            if parent == ancestor {
                return true;
            }
            if seen.insert(parent) {
                above.push(parent);
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue};
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::{KEYS_HEADER, ShownKeys, check, delegation_key};
    use crate::wire::{AccessLevel, SecureDelegation, SecurityMetadata};

    fn metadata(delegations: &[(&str, SecureDelegation)]) -> SecurityMetadata {
        let delegations = delegations.iter().cloned();
        SecurityMetadata {
            secure_delegations: delegations.map(|(k, d)| (k.to_owned(), d)).collect(),
            ..SecurityMetadata::default()
        }
    }

    fn unnamed(permissions: AccessLevel, parents: &[&str]) -> SecureDelegation {
        SecureDelegation {
            parent_delegations: parents.iter().map(|&parent| parent.to_owned()).collect(),
            permissions,
            ..SecureDelegation::default()
        }
    }

    fn header(keys: &[u8]) -> HeaderMap {
        let value = HeaderValue::from_str(&STANDARD.encode(keys)).unwrap();
        [(KEYS_HEADER.parse().unwrap(), value)]
            .into_iter()
            .collect()
    }

    #[test]
    fn whoever_shows_a_key_has_what_its_delegation_gives() {
        let keys: Vec<u8> = (0..32).collect();
        let (one, other) = keys.split_at(16);
        let document = metadata(&[
            (&delegation_key(one), unnamed(AccessLevel::Read, &["x"])),
            (&delegation_key(other), unnamed(AccessLevel::Write, &[])),
        ]);
        let level = |shown: &[u8]| {
            let shown = ShownKeys::read(&header(shown)).unwrap();
            shown.level(&document, "ada")
        };
        assert_eq!(level(one), Some(AccessLevel::Read));
        assert_eq!(level(&keys), Some(AccessLevel::Write));
        assert_eq!(level(&[7; 16]), None);
        assert_eq!(level(&[]), None);
    }

    #[test]
    fn whoever_is_named_needs_no_key() {
        let mut delegation = unnamed(AccessLevel::Write, &[]);
        delegation.delegator = Some("ada".to_owned());
        let document = metadata(&[("k", delegation)]);
        let level = |id: &str| ShownKeys::default().level(&document, id);
        assert_eq!(level("ada"), Some(AccessLevel::Write));
        assert_eq!(level("bob"), None);
        // Nobody is named on the other side, which is not a name.
        assert_eq!(level(""), None);
    }

    #[test]
    fn keys_that_are_none_are_refused() {
        for value in ["%", "AAAA"] {
            let headers = [(
                KEYS_HEADER.parse().unwrap(),
                HeaderValue::from_static(value),
            )];
            let headers: HeaderMap = headers.into_iter().collect();
            assert!(ShownKeys::read(&headers).is_err(), "{value}");
        }
    }

    #[test]
    fn delegations_that_the_platform_refuses_are_refused() {
        let mut half_named = unnamed(AccessLevel::Write, &[]);
        half_named.delegator = Some("ada".to_owned());
        let fine = metadata(&[
            ("root", half_named.clone()),
            ("child", unnamed(AccessLevel::Read, &["root"])),
        ]);
        assert!(check(&fine).is_ok());
        half_named.exchange_data_id = Some("x".to_owned());
        for wrong in [
            metadata(&[]),
            metadata(&[("k", half_named)]),
            metadata(&[("k", unnamed(AccessLevel::Read, &[]))]),
            metadata(&[
                ("a", unnamed(AccessLevel::Read, &["b"])),
                ("b", unnamed(AccessLevel::Read, &["a"])),
            ]),
        ] {
            assert!(check(&wrong).is_err(), "{wrong:?}");
        }
    }
}
