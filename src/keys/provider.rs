//! Who gets which key of a pool.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::available_parallelism;

use super::ahead::Ahead;
use super::{KeyPool, KeysError};
use crate::crypto::{CryptoBackend, KeyBits, KeyPair};

/// What becomes of those who want a key when all are handed out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnExhausted {
    /// They get keys that others have, from the first one on.
    Reuse,
    /// A key is generated for each, as without a pool.
    #[default]
    Generate,
    /// Their step fails.
    Fail,
}

/// Keys for the users of a run. Handing out is one addition, so thousands may
/// ask at once; what takes time is reading a key, which each does for itself.
pub struct KeyProvider {
    pool: Option<KeyPool>,
    on_exhausted: OnExhausted,
    /// How many were asked for.
    asked: AtomicUsize,
    ahead: Option<Ahead>,
}

/// What somebody who asked for a key gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyTicket {
    /// The key of the pool with this number, which nobody else gets.
    Pool(usize),
    /// The key of the pool with this number, which somebody has already.
    Again(usize),
    /// None: it has to be generated.
    Generate(KeyBits),
}

impl KeyProvider {
    /// No pool: every key is generated, with 2048 bits as the platform's
    /// clients do.
    pub fn generating() -> Self {
        Self {
            pool: None,
            on_exhausted: OnExhausted::Generate,
            asked: AtomicUsize::new(0),
            ahead: None,
        }
    }

    /// The keys of a pool, in order.
    pub fn from_pool(pool: KeyPool, on_exhausted: OnExhausted) -> Self {
        Self {
            pool: Some(pool),
            on_exhausted,
            ..Self::generating()
        }
    }

    /// The same for so many users, whose keys are searched from now on as far
    /// as the pool does not have them: on all cores but one, and on none of a
    /// single one, where the search would be in the way of the users.
    #[must_use]
    pub fn ahead_of(self, users: u64, backend: CryptoBackend) -> Self {
        let of_pool = match (&self.pool, self.on_exhausted) {
            (None, _) => 0,
            (Some(pool), OnExhausted::Generate) => pool.len() as u64,
            (Some(_), OnExhausted::Reuse | OnExhausted::Fail) => u64::MAX,
        };
        let users = users.saturating_sub(of_pool);
        let cores = available_parallelism().map_or(1, usize::from);
        let threads = usize::try_from(users).map_or(cores - 1, |users| users.min(cores - 1));
        let start = || Ahead::start(backend, self.bits(), users, threads);
        let ahead = (threads > 0).then(start);
        Self { ahead, ..self }
    }

    /// Length of the keys that are generated: that of the pool's.
    fn bits(&self) -> KeyBits {
        let bits = self.pool.as_ref().and_then(KeyPool::bits);
        bits.unwrap_or(KeyBits::B2048)
    }

    /// A key that was searched ahead, for who has drawn
    /// [`KeyTicket::Generate`].
    pub fn ready(&self) -> Option<KeyPair> {
        self.ahead.as_ref()?.take()
    }

    /// Says which key is the next one.
    ///
    /// # Errors
    /// [`KeysError::Exhausted`] when there is none.
    pub fn draw(&self) -> Result<KeyTicket, KeysError> {
        let Some(pool) = &self.pool else {
            return Ok(KeyTicket::Generate(self.bits()));
        };
        let size = pool.len();
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        match self.on_exhausted {
            _ if number < size => Ok(KeyTicket::Pool(number)),
            OnExhausted::Reuse if size > 0 => Ok(KeyTicket::Again(number % size)),
            OnExhausted::Generate => Ok(KeyTicket::Generate(self.bits())),
            OnExhausted::Reuse | OnExhausted::Fail => Err(KeysError::Exhausted {
                pool: pool.place().clone(),
                size,
            }),
        }
    }

