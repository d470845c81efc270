//! `retry`: which failures are worth another attempt, and how long to wait for
//! it.

use std::num::NonZeroU64;
use std::time::Duration;

use super::kind::{Beside, BesideKind, Stage};
use crate::document::{ReadContext, Record, record};
use crate::http::{Failure, Fault, RequestError};
use crate::icure::IcureError;
use crate::language::{Key, Node, Problem, Read, Shape, Text, duration_shape};
use crate::metrics::{Counter, Metric, Outcome, OwnShortage, StepContext, TagKey};
use crate::otp::OtpError;
use crate::steps::error::StepError;

pub(super) const RETRY: BesideKind = BesideKind {
    key: Key::new("retry", "how it is tried again when it fails", || {
        Shape::Named("retry")
    })
    .example("3"),
    read: &[(Stage::Turns, |node, draft, cx| {
        if let Some(retry) = Retry::read(node, cx) {
            draft.beside.push(Box::new(retry));
        }
    })],
};

/// How a step is tried again when it fails.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::steps) struct Retry {
    /// Further attempts after the first one.
    times: u64,
    backoff: Backoff,
    on: Vec<Reason>,
}

record! {
    /// How long to wait before a further attempt.
    #[derive(Clone, Copy, Debug, PartialEq)]
    struct Backoff of "`backoff`" {
        /// the first wait
        initial: Duration = Backoff::USUAL.initial;
        /// how many times longer each further wait is, from 1 to 100
        factor: f64 = Backoff::USUAL.factor;
        /// the longest wait
        max: Duration = Backoff::USUAL.max;
        /// whether a wait is anything up to its length
        jitter: bool = Backoff::USUAL.jitter;
    }
}

impl Backoff {
    /// The waits of whoever says nothing of them.
    const USUAL: Self = Self {
        initial: Duration::from_millis(200),
        factor: 2.0,
        max: Duration::from_secs(5),
        jitter: true,
    };
}

impl Default for Backoff {
    fn default() -> Self {
        Self::USUAL
    }
}

/// A kind of failure that another attempt may overcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    /// No connection, for whatever reason.
    Connect,
    /// No connection, or no answer, in time.
    Timeout,
    /// The connection broke, for whatever reason.
    Transport,
    /// One of those reasons.
    Fault(Fault),
    /// This machine lacks something.
    Own(OwnShortage),
    /// Cut when the grace at the end ran out; nothing is tried again then.
    Unfinished,
    Otp,
    Expect,
    /// Hundreds of the status.
    Class(u16),
    Status(u16),
    Any,
}

/// Words for reasons, besides those of faults and shortages, and statuses.
const REASONS: &[(&str, Reason)] = &[
    ("connect", Reason::Connect),
    ("timeout", Reason::Timeout),
    ("transport", Reason::Transport),
    ("unfinished", Reason::Unfinished),
    ("otp", Reason::Otp),
    ("expect", Reason::Expect),
    ("4xx", Reason::Class(4)),
    ("5xx", Reason::Class(5)),
    ("any", Reason::Any),
];

/// The longest wait that an answer's `Retry-After` can ask for.
const LONGEST_ASKED_FOR: Duration = Duration::from_secs(60);

/// Every word for a reason, the kinds of errors among them.
fn words() -> impl Iterator<Item = (&'static str, Reason)> {
    let faults = Fault::ALL.iter();
    let faults = faults.filter_map(|fault| Some((fault.word()?, Reason::Fault(*fault))));
    let own = OwnShortage::ALL.iter();
    let own = own.map(|shortage| (shortage.kind(), Reason::Own(*shortage)));
    REASONS.iter().copied().chain(faults).chain(own)
}

/// What is worth another attempt unless the file says otherwise: failures that
/// are the network's or the server's.
const USUAL: &[Reason] = &[
    Reason::Connect,
    Reason::Timeout,
    Reason::Transport,
    Reason::Status(429),
    Reason::Class(5),
];

record! {
    struct RetryDoc of "`retry`" {
        /// how many further attempts there are at most
        times: NonZeroU64, required;
        /// the wait before each
        backoff: Backoff;
        /// which failures are worth it; `connect`, `timeout`, `transport`, `429` and `5xx`
        /// otherwise
        on: Reasons;
    }
}

/// `retry: 3`, or `retry: {times: 3, backoff: …, on: […]}`
impl Read<ReadContext> for Retry {
    const EXPECTED: &'static str = "a number from 1, or `{times: 3, on: [timeout, 5xx]}`";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        if node.scalar().is_some() {
            return NonZeroU64::read(node, cx).map(|times| Self {
                times: times.get(),
                backoff: Backoff::default(),
                on: USUAL.to_vec(),
            });
        }
        let read = RetryDoc::read_only(node, cx)?;
        Some(Self {
            times: read.times.get(),
            backoff: read.backoff.unwrap_or_default(),
            on: read.on.map_or_else(|| USUAL.to_vec(), |reasons| reasons.0),
        })
    }

    fn shape() -> Shape {
        Shape::Whole(1).or(RetryDoc::TABLE.shape())
    }
}

