//! Kerberus, the captcha of Cardinal: a proof of work.
//!
//! For each salt a client looks for a number such that the first 16 bytes of
//! `SHA-256(SHA-256(salt ‖ spec id) ‖ number)`, read as one number, are among
//! the greatest: one in `difficultyFactor` is.

use std::collections::{HashMap, VecDeque};

use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::Failure;
use crate::wire::{KerberusChallenge, KerberusSolution};

const SALTS: usize = 4;

/// Tries that a salt takes on average: a moment, also for a browser.
const DIFFICULTY: u32 = 500;

/// How long a challenge can be solved, in milliseconds.
const LIFETIME: i64 = 300_000;

/// Challenges that wait for their solution.
#[derive(Default)]
pub(super) struct Challenges {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    salts: HashMap<String, Vec<String>>,
    /// Ids with the time at which they are forgotten, in that order.
    to_forget: VecDeque<(i64, String)>,
}

impl Challenges {
    pub(super) fn make(&self, now: i64) -> KerberusChallenge {
        let id = Uuid::new_v4().to_string();
        let salts: Vec<_> = (0..SALTS).map(|_| Uuid::new_v4().to_string()).collect();
        let mut inner = self.inner.lock();
        inner.forget(now);
        inner.salts.insert(id.clone(), salts.clone());
        inner.to_forget.push_back((now + LIFETIME, id.clone()));
        KerberusChallenge {
            id,
            salts,
            difficulty_factor: DIFFICULTY,
        }
    }

    /// Takes a solution; its challenge is spent, right or wrong.
    ///
    /// # Errors
    /// 403
    pub(super) fn spend(
        &self,
        solution: &KerberusSolution,
        spec_id: &str,
        now: i64,
    ) -> Result<(), Failure> {
        let mut inner = self.inner.lock();
        inner.forget(now);
        let salts = inner.salts.remove(&solution.id);
        drop(inner);
        let salts = salts.ok_or_else(|| {
            Failure::forbidden("there is no such challenge: it is solved once, within five minutes")
        })?;
        let is_solved = salts.len() == solution.nonces.len()
            && salts.iter().zip(&solution.nonces).all(|(salt, nonce)| {
                let score = score(salt, spec_id, nonce);
                score >= least(DIFFICULTY)
            });
        if is_solved {
            Ok(())
        } else {
            Err(Failure::forbidden("the captcha is wrong"))
        }
    }
}

impl Inner {
    /// All challenges live equally long, so the oldest come first.
    fn forget(&mut self, now: i64) {
        while let Some((at, _)) = self.to_forget.front()
            && *at <= now
        {
            if let Some((_, id)) = self.to_forget.pop_front() {
                self.salts.remove(&id);
            }
        }
    }
}

/// What a number must score at least.
fn least(difficulty: u32) -> u128 {
    u128::MAX - u128::MAX / u128::from(difficulty)
}

fn score(salt: &str, input: &str, nonce: &str) -> u128 {
    let prefix = Sha256::new().chain_update(salt).chain_update(input);
    let hash = Sha256::new()
        .chain_update(prefix.finalize())
        .chain_update(nonce)
        .finalize();
    let first = hash.iter().take(16);
    first.fold(0, |sum, byte| sum << 8 | u128::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::{Challenges, DIFFICULTY, LIFETIME, least, score};
    use crate::wire::{KerberusChallenge, KerberusSolution};

    fn solve(challenge: &KerberusChallenge, input: &str) -> KerberusSolution {
        let nonce = |salt: &String| {
            let mut numbers = (0_u64..1_000_000).map(|number| number.to_string());
            numbers.find(|number| score(salt, input, number) >= least(DIFFICULTY))
        };
        KerberusSolution {
            id: challenge.id.clone(),
            nonces: challenge.salts.iter().filter_map(nonce).collect(),
        }
    }

    #[test]
    fn a_solution_is_taken_once_and_in_time() {
        let challenges = Challenges::default();
        let solution = solve(&challenges.make(0), "spec");
        assert!(challenges.spend(&solution, "spec", 1).is_ok());
        assert!(challenges.spend(&solution, "spec", 1).is_err());
        let late = solve(&challenges.make(0), "spec");
        assert!(challenges.spend(&late, "spec", LIFETIME).is_err());
    }

    #[test]
    fn what_is_no_solution_is_refused() {
        let challenges = Challenges::default();
        let other_spec = solve(&challenges.make(0), "another");
        assert!(challenges.spend(&other_spec, "spec", 1).is_err());
        let mut short = solve(&challenges.make(0), "spec");
        short.nonces.pop();
        assert!(challenges.spend(&short, "spec", 1).is_err());
    }

    #[test]
    fn the_score_is_that_of_kerberus() {
        // The first number that `resolveChallenge` of @icure/cardinal-sdk
        // 1.0.0-RC.7 takes, which counts from 1.
        let first =
            (1_u32..5000).find(|nonce| score("salt", "input", &nonce.to_string()) >= least(1000));
        assert_eq!(first, Some(1041));
    }
}
