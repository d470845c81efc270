//! What is measured: one table, with a name, a kind and a sentence each.

use std::fmt;

use super::TagKey;

/// How the values of a metric add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MetricKind {
    /// Something that is counted.
    Counter,
    /// Something that holds or does not.
    Rate,
    /// A time span, kept as a histogram.
    Duration,
    /// A number that goes up and down, read from time to time.
    Level,
}

/// A metric. Its name is what thresholds and reports say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Metric {
    /// Passes of a scenario that have ended.
    Iterations,
    /// How long a pass took.
    IterationDuration,
    /// How long a pass took from its actual start, in an open model.
    IterationServiceTime,
    /// How much later than intended a pass started, in an open model.
    IterationStartLag,
    /// Passes that were due and found no virtual user.
    DroppedIterations,
    /// Virtual users that were made beyond those pre-allocated.
    UnplannedVus,
    /// How long virtual users waited because their iterations failed at once.
    FailureBackoff,
    /// How long the load generator stood still, each time that it did.
    RunnerStalls,
    /// Virtual users that are there, read each second.
    Vus,
    /// How long a step took, everything in it included.
    StepDuration,
    /// How long a step took from its actual start, in an open model.
    StepServiceTime,
    /// How long a group of steps took.
    GroupDuration,
    /// Attempts of steps that are tried again when they fail.
    StepAttempts,
    /// Steps that failed.
    Errors,
    /// Conditions, and whether they held.
    Checks,
    /// HTTP requests that have ended.
    HttpReqs,
    /// How long a request took, from sending it to the end of its answer.
    HttpReqDuration,
    /// How long a request took from being sent, in an open model.
    HttpReqServiceTime,
    /// From sending a request to the first byte of its answer.
    HttpReqTtfb,
    /// How long a name took to resolve.
    HttpDnsLookup,
    /// How long a new connection took: name, TCP, and TLS where it is used.
    HttpConnect,
    /// Bytes of request bodies that a connection has taken.
    DataSent,
    /// Bytes of answer bodies.
    DataReceived,
    /// How long a request waited for a permit of the rate limit.
    RateLimitWait,
    /// From an accepted request for a one-time password to the password.
    OtpWait,
    /// From an accepted request for a one-time password to the date of the mail.
    OtpDelivery,
    /// One-time passwords that were read.
    OtpsRead,
    /// Messages that arrived in the mailbox.
    MailsSeen,
    /// Messages whose code was given to a user.
    MailsMatched,
    /// Messages that nobody waited for, or in which was no code.
    MailsUnmatched,
    /// Messages for a user who no longer waited.
    MailsLate,
    /// Messages that had been seen before.
    MailsDuplicate,
    /// How often the connection to the mailbox was made again.
    MailboxReconnects,
    /// Connections on which the mail server did not tell of new mail.
    MailboxIdleBroken,
    /// How long a cryptographic operation on our side took.
    CryptoDuration,
    /// Bytes that were encrypted or decrypted on our side.
    CryptoBytes,
    /// How long it took to save credentials, or to read saved ones.
    VaultDuration,
    /// How long a cryptographic operation waited for a processor.
    CryptoWait,
    /// Key pairs that were generated.
    KeysGenerated,
    /// Key pairs that came from a pool, each handed out once.
    KeysFromPool,
    /// Key pairs that came from a pool and that somebody had already.
    KeysReused,
}

