//! What an executor is, and what its settings have in common with others.

use std::fmt;
use std::num::NonZeroU64;
use std::time::Duration;

pub use futures_util::future::BoxFuture;

use crate::ceilings;
use crate::document::{Defaulted, Field, ReadContext};
use crate::engine::vu::VuGroup;
use crate::language::{Fields, Key, Kind, Read, Shape, Text};

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

    /// How many iterations per second are to start at a moment of the scenario;
    /// `None` when that depends on how soon others end.
    fn requested(&self, _: Duration) -> Option<f64> {
        None
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

/// [`ExecutorKind::compile`] of a kind whose settings are all there is to it.
pub(super) fn compile<K: Configured>(
    fields: &mut Fields<'_>,
    name: &Text,
    overrides: Overrides,
    cx: &mut ReadContext,
) -> Option<Box<dyn Executor>> {
    let mut settings = Settings {
        fields,
        name,
        overrides,
        cx,
    };
    Some(Box::new(K::read(&mut settings)?))
}

/// A kind of executor that is made of settings alone.
pub(super) trait Configured {
    /// What is made.
    type Made: Executor + 'static;

    /// Reads the settings; problems go to their context.
    fn read(settings: &mut Settings<'_, '_>) -> Option<Self::Made>;
}

/// What a scenario and the command line say to an executor.
pub(super) struct Settings<'a, 'n> {
    pub(super) fields: &'a mut Fields<'n>,
    /// The executor, as it stands in the file.
    pub(super) name: &'a Text,
    pub(super) overrides: Overrides,
    pub(super) cx: &'a mut ReadContext,
}

impl Settings<'_, '_> {
    /// The value of a field; a problem when it must be there and is not.
    pub(super) fn get<T: Read<ReadContext>>(&mut self, field: &Field<T>) -> Option<T> {
        self.fields.get(field, self.cx)
    }

    /// The value of a field, or what stands for it.
    pub(super) fn get_or<T: Read<ReadContext> + Clone>(&mut self, field: &Defaulted<T>) -> T {
        self.fields.get_or(field, self.cx)
    }

    /// A number from 1, from the command line or the file.
    fn count(&mut self, field: &Defaulted<NonZeroU64>, given: Option<NonZeroU64>) -> u64 {
        let written = self.get_or(field);
        given.unwrap_or(written).get()
    }

    /// `vus`, from the command line or the file.
    pub(super) fn vus(&mut self) -> u64 {
        let vus = self.count(&VUS, self.overrides.vus);
        self.at_most("vus", vus, ceilings::VUS)
    }

    /// `iterations`, from the command line or the file.
    pub(super) fn iterations(&mut self, field: &Defaulted<NonZeroU64>) -> u64 {
        let iterations = self.count(field, self.overrides.iterations);
        self.at_most("iterations", iterations, ceilings::TIMES)
    }

    /// The number, if it is not beyond a ceiling; the problem is where the file
    /// says it, or at the scenario when it comes from the command line.
    pub(super) fn at_most(&mut self, field: &'static str, number: u64, most: u64) -> u64 {
        if number > most {
            let span = self.fields.span_of(field).unwrap_or(self.name.span);
            let message = format!("`{field}` is more than {most}: {number}");
            let help = "one process plays no more: write less";
            self.cx.problem(span, message, help);
        }
        number.min(most)
    }

    /// `duration`, from the command line or the file; one of the two must say it.
    pub(super) fn duration(&mut self) -> Option<Duration> {
        if self.overrides.duration.is_none() {
            return self.get(&DURATION);
        }
        // What the file says must make sense all the same.
        self.fields.given(&DURATION, self.cx);
        self.overrides.duration
    }

    /// Notes a problem with what the file says in a field.
    pub(super) fn problem(
        &mut self,
        field: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        if let Some(span) = self.fields.span_of(field) {
            self.cx.problem(span, message, help);
        }
    }

    /// Notes a problem for what the command line says and does not fit this
    /// executor.
    pub(super) fn refuse(&mut self, names: &[&str]) {
        let given = [
            ("vus", self.overrides.vus.is_some()),
            ("iterations", self.overrides.iterations.is_some()),
            ("duration", self.overrides.duration.is_some()),
        ];
        for (name, given) in given {
            if given && names.contains(&name) {
                self.cx.problem(
                    self.name.span,
                    format!("`--{name}` does not fit the executor `{}`", self.name.text),
                    format!("run it without `--{name}`, or change the scenario"),
                );
            }
        }
    }
}

pub(super) const VUS: Defaulted<NonZeroU64> =
    Field::new("vus", "virtual users").or(&NonZeroU64::MIN);
pub(super) const DURATION: Field<Duration> =
    Field::new("duration", "how long iterations start").required();
