//! What is saved of a user, and its form inside a sealed record.

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::bytes::{Reader, put_bytes, put_option, put_u64};
use super::origin::{Ids, SavedTarget, ids_json, read_ids};
use crate::crypto::{CryptoError, KeyPair};

/// What it takes to be a user again: login, long-lived token, key pairs.
#[derive(Clone, Debug)]
pub struct SavedCredentials {
    /// E-mail address or telephone number.
    pub login: String,
    /// The long-lived token.
    pub token: SecretString,
    /// Id of the account; empty when it was imported without one.
    pub user_id: String,
    /// Id of the account's group.
    pub group_id: Option<String>,
    /// Id of the patient or practitioner.
    pub data_owner_id: Option<String>,
    /// Key pairs; the first one seals.
    pub key_pairs: Vec<KeyPair>,
    /// When the token expires, in milliseconds since 1970, if that is known.
    pub token_expires_at: Option<i64>,
    /// When this was saved, in milliseconds since 1970.
    pub saved_at: i64,
    /// Where they were saved; unknown of those that an earlier rehearse has saved,
    /// and of some imports.
    pub target: Option<SavedTarget>,
    /// Values that the scenario keeps beside them.
    pub ids: Ids,
}

/// More than the length prefixes and numbers of a record take without its key
/// pairs, in bytes.
const FRAME: usize = 192;

/// How a record begins that has a target. One of an earlier rehearse begins with
/// the length of the login, which is never this.
const WITH_TARGET: [u8; 8] = *b"\xffrecord2";

impl SavedCredentials {
    /// The plain text of a record.
    ///
    /// # Errors
    /// When a private key cannot be encoded.
    pub(super) fn into_record(self) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let keys: Vec<_> = self
            .key_pairs
            .iter()
            .map(KeyPair::to_pkcs8_der)
            .collect::<Result<_, _>>()?;
        let token = self.token.expose_secret();
        let ids = ids_json(&self.ids);
        let texts = [
            self.login.len(),
            token.len(),
            self.user_id.len(),
            self.group_id.as_ref().map_or(0, String::len),
            self.data_owner_id.as_ref().map_or(0, String::len),
            self.target.as_ref().map_or(0, SavedTarget::length),
            ids.len(),
        ];
        let keys_length: usize = keys.iter().map(|key| key.len() + size_of::<u64>()).sum();
        // Never grown: growing would leave a copy of the secrets behind.
        let capacity = FRAME + texts.iter().sum::<usize>() + keys_length;
        let mut record = Zeroizing::new(Vec::with_capacity(capacity));
        let out = &mut *record;
        out.extend_from_slice(&WITH_TARGET);
        put_bytes(out, self.login.as_bytes());
        put_bytes(out, token.as_bytes());
        put_bytes(out, self.user_id.as_bytes());
        for id in [&self.group_id, &self.data_owner_id] {
            put_option(out, id.as_ref(), |out, id| put_bytes(out, id.as_bytes()));
        }
        put_option(out, self.token_expires_at, |out, at| {
            put_u64(out, at.cast_unsigned());
        });
        put_u64(out, self.saved_at.cast_unsigned());
        put_option(out, self.target.as_ref(), SavedTarget::put);
        put_bytes(out, ids.as_bytes());
        put_u64(out, keys.len() as u64);
        for key in &keys {
            put_bytes(out, key);
        }
        debug_assert!(record.len() <= capacity, "a record is longer than planned");
        Ok(record)
    }

    /// Reads what [`SavedCredentials::into_record`] made; `None` when it is
    /// something else. Records of an earlier rehearse have no target and no values.
    /// `key_pair` reads one from its PKCS#8 DER.
    pub(super) fn from_record(
        record: &[u8],
        key_pair: impl Fn(&[u8]) -> Result<KeyPair, CryptoError>,
    ) -> Option<Self> {
        let mut reader = Reader::new(record);
        let (summary, token) = Summary::read(&mut reader)?;
        let token = SecretString::from(token);
        let mut key_pairs = Vec::new();
        for _ in 0..reader.u64()? {
            key_pairs.push(key_pair(reader.bytes()?).ok()?);
        }
        reader.end()?;
        Some(Self {
            login: summary.login,
            token,
            user_id: summary.user_id,
            group_id: summary.group_id,
            data_owner_id: summary.data_owner_id,
            key_pairs,
            token_expires_at: summary.token_expires_at,
            saved_at: summary.saved_at,
            target: summary.target,
            ids: summary.ids,
        })
    }
}

/// Saved credentials without their secrets. Reading it reads no key pair:
/// checking the numbers of a private key takes longer than all the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// E-mail address or telephone number.
    pub login: String,
    /// Id of the account; empty when it was imported without one.
    pub user_id: String,
    /// Id of the account's group.
    pub group_id: Option<String>,
    /// Id of the patient or practitioner.
    pub data_owner_id: Option<String>,
    /// When the token expires, in milliseconds since 1970, if that is known.
    pub token_expires_at: Option<i64>,
    /// When this was saved, in milliseconds since 1970.
    pub saved_at: i64,
    /// Where they were saved; unknown of those that an earlier rehearse has saved,
    /// and of some imports.
    pub target: Option<SavedTarget>,
    /// Values that the scenario keeps beside them.
    pub ids: Ids,
}

impl Summary {
    pub(super) fn from_record(record: &[u8]) -> Option<Self> {
        Some(Self::read(&mut Reader::new(record))?.0)
    }

