//! The algorithms, from the `RustCrypto` crates. Nothing outside this folder
//! names those crates' types.
//!
//! `aes` (0.9) picks its implementation when the program runs: on x86 AES-NI
//! and VAES, on aarch64 Linux and macOS those of `ARMv8`, else a
//! constant-time one in software. No compiler flag is needed, and none should
//! be given: a binary built for AES-NI crashes where there is none.

pub(super) mod cbc;
pub(super) mod gcm;
pub(super) mod rsa;
