//! Several runs on a side: a run is one number, and runs are shuffled.

use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

/// More ways to split the runs than these are tried by chance, not one by one.
const MOST: usize = 5000;

/// The same comparison must give the same answer.
const SEED: u64 = 0x5eed;

/// One number of each run, on a scale on which changes are differences.
#[derive(Clone)]
pub(super) struct Numbers {
    pub(super) base: Vec<f64>,
    pub(super) new: Vec<f64>,
    /// The least standard error that is believed.
    pub(super) resolution: f64,
}

/// A difference of means, and how sure it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Difference {
    pub(super) at: f64,
    pub(super) error: f64,
}

impl Numbers {
    pub(super) fn difference(&self) -> Difference {
        let all: Vec<f64> = self.base.iter().chain(&self.new).copied().collect();
        split(&all, |index| index >= self.base.len(), self.resolution)
    }
}

/// How many ways there are to pick `few` of `all`; no more than a million.
pub(super) fn ways(all: usize, few: usize) -> usize {
    (0..few.min(all - few)).fold(1_usize, |ways, n| {
        (ways.min(1_000_000) * (all - n) / (n + 1)).min(1_000_000)
    })
}

/// For each number, how often shuffled runs would show, anywhere, a difference
/// as striking. Numbers of a run are shuffled together, so that those that hang
/// together are not counted as many. The method is Westfall's and Young's.
#[expect(clippy::cast_precision_loss, reason = "thousands at most")]
pub(super) fn chances(numbers: &[Numbers]) -> Vec<f64> {
    let Some(first) = numbers.first() else {
        return Vec::new();
    };
    let (base, all) = (first.base.len(), first.base.len() + first.new.len());
    let pooled: Vec<Vec<f64>> = numbers
        .iter()
        .map(|number| number.base.iter().chain(&number.new).copied().collect())
        .collect();
    let striking = |chosen: &[bool]| {
        let each = pooled.iter().zip(numbers);
        each.map(move |(values, number)| {
            split(values, |run| chosen[run], number.resolution).score()
        })
        .collect::<Vec<f64>>()
    };
    let actual: Vec<bool> = (0..all).map(|run| run >= base).collect();
    let seen = striking(&actual);
    let mut as_striking = vec![0_usize; numbers.len()];
    let splits = splits(&actual);
    for chosen in &splits {
        let most = striking(chosen).into_iter().fold(0.0, f64::max);
        for (count, seen) in as_striking.iter_mut().zip(&seen) {
            *count += usize::from(most >= seen - 1e-9);
        }
    }
    as_striking
        .into_iter()
        .map(|count| count as f64 / splits.len() as f64)
        .collect()
}

/// Every way to choose the new runs, or many at random; the actual one is among
/// them.
fn splits(actual: &[bool]) -> Vec<Vec<bool>> {
    let new = actual.iter().filter(|new| **new).count();
    if ways(actual.len(), new) > MOST {
        let mut rng = StdRng::seed_from_u64(SEED);
        let mut chosen = actual.to_vec();
        let mut splits = vec![chosen.clone()];
        for _ in 1..MOST {
            chosen.shuffle(&mut rng);
            splits.push(chosen.clone());
        }
        return splits;
    }
    let mut splits = vec![Vec::new()];
    for place in 0..actual.len() {
        let rest = actual.len() - place;
        splits = splits
            .into_iter()
            .flat_map(|chosen: Vec<bool>| {
                let left = new - chosen.iter().filter(|new| **new).count();
                [true, false].into_iter().filter_map(move |take| {
                    let possible = if take { left > 0 } else { rest > left };
                    possible.then(|| [&chosen[..], &[take]].concat())
                })
            })
            .collect();
    }
    splits
}

/// Difference of the chosen ones' mean from that of the others. Their variance
/// is taken to be the same, so that one run on a side is enough.
#[expect(clippy::cast_precision_loss, reason = "hundreds at most")]
fn split(values: &[f64], chosen: impl Fn(usize) -> bool, resolution: f64) -> Difference {
    let mut sides = [(0.0, 0.0); 2];
    for (index, value) in values.iter().enumerate() {
        let side = &mut sides[usize::from(chosen(index))];
        side.0 += 1.0;
        side.1 += value;
    }
    let means = sides.map(|(count, sum)| sum / count);
    let squares: f64 = values
        .iter()
        .enumerate()
        .map(|(index, value)| (value - means[usize::from(chosen(index))]).powi(2))
        .sum();
    let variance = squares / (values.len() as f64 - 2.0).max(1.0);
    Difference {
        at: means[1] - means[0],
        error: (variance * (1.0 / sides[0].0 + 1.0 / sides[1].0))
            .sqrt()
            .max(resolution),
    }
}

impl Difference {
    fn score(self) -> f64 {
        if self.at == 0.0 {
            0.0
        } else {
            (self.at / self.error).abs()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Numbers, chances, splits, ways};

    #[test]
    fn every_split_comes_once() {
        assert_eq!((ways(8, 4), ways(6, 1), ways(40, 20)), (70, 6, 1_000_000));
        let mut all = splits(&[false, false, false, true, true]);
        assert_eq!(all.len(), 10);
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 10);
        assert!(
            all.iter()
                .all(|split| split.iter().filter(|new| **new).count() == 2)
        );
    }

    #[test]
    fn runs_that_lie_apart_are_the_most_striking_of_all() {
        let number = |base: [f64; 4], new: [f64; 4]| Numbers {
            base: base.to_vec(),
            new: new.to_vec(),
            resolution: 0.0,
        };
        let apart = number([1.0, 2.0, 3.0, 4.0], [11.0, 12.0, 13.0, 14.0]);
        let mixed = number([1.0, 2.0, 3.0, 4.0], [1.5, 2.5, 3.5, 2.0]);
        let seen = chances(&[apart, mixed]);
        // This split and the opposite one, of 70.
        assert!((seen[0] - 2.0 / 70.0).abs() < 1e-9, "{seen:?}");
        assert!(seen[1] > 0.5, "{seen:?}");
    }
}
