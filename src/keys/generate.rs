//! Fills a key pool: as many threads as asked for search keys, one writes them.
//!
//! What was found is written in batches. A batch costs the time of writing the
//! whole file once, so it comes the less often the longer that takes: a crash
//! loses what was found since, a second or two for a small pool.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use super::KeysError;
use super::pool::{bits_in, name_of, read_test_keys};
use super::test_keys::TestKeys;
use crate::clock::Clock;
use crate::crypto::{CryptoBackend, CryptoError, KeyBits, KeyPair};
use crate::vault::{KeySource, Place, Records, SealedFile, VaultError};

/// Shortest time between two batches.
const PERIOD: Duration = Duration::from_secs(1);
/// Writing takes at most one part in so many of the time.
const SHARE: u32 = 20;
/// How long a request to stop may go unnoticed.
const ATTENTION: Duration = Duration::from_millis(50);

/// What is to be made.
pub struct Order {
    /// The time.
    pub clock: Clock,
    /// The pool. One that is there is continued.
    pub path: PathBuf,
    /// What it is encrypted under; not looked at for test keys.
    pub key: KeySource,
    /// What searches keys.
    pub backend: CryptoBackend,
    /// Length of the keys.
    pub bits: KeyBits,
    /// Number of key pairs.
    pub count: usize,
    /// How many search at once.
    pub threads: NonZeroUsize,
    /// A plain file that says so.
    pub test_keys: bool,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Making {
    /// Keys that were there before.
    pub before: usize,
    /// Keys that were found.
    pub found: usize,
    /// Of those, keys that are on the disk.
    pub saved: usize,
}

/// What has been made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    /// Keys that were there before.
    pub before: usize,
    /// Keys that are there now.
    pub now: usize,
}

/// Makes keys until the pool holds as many as ordered, or `stop` says to stop.
/// What was found by then is kept. `tell` hears of each key and each batch.
///
/// # Errors
/// When the pool is of another kind, or cannot be written. What was written
/// stays.
pub fn generate(
    order: &Order,
    stop: &AtomicBool,
    tell: &mut dyn FnMut(Making),
) -> Result<Made, KeysError> {
    let mut sink = Sink::open(order)?;
    let before = sink.len;
    let missing = order.count.saturating_sub(before);
    if missing == 0 {
        return Ok(Made {
            before,
            now: before,
        });
    }
    let search = Search::start(order.backend, order.bits, order.threads.get().min(missing));
    let mut hand: Vec<KeyPair> = Vec::new();
    let (mut found, mut last, mut pause) = (0, order.clock.now(), PERIOD);
    let ended = loop {
        if sink.len + hand.len() >= order.count || stop.load(Ordering::Relaxed) {
            break Ok(());
        }
        match search.keys.recv_timeout(ATTENTION) {
            Ok(Ok(pair)) => {
                hand.push(pair);
                found += 1;
            }
            Ok(Err(error)) => break Err(error),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                break Err(CryptoError::Failed("the search for keys"));
            }
        }
        if order.clock.since(last) >= pause && !hand.is_empty() {
            let start = order.clock.now();
            sink.append(&std::mem::take(&mut hand))?;
            last = order.clock.now();
            pause = PERIOD.max((last - start) * SHARE);
        }
        tell(Making {
            before,
            found,
            saved: found - hand.len(),
        });
    };
    drop(search.stop());
    // Also after an error: what was found is good.
    if !hand.is_empty() {
        sink.append(&hand)?;
    }
    ended?;
    Ok(Made {
        before,
        now: sink.len,
    })
}

/// Threads that search. They are not waited for: a search under way takes
/// seconds, and cannot be broken off.
struct Search {
    keys: Receiver<Result<KeyPair, CryptoError>>,
    over: Arc<AtomicBool>,
}

impl Search {
    fn start(backend: CryptoBackend, bits: KeyBits, threads: usize) -> Self {
        let (found, keys) = mpsc::channel();
        let over = Arc::new(AtomicBool::new(false));
        for _ in 0..threads {
            let (found, over) = (Sender::clone(&found), Arc::clone(&over));
            thread::spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    let key = KeyPair::generate(backend, bits);
                    // Nobody listens any more.
                    if found.send(key).is_err() {
                        return;
                    }
                }
            });
        }
        Self { keys, over }
    }

    fn stop(self) -> Receiver<Result<KeyPair, CryptoError>> {
        self.over.store(true, Ordering::Relaxed);
        self.keys
    }
}

/// The file that keys go into.
struct Sink {
    place: Place,
    bits: KeyBits,
    /// Keys on the disk.
    len: usize,
    kind: SinkKind,
}

enum SinkKind {
    Sealed(SealedFile),
    Test(TestKeys),
}

impl Sink {
    /// Opens or makes the file, so that whatever is wrong with it is found
    /// before the search.
    fn open(order: &Order) -> Result<Self, KeysError> {
        let place = Place::key_pool(&order.path);
        let there = read_test_keys(&place)?;
        let (kind, len, bits) = match (there, order.test_keys) {
            (Some(_), false) => return Err(KeysError::ForTests { pool: place }),
            (Some(keys), true) => {
                let (len, bits) = (keys.keys.len(), keys.bits);
                (SinkKind::Test(keys), len, bits)
            }
            (None, true) if place.path.exists() => {
                return Err(KeysError::NotForTests { pool: place });
            }
            (None, true) => {
                let keys = TestKeys::default();
                keys.write(&place)?;
                (SinkKind::Test(keys), 0, None)
            }
            (None, false) => {
                let file = SealedFile::open(place.clone(), order.key.again())?;
                let snapshot = file.snapshot()?;
                let bits = snapshot.names().next().and_then(|name| bits_in(name));
                (SinkKind::Sealed(file), snapshot.len(), bits)
            }
        };
        if let Some(there) = bits.filter(|there| *there != order.bits) {
            return Err(KeysError::OtherLength {
                pool: place,
                there: there.bits(),
            });
        }
        Ok(Self {
            place,
            bits: order.bits,
            len,
            kind,
        })
    }

