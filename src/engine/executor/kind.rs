//! What an executor is, and what its settings have in common with others.

use std::fmt;
use std::num::NonZeroU64;
use std::time::Duration;

pub use futures_util::future::BoxFuture;

use crate::document::{Defaulted, Field, ReadContext};
use crate::engine::vu::VuGroup;
use crate::language::{Fields, Key, Kind, Shape, Text};

/// Decides when the iterations of one scenario start.
pub trait Executor: fmt::Debug + Send + Sync {
    /// What will happen, in one sentence without a full stop.
    fn describe(&self) -> String;

    /// How much is planned.
    fn extent(&self) -> Extent;

    /// Which model of load this is.
    fn model(&self) -> Model {
        Model::Closed
    }

    /// Plays the scenario to its end, or until the group is told to stop.
    fn execute<'a>(&'a self, group: &'a VuGroup) -> BoxFuture<'a, ()>;
}

/// Whether iterations wait for one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    /// A user starts its next iteration when the last one is over: a slow
    /// target is asked less.
    Closed,
    /// Iterations start when they are due, however slow the target is. Their
    /// duration counts from that moment.
    Open,
}

/// How much an executor plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Iterations in all, if that is known in advance.
    pub iterations: Option<u64>,
    /// When the last iteration starts at the latest, if it is limited by time.
    pub duration: Option<Duration>,
    /// Most virtual users at once.
    pub max_vus: u64,
}

/// What the command line says instead of the file.
#[derive(Clone, Copy, Debug, Default)]
pub struct Overrides {
    /// `--vus`
    pub vus: Option<NonZeroU64>,
    /// `--iterations`
    pub iterations: Option<NonZeroU64>,
    /// `--duration`
    pub duration: Option<Duration>,
}

impl Overrides {
    /// Notes a problem for what is given and does not fit this executor.
    pub(super) fn refuse(self, names: &[&str], executor: &Text, cx: &mut ReadContext) {
        let given = [
            ("vus", self.vus.is_some()),
            ("iterations", self.iterations.is_some()),
            ("duration", self.duration.is_some()),
        ];
        for (name, given) in given {
            if given && names.contains(&name) {
                cx.problem(
                    executor.span,
                    format!("`--{name}` does not fit the executor `{}`", executor.text),
                    format!("run it without `--{name}`, or change the scenario"),
                );
            }
        }
    }
}

/// A kind of executor, as named in a scenario under `executor`.
pub struct ExecutorKind {
    /// The name that a user writes.
    pub name: &'static str,
    /// When iterations start, in a few words.
    pub about: &'static str,
    /// Its settings, in groups: some are those of several kinds.
    pub fields: &'static [&'static [Key]],
    /// Reads its settings; problems go to the context. The name in the file is
    /// given for its position.
    pub compile: Compile,
}

impl ExecutorKind {
    /// What it is in the language.
    pub fn kind(&self) -> Kind {
        Kind {
            name: self.name,
            about: self.about,
            shape: Shape::Mapping(self.fields.concat()),
        }
    }
}

/// Makes an executor of a scenario's settings.
pub type Compile =
    fn(&mut Fields<'_>, &Text, Overrides, &mut ReadContext) -> Option<Box<dyn Executor>>;

/// `vus`, wherever it is.
pub(super) const VUS: Defaulted<NonZeroU64> =
    Field::new("vus", "virtual users").or(&NonZeroU64::MIN);
/// `duration`, wherever it is.
pub(super) const DURATION: Field<Duration> =
    Field::new("duration", "how long iterations start").required();

/// A number from 1, from the command line or the file.
pub(super) fn count(
    field: &Defaulted<NonZeroU64>,
    given: Option<NonZeroU64>,
    fields: &Fields<'_>,
    cx: &mut ReadContext,
) -> u64 {
    let written = fields.get_or(field, cx);
    given.unwrap_or(written).get()
}

/// `duration`, from the command line or the file; one of the two must say it.
pub(super) fn duration(
    given: Option<Duration>,
    fields: &mut Fields<'_>,
    cx: &mut ReadContext,
) -> Option<Duration> {
    if given.is_some() {
        // What the file says must make sense all the same.
        fields.given(&DURATION, cx);
        return given;
    }
    fields.get(&DURATION, cx)
}
