//! Known answers, made by others: NIST's, Wycheproof's, OpenSSL's. What they
//! are and where they come from is in `fixtures/crypto/README.md`.

use std::collections::BTreeMap;

use super::each_backend;
use crate::crypto::known::{self, Expected, OaepCases, bytes};
use crate::crypto::provider::{Aes, KeyBytes};
use crate::crypto::{CryptoBackend, CryptoError, KeyPair, OaepHash, PublicKey};

/// The cipher below [`AesKey`](crate::crypto::AesKey), which takes the
/// initialisation vector or nonce.
fn cipher(backend: CryptoBackend, key: &str) -> std::sync::Arc<dyn Aes> {
    backend.provider().aes(KeyBytes::copy(&bytes(key)).unwrap())
}

fn pair(backend: CryptoBackend, pkcs8: &str) -> KeyPair {
    KeyPair::from_pkcs8_der(backend, &bytes(pkcs8)).unwrap()
}

#[test]
fn cbc_gives_what_nist_published() {
    each_backend(|backend| {
        let mut lengths = BTreeMap::new();
        for case in known::cbc() {
            let cipher = cipher(backend, &case.key);
            let iv = &bytes(&case.iv).try_into().unwrap();
            let plain = bytes(&case.plain);
            let expected = bytes(&format!("{}{}", case.sealed, case.padding_block));
            let mut sealed = vec![0; expected.len()];
            cipher.encrypt_cbc(iv, &plain, &mut sealed).unwrap();
            assert_eq!(sealed, expected, "{}", case.name);
            let mut opened = vec![0; expected.len()];
            let length = cipher.decrypt_cbc(iv, &expected, &mut opened).unwrap();
            assert_eq!(opened[..length], plain, "{}", case.name);
            *lengths.entry(case.key.len() * 4).or_insert(0) += 1;
        }
        assert_eq!(lengths, BTreeMap::from([(128, 18), (256, 21)]));
    });
}

#[test]
fn cbc_refuses_the_padding_that_wycheproof_says_is_wrong() {
    each_backend(|backend| {
        let mut seen = BTreeMap::new();
        for test in known::wycheproof_cbc().cases {
            let cipher = cipher(backend, &test.case.key);
            let iv = &bytes(&test.case.iv).try_into().unwrap();
            let sealed = bytes(&test.case.sealed);
            // The type above refuses these before any backend sees them.
            if sealed.is_empty() || !sealed.len().is_multiple_of(16) {
                assert_eq!(test.result, Expected::Invalid);
                continue;
            }
            let mut opened = vec![0; sealed.len()];
            let length = cipher.decrypt_cbc(iv, &sealed, &mut opened);
            let opened = length.map(|length| opened[..length].to_vec());
            let expected = (test.result == Expected::Valid).then(|| bytes(&test.case.plain));
            assert_eq!(opened, expected, "{}: {}", test.id, test.comment);
            *seen.entry(expected.is_some()).or_insert(0) += 1;
        }
        assert!(seen[&true] >= 40 && seen[&false] >= 40, "{seen:?}");
    });
}

#[test]
fn gcm_gives_what_nist_published() {
    each_backend(|backend| {
        let cases = known::gcm();
        for (number, case) in cases.iter().enumerate() {
            let cipher = cipher(backend, &case.key);
            let nonce = &bytes(&case.nonce).try_into().unwrap();
            let (associated, plain) = (bytes(&case.associated), bytes(&case.plain));
            let (text, tag) = (bytes(&case.sealed), bytes(&case.tag));
            let mut sealed = vec![0; plain.len() + 16];
            let done = cipher.seal_gcm(nonce, &associated, &plain, &mut sealed);
            assert_eq!(done, Ok(()));
            assert_eq!(sealed, [&*text, &*tag].concat(), "{number}");
            let mut opened = vec![0; plain.len()];
            let tag = &tag.try_into().unwrap();
            let done = cipher.open_gcm(nonce, &associated, &text, tag, &mut opened);
            assert_eq!((done, opened), (Some(()), plain), "{number}");
        }
        assert_eq!(cases.len(), 108);
    });
}

