//! Why a step failed.

use std::time::Duration;

use reqwest::StatusCode;

use crate::expression::TemplateError;
use crate::feeder::FeederError;
use crate::icure::IcureError;
use crate::otp::OtpError;
use crate::target::OtherTarget;
use crate::vault::VaultError;

/// A step that did not do what it should. None of these messages holds a
/// secret.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// The platform, or cryptography on our side.
    #[error(transparent)]
    Icure(#[from] IcureError),
    /// No one-time password.
    #[error(transparent)]
    Otp(#[from] OtpError),
    /// The vault cannot be read or written.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// An argument cannot be made from its template.
    #[error("`{argument}`: {reason}")]
    Argument {
        /// Name of the argument.
        argument: &'static str,
        /// Why not.
        reason: String,
    },
    /// An `expect` does not hold.
    #[error("expected `{expected}`{seen}")]
    Expectation {
        /// The expression as written.
        expected: String,
        /// Both sides of a comparison, empty or starting with `, `.
        seen: String,
    },
    /// A `check` cannot be answered; it counts as one that does not hold.
    #[error("the check `{condition}` is neither true nor false: {reason}")]
    Check {
        /// The condition as written.
        condition: String,
        /// Why not.
        reason: String,
    },
    /// What `capture` asks for is not there.
    #[error("`capture`: `{name}`: {reason}")]
    Capture {
        /// The name that it should have had.
        name: String,
        /// Where nothing was found, and what there is.
        reason: String,
    },
    /// An answer is not as its `schema` says.
    #[error("`schema`: {0}")]
    Schema(String),
    /// There is no row for this iteration.
    #[error("the feeder `{name}`: {reason}")]
    Feeder {
        /// Name of the feeder.
        name: String,
        /// Why there is none.
        reason: FeederError,
    },
    /// A step that had to fail has not.
    #[error("this step must fail with `{expected}`, and succeeded")]
    Succeeded {
        /// What `fails` says.
        expected: String,
    },
    /// A step that had to fail has failed otherwise.
    #[error("this step must fail with `{expected}`, and failed otherwise: {reason}")]
    OtherFailure {
        /// What `fails` says.
        expected: String,
        /// Why it failed.
        reason: Box<StepError>,
    },
    /// `acting_as` names somebody who is not logged in.
    #[error(
        "nobody is logged in as `{login}`, whom `acting_as` names: {}",
        logged_in(others)
    )]
    NotLoggedIn {
        /// The login.
        login: String,
        /// Who is.
        others: Vec<String>,
    },
    /// The scenario has said `fail`.
    #[error("{0}")]
    Fail(String),
    /// The scenario has said `abort`.
    #[error("{0}")]
    Abort(String),
    /// A loop has come to its bound.
    #[error("`{condition}` still holds after {limit}")]
    Endless {
        /// The loop's condition as written.
        condition: String,
        /// The bound.
        limit: String,
    },
    /// The grace at the end ran out while the step was under way.
    #[error("not finished after {waited:.1?}, when the grace at the end ran out{}", waiting_for(on.as_deref()))]
    Unfinished {
        /// How long it had been under way.
        waited: Duration,
        /// What it waited for, as far as that is known.
        on: Option<String>,
    },
    /// The step needs an authenticated user.
    #[error("nobody is logged in: put `register`, `login` or `reinstantiate` before this step")]
    NotAuthenticated,
    /// `login` knows no key pair of this user.
    #[error(
        "no key pair is known for `{login}`: register it before in this scenario, or name saved credentials with `from`; \
         `new_key: true` logs in as on another device, and signs up whoever has no account yet"
    )]
    NoKeyPair {
        /// Login of the user.
        login: String,
    },
    /// The vault holds nothing under this name.
    #[error("the vault {vault} holds no credentials named `{name}`")]
    NotSaved {
        /// Path of the vault.
        vault: String,
        /// Name that was asked for.
        name: String,
    },
    /// There is no authentication process that the step could go on with.
    #[error("{reason}")]
    NoProcess {
        /// Which one is missing, and what to do.
        reason: String,
    },
    /// There is no subscription whose events could be waited for.
    #[error("{}", no_subscription(id.as_deref()))]
    NoSubscription {
        /// The one that was named.
        id: Option<String>,
    },
    /// No event has come in time.
    #[error("{}", no_event(*within, id.as_deref(), *others))]
    NoEvent {
        /// How long it was waited for.
        within: Duration,
        /// Id of what it should have been about.
        id: Option<String>,
        /// How many events came about something else.
        others: usize,
    },
    /// A subscription is told nothing any more.
    #[error("the subscription has ended: {reason}")]
    SubscriptionEnded {
        /// Why.
        reason: String,
    },
    /// Saved credentials belong to another target; nothing was sent.
    #[error("nothing was sent: the credentials `{name}` {reason}")]
    OtherTarget {
        /// Their name in the vault.
        name: String,
        /// Where they belong, and what to do.
        reason: OtherTarget,
    },
}

fn no_subscription(id: Option<&str>) -> String {
    match id {
        Some(id) => format!("no subscription `{id}` was opened in this iteration"),
        None => "nothing is subscribed to in this iteration: put `subscribe` before".into(),
    }
}

