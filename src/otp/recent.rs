//! What was seen lately, in bounded memory.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, Hash, RandomState};

/// Most things that are remembered; older ones are forgotten.
const MOST: usize = 50_000;

/// A set that forgets. It keeps hashes only: of 64 bits and under a key of
/// its own, so that two different things practically never look the same.
#[derive(Default)]
pub(super) struct Recent {
    hasher: RandomState,
    known: HashSet<u64>,
    order: VecDeque<u64>,
}

impl Recent {
    /// Remembers something; false when it was there already.
    pub(super) fn insert(&mut self, thing: &(impl Hash + ?Sized)) -> bool {
        let hash = self.hasher.hash_one(thing);
        if !self.known.insert(hash) {
            return false;
        }
        self.order.push_back(hash);
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }

    /// Forgets something.
    pub(super) fn remove(&mut self, thing: &(impl Hash + ?Sized)) {
        self.known.remove(&self.hasher.hash_one(thing));
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, Recent};

    #[test]
    fn only_the_oldest_are_forgotten() {
        let mut recent = Recent::default();
        for number in 0..=MOST {
            assert!(recent.insert(&number));
        }
        assert!(!recent.insert(&MOST));
        assert!(!recent.insert(&1_usize));
        assert!(recent.insert(&0_usize));
        assert_eq!(recent.known.len(), MOST);
    }
}
