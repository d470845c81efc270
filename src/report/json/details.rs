//! One-time passwords, cryptography, what happened when, and the slowest
//! iterations.

use schemars::JsonSchema;
use serde::Serialize;

use super::super::bins::Bins;
use super::super::{CryptoFigures, Report, SlowLine, SpanKind, TraceLine};
use super::times::{Times, times};
use crate::metrics::Metric;
use crate::numbers::milliseconds;

/// One-time passwords.
#[derive(Serialize, JsonSchema)]
pub(super) struct Otp {
    /// How many were read.
    read: u64,
    /// From the gateway's answer to the code in hand.
    wait: Times,
    /// From the gateway's answer to the message's own date.
    delivery: Times,
    mails: Mails,
}

/// Messages in the mailbox.
#[derive(Serialize, JsonSchema)]
struct Mails {
    seen: u64,
    matched: u64,
    unmatched: u64,
    late: u64,
    duplicate: u64,
    reconnects: u64,
}

/// Client-side cryptography.
#[derive(Serialize, JsonSchema)]
pub(super) struct Crypto<'a> {
    /// Whose cryptography was used.
    backend: &'static str,
    /// What the run itself has measured.
    operations: Vec<Work>,
    /// Waiting for a free processor.
    wait: Times,
    /// What `rehearse crypto` has measured, when it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    figures: Option<&'a CryptoFigures>,
}

/// An operation, over all steps.
#[derive(Serialize, JsonSchema)]
struct Work {
    operation: String,
    /// The library that did it.
    backend: &'static str,
    /// Bytes that went in, where they are counted.
    bytes: u64,
    /// How many one processor does in a second.
    per_second: f64,
    /// MiB that one processor does in a second, where bytes are counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    mib_per_second: Option<f64>,
    #[serde(flatten)]
    times: Times,
}

/// What happened when, in a hundred parts or so of equal length.
#[derive(Serialize, JsonSchema)]
pub(super) struct OverTime {
    /// Length of a part.
    part_ms: f64,
    steps: Vec<StepOverTime>,
    errors: Vec<KindOverTime>,
}

/// Successful runs of a step.
#[derive(Serialize, JsonSchema)]
struct StepOverTime {
    scenario: String,
    step: String,
    /// Those parts in which it was played.
    parts: Vec<Moment>,
}

/// A part of the run.
#[derive(Serialize, JsonSchema)]
struct Moment {
    /// Its beginning, from the start of the run, setup included.
    at_ms: f64,
    count: u64,
    p50_ms: f64,
    p95_ms: f64,
    p99_ms: f64,
    max_ms: f64,
}

/// Errors of a kind.
#[derive(Serialize, JsonSchema)]
struct KindOverTime {
    kind: String,
    /// How many in each part.
    counts: Vec<u64>,
}

/// An iteration that took long.
#[derive(Serialize, JsonSchema)]
pub(super) struct Slow<'a> {
    scenario: &'a str,
    vu: u64,
    iteration: u64,
    failed: bool,
    /// From the start of the run.
    began_ms: f64,
    took_ms: f64,
    /// Where the server keeps traces, it is found under this.
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<&'a TraceLine>,
    spans: Vec<SlowSpan<'a>>,
}

/// A part of it.
#[derive(Serialize, JsonSchema)]
struct SlowSpan<'a> {
    kind: SpanKind,
    name: &'a str,
    failed: bool,
    /// From the beginning of the iteration.
    start_ms: f64,
    took_ms: f64,
}

pub(super) fn otp(report: &Report) -> Otp {
    Otp {
        read: report.count(Metric::OtpsRead),
        wait: times(&report.spans(Metric::OtpWait)),
        delivery: times(&report.spans(Metric::OtpDelivery)),
        mails: Mails {
            seen: report.count(Metric::MailsSeen),
            matched: report.count(Metric::MailsMatched),
            unmatched: report.count(Metric::MailsUnmatched),
            late: report.count(Metric::MailsLate),
            duplicate: report.count(Metric::MailsDuplicate),
            reconnects: report.count(Metric::MailboxReconnects),
        },
    }
}

pub(super) fn crypto(report: &Report) -> Crypto<'_> {
    let operations = report.operations();
    let operations = operations.iter().map(|line| Work {
        operation: line.operation.to_string(),
        backend: report.run.crypto_backend.library(&line.operation).name(),
        bytes: line.bytes,
        per_second: line.per_second(),
        mib_per_second: line.mib_per_second(),
        times: times(&line.spans),
    });
    Crypto {
        backend: report.run.crypto_backend.name(),
        operations: operations.collect(),
        wait: times(&report.spans(Metric::CryptoWait)),
        figures: report.crypto_figures.as_ref(),
    }
}

pub(super) fn over_time(report: &Report) -> OverTime {
    let bins = Bins::of(&report.time_series, report.snapshot.windows());
    let timeline = &report.timeline;
    let parts = bins.steps(timeline);
    let steps = timeline.steps().iter().zip(parts);
    let steps = steps.map(|((scenario, step), parts)| StepOverTime {
        scenario: scenario.to_string(),
        step: step.to_string(),
        parts: parts
            .iter()
            .enumerate()
            .filter(|(_, part)| !part.is_empty())
            .map(|(index, part)| Moment {
                at_ms: bins.span(index).0 * 1e3,
                count: part.count(),
                p50_ms: milliseconds(part.quantile(0.5)),
                p95_ms: milliseconds(part.quantile(0.95)),
                p99_ms: milliseconds(part.quantile(0.99)),
                max_ms: milliseconds(part.max()),
            })
            .collect(),
    });
    let kinds = timeline.kinds().iter().zip(bins.errors(timeline));
    OverTime {
        part_ms: bins.length * 1e3,
        steps: steps.collect(),
        errors: kinds
            .map(|(kind, counts)| KindOverTime {
                kind: kind.to_string(),
                counts,
            })
            .collect(),
    }
}

pub(super) fn slow(line: &SlowLine) -> Slow<'_> {
    let spans = line.spans.iter().map(|span| SlowSpan {
        kind: span.kind,
        name: &span.name,
        failed: span.failed,
        start_ms: milliseconds(span.start),
        took_ms: milliseconds(span.took),
    });
    Slow {
        scenario: &line.scenario,
        vu: line.vu,
        iteration: line.iteration,
        failed: line.failed,
        began_ms: milliseconds(line.began),
        took_ms: milliseconds(line.took),
        trace: line.trace.as_ref(),
        spans: spans.collect(),
    }
}
