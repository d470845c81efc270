//! Time series of several runners as one.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Row;

/// Rows of runs that began so long after a common moment. Counts of the same
/// second of the clock are added up. Percentiles cannot be: they are weighted
/// by the iterations they stand for, which lies between those of the runners.
pub fn join_rows(parts: &[(Duration, &[Row])]) -> Vec<Row> {
    let parts: Vec<BTreeMap<u64, Row>> = parts
        .iter()
        .map(|(offset, rows)| by_second(*offset, rows))
        .collect();
    let mut seconds: Vec<u64> = parts.iter().flat_map(BTreeMap::keys).copied().collect();
    seconds.sort_unstable();
    seconds.dedup();
    let rows = seconds.iter().map(|second| {
        let mut sum: Option<Row> = None;
        for part in &parts {
            let row = match part.get(second) {
                Some(row) => Some(row.clone()),
                None => between(part, *second),
            };
            if let Some(row) = row {
                sum = Some(match sum {
                    Some(sum) => beside(&sum, &row),
                    None => row,
                });
            }
        }
        sum.unwrap_or_default()
    });
    rows.collect()
}

/// Rows by the second in which their middle lies: they are a little longer than
/// a second, and their ends would skip one.
fn by_second(offset: Duration, rows: &[Row]) -> BTreeMap<u64, Row> {
    let mut seconds: BTreeMap<u64, Row> = BTreeMap::new();
    for row in rows {
        let mut row = row.clone();
        row.at += offset;
        let second = row.at.saturating_sub(row.length / 2).as_secs();
        match seconds.remove(&second) {
            Some(known) => seconds.insert(second, after(&known, &row)),
            None => seconds.insert(second, row),
        };
    }
    seconds
}

/// A second that a runner has skipped, or that comes after its end: nothing was
/// counted in it, and levels are what they were.
fn between(part: &BTreeMap<u64, Row>, second: u64) -> Option<Row> {
    let (_, before) = part.range(..second).next_back()?;
    let over = part.range(second..).next().is_none();
    let now = |level| if over { 0 } else { level };
    Some(Row {
        vus: now(before.vus),
        busy: now(before.busy),
        otps_pending: now(before.otps_pending),
        users: before.users,
        ..Row::default()
    })
}

/// Two rows of one runner, the second after the first.
fn after(first: &Row, second: &Row) -> Row {
    let levels = Row {
        vus: second.vus,
        busy: second.busy,
        otps_pending: second.otps_pending,
        users: second.users,
        ..counted(first, second)
    };
    span(&levels, first, second)
}

/// Rows of two runners.
fn beside(ours: &Row, theirs: &Row) -> Row {
    let levels = Row {
        vus: ours.vus + theirs.vus,
        busy: ours.busy + theirs.busy,
        otps_pending: ours.otps_pending + theirs.otps_pending,
        users: ours.users + theirs.users,
        ..counted(ours, theirs)
    };
    // One that nothing was measured in says nothing of the time.
    match (ours.length.is_zero(), theirs.length.is_zero()) {
        (_, true) => span(&levels, ours, ours),
        (true, false) => span(&levels, theirs, theirs),
        (false, false) => span(&levels, ours, theirs),
    }
}

fn span(row: &Row, first: &Row, second: &Row) -> Row {
    let start = |row: &Row| row.at.saturating_sub(row.length);
    let at = first.at.max(second.at);
    let length = at.saturating_sub(start(first).min(start(second)));
    Row {
        at,
        length,
        ..row.clone()
    }
}

fn counted(a: &Row, b: &Row) -> Row {
    let weigh = |of: fn(&Row) -> Duration| weighted(of(a), a.iterations, of(b), b.iterations);
    Row {
        iterations: a.iterations + b.iterations,
        failed: a.failed + b.failed,
        unfinished: a.unfinished + b.unfinished,
        skipped: a.skipped + b.skipped,
        dropped: a.dropped + b.dropped,
        requests: a.requests + b.requests,
        measured_iterations: a.measured_iterations + b.measured_iterations,
        measured_requests: a.measured_requests + b.measured_requests,
        errors: a.errors + b.errors,
        p50: weigh(|row| row.p50),
        p95: weigh(|row| row.p95),
        p99: weigh(|row| row.p99),
        max: a.max.max(b.max),
        stalled: a.stalled.max(b.stalled),
        generator_busy: a.generator_busy.max(b.generator_busy),
        ..Row::default()
    }
}

fn weighted(a: Duration, of_a: u64, b: Duration, of_b: u64) -> Duration {
    let sum = a.as_nanos() * u128::from(of_a) + b.as_nanos() * u128::from(of_b);
    let mean = sum.checked_div(u128::from(of_a) + u128::from(of_b));
    Duration::from_nanos(u64::try_from(mean.unwrap_or(0)).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::join_rows;
    use crate::metrics::Row;

    fn row(at_ms: u64, iterations: u64, vus: u64) -> Row {
        Row {
            at: Duration::from_millis(at_ms),
            length: Duration::from_secs(1),
            iterations,
            p95: Duration::from_millis(10 * vus),
            vus,
            users: vus,
            ..Row::default()
        }
    }

    #[test]
    fn seconds_of_the_clock_are_added_and_levels_last_until_the_end() {
        let first = [row(1000, 4, 1), row(2000, 4, 1), row(4000, 4, 1)];
        let second = [
            row(1010, 12, 5),
            row(2020, 12, 5),
            row(3030, 12, 5),
            row(4040, 12, 5),
        ];
        let joined = join_rows(&[
            (Duration::ZERO, &first),
            (Duration::from_millis(900), &second),
        ]);
        let told: Vec<_> = joined
            .iter()
            .map(|row| (row.iterations, row.vus, row.users))
            .collect();
        // The fourth second: the first runner has skipped one, then has it.
        assert_eq!(
            told,
            [(4, 1, 1), (16, 6, 6), (12, 6, 6), (16, 6, 6), (12, 5, 6)]
        );
        assert_eq!(joined[1].p95, Duration::from_millis(40));
        assert_eq!(
            (joined[1].at, joined[1].length),
            (Duration::from_secs(2), Duration::from_millis(1090))
        );
    }

    #[test]
    fn one_alone_is_as_it_was() {
        let rows = [row(1000, 4, 1), row(2100, 0, 2), row(3000, 1, 3)];
        assert_eq!(join_rows(&[(Duration::ZERO, &rows)]), rows);
        assert_eq!(join_rows(&[]), []);
    }
}