/// `backoff: 1s`, or `backoff: {initial: 200ms, factor: 2, max: 5s, jitter: true}`
impl Read<ReadContext> for Backoff {
    const EXPECTED: &'static str = "a duration, or `{initial: 200ms, factor: 2, max: 5s}`";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        if node.scalar().is_some() {
            return Duration::read(node, cx).map(|wait| Self {
                initial: wait,
                factor: 1.0,
                max: wait,
                jitter: false,
            });
        }
        let mut fields = Self::TABLE.open(node, cx)?;
        let mut read = Self::take(&mut fields, cx)?;
        if let Some(span) = fields.span_of("factor")
            && !(1.0..=100.0).contains(&read.factor)
        {
            cx.problem(span, "`factor` is out of range", "from 1 to 100");
        }
        if let Some(span) = fields.span_of("max")
            && read.max < read.initial
        {
            let help = "make it at least as long, or make `initial` shorter";
            cx.problem(span, "`max` is less than `initial`", help);
        }
        fields.finish(cx);
        read.max = read.max.max(read.initial);
        Some(read)
    }

    fn shape() -> Shape {
        duration_shape().or(Self::TABLE.shape())
    }
}

/// One reason, or a list of them.
struct Reasons(Vec<Reason>);

impl Read<ReadContext> for Reasons {
    const EXPECTED: &'static str = "a kind of failure such as `timeout`, `5xx` or `503`, \
                                    or a list of them";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let read: Vec<Option<Reason>> = node
            .items()
            .iter()
            .map(|item| {
                let word = Text::read(item, cx)?;
                let reason = Reason::parse(&word.text);
                if reason.is_none() {
                    let known: Vec<&str> = words().map(|(word, _)| word).collect();
                    let mut problem = Problem::unknown(&word, "kind of failure", &known);
                    problem = problem.labelled("none of these, and no status from 400 to 599");
                    cx.push(problem);
                }
                reason
            })
            .collect();
        read.into_iter().collect::<Option<_>>().map(Self)
    }

    fn shape() -> Shape {
        let words = words().map(|(word, _)| word).collect();
        Shape::Words(words).or(Shape::Whole(100)).one_or_list()
    }
}

impl Reason {
    fn parse(word: &str) -> Option<Self> {
        let known = words().find(|(known, _)| *known == word);
        known.map(|(_, reason)| reason).or_else(|| {
            let status = word.parse().ok()?;
            (400..600).contains(&status).then_some(Self::Status(status))
        })
    }

    fn applies(self, error: &StepError) -> bool {
        let status = request(error).and_then(RequestError::status);
        let failure = request(error).map(|error| &error.failure);
        match self {
            Self::Any => true,
            Self::Connect => matches!(failure, Some(Failure::Connect { .. })),
            Self::Timeout => matches!(
                failure,
                Some(
                    Failure::Timeout(_)
                        | Failure::Connect {
                            fault: Fault::ConnectTimeout,
                            ..
                        }
                )
            ),
            Self::Transport => matches!(failure, Some(Failure::Transport { .. })),
            Self::Fault(wanted) => failure.and_then(Failure::fault) == Some(wanted),
            Self::Own(wanted) => matches!(failure, Some(Failure::Own(own)) if *own == wanted),
            Self::Unfinished => matches!(error, StepError::Unfinished { .. }),
            Self::Status(wanted) => status.is_some_and(|status| status.as_u16() == wanted),
            Self::Class(hundreds) => status.is_some_and(|status| status.as_u16() / 100 == hundreds),
            Self::Otp => matches!(error, StepError::Otp(OtpError::Timeout { .. })),
            Self::Expect => matches!(
                error,
                StepError::Expectation { .. } | StepError::Capture { .. } | StepError::Schema(_)
            ),
        }
    }
}

/// The request that failed, if one did.
fn request(error: &StepError) -> Option<&RequestError> {
    match error {
        StepError::Icure(IcureError::Request(error)) => Some(error),
        StepError::Icure(IcureError::CredentialsRefused { reason, .. }) => Some(reason),
        _ => None,
    }
}

impl Retry {
    /// How long to wait after attempt number `attempt` has failed, from 1;
    /// `None` when that was the last one. At least as long as the server asks
    /// for, within reason.
    fn wait(&self, attempt: u64, error: &StepError) -> Option<Duration> {
        let worth_it = self.on.iter().any(|reason| reason.applies(error));
        let asked_for = match request(error).map(|error| &error.failure) {
            Some(Failure::Status { retry_after, .. }) => retry_after.unwrap_or_default(),
            _ => 0,
        };
        let asked_for = Duration::from_secs(asked_for.into());
        (attempt <= self.times && worth_it).then(|| {
            let wait = self.backoff.after(attempt, rand::random());
            wait.max(asked_for.min(LONGEST_ASKED_FOR))
        })
    }
}

impl Beside for Retry {
    fn remark(&self) -> Option<String> {
        Some("with retries".to_owned())
    }

