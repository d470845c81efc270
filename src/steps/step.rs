//! What a step is, whatever it does.

use futures_util::future::BoxFuture;
use minijinja::Value;

use super::{StepError, VirtualUser};
use crate::document::{ReadContext, Record, StepDoc};
use crate::expression::Type;
use crate::http::{Asked, Statuses};
use crate::language::{Kind, Table};
use crate::metrics::{Metric, StepContext};

/// What a play gives, for whoever captures it.
pub type StepResult = Result<Value, StepError>;
/// A play.
pub type Played<'a> = BoxFuture<'a, StepResult>;

/// One action of a virtual user, read and checked, ready to be played.
pub trait Step: Send + Sync {
    /// Whether the step saves or reads credentials.
    fn needs_vault(&self) -> bool {
        false
    }

    /// Whether the step takes a key pair that nobody has had.
    fn needs_key(&self) -> bool {
        false
    }

    /// Whether the step decides who acts from here on. There is one session, so
    /// such a step cannot be played beside others.
    fn enters(&self) -> bool {
        false
    }

    /// Whether its result is the answer to a request of the scenario's own.
    fn answers(&self) -> bool {
        false
    }

    /// Whether it waits for events.
    fn hears_events(&self) -> bool {
        false
    }

    /// The statuses of an answer with which it succeeds, where the scenario decides
    /// over that.
    fn good_statuses(&self) -> Option<&Statuses> {
        None
    }

    /// The requests that it may send; those of the platform's client, unless it
    /// says otherwise.
    fn requests(&self) -> Vec<Asked> {
        crate::icure::requests()
    }

    /// Whether this is never measured with the step.
    fn never_measures(&self, _metric: Metric) -> bool {
        false
    }

    /// Plays the step; its result can be captured with `as`.
    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a>;
}

/// What only steps with a one-time password are measured by.
pub(super) const OF_OTPS: &[Metric] = &[Metric::OtpWait, Metric::OtpDelivery, Metric::OtpsRead];
/// What only steps with cryptography are measured by.
pub(super) const OF_CRYPTO: &[Metric] = &[
    Metric::CryptoDuration,
    Metric::CryptoWait,
    Metric::CryptoBytes,
];

/// A kind of step.
pub struct StepKind {
    /// The name that a user writes.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub about: &'static str,
    /// Its arguments.
    pub fields: Table,
    /// What is known of its result before it is played.
    pub result: fn() -> Type,
    /// Reads its arguments; problems go to the context.
    pub compile: fn(&StepDoc, &mut ReadContext) -> Option<Box<dyn Step>>,
}

/// Reads a step that its arguments are.
pub(super) fn compile<T: Record + Step + 'static>(
    document: &StepDoc,
    cx: &mut ReadContext,
) -> Option<Box<dyn Step>> {
    let step = T::read_only(&document.arguments, cx)?;
    Some(Box::new(step))
}

impl StepKind {
    /// What it is in the language.
    pub fn kind(&self) -> Kind {
        Kind {
            name: self.name,
            about: self.about,
            shape: self.fields.shape(),
        }
    }
}
