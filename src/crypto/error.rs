//! Why cryptography failed.

/// A cryptographic operation that did not work. No message holds a secret, and
/// none says which check of a decryption failed: that would help an attacker
/// who can ask many times.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CryptoError {
    /// An AES key of a length that nobody uses.
    #[error("an AES key has 16 or 32 bytes, this one has {0}")]
    AesKeyLength(usize),
    /// A key that should be hexadecimal and is not.
    #[error("{0} is not hexadecimal")]
    NotHex(&'static str),
    /// Not a usable public key.
    #[error(
        "expected an RSA public key as SPKI DER in hexadecimal, of 1024 to 8192 bits \
         (2048 and up with the backend `aws-lc`)"
    )]
    PublicKey,
    /// Not a usable private key.
    #[error("expected an RSA private key of two primes as PKCS#8 DER in hexadecimal")]
    PrivateKey,
    /// More than fits in one RSA block.
    #[error("{length} bytes are too many for RSA-OAEP with this key, which takes {most}")]
    TooLong {
        /// Bytes given.
        length: usize,
        /// Bytes that fit.
        most: usize,
    },
    /// The key or the text is wrong.
    #[error("it does not decrypt: it was encrypted with another key, or it is damaged")]
    Decryption,
    /// The operation failed for a reason that lies in neither key nor text,
    /// such as a random source that gives nothing.
    #[error("{0} failed on this machine")]
    Failed(&'static str),
}