    fn pause(
        &self,
        cx: StepContext<'_>,
        attempt: u64,
        error: Option<&StepError>,
    ) -> Option<Duration> {
        let Some(error) = error else {
            cx.record(Counter::STEP_ATTEMPTS, &[Outcome::Ok.tag()], 1);
            return None;
        };
        let kind = error.kind();
        let tags = [Outcome::Failed.tag(), (TagKey::Kind, kind.as_str())];
        cx.record(Counter::STEP_ATTEMPTS, &tags, 1);
        self.wait(attempt, error)
    }

    fn measures(&self, metric: Metric) -> bool {
        metric == Metric::StepAttempts
    }
}

impl Backoff {
    /// The wait after attempt number `attempt`; `chance` is from 0 to below 1.
    fn after(self, attempt: u64, chance: f64) -> Duration {
        let exponent = i32::try_from(attempt.saturating_sub(1)).unwrap_or(i32::MAX);
        let seconds = self.initial.as_secs_f64() * self.factor.powi(exponent);
        let wait = Duration::try_from_secs_f64(seconds).map_or(self.max, |wait| wait.min(self.max));
        if self.jitter {
            wait.mul_f64(chance)
        } else {
            wait
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use reqwest::{Method, StatusCode};

    use super::{Backoff, Reason, Retry, StepError, USUAL, words};
    use crate::http::{Failure, Fault, RequestError, Said, Statuses};
    use crate::icure::IcureError;
    use crate::metrics::OwnShortage;

    fn failed(failure: Failure) -> StepError {
        StepError::Icure(IcureError::Request(RequestError {
            method: Method::GET,
            endpoint: "/".into(),
            failure,
        }))
    }

    fn refused_for(retry_after: Option<u32>) -> StepError {
        failed(Failure::Status {
            status: StatusCode::TOO_MANY_REQUESTS,
            expected: Statuses::default(),
            said: Said::nothing(),
            retry_after,
        })
    }

    #[test]
    fn every_kind_of_failure_is_a_reason_and_the_old_words_are_classes() {
        let applying = |failure: Failure| -> Vec<&str> {
            let error = failed(failure);
            let applying = words().filter(|(_, reason)| reason.applies(&error));
            applying
                .map(|(word, _)| word)
                .filter(|it| *it != "any")
                .collect()
        };
        let reason = String::new;
        for fault in Fault::ALL {
            let Some(word) = fault.word() else { continue };
            let connect = applying(Failure::Connect {
                to: String::new(),
                fault: *fault,
                reason: reason(),
            });
            let transport = applying(Failure::Transport {
                fault: *fault,
                reason: reason(),
            });
            let timeout: &[&str] = match fault {
                Fault::ConnectTimeout => &["timeout"],
                _ => &[],
            };
            assert_eq!(connect, [&["connect"], timeout, &[word]].concat());
            assert_eq!(transport, ["transport", word]);
        }
        for own in OwnShortage::ALL {
            assert_eq!(applying(Failure::Own(*own)), [own.kind()]);
        }
        assert_eq!(applying(Failure::Timeout(ms(1))), ["timeout"]);
    }

    #[test]
    fn a_server_is_left_alone_for_as_long_as_it_asks_but_no_longer_than_a_minute() {
        let retry = Retry {
            times: 1,
            backoff: Backoff {
                initial: ms(3000),
                factor: 1.0,
                max: ms(3000),
                jitter: false,
            },
            on: USUAL.to_vec(),
        };
        let pauses = [None, Some(2), Some(5), Some(3600)]
            .map(|asked_for| retry.wait(1, &refused_for(asked_for)).unwrap());
        assert_eq!(pauses, [3000, 3000, 5000, 60_000].map(ms));
        assert_eq!(retry.wait(2, &refused_for(Some(2))), None);
    }

    const fn ms(number: u64) -> Duration {
        Duration::from_millis(number)
    }

    #[test]
    fn the_wait_grows_up_to_its_maximum() {
        let steady = Backoff {
            jitter: false,
            ..Backoff::default()
        };
        let waits: Vec<Duration> = (1..8).map(|n| steady.after(n, 0.5)).collect();
        let expected = [200, 400, 800, 1600, 3200, 5000, 5000].map(ms);
        assert_eq!(waits, expected);
        assert_eq!(Backoff::default().after(2, 0.25), ms(100));
    }

    #[test]
    fn a_status_stands_for_itself_and_for_its_class() {
        assert_eq!(Reason::parse("503"), Some(Reason::Status(503)));
        assert_eq!(Reason::parse("5xx"), Some(Reason::Class(5)));
        for wrong in ["200", "6xx", "", "timeot"] {
            assert_eq!(Reason::parse(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_attempt_waits_longer_than_the_maximum(
            attempt in any::<u64>(),
            factor in 1.0..100.0,
            chance in 0.0..1.0,
        ) {
            let backoff = Backoff { factor, ..Backoff::default() };
            prop_assert!(backoff.after(attempt, chance) <= backoff.max);
        }
    }
}
