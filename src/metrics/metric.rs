//! What is measured: one table.
//!
//! To add a metric: one row, of the kind (which says what values it takes), the
//! name that it is recorded by, that it is read by and that a user writes, the tags
//! that its series have, and what it is, in a sentence without a full stop.

use std::fmt;

use super::{MetricKind, TagKey};

/// A metric of values that are added to a sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counter(pub(super) Metric);

/// A metric of time spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trend(pub(super) Metric);

/// A metric of what holds or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate(pub(super) Metric);

/// A metric of a number that goes up and down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gauge(pub(super) Metric);

macro_rules! metrics {
    ($(
        $kind:ident $handle:ident $variant:ident $name:literal [$($key:ident)*]
            $about:literal;
    )*) => {
        /// A metric, whatever its values are. Its name is what thresholds and
        /// reports say.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Metric {
            $(#[doc = $about] $variant,)*
        }

        $(impl $kind {
            #[doc = $about]
            pub const $handle: Self = Self(Metric::$variant);
        })*

        impl Metric {
            /// Every metric.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name in thresholds and reports.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// What it is, in a sentence without a full stop.
            pub fn about(self) -> &'static str {
                match self {
                    $(Self::$variant => $about,)*
                }
            }

            /// How its values add up.
            pub fn kind(self) -> MetricKind {
                match self {
                    $(Self::$variant => MetricKind::$kind,)*
                }
            }

            /// The tags that its series have: what a selector can name.
            pub fn keys(self) -> &'static [TagKey] {
                match self {
                    $(Self::$variant => &[$(TagKey::$key),*],)*
                }
            }
        }
    };
}

