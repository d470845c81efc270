//! The known answers of `fixtures/crypto`.

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A set of cases.
#[derive(Deserialize)]
pub struct Cases<T> {
    pub cases: Vec<T>,
}

/// A CBC example; everything in hexadecimal.
#[derive(Deserialize)]
pub struct Cbc {
    pub name: String,
    pub key: String,
    pub iv: String,
    pub plain: String,
    pub sealed: String,
    pub padding_block: String,
}

/// A GCM test case; everything in hexadecimal.
#[derive(Deserialize)]
pub struct Gcm {
    pub test_case: String,
    pub key: String,
    pub nonce: String,
    pub associated: String,
    pub plain: String,
    pub sealed: String,
    pub tag: String,
}

/// Keys and ciphertexts that OpenSSL made.
#[derive(Deserialize)]
pub struct Rsa {
    pub keys: Vec<RsaKey>,
    pub oaep: Vec<Oaep>,
}

/// A test key, in hexadecimal.
#[derive(Deserialize)]
pub struct RsaKey {
    pub pkcs8: String,
    pub spki: String,
}

/// A ciphertext, in hexadecimal, for the key with this number.
#[derive(Deserialize)]
pub struct Oaep {
    pub hash: String,
    pub key: usize,
    pub plain: String,
    pub sealed: String,
}

pub fn cbc() -> Cases<Cbc> {
    read(include_str!("../../fixtures/crypto/aes-cbc.json"))
}

pub fn gcm() -> Cases<Gcm> {
    read(include_str!("../../fixtures/crypto/aes-gcm.json"))
}

pub fn rsa() -> Rsa {
    read(include_str!("../../fixtures/crypto/rsa.json"))
}

/// Bytes from hexadecimal.
pub fn bytes(hex: &str) -> Vec<u8> {
    hex::decode(hex).unwrap()
}

fn read<T: DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).unwrap()
}
