//! Key pairs that are searched before anybody asks for them, by threads that
//! take what others leave of the processor.

use std::sync::Arc;
use std::thread;

use parking_lot::{Condvar, Mutex};

use crate::crypto::{CryptoBackend, KeyBits, KeyPair};

/// No more wait for their users at once.
const STOCK: usize = 1024;

/// Key pairs made ahead. The search ends with this value, and wipes what
/// nobody took; a key that is being searched then is thrown away when found.
pub(super) struct Ahead(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// Told when there is room for another key, and at the end.
    taken: Condvar,
}

#[derive(Default)]
struct State {
    ready: Vec<KeyPair>,
    /// How many users will ask for whom no search has begun.
    missing: u64,
    over: bool,
}

impl Ahead {
    /// Searches keys for so many users, on so many threads.
    pub(super) fn start(backend: CryptoBackend, bits: KeyBits, users: u64, threads: usize) -> Self {
        let shared = Arc::new(Shared::default());
        shared.state.lock().missing = users;
        for _ in 0..threads {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                yield_to_others();
                shared.search(backend, bits);
            });
        }
        Self(shared)
    }

    /// A key that is ready. Who gets none searches one, which nobody needs to
    /// do ahead any more.
    pub(super) fn take(&self) -> Option<KeyPair> {
        let mut state = self.0.state.lock();
        let pair = state.ready.pop();
        if pair.is_some() {
            self.0.taken.notify_one();
        } else {
            state.missing = state.missing.saturating_sub(1);
        }
        pair
    }
}

impl Shared {
    fn search(&self, backend: CryptoBackend, bits: KeyBits) {
        while self.begin() {
            // Without random numbers: who asks for a key is told.
            let Ok(pair) = KeyPair::generate(backend, bits) else {
                return;
            };
            let mut state = self.state.lock();
            if !state.over {
                state.ready.push(pair);
            }
        }
    }

    /// Waits until another key may be searched; false when none needs to.
    fn begin(&self) -> bool {
        let mut state = self.state.lock();
        while !state.over && state.missing > 0 && state.ready.len() >= STOCK {
            self.taken.wait(&mut state);
        }
        let search = !state.over && state.missing > 0;
        state.missing -= u64::from(search);
        search
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        let mut state = self.0.state.lock();
        state.over = true;
        state.ready.clear();
        self.0.taken.notify_all();
    }
}

/// Gives this thread the lowest priority. Elsewhere than on Linux that would
/// be the whole program's.
fn yield_to_others() {
    #[cfg(target_os = "linux")]
    // Where it is refused, the search takes its share as any other work.
    let _ = rustix::process::nice(19);
}

#[cfg(test)]
mod tests {
    use std::thread::sleep;
    use std::time::{Duration, Instant};

    use super::{Ahead, CryptoBackend, KeyBits};

    fn until(done: impl Fn() -> bool) {
        let began = Instant::now();
        while !done() {
            assert!(began.elapsed() < Duration::from_secs(120), "no key");
            sleep(Duration::from_millis(20));
        }
    }

    fn ahead(users: u64, threads: usize) -> Ahead {
        Ahead::start(CryptoBackend::default(), KeyBits::B2048, users, threads)
    }

    #[test]
    fn no_more_keys_are_searched_than_users_will_ask() {
        let ahead = ahead(2, 1);
        until(|| ahead.0.state.lock().ready.len() == 2);
        assert_eq!(ahead.0.state.lock().missing, 0);
        let keys = [ahead.take().unwrap(), ahead.take().unwrap()];
        assert_ne!(keys[0].public(), keys[1].public());
        assert!(ahead.take().is_none());
        // Every thread has ended.
        until(|| std::sync::Arc::strong_count(&ahead.0) == 1);
    }

    #[test]
    fn who_finds_none_ready_searches_instead() {
        let ahead = ahead(3, 0);
        for left in [2, 1, 0, 0] {
            assert!(ahead.take().is_none());
            assert_eq!(ahead.0.state.lock().missing, left);
        }
    }

    #[test]
    fn at_the_end_what_nobody_took_is_gone_and_the_search_stops() {
        let ahead = ahead(u64::MAX, 2);
        until(|| !ahead.0.state.lock().ready.is_empty());
        let shared = std::sync::Arc::downgrade(&ahead.0);
        drop(ahead);
        if let Some(shared) = shared.upgrade() {
            assert!(shared.state.lock().ready.is_empty());
        }
        // A search under way is finished, and its key thrown away.
        until(|| shared.strong_count() == 0);
    }
}
