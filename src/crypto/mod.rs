//! The cryptography of the platform's clients: AES for data, RSA for the keys
//! of that data, and the formats in which keys travel.
//!
//! Algorithms live below `rustcrypto` and `aws_lc`, behind one trait over
//! bytes ([`backend`](CryptoBackend)); what is here gives them types.

mod aes_key;
mod aws_lc;
mod backend;
pub mod benchmark;
mod error;
mod key_pair;
mod offload;
mod plain;
mod public_key;
mod rustcrypto;

pub use aes_key::AesKey;
pub use backend::{CryptoBackend, HmacKey};
pub use error::CryptoError;
pub use key_pair::{KeyBits, KeyPair};
pub use offload::offload;
pub use plain::Plain;
pub use public_key::{Fingerprint, OaepHash, PublicKey};

#[cfg(test)]
pub(crate) mod known;

#[cfg(test)]
mod tests;