    /// Writes keys behind those that are there.
    fn append(&mut self, pairs: &[KeyPair]) -> Result<(), KeysError> {
        match &mut self.kind {
            SinkKind::Sealed(file) => {
                let ders: Vec<_> = pairs
                    .iter()
                    .map(KeyPair::to_pkcs8_der)
                    .collect::<Result<_, _>>()?;
                let (bits, mut len) = (self.bits, 0);
                file.update(|there| {
                    // Somebody else may fill the same pool.
                    let first = there.len();
                    len = first + ders.len();
                    let numbered = ders.into_iter().zip(first..);
                    let records: Records = numbered
                        .map(|(der, number)| (name_of(bits, number), der))
                        .collect();
                    Ok::<_, VaultError>(records)
                })?;
                self.len = len;
            }
            SinkKind::Test(keys) => {
                keys.add(self.bits, pairs)?;
                keys.write(&self.place)?;
                self.len = keys.keys.len();
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::fs;
    use std::num::NonZeroUsize;
    use std::path::Path;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::{CryptoBackend, KeyBits, KeySource, Made, Order, generate};
    use crate::clock::Clock;
    use crate::keys::{KeyPool, KeysError};

    fn order(path: &Path, count: usize, test_keys: bool) -> Order {
        Order {
            clock: Clock::real(),
            path: path.to_owned(),
            key: KeySource::beside(path),
            backend: CryptoBackend::default(),
            bits: KeyBits::B2048,
            count,
            threads: NonZeroUsize::new(2).unwrap(),
            test_keys,
        }
    }

    fn make(order: &Order) -> Result<Made, KeysError> {
        generate(order, &AtomicBool::new(false), &mut |_| {})
    }

    fn publics(path: &Path) -> Vec<String> {
        let pool = KeyPool::open(path, KeySource::beside(path)).unwrap();
        pool.check().unwrap();
        assert_eq!(pool.bits(), Some(KeyBits::B2048));
        let public = |number| {
            pool.get(number, CryptoBackend::default())
                .unwrap()
                .public()
                .spki_hex()
                .to_owned()
        };
        (0..pool.len()).map(public).collect()
    }

    #[test]
    fn a_pool_is_continued_where_it_ended_and_no_key_is_twice_in_it() {
        let folder = tempfile::tempdir().unwrap();
        for (name, test_keys) in [("a.pool", false), ("test.pool", true)] {
            let path = folder.path().join(name);
            let made = make(&order(&path, 2, test_keys)).unwrap();
            assert_eq!(made, Made { before: 0, now: 2 });
            let first = publics(&path);
            let made = make(&order(&path, 3, test_keys)).unwrap();
            assert_eq!(made, Made { before: 2, now: 3 });
            let all = publics(&path);
            assert_eq!(all[..2], first);
            assert_eq!(all.iter().collect::<HashSet<_>>().len(), 3);
            // Fewer than there are: nothing is taken away.
            let made = make(&order(&path, 1, test_keys)).unwrap();
            assert_eq!(made, Made { before: 3, now: 3 });
        }
    }

    #[test]
    fn what_was_found_before_a_stop_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pool");
        let stop = AtomicBool::new(false);
        let made = generate(&order(&path, 1000, false), &stop, &mut |making| {
            stop.store(making.found >= 2, Ordering::Relaxed);
        })
        .unwrap();
        assert!((2..1000).contains(&made.now), "{made:?}");
        assert_eq!(publics(&path).len(), made.now);
    }

    #[test]
    fn two_who_fill_one_pool_do_not_overwrite_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pool");
        let mut sinks = [0, 1].map(|_| super::Sink::open(&order(&path, 9, false)).unwrap());
        let pair = super::KeyPair::generate(CryptoBackend::default(), KeyBits::B2048).unwrap();
        for sink in &mut sinks {
            sink.append(std::slice::from_ref(&pair)).unwrap();
        }
        assert_eq!(sinks.map(|sink| sink.len), [1, 2]);
        assert_eq!(publics(&path).len(), 2);
    }

    #[test]
    fn a_pool_of_another_kind_or_length_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let sealed = folder.path().join("a.pool");
        let test = folder.path().join("test.pool");
        make(&order(&sealed, 1, false)).unwrap();
        make(&order(&test, 1, true)).unwrap();
        for (path, test_keys, word) in [
            (&sealed, true, "leave out `--test-keys`"),
            (&test, false, "give `--test-keys`"),
        ] {
            let before = fs::read(path).unwrap();
            let error = make(&order(path, 2, test_keys)).unwrap_err();
            assert!(error.to_string().contains(word), "{error}");
            let longer = Order {
                bits: KeyBits::B3072,
                ..order(path, 2, !test_keys)
            };
            let error = make(&longer).unwrap_err();
            assert!(error.to_string().contains("give `--bits 2048`"), "{error}");
            assert_eq!(fs::read(path).unwrap(), before);
        }
    }
}
