//! AES keys.

use proptest::prelude::*;

use super::each_backend;
use crate::crypto::{AesKey, CryptoBackend, CryptoError, Plain};

/// One key in the hands of each of two backends, which may be the same.
fn pairs() -> impl Strategy<Value = (AesKey, AesKey)> {
    let backend = || prop::sample::select(&CryptoBackend::ALL[..]);
    let bytes = prop_oneof![
        prop::collection::vec(any::<u8>(), 16),
        prop::collection::vec(any::<u8>(), 32)
    ];
    (backend(), backend(), bytes).prop_map(|(one, other, bytes)| {
        let key = |backend| AesKey::from_bytes(backend, &bytes).unwrap();
        (key(one), key(other))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_one_backend_seals_with_cbc_the_other_opens((one, other) in pairs(), plain: Vec<u8>) {
        let sealed = one.encrypt_cbc(&plain).unwrap();
        prop_assert_eq!(sealed.len(), 16 + (plain.len() / 16 + 1) * 16);
        prop_assert_eq!(&*other.decrypt_cbc(&sealed).unwrap(), &plain[..]);
    }

    #[test]
    fn what_one_backend_seals_with_gcm_the_other_opens(
        (one, other) in pairs(), plain: Vec<u8>, associated: Vec<u8>,
    ) {
        let sealed = one.seal_gcm(&associated, &plain).unwrap();
        prop_assert_eq!(sealed.len(), plain.len() + AesKey::GCM_OVERHEAD);
        prop_assert_eq!(&*other.open_gcm(&associated, &sealed).unwrap(), &plain[..]);
    }

    #[test]
    fn gcm_notices_every_flipped_bit(
        (one, other) in pairs(), plain: Vec<u8>, at: prop::sample::Index, bit in 0..8_u32,
    ) {
        let mut sealed = one.seal_gcm(b"", &plain).unwrap();
        let at = at.index(sealed.len());
        sealed[at] ^= 1_u8 << bit;
        prop_assert_eq!(other.open_gcm(b"", &sealed), Err(CryptoError::Decryption));
    }

    #[test]
    fn any_bytes_at_all_are_decrypted_alike_or_refused((one, other) in pairs(), sealed: Vec<u8>) {
        prop_assert_eq!(one.decrypt_cbc(&sealed), other.decrypt_cbc(&sealed));
        prop_assert!(one.open_gcm(b"", &sealed).is_err());
    }

    #[test]
    fn long_texts_are_no_different(
        (one, other) in pairs(), length in 8150..8250_usize, last: [u8; 16], bytes: u64,
    ) {
        let plain: Vec<u8> = bytes.to_le_bytes().into_iter().cycle().take(length).collect();
        let mut sealed = one.encrypt_cbc(&plain).unwrap();
        prop_assert_eq!(&*other.decrypt_cbc(&sealed).unwrap(), &plain[..]);
        // Whether the padding is right is for chance to say, and for both the same.
        sealed.truncate(sealed.len() - 16);
        sealed.extend(last);
        prop_assert_eq!(one.decrypt_cbc(&sealed), other.decrypt_cbc(&sealed));
    }

    #[test]
    fn buffers_can_be_used_again_for_texts_of_any_length(
        (one, other) in pairs(), plains in prop::collection::vec(any::<Vec<u8>>(), 1..6),
    ) {
        let (mut sealed, mut opened) = (Vec::new(), Plain::new());
        for plain in &plains {
            one.encrypt_cbc_into(plain, &mut sealed).unwrap();
            other.decrypt_cbc_into(&sealed, &mut opened).unwrap();
            prop_assert_eq!(&*opened, &plain[..]);
            one.seal_gcm_into(b"name", plain, &mut sealed).unwrap();
            other.open_gcm_into(b"name", &sealed, &mut opened).unwrap();
            prop_assert_eq!(&*opened, &plain[..]);
        }
    }
}

fn fresh(backend: CryptoBackend) -> AesKey {
    AesKey::from_bytes(backend, AesKey::generate(backend).as_bytes()).unwrap()
}

#[test]
fn no_two_texts_are_alike() {
    each_backend(|backend| {
        let key = fresh(backend);
        assert_ne!(key.encrypt_cbc(b"same"), key.encrypt_cbc(b"same"));
        assert_ne!(key.seal_gcm(b"", b"same"), key.seal_gcm(b"", b"same"));
        assert_ne!(key.as_bytes(), fresh(backend).as_bytes());
    });
}

#[test]
fn a_text_that_is_no_whole_number_of_blocks_is_refused() {
    each_backend(|backend| {
        let key = fresh(backend);
        let sealed = key.encrypt_cbc(b"a text of more than one block").unwrap();
        for length in [0, 15, 16, 17, sealed.len() - 1] {
            let cut = key.decrypt_cbc(&sealed[..length]);
            assert_eq!(cut, Err(CryptoError::Decryption), "{length}");
        }
    });
}

#[test]
fn another_key_does_not_open() {
    each_backend(|backend| {
        let sealed = fresh(backend).encrypt_cbc(b"plain").unwrap();
        // One wrong key in 256 finds valid padding by chance; eight do not.
        let opened = (0..8).filter_map(|_| fresh(backend).decrypt_cbc(&sealed).ok());
        assert!(opened.count() < 8);
        let sealed = fresh(backend).seal_gcm(b"", b"plain").unwrap();
        assert!(fresh(backend).open_gcm(b"", &sealed).is_err());
    });
}

#[test]
fn gcm_notices_other_associated_data() {
    each_backend(|backend| {
        let key = fresh(backend);
        let sealed = key.seal_gcm(b"name", b"plain").unwrap();
        assert_eq!(key.open_gcm(b"eman", &sealed), Err(CryptoError::Decryption));
    });
}

#[test]
fn what_does_not_open_leaves_nothing_in_the_buffer() {
    each_backend(|backend| {
        let key = fresh(backend);
        let mut sealed = key.seal_gcm(b"", &[7; 100]).unwrap();
        let mut opened = Plain::new();
        key.open_gcm_into(b"", &sealed, &mut opened).unwrap();
        sealed[50] ^= 1;
        assert!(key.open_gcm_into(b"", &sealed, &mut opened).is_err());
        assert!(opened.is_empty());
    });
}

#[test]
fn hexadecimal_goes_both_ways_and_errors_do_not_repeat_it() {
    let text = "2b7e151628aed2a6abf7158809cf4f3c";
    assert_eq!(
        AesKey::from_hex(CryptoBackend::default(), text)
            .unwrap()
            .to_hex()
            .as_str(),
        text
    );
    let short = AesKey::from_hex(CryptoBackend::default(), "2b7e15").unwrap_err();
    assert_eq!(
        short.to_string(),
        "an AES key has 16 or 32 bytes, this one has 3"
    );
    let odd = AesKey::from_hex(CryptoBackend::default(), "2b7e1z").unwrap_err();
    assert_eq!(odd.to_string(), "an AES key is not hexadecimal");
}

#[test]
fn debug_shows_the_length_and_nothing_else() {
    each_backend(|backend| {
        let key = AesKey::from_bytes(backend, &[0xab; 32]).unwrap();
        assert_eq!(format!("{key:?}"), "AesKey(256 bits)");
    });
}
