//! `latency.hlog`: the successful runs of each step, second by second, in the log
//! format of `HdrHistogram`. Its readers give any percentile of any part of the
//! run, and join logs exactly.

use std::collections::HashSet;
use std::fmt::Write;

use super::{Format, Report};
use crate::numbers::milliseconds;
use crate::shown::is_hidden;

pub(super) const FORMAT: Format = Format {
    name: "hlog",
    file: "latency.hlog",
    render,
    not_started: None,
};

fn render(report: &Report) -> Result<Vec<u8>, String> {
    let mut out = String::new();
    write(&mut out, report).map_err(|error| error.to_string())?;
    Ok(out.into_bytes())
}

fn write(out: &mut String, report: &Report) -> std::fmt::Result {
    let started = report.run.started_at;
    writeln!(out, "#[Histogram log format version 1.3]")?;
    writeln!(
        out,
        "#[Values are in nanoseconds, Interval_Max in milliseconds]"
    )?;
    // Starts of intervals count from the base.
    for name in ["StartTime", "BaseTime"] {
        let (s, ms) = (started.as_second(), started.subsec_millisecond());
        writeln!(
            out,
            "#[{name}: {s}.{ms:03} (seconds since epoch), {started}]"
        )?;
    }
    writeln!(
        out,
        r#""StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram""#
    )?;
    let steps = report.timeline.steps().iter();
    let tags = tags(steps.map(|(scenario, step)| format!("{scenario}/{step}")));
    for moment in report.timeline.moments() {
        let Some((buckets, max)) = moment.packed.buckets() else {
            continue;
        };
        writeln!(
            out,
            "Tag={},{:.3},{:.3},{:.3},{buckets}",
            tags[moment.step],
            moment.span.start.as_secs_f64(),
            moment.span.length.as_secs_f64(),
            milliseconds(max)
        )?;
    }
    Ok(())
}

/// Names as tags, in which a comma or a blank would end the tag. No two are the
/// same.
pub(super) fn tags(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut taken = HashSet::new();
    let tags = names.map(|name| {
        let clean = |c: char| {
            if c == ',' || c.is_whitespace() || is_hidden(c) {
                '_'
            } else {
                c
            }
        };
        let mut tag: String = name.chars().map(clean).collect();
        while !taken.insert(tag.clone()) {
            tag.push('\'');
        }
        tag
    });
    tags.collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use hdrhistogram::Histogram;
    use hdrhistogram::serialization::Deserializer;
    use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};

    use super::super::example::example;
    use super::{render, tags};

    #[test]
    fn the_log_adds_up_to_the_report() {
        let report = example();
        let bytes = render(&report).unwrap();
        let mut sums: HashMap<String, Histogram<u64>> = HashMap::new();
        for entry in IntervalLogIterator::new(&bytes) {
            let LogEntry::Interval(line) = entry.unwrap() else {
                continue;
            };
            let tag = line.tag().unwrap().as_str().to_owned();
            let packed = base64::Engine::decode(
                &base64::engine::general_purpose::STANDARD,
                line.encoded_histogram(),
            );
            let read: Histogram<u64> = Deserializer::new()
                .deserialize(&mut packed.unwrap().as_slice())
                .unwrap();
            let sum = sums
                .entry(tag)
                .or_insert_with(|| Histogram::new(3).unwrap());
            sum.add(read).unwrap();
        }
        let steps = report.steps();
        assert_eq!(sums.len(), 2);
        let names = steps
            .iter()
            .map(|s| format!("{}/{}", s.scenario, s.step.name));
        for (step, tag) in steps.iter().zip(tags(names)).take(2) {
            let sum = &sums[&tag];
            let good = &step.step.good;
            assert_eq!(sum.len(), good.count(), "{tag}");
            for quantile in [0.5, 0.99] {
                let seen = u128::from(sum.value_at_quantile(quantile));
                let told = good.quantile(quantile).as_nanos();
                // Ours is cut at the exact maximum.
                assert!(
                    seen == told || told == good.max().as_nanos(),
                    "{seen} {told}"
                );
            }
        }
    }

    #[test]
    fn tags_hold_no_comma_and_are_told_apart() {
        let names = ["a b", "a,b", "a_b"].map(str::to_owned);
        assert_eq!(tags(names.into_iter()), ["a_b", "a_b'", "a_b''"]);
    }
}
