//! What a key beside a step is: what is read there, and what becomes of it when
//! the step is played.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Duration;

use super::judgement::{Condition, Judging};
use crate::document::{ReadContext, StepDoc};
use crate::expression::{Scope, Type};
use crate::language::{Key, Node, show_form};
use crate::metrics::{Metric, StepContext};
use crate::steps::error::StepError;
use crate::steps::step::{Played, Step, StepResult};
use crate::steps::user::VirtualUser;

/// A key that can stand beside a step.
pub struct BesideKind {
    /// The key, and what can stand there.
    pub key: Key,
    /// What is read of it, and when; nothing where the document does.
    pub read: &'static [(Stage, Reader)],
}

/// Reads a key into what is planned; problems go to the context.
pub type Reader = fn(&Node, &mut Draft<'_>, &mut ReadContext);

/// A moment in the reading of a step: what is read then knows what was read
/// before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Whether and how often the step is played.
    Turns,
    /// How it is played: the step is there.
    Play,
    /// What is taken of its result: it is known what that is.
    Result,
    /// Which names it has from here on.
    Names,
    /// What is only recorded, before what may end the step.
    Checks,
    /// What must hold with those.
    Conditions,
    /// What is so after the last play.
    End,
}

/// What is read of a step, and of what stands beside it.
pub struct Draft<'a> {
    /// As it is written.
    pub(in crate::steps) document: &'a StepDoc,
    /// The step, if it could be read.
    pub(in crate::steps) step: Option<Box<dyn Step>>,
    /// What is known of its result.
    pub(in crate::steps) result: Type,
    /// Whether that is the answer to a request of the scenario's own.
    pub(in crate::steps) answers: bool,
    /// How reports call it.
    pub(in crate::steps) label: Option<Arc<str>>,
    /// What the keys beside it do.
    pub(in crate::steps) beside: Vec<Box<dyn Beside>>,
}

impl<'a> Draft<'a> {
    pub(in crate::steps) fn new(document: &'a StepDoc) -> Self {
        Self {
            document,
            step: None,
            result: Type::Any,
            answers: false,
            label: None,
            beside: Vec::new(),
        }
    }

    /// Reads what stands beside the step and belongs to this stage.
    pub(in crate::steps) fn read(
        &mut self,
        table: &[BesideKind],
        stage: Stage,
        cx: &mut ReadContext,
    ) {
        let document = self.document;
        for kind in table {
            let Some(node) = document.beside(kind.key.name) else {
                continue;
            };
            let readers = kind.read.iter().filter(|(when, _)| *when == stage);
            readers.for_each(|(_, read)| read(node, self, cx));
            show_form(&kind.key, node, cx);
        }
    }
}

/// How often a step is played.
pub enum Turns {
    /// Not at all.
    Skip,
    /// As if nothing were said.
    Once,
    /// In a row.
    Rounds(NonZeroU64),
}

/// What a key beside a step does when that is planned and played. All keys of a
/// step are asked, in the order in which they were read; most have little to
/// say.
pub trait Beside: Send + Sync {
    /// What is out of the ordinary, in words.
    fn remark(&self) -> Option<String> {
        None
    }

    /// How often the step is played: the first that does not say once decides.
    ///
    /// # Errors
    /// When an expression gives something else.
    fn turns(&self, _scope: &Scope) -> Result<Turns, StepError> {
        Ok(Turns::Once)
    }

    /// Plays an attempt in its own way.
    fn play<'a>(&'a self, step: Next<'a>, user: &'a mut VirtualUser) -> Played<'a> {
        step.play(user)
    }

    /// Takes what it wants from what an attempt has given, and judges it.
    ///
    /// # Errors
    /// When the attempt has failed after all.
    fn judge<'a>(&'a self, result: StepResult, _cx: &mut Judging<'a, '_>) -> StepResult {
        result
    }

    /// Counts an attempt, from 1, and says how long to wait for a further one,
    /// if there is to be one.
    fn pause(
        &self,
        _cx: StepContext<'_>,
        _attempt: u64,
        _error: Option<&StepError>,
    ) -> Option<Duration> {
        None
    }

    /// The names that it gives.
    fn names(&self) -> Vec<&Arc<str>> {
        Vec::new()
    }

    /// The conditions that it judges by, with the key's name.
    fn conditions(&self) -> (&'static str, &[Condition]) {
        ("", &[])
    }

    /// Whether the step must fail.
    fn must_fail(&self) -> bool {
        false
    }

    /// Whether this is measured only with the key.
    fn measures(&self, _metric: Metric) -> bool {
        false
    }
}

/// The step, and what it is still played through.
#[derive(Clone, Copy)]
pub struct Next<'a> {
    pub(in crate::steps) beside: &'a [Box<dyn Beside>],
    pub(in crate::steps) step: &'a dyn Step,
    pub(in crate::steps) cx: StepContext<'a>,
}

impl<'a> Next<'a> {
    /// Plays it.
    pub fn play<'b>(self, user: &'b mut VirtualUser) -> Played<'b>
    where
        'a: 'b,
    {
        match self.beside.split_last() {
            Some((outer, beside)) => outer.play(Next { beside, ..self }, user),
            None => self.step.play(user, self.cx),
        }
    }
}
