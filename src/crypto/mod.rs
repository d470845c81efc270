//! The cryptography of the platform's clients: AES for data, RSA for the keys
//! of that data, and the formats in which keys travel.
//!
//! Algorithms live below `rustcrypto`, behind small functions over bytes;
//! what is here gives them types. Another backend is another module like it.

mod aes_key;
mod error;
mod key_pair;
mod offload;
mod public_key;
mod rustcrypto;

pub use aes_key::AesKey;
pub use error::CryptoError;
pub use key_pair::{KeyBits, KeyPair};
pub use offload::offload;
pub use public_key::{Fingerprint, OaepHash, PublicKey};

#[cfg(test)]
pub(crate) mod known;
