//! From an operation to something that does it again and again.

use std::collections::HashMap;
use std::hint::black_box;

use super::operation::{Direction, Mode, Operation, Rsa};
use crate::crypto::{AesKey, CryptoBackend, CryptoError, KeyBits, KeyPair, Plain};

/// Does an operation so many times. The loop is inside, so that a single one
/// costs no call through a pointer.
pub(super) type Work = Box<dyn FnMut(u64) -> Result<(), CryptoError> + Send>;

/// RSA keys of each length, made when first needed. Every backend works with
/// the same ones.
#[derive(Default)]
pub(super) struct Keys(HashMap<(usize, CryptoBackend), KeyPair>);

impl Keys {
    /// The key of this length, in the hands of this backend.
    pub(super) fn pair(
        &mut self,
        bits: KeyBits,
        backend: CryptoBackend,
    ) -> Result<KeyPair, CryptoError> {
        if let Some(pair) = self.0.get(&(bits.bits(), backend)) {
            return Ok(pair.clone());
        }
        let same = self
            .0
            .iter()
            .find(|((length, _), _)| *length == bits.bits());
        let pair = match same {
            Some((_, pair)) => pair.with_backend(backend)?,
            // The faster one at this, whichever is measured.
            None => KeyPair::generate(CryptoBackend::Auto, bits)?.with_backend(backend)?,
        };
        self.0.insert((bits.bits(), backend), pair.clone());
        Ok(pair)
    }
}

/// An AES key to seal.
const SEALED: [u8; 32] = [7; 32];

/// Does it so many times; `black_box` keeps the compiler from leaving any of
/// them out.
fn repeat<T>(mut operation: impl FnMut() -> Result<T, CryptoError> + Send + 'static) -> Work {
    Box::new(move |times| {
        for _ in 0..times {
            black_box(operation()?);
        }
        Ok(())
    })
}

/// Sets an operation up. `pair` is there when the operation needs an RSA key.
pub(super) fn prepare(
    operation: Operation,
    backend: CryptoBackend,
    pair: Option<&KeyPair>,
) -> Result<Work, CryptoError> {
    match operation {
        Operation::Aes(mode, direction, payload) => aes(mode, direction, payload, backend),
        Operation::Sha256(payload) => {
            let data = text(payload);
            Ok(repeat(move || Ok(backend.sha256(black_box(&data)))))
        }
        Operation::Hmac(payload) => {
            let data = text(payload);
            let key = backend.hmac_sha256(&SEALED)?;
            Ok(repeat(move || Ok(key.tag(black_box(&data)))))
        }
        Operation::Rsa(bits, Rsa::Generate) => Ok(repeat(move || KeyPair::generate(backend, bits))),
        Operation::Rsa(_, what) => {
            let pair = pair.ok_or(CryptoError::PrivateKey)?;
            rsa(what, pair.clone())
        }
    }
}

/// Bytes of which no two blocks are alike.
fn text(length: usize) -> Vec<u8> {
    (0..length)
        .map(|at| (at ^ (at >> 8)).to_le_bytes()[0])
        .collect()
}

fn aes(
    mode: Mode,
    direction: Direction,
    payload: usize,
    backend: CryptoBackend,
) -> Result<Work, CryptoError> {
    let key = AesKey::from_bytes(backend, AesKey::generate(backend).as_bytes())?;
    let data = text(payload);
    let mut sealed = Vec::new();
    let mut opened = Plain::new();
    Ok(match (mode, direction) {
        (Mode::Cbc, Direction::Encrypt) => repeat(move || {
            key.encrypt_cbc_into(black_box(&data), &mut sealed)?;
            black_box(&mut sealed);
            Ok(())
        }),
        (Mode::Gcm, Direction::Encrypt) => repeat(move || {
            key.seal_gcm_into(b"", black_box(&data), &mut sealed)?;
            black_box(&mut sealed);
            Ok(())
        }),
        (Mode::Cbc, Direction::Decrypt) => {
            key.encrypt_cbc_into(&data, &mut sealed)?;
            repeat(move || {
                key.decrypt_cbc_into(black_box(&sealed), &mut opened)?;
                black_box(&mut opened);
                Ok(())
            })
        }
        (Mode::Gcm, Direction::Decrypt) => {
            key.seal_gcm_into(b"", &data, &mut sealed)?;
            repeat(move || {
                key.open_gcm_into(b"", black_box(&sealed), &mut opened)?;
                black_box(&mut opened);
                Ok(())
            })
        }
    })
}

fn rsa(what: Rsa, pair: KeyPair) -> Result<Work, CryptoError> {
    Ok(match what {
        Rsa::Generate => return Err(CryptoError::PrivateKey),
        Rsa::Encrypt(hash) => repeat(move || pair.public().encrypt_oaep(hash, black_box(&SEALED))),
        Rsa::Decrypt(hash) => {
            let sealed = pair.public().encrypt_oaep(hash, &SEALED)?;
            repeat(move || pair.decrypt_oaep(hash, black_box(&sealed)))
        }
        Rsa::Sign => repeat(move || pair.sign_pss(black_box(&SEALED))),
        Rsa::Verify => {
            let signature = pair.sign_pss(&SEALED)?;
            repeat(move || {
                let good = pair.public().verify_pss(black_box(&SEALED), &signature);
                good.then_some(())
                    .ok_or(CryptoError::Failed("RSA-PSS verification"))
            })
        }
    })
}
