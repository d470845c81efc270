//! Latency over time, as a map: the darker a place, the more plays of a step
//! took that long then.

use std::fmt::Write;

use super::super::bins::{Bins, float};
use super::svg::{Plot, Scale, WIDTH, elapsed, elapsed_ticks, short_time};
use crate::metrics::Histogram;

const LEVELS: usize = 6;
const ROWS: usize = 32;

pub(super) fn legend() -> String {
    let mut shades = String::new();
    for level in 0..LEVELS {
        let x = 16 * level;
        // Writing to a string never fails.
        let _ = write!(
            shades,
            "<rect class=\"h{level}\" x=\"{x}\" width=\"16\" height=\"10\"/>"
        );
    }
    format!(
        "<p class=\"shades\">few <svg viewBox=\"0 0 96 10\" aria-hidden=\"true\">{shades}</svg> many</p>"
    )
}

/// The map of one step. `range` is that of all maps, so that they compare.
pub(super) fn draw(title: &str, bins: &Bins, parts: &[Histogram], range: Scale) -> String {
    let mut plot = Plot::over_time(title, 190.0, bins, range);
    let counts: Vec<[u64; ROWS]> = parts.iter().map(|part| rows(part, range)).collect();
    let most = counts.iter().flatten().copied().max().unwrap_or(0);
    let mut paths = vec![String::new(); LEVELS];
    let top = plot.at_y(f64::MAX);
    let height = (plot.floor() - top) / float(ROWS as u64);
    let width = (plot.at_x(bins.length) - plot.at_x(0.0)).min(WIDTH);
    for (index, column) in counts.iter().enumerate() {
        let left = plot.at_x(bins.span(index).0);
        for (row, count) in column.iter().enumerate() {
            if *count > 0 {
                let y = plot.floor() - float(row as u64 + 1) * height;
                // Writing to a string never fails.
                let _ = write!(
                    paths[level(*count, most)],
                    "M{left:.1} {y:.1}h{width:.1}v{height:.1}h-{width:.1}z"
                );
            }
        }
    }
    for (level, path) in paths.iter().enumerate() {
        if !path.is_empty() {
            plot.add(format_args!("<path class=\"h{level}\" d=\"{path}\"/>"));
        }
    }
    plot.y_axis(short_time);
    plot.x_axis(&elapsed_ticks(0.0, bins.end()), elapsed);
    plot.finish()
}

/// From the fastest play of any step to the slowest.
pub(super) fn range<'a>(parts: impl Iterator<Item = &'a Histogram> + Clone) -> Scale {
    let all = parts.filter(|part| !part.is_empty());
    let least = all.clone().map(|part| part.min().as_secs_f64());
    let least = least.fold(f64::MAX, f64::min).clamp(1e-9, 1e6);
    let most = all.map(|part| part.max().as_secs_f64()).fold(0.0, f64::max);
    Scale::Log(least * 0.9, most.max(least * 4.0) * 1.1)
}

/// How many values lie in each row, from the fastest.
fn rows(part: &Histogram, range: Scale) -> [u64; ROWS] {
    let mut rows = [0; ROWS];
    for (value, count) in part.values() {
        let place = range.share(value.as_secs_f64()) * float(ROWS as u64);
        let row = (1..ROWS).find(|row| float(*row as u64) > place);
        rows[row.unwrap_or(ROWS) - 1] += count;
    }
    rows
}

/// By the logarithm: one play is seen beside a thousand.
fn level(count: u64, most: u64) -> usize {
    let share = float(count).ln_1p() / float(most).ln_1p();
    let level = (1..LEVELS).find(|level| float(*level as u64) / float(LEVELS as u64) >= share);
    level.unwrap_or(LEVELS) - 1
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::{Bins, LEVELS, draw, level, range, rows};
    use crate::metrics::Histogram;

    proptest! {
        #[test]
        fn every_value_is_on_the_map(values in prop::collection::vec(1_u64..10_000_000_000, 1..50)) {
            let mut part = Histogram::new();
            for value in &values {
                part.record(Duration::from_nanos(*value));
            }
            let counted: u64 = rows(&part, range([&part].into_iter())).iter().sum();
            prop_assert_eq!(counted, values.len() as u64);
        }

        #[test]
        fn every_part_has_a_place_that_is_seen(count in 1_u64..100) {
            let mut part = Histogram::new();
            for n in 1..=count {
                part.record(Duration::from_millis(n));
            }
            let rows = [crate::metrics::Row { at: Duration::from_secs(2), ..Default::default() }];
            let svg = draw("x", &Bins::of(&rows, &crate::metrics::Windows::default()), &[part.clone()], range([&part].into_iter()));
            prop_assert!(svg.contains("class=\"h5\"") && !svg.contains("v0.0h"), "{}", svg);
        }

        #[test]
        fn more_is_darker(count in 1_u64..1000, more in 0_u64..1000) {
            prop_assert!(level(count, 2000) <= level(count + more, 2000));
            prop_assert_eq!(level(count, count), LEVELS - 1);
        }
    }
}
