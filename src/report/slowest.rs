//! Iterations that took longest, and what they waited for.

use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::breakdown::part_name;
use crate::metrics::{Metric, Outcome, TagKey, Tags, nanoseconds};

/// An iteration that took long. Times are in nanoseconds when written to a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SlowLine {
    /// Its scenario.
    pub scenario: Arc<str>,
    /// Number of its virtual user.
    pub vu: u64,
    /// Its number among those of the user, from 1.
    pub iteration: u64,
    /// Whether a step failed.
    pub failed: bool,
    /// When it began, or should have begun, from the start of the run.
    #[serde(with = "nanoseconds")]
    pub began: Duration,
    /// How long it took.
    #[serde(with = "nanoseconds")]
    pub took: Duration,
    /// The trace that its requests belong to, if they said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<TraceLine>,
    /// What was measured in it, by the beginning.
    pub spans: Vec<SpanLine>,
}

/// Under what an iteration is found where the server keeps its traces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TraceLine {
    /// The trace's id, in hexadecimal digits.
    pub id: String,
    /// Whether the server was asked to keep it.
    pub sampled: bool,
}

/// A part of an iteration.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SpanLine {
    /// What it was.
    pub kind: SpanKind,
    /// Step, request, wait or operation.
    pub name: String,
    /// Whether it failed.
    pub failed: bool,
    /// When it began, from the beginning of the iteration.
    #[serde(with = "nanoseconds")]
    pub start: Duration,
    /// How long it took.
    #[serde(with = "nanoseconds")]
    pub took: Duration,
}

/// What a part of an iteration can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SpanKind {
    /// A step, around all others.
    Step,
    /// A request and its answer.
    Request,
    /// Waiting for a one-time password.
    Otp,
    /// Cryptography on our side.
    Crypto,
    /// Reading or writing the vault.
    Vault,
    /// Waiting for a processor of ours, or a permit.
    Wait,
}

impl SpanLine {
    /// A time span that was measured; `None` for one that tells nothing new.
    pub fn new(metric: Metric, tags: &Tags, start: Duration, took: Duration) -> Option<Self> {
        let kind = match metric {
            Metric::StepDuration => SpanKind::Step,
            Metric::HttpReqDuration => SpanKind::Request,
            Metric::OtpWait => SpanKind::Otp,
            Metric::CryptoDuration => SpanKind::Crypto,
            Metric::VaultDuration => SpanKind::Vault,
            Metric::CryptoWait | Metric::RateLimitWait => SpanKind::Wait,
            _ => return None,
        };
        let name = match metric {
            Metric::StepDuration => tags.get(TagKey::Step).map(str::to_owned),
            _ => part_name(metric, tags),
        };
        Some(Self {
            kind,
            name: name.unwrap_or_default(),
            failed: tags.outcome() == Outcome::Failed,
            start,
            took,
        })
    }
}

/// Puts spans in order, each step before its parts.
pub fn in_order(spans: &mut [SpanLine]) {
    spans.sort_by_key(|span| (span.start, span.kind != SpanKind::Step));
}
