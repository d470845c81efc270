//! One run on its own: how much a number of it would vary if it were measured
//! again, by drawing blocks of seconds.

use std::ops::Range;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::Statistic;
use super::seconds::Table;

/// So many times are blocks drawn. The error of a standard error made of them
/// is some 5 %, less than what ten blocks of a run leave open.
const DRAWS: usize = 200;

/// A run shorter than these intervals says too little of its own variation.
pub(super) const LEAST: usize = 20;

/// The same comparison must give the same answer.
const SEED: u64 = 0x5eed;

/// A number, and how sure it is, on the statistic's scale.
#[derive(Clone, Copy, Debug)]
pub(super) struct Estimate {
    pub(super) at: f64,
    pub(super) variance: f64,
    /// Degrees of freedom of the variance.
    pub(super) freedom: f64,
}

/// Seconds in a block. Latency now is like latency a moment ago, so seconds are
/// not drawn one by one: a block keeps its neighbours together. A tenth of the
/// run is longer than any memory that the run is long enough to show, and
/// leaves ten blocks, whose small number Student's distribution allows for.
pub(super) fn block_length(seconds: usize) -> usize {
    seconds.div_ceil(10).max(5)
}

/// Every statistic of a line; `None` for one that has too little to go by.
pub(super) fn estimates(table: &Table) -> [Option<Estimate>; Statistic::ALL.len()] {
    let length = table.len();
    if length < LEAST {
        return [None; Statistic::ALL.len()];
    }
    let mut rng = StdRng::seed_from_u64(SEED);
    let block = block_length(length);
    let mut spreads = [Spread::default(); Statistic::ALL.len()];
    for _ in 0..DRAWS {
        let blocks = draw(&mut rng, length, block);
        for (statistic, spread) in Statistic::ALL.into_iter().zip(&mut spreads) {
            if enough(table, statistic) {
                match table.of(statistic, &blocks) {
                    Some(value) => spread.add(statistic.to_scale(value)),
                    None => spread.unknown += 1,
                }
            }
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "hundreds at most")]
    let count = (length as f64 / block as f64).max(2.0);
    let mut estimates = [None; Statistic::ALL.len()];
    for ((statistic, spread), place) in Statistic::ALL.into_iter().zip(spreads).zip(&mut estimates)
    {
        // Among plays that were not finished no number is known, and those that
        // are would vary less than they do.
        let known = !table.has_unfinished() || spread.unknown == 0;
        if known
            && enough(table, statistic)
            && let Some(value) = table.whole(statistic)
        {
            *place = Some(Estimate {
                at: statistic.to_scale(value),
                variance: spread.variance() * count / (count - 1.0),
                freedom: count - 1.0,
            });
        }
    }
    estimates
}

/// Whether there are plays enough to speak of this number.
pub(super) fn enough(table: &Table, statistic: Statistic) -> bool {
    plays(table, statistic) >= statistic.least()
}

/// Plays that a number is of.
pub(super) fn plays(table: &Table, statistic: Statistic) -> u64 {
    match statistic {
        Statistic::ErrorRate => table.plays(),
        _ => table.good(),
    }
}

/// As many seconds as there are, in blocks from anywhere.
fn draw(rng: &mut StdRng, length: usize, block: usize) -> Vec<Range<usize>> {
    let mut blocks = Vec::with_capacity(length.div_ceil(block));
    let mut left = length;
    while left > 0 {
        let take = block.min(left);
        let start = rng.random_range(0..=length - take);
        blocks.push(start..start + take);
        left -= take;
    }
    blocks
}

/// Mean and variance of numbers that come one after the other.
#[derive(Clone, Copy, Default)]
struct Spread {
    unknown: usize,
    count: f64,
    mean: f64,
    squares: f64,
}

impl Spread {
    fn add(&mut self, value: f64) {
        self.count += 1.0;
        let away = value - self.mean;
        self.mean += away / self.count;
        self.squares += away * (value - self.mean);
    }

    fn variance(&self) -> f64 {
        self.squares / (self.count - 1.0).max(1.0)
    }
}