impl Metric {
    /// Every metric.
    pub const ALL: &'static [Self] = &[
        Self::Iterations,
        Self::IterationDuration,
        Self::IterationServiceTime,
        Self::IterationStartLag,
        Self::DroppedIterations,
        Self::UnplannedVus,
        Self::FailureBackoff,
        Self::RunnerStalls,
        Self::Vus,
        Self::StepDuration,
        Self::StepServiceTime,
        Self::GroupDuration,
        Self::StepAttempts,
        Self::Errors,
        Self::Checks,
        Self::HttpReqs,
        Self::HttpReqDuration,
        Self::HttpReqServiceTime,
        Self::HttpReqTtfb,
        Self::HttpDnsLookup,
        Self::HttpConnect,
        Self::DataSent,
        Self::DataReceived,
        Self::RateLimitWait,
        Self::OtpWait,
        Self::OtpDelivery,
        Self::OtpsRead,
        Self::MailsSeen,
        Self::MailsMatched,
        Self::MailsUnmatched,
        Self::MailsLate,
        Self::MailsDuplicate,
        Self::MailboxReconnects,
        Self::MailboxIdleBroken,
        Self::CryptoDuration,
        Self::CryptoBytes,
        Self::VaultDuration,
        Self::CryptoWait,
        Self::KeysGenerated,
        Self::KeysFromPool,
        Self::KeysReused,
    ];

    /// The name in thresholds and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Iterations => "iterations",
            Self::IterationDuration => "iteration_duration",
            Self::IterationServiceTime => "iteration_service_time",
            Self::IterationStartLag => "iteration_start_lag",
            Self::DroppedIterations => "dropped_iterations",
            Self::UnplannedVus => "unplanned_vus",
            Self::FailureBackoff => "failure_backoff",
            Self::RunnerStalls => "runner_stalls",
            Self::Vus => "vus",
            Self::StepDuration => "step_duration",
            Self::StepServiceTime => "step_service_time",
            Self::GroupDuration => "group_duration",
            Self::StepAttempts => "step_attempts",
            Self::Errors => "errors",
            Self::Checks => "checks",
            Self::HttpReqs => "http_reqs",
            Self::HttpReqDuration => "http_req_duration",
            Self::HttpReqServiceTime => "http_req_service_time",
            Self::HttpReqTtfb => "http_req_ttfb",
            Self::HttpDnsLookup => "http_dns_lookup",
            Self::HttpConnect => "http_connect",
            Self::DataSent => "data_sent",
            Self::DataReceived => "data_received",
            Self::RateLimitWait => "rate_limit_wait",
            Self::OtpWait => "otp_wait",
            Self::OtpDelivery => "otp_delivery",
            Self::OtpsRead => "otps_read",
            Self::MailsSeen => "mails_seen",
            Self::MailsMatched => "mails_matched",
            Self::MailsUnmatched => "mails_unmatched",
            Self::MailsLate => "mails_late",
            Self::MailsDuplicate => "mails_duplicate",
            Self::MailboxReconnects => "mailbox_reconnects",
            Self::MailboxIdleBroken => "mailbox_idle_broken",
            Self::CryptoDuration => "crypto_duration",
            Self::CryptoBytes => "crypto_bytes",
            Self::VaultDuration => "vault_duration",
            Self::CryptoWait => "crypto_wait",
            Self::KeysGenerated => "keys_generated",
            Self::KeysFromPool => "keys_from_pool",
            Self::KeysReused => "keys_reused",
        }
    }

    /// What it is, in a sentence without a full stop.
    pub fn about(self) -> &'static str {
        match self {
            Self::Iterations => "Passes of a scenario that have ended",
            Self::IterationDuration => "How long a pass took",
            Self::IterationServiceTime => {
                "How long a pass took from its actual start, in an open model"
            }
            Self::IterationStartLag => {
                "How much later than intended a pass started, in an open model"
            }
            Self::DroppedIterations => "Passes that were due and found no virtual user",
            Self::UnplannedVus => "Virtual users that were made beyond those pre-allocated",
            Self::RunnerStalls => "How long the load generator stood still, each time that it did",
            Self::FailureBackoff => {
                "How long virtual users waited because their iterations failed at once"
            }
            Self::Vus => "Virtual users that are there, read each second",
            Self::StepDuration => "How long a step took, everything in it included",
            Self::StepServiceTime => "How long a step took from its actual start, in an open model",
            Self::GroupDuration => "How long a group of steps took",
            Self::StepAttempts => "Attempts of steps that are tried again when they fail",
            Self::Errors => "Steps that failed",
            Self::Checks => "Conditions, and whether they held",
            Self::HttpReqs => "HTTP requests that have ended",
            Self::HttpReqDuration => {
                "How long a request took, from sending it to the end of its answer"
            }
            Self::HttpReqServiceTime => "How long a request took from being sent, in an open model",
            Self::HttpReqTtfb => "From sending a request to the first byte of its answer",
            Self::HttpDnsLookup => "How long a name took to resolve",
            Self::HttpConnect => {
                "How long a new connection took: name, TCP, and TLS where it is used"
            }
            Self::DataSent => "Bytes of request bodies that a connection has taken",
            Self::DataReceived => "Bytes of answer bodies",
            Self::RateLimitWait => "How long a request waited for a permit of the rate limit",
            Self::OtpWait => "From an accepted request for a one-time password to the password",
            Self::OtpDelivery => {
                "From an accepted request for a one-time password to the date of the mail"
            }
            Self::OtpsRead => "One-time passwords that were read",
            Self::MailsSeen => "Messages that arrived in the mailbox",
            Self::MailsMatched => "Messages whose code was given to a user",
            Self::MailsUnmatched => "Messages that nobody waited for, or in which was no code",
            Self::MailsLate => "Messages for a user who no longer waited",
            Self::MailsDuplicate => "Messages that had been seen before",
            Self::MailboxReconnects => "How often the connection to the mailbox was made again",
            Self::MailboxIdleBroken => {
                "Connections on which the mail server did not tell of new mail"
            }
            Self::CryptoDuration => "How long a cryptographic operation on our side took",
            Self::CryptoBytes => "Bytes that were encrypted or decrypted on our side",
            Self::VaultDuration => "How long it took to save credentials, or to read saved ones",
            Self::CryptoWait => "How long a cryptographic operation waited for a processor",
            Self::KeysGenerated => "Key pairs that were generated",
            Self::KeysFromPool => "Key pairs that came from a pool, each handed out once",
            Self::KeysReused => "Key pairs that came from a pool and that somebody had already",
        }
    }

    /// How its values add up.
    pub fn kind(self) -> MetricKind {
        match self {
            Self::Iterations
            | Self::StepAttempts
            | Self::Errors
            | Self::HttpReqs
            | Self::DataSent
            | Self::DataReceived
            | Self::CryptoBytes
            | Self::OtpsRead
            | Self::MailsSeen
            | Self::MailsMatched
            | Self::MailsUnmatched
            | Self::MailsLate
            | Self::MailsDuplicate
            | Self::MailboxReconnects
            | Self::MailboxIdleBroken
            | Self::DroppedIterations
            | Self::UnplannedVus
            | Self::KeysGenerated
            | Self::KeysFromPool
            | Self::KeysReused => MetricKind::Counter,
            Self::Vus => MetricKind::Level,
            Self::Checks => MetricKind::Rate,
            Self::IterationDuration
            | Self::IterationServiceTime
            | Self::IterationStartLag
            | Self::FailureBackoff
            | Self::RunnerStalls
            | Self::StepDuration
            | Self::StepServiceTime
            | Self::GroupDuration
            | Self::HttpReqDuration
            | Self::HttpReqServiceTime
            | Self::HttpReqTtfb
            | Self::HttpDnsLookup
            | Self::HttpConnect
            | Self::RateLimitWait
            | Self::OtpWait
            | Self::OtpDelivery
            | Self::VaultDuration
            | Self::CryptoDuration
            | Self::CryptoWait => MetricKind::Duration,
        }
    }

    /// The tags that its series have: what a selector can name.
    pub fn keys(self) -> &'static [TagKey] {
        use TagKey as K;
        match self {
            Self::Iterations | Self::IterationDuration | Self::IterationServiceTime => {
                &[K::Scenario, K::Phase, K::Outcome]
            }
            Self::IterationStartLag | Self::UnplannedVus | Self::FailureBackoff => {
                &[K::Scenario, K::Phase]
            }
            Self::DroppedIterations => &[K::Scenario, K::Phase, K::Kind],
            Self::StepDuration | Self::StepServiceTime => {
                &[K::Scenario, K::Phase, K::Step, K::Outcome]
            }
            Self::GroupDuration => &[K::Scenario, K::Phase, K::Group, K::Outcome],
            Self::StepAttempts => &[K::Scenario, K::Phase, K::Step, K::Outcome, K::Kind],
            Self::Errors => &[K::Scenario, K::Phase, K::Step, K::Kind],
            Self::Checks => &[K::Scenario, K::Phase, K::Step, K::Kind, K::Check],
            Self::HttpReqs
            | Self::HttpReqDuration
            | Self::HttpReqServiceTime
            | Self::HttpReqTtfb => &[
                K::Scenario,
                K::Phase,
                K::Step,
                K::Method,
                K::Endpoint,
                K::Status,
                K::Outcome,
            ],
            Self::DataSent | Self::DataReceived => {
                &[K::Scenario, K::Phase, K::Step, K::Method, K::Endpoint]
            }
            Self::HttpDnsLookup | Self::HttpConnect => &[K::Outcome],
            Self::CryptoDuration | Self::CryptoBytes | Self::VaultDuration => {
                &[K::Scenario, K::Phase, K::Step, K::Operation]
            }
            Self::RateLimitWait
            | Self::OtpWait
            | Self::OtpDelivery
            | Self::OtpsRead
            | Self::CryptoWait
            | Self::KeysGenerated
            | Self::KeysFromPool
            | Self::KeysReused => &[K::Scenario, K::Phase, K::Step],
            Self::Vus
            | Self::MailsSeen
            | Self::MailsMatched
            | Self::MailsUnmatched
            | Self::MailsLate
            | Self::MailsDuplicate
            | Self::MailboxReconnects
            | Self::MailboxIdleBroken
            | Self::RunnerStalls => &[],
        }
    }

    /// True for a counter of bytes.
    pub fn counts_bytes(self) -> bool {
        matches!(
            self,
            Self::DataSent | Self::DataReceived | Self::CryptoBytes
        )
    }

    /// False for what belongs to no part of a run: mailboxes, and virtual users.
    pub fn has_phase(self) -> bool {
        self.keys().contains(&TagKey::Phase)
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
        assert_eq!(Metric::ALL.len(), Metric::KeysReused as usize + 1);
    }
}
