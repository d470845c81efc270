//! The known answers of `fixtures/crypto`. Everything in them is hexadecimal.

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A set of cases.
#[derive(Deserialize)]
pub struct Cases<T> {
    pub cases: Vec<T>,
}

/// A CBC example of whole blocks, and the block that padding adds.
#[derive(Deserialize)]
pub struct Cbc {
    pub name: String,
    pub key: String,
    pub iv: String,
    pub plain: String,
    pub sealed: String,
    pub padding_block: String,
}

/// A GCM test case.
#[derive(Deserialize)]
pub struct Gcm {
    pub key: String,
    pub nonce: String,
    pub associated: String,
    pub plain: String,
    pub sealed: String,
    pub tag: String,
}

/// Whether an operation must succeed.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Expected {
    Valid,
    Invalid,
}

/// A case of Project Wycheproof.
#[derive(Deserialize)]
pub struct Wycheproof<T> {
    pub id: u32,
    pub result: Expected,
    pub comment: String,
    #[serde(flatten)]
    pub case: T,
}

/// CBC with padding, which may be wrong.
#[derive(Deserialize)]
pub struct PaddedCbc {
    pub key: String,
    pub iv: String,
    pub plain: String,
    pub sealed: String,
}

/// Ciphertexts for one key.
#[derive(Deserialize)]
pub struct OaepCases {
    pub pkcs8: String,
    pub cases: Vec<Wycheproof<LabelledOaep>>,
}

/// An OAEP ciphertext.
#[derive(Deserialize)]
pub struct LabelledOaep {
    pub label: String,
    pub plain: String,
    pub sealed: String,
}

/// Signatures of one key.
#[derive(Deserialize)]
pub struct PssCases {
    pub spki: String,
    pub cases: Vec<Wycheproof<Pss>>,
}

/// A PSS signature.
#[derive(Deserialize)]
pub struct Pss {
    pub message: String,
    pub signature: String,
}

/// Keys and ciphertexts that OpenSSL made.
#[derive(Deserialize)]
pub struct Rsa {
    pub keys: Vec<RsaKey>,
    pub oaep: Vec<Oaep>,
}

/// A test key.
#[derive(Deserialize)]
pub struct RsaKey {
    pub pkcs8: String,
    pub spki: String,
}

/// A ciphertext for the key with this number.
#[derive(Deserialize)]
pub struct Oaep {
    pub hash: String,
    pub key: usize,
    pub plain: String,
    pub sealed: String,
}

pub fn cbc() -> Vec<Cbc> {
    let mut cases = read::<Cases<Cbc>>(include_str!("../../fixtures/crypto/aes-cbc.json")).cases;
    let cavp: Cases<Cbc> = read(include_str!("../../fixtures/crypto/cavp-cbc.json"));
    cases.extend(cavp.cases);
    cases
}

pub fn gcm() -> Vec<Gcm> {
    let mut cases = read::<Cases<Gcm>>(include_str!("../../fixtures/crypto/aes-gcm.json")).cases;
    let cavp: Cases<Gcm> = read(include_str!("../../fixtures/crypto/cavp-gcm.json"));
    cases.extend(cavp.cases);
    cases
}

pub fn wycheproof_cbc() -> Cases<Wycheproof<PaddedCbc>> {
    read(include_str!("../../fixtures/crypto/wycheproof-cbc.json"))
}

pub fn wycheproof_gcm() -> Cases<Wycheproof<Gcm>> {
    read(include_str!("../../fixtures/crypto/wycheproof-gcm.json"))
}

pub fn oaep_sha1() -> OaepCases {
    read(include_str!(
        "../../fixtures/crypto/wycheproof-oaep-sha1.json"
    ))
}

pub fn oaep_sha256() -> OaepCases {
    read(include_str!(
        "../../fixtures/crypto/wycheproof-oaep-sha256.json"
    ))
}

pub fn pss() -> PssCases {
    read(include_str!("../../fixtures/crypto/wycheproof-pss.json"))
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
