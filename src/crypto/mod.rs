//! RSA, AES and key formats.