fn no_event(within: Duration, id: Option<&str>, others: usize) -> String {
    let about = id.map_or_else(String::new, |id| format!(" about `{id}`"));
    let others = match others {
        0 => String::new(),
        others => format!("; {others} about something else came"),
    };
    format!("no event{about} within {within:?}{others}")
}

/// Every kind of error, besides `http` and a status.
const KINDS: &[&str] = &[
    // Of requests.
    "connect",
    "dns",
    "refused",
    "unreachable",
    "connect timeout",
    "tls",
    "timeout",
    "transport",
    "reset",
    "closed",
    "incomplete",
    "protocol",
    "no descriptors",
    "no ports",
    "unexpected answer",
    "answer too long",
    "encode",
    "unfinished",
    // Of the platform.
    "credentials refused",
    "token expired",
    "another user",
    "key pool",
    "missing key",
    "crypto",
    "foreign key",
    "nothing shared",
    "deleted",
    "too large",
    "no attachment",
    "has account",
    "target",
    // Of one-time passwords.
    "otp timeout",
    "otp not found in message",
    "otp source",
    // Of the scenario.
    "vault",
    "argument",
    "expectation",
    "check",
    "capture",
    "schema",
    "feeder",
    "no failure",
    "not logged in",
    "fail",
    "abort",
    "endless loop",
    "not authenticated",
    "no key pair",
    "not saved",
    "another target",
    "no process",
    // Of events.
    "no subscription",
    "no event",
    "subscription ended",
];

/// Every kind of error, besides `http` and a status.
pub fn error_kinds() -> &'static [&'static str] {
    KINDS
}

/// Whether an error can be of this kind.
pub fn is_error_kind(word: &str) -> bool {
    let status = word
        .strip_prefix("http ")
        .and_then(|status| status.parse().ok());
    KINDS.contains(&word) || status.is_some_and(|status: u16| (100..=599).contains(&status))
}

impl StepError {
    /// A short word for counting errors of the same kind.
    pub fn kind(&self) -> String {
        let kind = self.word();
        // A threshold over a kind that is not in the table would be refused.
        debug_assert!(is_error_kind(&kind), "`{kind}` is not among the kinds");
        kind
    }

    fn word(&self) -> String {
        match self {
            Self::Icure(error) => error.kind(),
            Self::Otp(OtpError::Timeout { away: None, .. }) => "otp timeout".into(),
            Self::Otp(OtpError::Extract(_)) => "otp not found in message".into(),
            Self::Otp(OtpError::Timeout { .. } | OtpError::Source(_)) => "otp source".into(),
            Self::Vault(_) => "vault".into(),
            Self::Argument { .. } => "argument".into(),
            Self::Expectation { .. } => "expectation".into(),
            Self::Check { .. } => "check".into(),
            Self::Capture { .. } => "capture".into(),
            Self::Schema(_) => "schema".into(),
            Self::Feeder { .. } => "feeder".into(),
            Self::Succeeded { .. } => "no failure".into(),
            Self::OtherFailure { reason, .. } => reason.kind(),
            Self::NotLoggedIn { .. } => "not logged in".into(),
            Self::Fail(_) => "fail".into(),
            Self::Abort(_) => "abort".into(),
            Self::Endless { .. } => "endless loop".into(),
            Self::Unfinished { .. } => "unfinished".into(),
            Self::NotAuthenticated => "not authenticated".into(),
            Self::NoKeyPair { .. } => "no key pair".into(),
            Self::NotSaved { .. } => "not saved".into(),
            Self::OtherTarget { .. } => "another target".into(),
            Self::NoProcess { .. } => "no process".into(),
            Self::NoSubscription { .. } => "no subscription".into(),
            Self::NoEvent { .. } => "no event".into(),
            Self::SubscriptionEnded { .. } => "subscription ended".into(),
        }
    }

    /// Status of the answer that it is about, if it is about one.
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Icure(error) => error.status(),
            Self::OtherFailure { reason, .. } => reason.status(),
            _ => None,
        }
    }

    /// An argument cannot be made.
    pub fn argument(argument: &'static str) -> impl FnOnce(TemplateError) -> Self {
        move |error| Self::Argument {
            argument,
            reason: error.to_string(),
        }
    }
}

/// What a step has waited for, in words.
fn waiting_for(what: Option<&str>) -> String {
    what.map_or_else(String::new, |what| format!(": waiting for {what}"))
}

/// Who is logged in, in words.
fn logged_in(logins: &[String]) -> String {
    match logins {
        [] => "in this iteration nobody is, so put `register`, `login` or `reinstantiate` before"
            .into(),
        logins => format!("in this iteration there are `{}`", logins.join("`, `")),
    }
}

#[cfg(test)]
mod tests {
    use super::is_error_kind;
    use crate::http::Fault;
    use crate::metrics::OwnShortage;

    #[test]
    fn the_kinds_of_requests_without_an_answer_are_known() {
        let faults = Fault::ALL.iter().filter_map(|fault| fault.word());
        let own = OwnShortage::ALL.iter().map(|shortage| shortage.kind());
        for kind in faults.chain(own) {
            assert!(is_error_kind(kind), "{kind}");
        }
    }
}