#[test]
fn gcm_refuses_the_tags_that_wycheproof_says_are_wrong() {
    each_backend(|backend| {
        let mut seen = BTreeMap::new();
        for test in known::wycheproof_gcm().cases {
            let case = &test.case;
            let cipher = cipher(backend, &case.key);
            let nonce = &bytes(&case.nonce).try_into().unwrap();
            let tag = &bytes(&case.tag).try_into().unwrap();
            let text = bytes(&case.sealed);
            let mut opened = vec![0; text.len()];
            let done = cipher.open_gcm(nonce, &bytes(&case.associated), &text, tag, &mut opened);
            let expected = (test.result == Expected::Valid).then(|| bytes(&case.plain));
            let opened = done.map(|()| opened);
            assert_eq!(opened, expected, "{}: {}", test.id, test.comment);
            *seen.entry(expected.is_some()).or_insert(0) += 1;
        }
        assert_eq!(seen, BTreeMap::from([(false, 54), (true, 59)]));
    });
}

/// Ciphertexts with a label are not for us: ours is always empty.
///
/// `rsa` ignores the first byte of the padded text, as
/// draft-irtf-cfrg-rsa-guidance (section 7) asks: who cannot see that check
/// cannot mount Manger's attack on it. AWS-LC checks it, as RFC 8017 says.
fn check_oaep(backend: CryptoBackend, hash: OaepHash, known: &OaepCases) {
    let pair = pair(backend, &known.pkcs8);
    let mut labelled = 0;
    for test in &known.cases {
        let opened = pair.decrypt_oaep(hash, &bytes(&test.case.sealed));
        let name = format!("{}: {}", test.id, test.comment);
        let lenient = backend == CryptoBackend::RustCrypto && test.comment == "First byte is 1";
        if (test.result == Expected::Valid || lenient) && test.case.label.is_empty() {
            assert_eq!(*opened.unwrap(), bytes(&test.case.plain), "{name}");
        } else {
            assert_eq!(opened, Err(CryptoError::Decryption), "{name}");
        }
        labelled += usize::from(!test.case.label.is_empty());
    }
    assert!(labelled >= 3 && known.cases.len() >= 36);
}

#[test]
fn oaep_opens_and_refuses_what_wycheproof_says() {
    each_backend(|backend| {
        check_oaep(backend, OaepHash::Sha1, &known::oaep_sha1());
        check_oaep(backend, OaepHash::Sha256, &known::oaep_sha256());
    });
}

#[test]
fn oaep_opens_what_openssl_sealed() {
    each_backend(|backend| {
        let known = known::rsa();
        for case in &known.oaep {
            let (hash, other) = match case.hash.as_str() {
                "sha1" => (OaepHash::Sha1, OaepHash::Sha256),
                "sha256" => (OaepHash::Sha256, OaepHash::Sha1),
                hash => panic!("no such hash: {hash}"),
            };
            let key = pair(backend, &known.keys[case.key].pkcs8);
            let sealed = bytes(&case.sealed);
            let opened = key.decrypt_oaep(hash, &sealed).unwrap();
            assert_eq!(*opened, bytes(&case.plain));
            let refused = key.decrypt_oaep(other, &sealed).unwrap_err();
            assert_eq!(refused, CryptoError::Decryption);
        }
        assert_eq!(known.oaep.len(), 6);
    });
}

#[test]
fn pss_accepts_and_refuses_what_wycheproof_says() {
    each_backend(|backend| {
        let known = known::pss();
        let key = PublicKey::from_spki_der(backend, &bytes(&known.spki)).unwrap();
        for test in &known.cases {
            let (message, signature) = (bytes(&test.case.message), bytes(&test.case.signature));
            let accepted = key.verify_pss(&message, &signature);
            let expected = test.result == Expected::Valid;
            assert_eq!(accepted, expected, "{}: {}", test.id, test.comment);
        }
        assert_eq!(known.cases.len(), 35);
    });
}
