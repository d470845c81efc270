//! Key pairs made in advance, so that a run measures the server and not our
//! own search for primes. `docs/keys.md` has the format.
//!
//! [`generate()`] fills a [`KeyPool`]'s file; a [`KeyProvider`] hands the keys of a
//! pool out, each once, and says what becomes of those who come when there are
//! no more; keys that it has to generate are searched ahead of need (`ahead`).
//! A pool is a sealed file as the vault is, or, for test keys, a plain one
//! (`test_keys`).

mod ahead;
mod error;
mod generate;
mod pool;
mod provider;
mod test_keys;

pub use error::KeysError;
pub use generate::{Made, Making, Order, generate};
pub use pool::KeyPool;
pub use provider::{KeyProvider, KeyTicket, OnExhausted};
