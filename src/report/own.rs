//! What the load generator itself got wrong: none of it is the target's fault.

use std::time::Duration;

use super::Report;
use crate::clock::is_saturated;
use crate::metrics::{Metric, OwnShortage, TagKey};
use crate::numbers::{plural, time};

/// So many times that it stood still are told one by one.
const STALLS: usize = 3;

/// Saturated for so long in all, it says so.
const SATURATED: Duration = Duration::from_secs(3);

const NO_TIME_LEFT: &str = "what was measured then is as much this machine's doing as the target's: fewer users or a lower rate, more processors, more runners (`rehearse merge`), or a simulator on a machine of its own";

const STALLED: &str = "what was measured then says nothing of the target: let this machine do nothing else, and never sleep";

impl Report {
    /// What was wrong on this side, and what to do about it; one line each.
    pub(super) fn own_faults(&self) -> Vec<(String, &'static str)> {
        let shortages = OwnShortage::ALL.iter().filter_map(|shortage| {
            let status = (TagKey::Status, shortage.kind());
            let count = self.snapshot.count(Metric::HttpReqs, &[status]);
            let requests = plural(count, "request", "requests");
            let what = shortage.what();
            let line = format!("{requests} found no free {what} on this machine");
            (count > 0).then(|| (line, shortage.hint()))
        });
        let all = shortages.chain(self.stalls());
        all.chain(self.saturation()).collect()
    }

    /// Told from a few seconds on: to be busy for one is usual.
    fn saturation(&self) -> Option<(String, &'static str)> {
        let rows = self.time_series.iter();
        let busy = rows.filter(|row| is_saturated(row.generator_busy, row.length));
        let sum: Duration = busy.map(|row| row.length).sum();
        let line = format!("the load generator had no time left for {}", time(sum));
        (sum >= SATURATED).then_some((line, NO_TIME_LEFT))
    }

    fn stalls(&self) -> Vec<(String, &'static str)> {
        let rows = self.time_series.iter();
        let stalls: Vec<_> = rows.filter(|row| !row.stalled.is_zero()).collect();
        let (told, rest) = stalls.split_at(stalls.len().min(STALLS));
        let mut lines: Vec<_> = told
            .iter()
            .map(|row| {
                let (length, at) = (time(row.stalled), row.at.saturating_sub(row.stalled));
                format!(
                    "the load generator stood still for {length} at {}",
                    clock(at)
                )
            })
            .collect();
        if !rest.is_empty() {
            let times = plural(rest.len() as u64, "further time", "further times");
            let sum = time(rest.iter().map(|row| row.stalled).sum());
            lines.push(format!(
                "the load generator stood still {times}, {sum} in all"
            ));
        }
        lines.into_iter().map(|line| (line, STALLED)).collect()
    }
}

/// `00:03`: minutes and seconds of the run.
fn clock(at: Duration) -> String {
    let seconds = at.as_secs();
    format!("{:02}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::example::example;
    use crate::metrics::Row;

    #[test]
    fn a_load_generator_without_time_left_says_so() {
        let mut report = example();
        let before = report.warnings().len();
        let busy = |hundredths: u32| Row {
            length: Duration::from_secs(1),
            generator_busy: Duration::from_millis(10) * hundredths,
            ..Row::default()
        };
        report.time_series = [96, 99, 40].map(busy).to_vec();
        assert_eq!(report.warnings().len(), before);
        report.time_series = [96, 99, 40, 97].map(busy).to_vec();
        let warnings = report.warnings();
        let line = "the load generator had no time left for 3.00s";
        assert!(
            warnings.iter().any(|(told, _)| told == line),
            "{warnings:?}"
        );
    }

    #[test]
    fn a_machine_that_stood_still_is_told_and_not_without_end() {
        let mut report = example();
        let before = report.warnings().len();
        report.time_series[1].stalled = Duration::from_millis(1500);
        let warnings = report.warnings();
        assert_eq!(warnings.len(), before + 1);
        assert_eq!(
            warnings[0].0,
            "the load generator stood still for 1.50s at 00:00"
        );
        let stalled = |minute: u64| Row {
            at: Duration::from_secs(60 * minute + 5),
            stalled: Duration::from_secs(4),
            ..Row::default()
        };
        report.time_series = (0..70).map(stalled).collect();
        let warnings = report.warnings();
        assert_eq!(warnings.len(), before + 4);
        assert_eq!(
            warnings[2].0,
            "the load generator stood still for 4.00s at 02:01"
        );
        assert!(
            warnings[3].0.contains("67 further times, 4m 28s in all"),
            "{warnings:?}"
        );
    }
}