    /// Everything before the key pairs, and the token.
    fn read<'a>(reader: &mut Reader<'a>) -> Option<(Self, &'a str)> {
        let owned = |reader: &mut Reader<'_>| reader.text().map(str::to_owned);
        let has_target = reader.begins_with(WITH_TARGET);
        let login = owned(reader)?;
        let token = reader.text()?;
        let user_id = owned(reader)?;
        let group_id = reader.option(owned)?;
        let data_owner_id = reader.option(owned)?;
        let token_expires_at = reader.option(Reader::u64)?.map(u64::cast_signed);
        let saved_at = reader.u64()?.cast_signed();
        let (target, ids) = if has_target {
            (reader.option(SavedTarget::read)?, read_ids(reader)?)
        } else {
            (None, Ids::new())
        };
        let summary = Self {
            login,
            user_id,
            group_id,
            data_owner_id,
            token_expires_at,
            saved_at,
            target,
            ids,
        };
        Some((summary, token))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::OnceLock;

    use proptest::prelude::*;
    use secrecy::{ExposeSecret, SecretString};

    use super::super::origin::SavedTarget;
    use super::{SavedCredentials, WITH_TARGET};
    use crate::crypto::{CryptoBackend, CryptoError, KeyPair, known};

    const BACKEND: CryptoBackend = CryptoBackend::RustCrypto;

    /// The test keys, read once: reading checks their numbers, which is slow
    /// enough to matter in a loop.
    pub fn test_keys() -> &'static [KeyPair] {
        static KEYS: OnceLock<Vec<KeyPair>> = OnceLock::new();
        KEYS.get_or_init(|| {
            let keys = known::rsa().keys;
            let read = |key: known::RsaKey| {
                KeyPair::from_pkcs8_hex(BACKEND, &SecretString::from(key.pkcs8)).unwrap()
            };
            keys.into_iter().map(read).collect()
        })
    }

    fn key_pair(der: &[u8]) -> Result<KeyPair, CryptoError> {
        KeyPair::from_pkcs8_der(BACKEND, der)
    }

    /// Everything of saved credentials, comparable.
    pub fn shown(saved: &SavedCredentials) -> String {
        let public = saved.key_pairs.iter().map(|pair| pair.public().spki_hex());
        format!(
            "{:?}",
            (
                (&saved.login, saved.token.expose_secret(), &saved.user_id),
                (&saved.group_id, &saved.data_owner_id),
                public.collect::<Vec<_>>(),
                (saved.token_expires_at, saved.saved_at),
                (&saved.target, &saved.ids),
            )
        )
    }

    prop_compose! {
        pub fn any_credentials()(
            texts: (String, String, String),
            ids: (Option<String>, Option<String>),
            keys in 0..=2_usize,
            token_expires_at: Option<i64>,
            saved_at: i64,
            target: Option<[String; 4]>,
            values: std::collections::BTreeMap<String, String>,
        ) -> SavedCredentials {
            SavedCredentials {
                login: texts.0,
                token: SecretString::from(texts.1),
                user_id: texts.2,
                group_id: ids.0,
                data_owner_id: ids.1,
                key_pairs: test_keys()[..keys].to_vec(),
                token_expires_at,
                saved_at,
                target: target.map(|[api_url, gateway_url, spec_id, route]| SavedTarget {
                    api_url,
                    gateway_url,
                    spec_id,
                    route,
                }),
                ids: values.into_iter().map(|(name, id)| (name, id.into())).collect(),
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_record_gives_back_what_went_in(saved in any_credentials()) {
            let before = shown(&saved);
            let record = saved.into_record().unwrap();
            let after = SavedCredentials::from_record(&record, key_pair).unwrap();
            prop_assert_eq!(shown(&after), before);
        }

        #[test]
        fn a_record_that_is_longer_or_shorter_is_refused(saved in any_credentials(), cut: prop::sample::Index) {
            let mut record = saved.into_record().unwrap();
            prop_assert!(SavedCredentials::from_record(&record[..cut.index(record.len())], key_pair).is_none());
            record.push(0);
            prop_assert!(SavedCredentials::from_record(&record, key_pair).is_none());
        }

        #[test]
        fn any_bytes_at_all_are_read_or_refused(bytes: Vec<u8>) {
            let _ = SavedCredentials::from_record(&bytes, key_pair);
        }
    }

    /// As rehearse wrote them before credentials had a target.
    pub fn old_record(saved: SavedCredentials) -> Vec<u8> {
        let saved = SavedCredentials {
            target: None,
            ids: super::Ids::new(),
            ..saved
        };
        let keys: usize = saved
            .key_pairs
            .iter()
            .map(|pair| 8 + pair.to_pkcs8_der().unwrap().len())
            .sum();
        let mut record = saved.into_record().unwrap().to_vec();
        assert!(record.starts_with(&WITH_TARGET));
        record.drain(..WITH_TARGET.len());
        // No target, no values: a byte and a length, before the number of keys.
        let keys_at = record.len() - keys - 8;
        record.drain(keys_at - 9..keys_at);
        record
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn a_record_of_an_earlier_rehearse_has_no_target(saved in any_credentials()) {
            let expected = SavedCredentials { target: None, ids: super::Ids::new(), ..saved.clone() };
            let read = SavedCredentials::from_record(&old_record(saved), key_pair).unwrap();
            prop_assert_eq!(shown(&read), shown(&expected));
        }
    }

    #[test]
    fn debug_does_not_show_the_token_or_a_private_key() {
        let saved = SavedCredentials {
            login: "ada@example.org".into(),
            token: SecretString::from("the token"),
            user_id: "user".into(),
            group_id: None,
            data_owner_id: None,
            key_pairs: test_keys().to_vec(),
            token_expires_at: None,
            saved_at: 0,
            target: None,
            ids: super::Ids::new(),
        };
        let shown = format!("{saved:?}");
        assert!(!shown.contains("the token"), "{shown}");
        assert!(
            !shown.contains(&known::rsa().keys[0].pkcs8[100..132]),
            "{shown}"
        );
    }
}
