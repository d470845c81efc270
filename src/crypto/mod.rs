//! The cryptography of the platform's clients: AES for data, RSA for the keys
//! of that data, and the formats in which keys travel.
//!
//! Algorithms live below `rustcrypto` and `aws_lc`, behind one trait over
//! bytes (`provider`), and `auto` takes of each what it is faster at;
//! [`CryptoBackend`] is the choice between them, and what else is here gives
//! them types.

mod aes_key;
mod auto;
mod aws_lc;
mod backend;
pub mod benchmark;
mod client_crypto;
mod error;
mod key_pair;
mod plain;
mod provider;
mod public_key;
mod rustcrypto;

pub use aes_key::AesKey;
pub use backend::CryptoBackend;
pub use client_crypto::ClientCrypto;
pub use error::CryptoError;
pub use key_pair::KeyPair;
pub use plain::Plain;
pub use provider::{KeyBits, OaepHash};
pub use public_key::{Fingerprint, PublicKey};

#[cfg(test)]
pub(crate) mod known;

#[cfg(test)]
mod tests;
