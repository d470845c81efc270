//! Draws of one iteration, the same again with the same seed.

use parking_lot::Mutex;

use crate::engine::schedule::SeededRng;

/// What an iteration draws by: seed, scenario, user and iteration, and nothing
/// else.
pub struct IterationRng<'a> {
    seed: u64,
    scenario: &'a str,
    user: u64,
    iteration: u64,
    /// How often each choice was made before: a choice in a loop is a new one
    /// each time.
    made: Mutex<Vec<u64>>,
}

impl<'a> IterationRng<'a> {
    pub(in crate::engine) fn new(seed: u64, scenario: &'a str, user: u64, iteration: u64) -> Self {
        Self {
            seed,
            scenario,
            user,
            iteration,
            made: Mutex::default(),
        }
    }

    /// A number from 0 to below 1 for a choice.
    pub(super) fn draw(&self, choice: usize) -> f64 {
        let again = match self.count(choice) {
            0 => String::new(),
            times => format!(" again {times}"),
        };
        let purpose = format!("{} choice {choice}{again}", self.scenario);
        SeededRng::new(self.seed, &purpose, self.user, self.iteration).unit()
    }

    fn count(&self, choice: usize) -> u64 {
        let mut made = self.made.lock();
        if made.len() <= choice {
            made.resize(choice + 1, 0);
        }
        let before = made[choice];
        made[choice] += 1;
        before
    }
}
