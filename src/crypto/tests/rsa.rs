//! RSA keys.

use proptest::prelude::*;
use secrecy::{ExposeSecret, SecretString};

use super::each_backend;
use crate::crypto::known::{self, bytes};
use crate::crypto::{CryptoBackend, CryptoError, KeyBits, KeyPair, OaepHash, PublicKey};

const HASHES: [OaepHash; 2] = [OaepHash::Sha1, OaepHash::Sha256];

fn pair(backend: CryptoBackend, number: usize) -> KeyPair {
    let pkcs8 = bytes(&known::rsa().keys[number].pkcs8);
    KeyPair::from_pkcs8_der(backend, &pkcs8).unwrap()
}

fn public(backend: CryptoBackend, spki: &[u8]) -> Result<PublicKey, CryptoError> {
    PublicKey::from_spki_der(backend, spki)
}

#[test]
fn the_keys_that_openssl_made_come_out_as_they_went_in() {
    each_backend(|backend| {
        for (number, key) in known::rsa().keys.iter().enumerate() {
            let pair = pair(backend, number);
            assert_eq!(pair.to_pkcs8_hex().unwrap().expose_secret(), key.pkcs8);
            assert_eq!(pair.public().spki_hex(), key.spki);
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn what_one_backend_seals_or_signs_each_one_opens_and_accepts(
        plain in prop::collection::vec(any::<u8>(), 0..=190),
    ) {
        let pairs = CryptoBackend::ALL.map(|backend| pair(backend, 0));
        for one in &pairs {
            let signature = one.sign_pss(&plain).unwrap();
            for other in &pairs {
                for hash in HASHES {
                    let sealed = one.public().encrypt_oaep(hash, &plain).unwrap();
                    prop_assert_eq!(&*other.decrypt_oaep(hash, &sealed).unwrap(), &plain);
                }
                prop_assert!(other.public().verify_pss(&plain, &signature));
            }
        }
    }
}

#[test]
fn a_wrong_key_and_a_changed_text_fail_alike() {
    each_backend(|backend| {
        let (pair, another) = (pair(backend, 0), pair(backend, 1));
        let sealed = pair
            .public()
            .encrypt_oaep(OaepHash::Sha256, b"key")
            .unwrap();
        let mut changed = sealed.clone();
        changed[100] ^= 1;
        let failures = [
            another.decrypt_oaep(OaepHash::Sha256, &sealed),
            pair.decrypt_oaep(OaepHash::Sha1, &sealed),
            pair.decrypt_oaep(OaepHash::Sha256, &changed),
            pair.decrypt_oaep(OaepHash::Sha256, &sealed[1..]),
            pair.decrypt_oaep(OaepHash::Sha256, &[0xff; 256]),
            pair.decrypt_oaep(OaepHash::Sha256, b""),
        ];
        for failure in failures {
            assert_eq!(failure, Err(CryptoError::Decryption));
        }
    });
}

#[test]
fn a_signature_is_for_one_message_and_one_key() {
    each_backend(|backend| {
        let (pair, another) = (pair(backend, 0), pair(backend, 1));
        let mut signature = pair.sign_pss(b"message").unwrap();
        assert!(pair.public().verify_pss(b"message", &signature));
        assert!(!pair.public().verify_pss(b"massage", &signature));
        assert!(!another.public().verify_pss(b"message", &signature));
        signature[0] ^= 1;
        assert!(!pair.public().verify_pss(b"message", &signature));
        assert!(!pair.public().verify_pss(b"message", b""));
    });
}

#[test]
fn a_new_key_is_as_long_as_asked_and_is_one_for_every_backend() {
    each_backend(|backend| {
        let pair = KeyPair::generate(backend, KeyBits::B2048).unwrap();
        let sealed = pair.public().encrypt_oaep(OaepHash::Sha1, b"key").unwrap();
        assert_eq!(sealed.len() * 8, KeyBits::B2048.bits());
        each_backend(|other| {
            let copy = pair.with_backend(other).unwrap();
            assert_eq!(copy.public(), pair.public());
            assert_eq!(copy.to_pkcs8_der().unwrap(), pair.to_pkcs8_der().unwrap());
            assert_eq!(*copy.decrypt_oaep(OaepHash::Sha1, &sealed).unwrap(), b"key");
        });
    });
}

#[test]
fn what_is_not_a_private_key_is_refused_without_repeating_it() {
    each_backend(|backend| {
        let known = known::rsa();
        // A digit of the private exponent: a key whose numbers do not fit.
        let mut inconsistent = known.keys[0].pkcs8.clone();
        let digit = if &inconsistent[800..801] == "0" {
            "1"
        } else {
            "0"
        };
        inconsistent.replace_range(800..801, digit);
        let longer = format!("{}00", known.keys[0].pkcs8);
        for wrong in [
            "",
            &known.keys[0].spki,
            &known.keys[0].pkcs8[2..],
            &longer,
            &inconsistent,
        ] {
            let refused = KeyPair::from_pkcs8_der(backend, &bytes(wrong));
            assert!(refused.is_err(), "{backend} {}", wrong.len());
            let refused = refused.unwrap_err();
            assert_eq!(refused, CryptoError::PrivateKey);
        }
    });
    let refused =
        KeyPair::from_pkcs8_hex(CryptoBackend::default(), &SecretString::from("deadbeeg"))
            .unwrap_err();
    assert_eq!(refused.to_string(), "a private key is not hexadecimal");
}

#[test]
fn what_is_not_an_spki_is_refused() {
    each_backend(|backend| {
        let known = known::rsa();
        let spki = &known.keys[0].spki;
        let longer = format!("{spki}00");
        for wrong in ["", "30", &spki[2..], &longer, &known.keys[0].pkcs8] {
            let refused = public(backend, &bytes(wrong)).unwrap_err();
            assert_eq!(refused, CryptoError::PublicKey, "{wrong}");
        }
    });
    let refused = PublicKey::from_spki_hex(CryptoBackend::default(), "public").unwrap_err();
    assert_eq!(refused, CryptoError::NotHex("a public key"));
}

#[test]
fn a_text_that_does_not_fit_is_refused_with_the_limit() {
    each_backend(|backend| {
        let public = public(backend, &bytes(&known::rsa().keys[0].spki)).unwrap();
        for (hash, most) in [(OaepHash::Sha1, 214), (OaepHash::Sha256, 190)] {
            assert!(public.encrypt_oaep(hash, &vec![0; most]).is_ok());
            let refused = public.encrypt_oaep(hash, &vec![0; most + 1]).unwrap_err();
            let length = most + 1;
            assert_eq!(refused, CryptoError::TooLong { length, most });
        }
    });
}

/// 1024 bits, by `openssl genrsa`.
const SHORT: &str = "30819f300d06092a864886f70d010101050003818d0030818902818100ca5e715b118723e7e41b39a2f1\
     8dccfcdf0a1112d44caa4f9bbbb8d0ddbf5c065d533c17687bc7b8f9decdbab1789f86d9969e2b3c6c64\
     2fa77b05a6643d8f68ee17b795572b9fd9ecfb5f21b4f3d1d8fa7590e7c84a6b49a225f8f5222913d1bc\
     61b8c6ea856592c4fbf7c76088501246239ffa55a8457f40ba08dd4264c8090203010001";

#[test]
fn a_key_that_is_too_short_for_one_library_is_used_by_the_other() {
    let short = |backend| PublicKey::from_spki_hex(backend, SHORT);
    assert_eq!(
        short(CryptoBackend::AwsLc).unwrap_err(),
        CryptoError::PublicKey
    );
    for backend in [CryptoBackend::Auto, CryptoBackend::RustCrypto] {
        let sealed = short(backend)
            .unwrap()
            .encrypt_oaep(OaepHash::Sha1, b"key")
            .unwrap();
        assert_eq!(sealed.len(), 128);
    }
}

#[test]
fn a_fingerprint_is_the_end_of_the_spki_in_lower_case() {
    let spki = known::rsa().keys[0].spki.to_uppercase();
    let key = PublicKey::from_spki_hex(CryptoBackend::default(), &spki).unwrap();
    assert_eq!(key.fingerprint().as_str().len(), 32);
    assert!(key.spki_hex().ends_with(key.fingerprint().as_str()));
    assert!(key.fingerprint().as_str().ends_with("0203010001"));
    assert_eq!(
        key,
        PublicKey::from_spki_hex(CryptoBackend::default(), &spki.to_lowercase()).unwrap()
    );
}

#[test]
fn debug_shows_the_fingerprint_and_nothing_else() {
    each_backend(|backend| {
        let pair = pair(backend, 0);
        let shown = format!("{pair:?}");
        assert_eq!(shown, format!("KeyPair({})", pair.public().fingerprint()));
    });
}