metrics! {
    Counter ITERATIONS Iterations "iterations" [Scenario Phase Outcome]
        "Passes of a scenario that have ended";
    Trend ITERATION_DURATION IterationDuration "iteration_duration" [Scenario Phase Outcome]
        "How long a pass took";
    Trend ITERATION_SERVICE_TIME IterationServiceTime "iteration_service_time"
        [Scenario Phase Outcome]
        "How long a pass took from its actual start, in an open model";
    Trend ITERATION_START_LAG IterationStartLag "iteration_start_lag" [Scenario Phase]
        "How much later than intended a pass started, in an open model";
    Counter DROPPED_ITERATIONS DroppedIterations "dropped_iterations" [Scenario Phase Kind]
        "Passes that were due and found no virtual user";
    Counter UNPLANNED_VUS UnplannedVus "unplanned_vus" [Scenario Phase]
        "Virtual users that were made beyond those pre-allocated";
    Trend FAILURE_BACKOFF FailureBackoff "failure_backoff" [Scenario Phase]
        "How long virtual users waited because their iterations failed at once";
    Trend RUNNER_STALLS RunnerStalls "runner_stalls" []
        "How long the load generator stood still, each time that it did";
    Gauge VUS Vus "vus" []
        "Virtual users that are there, read each second";
    Trend STEP_DURATION StepDuration "step_duration" [Scenario Phase Step Outcome]
        "How long a step took, everything in it included";
    Trend STEP_SERVICE_TIME StepServiceTime "step_service_time" [Scenario Phase Step Outcome]
        "How long a step took from its actual start, in an open model";
    Trend GROUP_DURATION GroupDuration "group_duration" [Scenario Phase Group Outcome]
        "How long a group of steps took";
    Counter STEP_ATTEMPTS StepAttempts "step_attempts" [Scenario Phase Step Outcome Kind]
        "Attempts of steps that are tried again when they fail";
    Counter ERRORS Errors "errors" [Scenario Phase Step Kind]
        "Steps that failed";
    Rate CHECKS Checks "checks" [Scenario Phase Step Kind Check]
        "Conditions, and whether they held";
    Counter HTTP_REQS HttpReqs "http_reqs" [Scenario Phase Step Method Endpoint Status Outcome]
        "HTTP requests that have ended";
    Trend HTTP_REQ_DURATION HttpReqDuration "http_req_duration"
        [Scenario Phase Step Method Endpoint Status Outcome]
        "How long a request took, from sending it to the end of its answer";
    Trend HTTP_REQ_SERVICE_TIME HttpReqServiceTime "http_req_service_time"
        [Scenario Phase Step Method Endpoint Status Outcome]
        "How long a request took from being sent, in an open model";
    Trend HTTP_REQ_TTFB HttpReqTtfb "http_req_ttfb"
        [Scenario Phase Step Method Endpoint Status Outcome]
        "From sending a request to the first byte of its answer";
    Trend HTTP_DNS_LOOKUP HttpDnsLookup "http_dns_lookup" [Outcome]
        "How long a name took to resolve";
    Trend HTTP_CONNECT HttpConnect "http_connect" [Outcome]
        "How long a new connection took: name, TCP, and TLS where it is used";
    Trend HTTP_CONNECT_TCP HttpConnectTcp "http_connect_tcp" [Outcome]
        "How long TCP took of a new connection";
    Trend HTTP_CONNECT_TLS HttpConnectTls "http_connect_tls" [Outcome]
        "How long TLS took of a new connection";
    Gauge HTTP_CONNECTIONS HttpConnections "http_connections" []
        "Connections that are open, whenever their number changes";
    Counter HTTP_CONNECTIONS_OPENED HttpConnectionsOpened "http_connections_opened" []
        "Connections that were made";
    Counter HTTP_CONNECTIONS_REUSED HttpConnectionsReused "http_connections_reused" []
        "How often a connection served that had served before";
    Counter HTTP_CONNECTIONS_CLOSED HttpConnectionsClosed "http_connections_closed" [Kind]
        "Connections that were closed, by the `client` or the `server`";
    Counter HTTP_RESENT HttpResent "http_resent" [Scenario Phase Step Method Endpoint]
        "Requests sent again because the server had not begun to work on them";
    Counter DATA_SENT DataSent "data_sent" [Scenario Phase Step Method Endpoint]
        "Bytes of request bodies that a connection has taken";
    Counter DATA_RECEIVED DataReceived "data_received" [Scenario Phase Step Method Endpoint]
        "Bytes of answer bodies";
    Trend RATE_LIMIT_WAIT RateLimitWait "rate_limit_wait" [Scenario Phase Step]
        "How long a request waited for a permit of the rate limit";
    Trend OTP_WAIT OtpWait "otp_wait" [Scenario Phase Step]
        "From an accepted request for a one-time password to the password";
    Trend OTP_DELIVERY OtpDelivery "otp_delivery" [Scenario Phase Step]
        "From an accepted request for a one-time password to the date of the mail";
    Counter OTPS_READ OtpsRead "otps_read" [Scenario Phase Step]
        "One-time passwords that were read";
    Trend EVENT_LATENCY EventLatency "event_latency" [Scenario Phase Step]
        "From sending a write to the event that tells of it";
    Counter MAILS_SEEN MailsSeen "mails_seen" []
        "Messages that arrived in the mailbox";
    Counter MAILS_MATCHED MailsMatched "mails_matched" []
        "Messages whose code was given to a user";
    Counter MAILS_UNMATCHED MailsUnmatched "mails_unmatched" []
        "Messages that nobody waited for, or in which was no code";
    Counter MAILS_LATE MailsLate "mails_late" []
        "Messages for a user who no longer waited";
    Counter MAILS_DUPLICATE MailsDuplicate "mails_duplicate" []
        "Messages that had been seen before";
    Counter MAILBOX_RECONNECTS MailboxReconnects "mailbox_reconnects" []
        "How often the connection to the mailbox was made again";
    Counter MAILBOX_IDLE_BROKEN MailboxIdleBroken "mailbox_idle_broken" []
        "Connections on which the mail server did not tell of new mail";
    Trend CRYPTO_DURATION CryptoDuration "crypto_duration" [Scenario Phase Step Operation]
        "How long a cryptographic operation on our side took";
    Counter CRYPTO_BYTES CryptoBytes "crypto_bytes" [Scenario Phase Step Operation]
        "Bytes that were encrypted or decrypted on our side";
    Trend VAULT_DURATION VaultDuration "vault_duration" [Scenario Phase Step Operation]
        "How long it took to save credentials, or to read saved ones";
    Trend CRYPTO_WAIT CryptoWait "crypto_wait" [Scenario Phase Step]
        "How long a cryptographic operation waited for a processor";
    Counter KEYS_GENERATED KeysGenerated "keys_generated" [Scenario Phase Step]
        "Key pairs that were generated";
    Counter KEYS_AHEAD KeysAhead "keys_ahead" [Scenario Phase Step]
        "Key pairs, of those generated, that were ready when a user asked";
    Counter KEYS_FROM_POOL KeysFromPool "keys_from_pool" [Scenario Phase Step]
        "Key pairs that came from a pool, each handed out once";
    Counter KEYS_REUSED KeysReused "keys_reused" [Scenario Phase Step]
        "Key pairs that came from a pool and that somebody had already";
}

impl Metric {
    /// True for a counter of bytes.
    pub fn counts_bytes(self) -> bool {
        matches!(
            self,
            Self::DataSent | Self::DataReceived | Self::CryptoBytes
        )
    }

    /// True for a count of new key pairs.
    pub fn is_of_keys(self) -> bool {
        matches!(
            self,
            Self::KeysGenerated | Self::KeysAhead | Self::KeysFromPool | Self::KeysReused
        )
    }

    /// True for what a mailbox counts.
    pub fn is_of_mails(self) -> bool {
        matches!(
            self,
            Self::MailsSeen
                | Self::MailsMatched
                | Self::MailsUnmatched
                | Self::MailsLate
                | Self::MailsDuplicate
                | Self::MailboxReconnects
                | Self::MailboxIdleBroken
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