    /// Reads a key of the pool; blocks on the disk.
    ///
    /// # Errors
    /// When the pool cannot be read or was damaged.
    pub fn read(&self, number: usize, backend: CryptoBackend) -> Result<KeyPair, KeysError> {
        match &self.pool {
            Some(pool) => Ok(pool.get(number, backend)?),
            // Nobody draws a number when there is no pool.
            None => Ok(KeyPair::generate(backend, KeyBits::B2048)?),
        }
    }
}

/// Shows where keys come from, and no key.
impl fmt::Debug for KeyProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.pool {
            Some(pool) => write!(f, "KeyProvider({})", pool.place()),
            None => f.write_str("KeyProvider(generated)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::path::Path;
    use std::thread;

    use super::{KeyProvider, KeyTicket, OnExhausted};
    use crate::crypto::{CryptoBackend, KeyBits};
    use crate::keys::{KeyPool, KeysError};
    use crate::vault::KeySource;

    fn supply(on_exhausted: OnExhausted) -> (KeyProvider, usize) {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/keys/test-2048.pool");
        let path = Path::new(path);
        let pool = KeyPool::open(path, KeySource::beside(path)).unwrap();
        let size = pool.len();
        assert!(size >= 20);
        (KeyProvider::from_pool(pool, on_exhausted), size)
    }

    #[test]
    fn without_a_pool_every_key_is_generated() {
        let supply = KeyProvider::generating();
        for _ in 0..3 {
            assert_eq!(supply.draw().unwrap(), KeyTicket::Generate(KeyBits::B2048));
        }
    }

    #[test]
    fn what_comes_after_the_last_key_is_the_scenarios_choice() {
        let (reuse, size) = supply(OnExhausted::Reuse);
        let (generate, _) = supply(OnExhausted::Generate);
        let (fail, _) = supply(OnExhausted::Fail);
        for number in 0..size {
            for supply in [&reuse, &generate, &fail] {
                assert_eq!(supply.draw().unwrap(), KeyTicket::Pool(number));
            }
        }
        for number in 0..2 * size {
            assert_eq!(reuse.draw().unwrap(), KeyTicket::Again(number % size));
            assert_eq!(
                generate.draw().unwrap(),
                KeyTicket::Generate(KeyBits::B2048)
            );
            let error = fail.draw().unwrap_err();
            assert!(matches!(error, KeysError::Exhausted { .. }), "{error}");
        }
    }

    #[test]
    fn keys_are_searched_ahead_for_those_whom_the_pool_does_not_serve() {
        let backend = CryptoBackend::default();
        let searches = |supply: KeyProvider, users| supply.ahead_of(users, backend).ahead.is_some();
        let many = thread::available_parallelism().unwrap().get() > 1;
        assert_eq!(searches(KeyProvider::generating(), 1), many);
        assert!(!searches(KeyProvider::generating(), 0));
        let (generate, size) = supply(OnExhausted::Generate);
        assert!(!searches(generate, size as u64));
        let (generate, _) = supply(OnExhausted::Generate);
        assert_eq!(searches(generate, size as u64 + 1), many);
        for other in [OnExhausted::Reuse, OnExhausted::Fail] {
            assert!(!searches(supply(other).0, 1000));
        }
        assert!(KeyProvider::generating().ready().is_none());
    }

    #[test]
    fn many_who_ask_at_once_get_each_key_once() {
        let (supply, size) = supply(OnExhausted::Fail);
        let backend = CryptoBackend::default();
        let draws = thread::scope(|scope| {
            let asking: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        (0..size)
                            .map_while(|_| supply.draw().ok())
                            .collect::<Vec<_>>()
                    })
                })
                .collect();
            asking
                .into_iter()
                .flat_map(|thread| thread.join().unwrap())
                .collect::<Vec<_>>()
        });
        assert_eq!(draws.len(), size);
        let numbers: HashSet<_> = draws
            .into_iter()
            .map(|draw| match draw {
                KeyTicket::Pool(number) => supply
                    .read(number, backend)
                    .unwrap()
                    .public()
                    .spki_hex()
                    .to_owned(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(numbers.len(), size, "a key twice");
    }
}
