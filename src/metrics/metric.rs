//! What is measured: one table, with a name, a kind and a sentence each.

use std::fmt;

/// How the values of a metric add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MetricKind {
    /// Something that is counted.
    Counter,
    /// Something that holds or does not.
    Rate,
    /// A time span, kept as a histogram.
    Duration,
}

/// A metric. Its name is what thresholds and reports say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Metric {
    /// Passes of a scenario that have ended.
    Iterations,
    /// How long a pass took.
    IterationDuration,
    /// How long a step took, everything in it included.
    StepDuration,
    /// Steps that failed.
    Errors,
    /// Conditions, and whether they held.
    Checks,
    /// HTTP requests that have ended.
    HttpReqs,
    /// How long a request took, from sending it to the end of its answer.
    HttpReqDuration,
    /// Bytes of request bodies.
    DataSent,
    /// Bytes of answer bodies.
    DataReceived,
    /// How long a request waited for a permit of the rate limit.
    RateLimitWait,
    /// From an accepted request for a one-time password to the password.
    OtpWait,
    /// One-time passwords that were read.
    OtpsRead,
    /// How long a cryptographic operation on our side took.
    CryptoDuration,
    /// Key pairs that were generated.
    KeysGenerated,
}

impl Metric {
    /// Every metric.
    pub const ALL: &'static [Self] = &[
        Self::Iterations,
        Self::IterationDuration,
        Self::StepDuration,
        Self::Errors,
        Self::Checks,
        Self::HttpReqs,
        Self::HttpReqDuration,
        Self::DataSent,
        Self::DataReceived,
        Self::RateLimitWait,
        Self::OtpWait,
        Self::OtpsRead,
        Self::CryptoDuration,
        Self::KeysGenerated,
    ];

    /// The name in thresholds and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Iterations => "iterations",
            Self::IterationDuration => "iteration_duration",
            Self::StepDuration => "step_duration",
            Self::Errors => "errors",
            Self::Checks => "checks",
            Self::HttpReqs => "http_reqs",
            Self::HttpReqDuration => "http_req_duration",
            Self::DataSent => "data_sent",
            Self::DataReceived => "data_received",
            Self::RateLimitWait => "rate_limit_wait",
            Self::OtpWait => "otp_wait",
            Self::OtpsRead => "otps_read",
            Self::CryptoDuration => "crypto_duration",
            Self::KeysGenerated => "keys_generated",
        }
    }

    /// How its values add up.
    pub fn kind(self) -> MetricKind {
        match self {
            Self::Iterations
            | Self::Errors
            | Self::HttpReqs
            | Self::DataSent
            | Self::DataReceived
            | Self::OtpsRead
            | Self::KeysGenerated => MetricKind::Counter,
            Self::Checks => MetricKind::Rate,
            Self::IterationDuration
            | Self::StepDuration
            | Self::HttpReqDuration
            | Self::RateLimitWait
            | Self::OtpWait
            | Self::CryptoDuration => MetricKind::Duration,
        }
    }

    /// The metric of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|metric| metric.name() == name)
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::Metric;

    #[test]
    fn names_are_unique_words() {
        let mut seen = HashSet::new();
        for metric in Metric::ALL {
            let name = metric.name();
            assert!(seen.insert(name), "{name} twice");
            assert!(
                name.chars().all(|c| c.is_ascii_lowercase() || c == '_'),
                "{name}"
            );
            assert_eq!(Metric::named(name), Some(*metric));
        }
    }

    #[test]
    fn the_table_is_complete() {
        // The last variant's number is one less than their count.
        assert_eq!(Metric::ALL.len(), Metric::KeysGenerated as usize + 1);
    }
}
