//! What a key beside a step is: what is read there, and what becomes of it when
//! the step is played.

use std::sync::Arc;

use minijinja::Value;

use crate::document::{ReadContext, StepDoc};
use crate::expression::{Expression, Type};
use crate::language::{Key, Node};
use crate::metrics::StepContext;
use crate::steps::capture::Capture;
use crate::steps::error::StepError;
use crate::steps::fails::Fails;
use crate::steps::retry::Retry;
use crate::steps::step::{BoxFuture, Step};
use crate::steps::times::Times;
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
    pub(in crate::steps) beside: Beside,
}

/// What stands beside a step.
#[derive(Default)]
pub(in crate::steps) struct Beside {
    /// How reports call it.
    pub(in crate::steps) label: Option<Arc<str>>,
    /// Takes the whole result.
    pub(in crate::steps) as_: Option<Arc<str>>,
    /// Take parts of it.
    pub(in crate::steps) captures: Vec<Capture>,
    pub(in crate::steps) when: Option<Expression>,
    pub(in crate::steps) repeat: Option<Times>,
    pub(in crate::steps) fails: Option<Fails>,
    pub(in crate::steps) retry: Option<Retry>,
    pub(in crate::steps) expect: Vec<Expression>,
    pub(in crate::steps) check: Vec<Expression>,
    /// Through what each attempt is played, from the inside.
    pub(in crate::steps) around: Vec<Box<dyn Around>>,
    /// What is out of the ordinary, in words.
    pub(in crate::steps) remarks: Vec<String>,
}

impl<'a> Draft<'a> {
    pub(in crate::steps) fn new(document: &'a StepDoc) -> Self {
        Self {
            document,
            step: None,
            result: Type::Any,
            answers: false,
            beside: Beside::default(),
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
        }
    }
}

/// Something that each attempt of a step is played through.
pub trait Around: Send + Sync {
    /// Plays the step in its own way.
    fn play<'a>(
        &'a self,
        step: Next<'a>,
        user: &'a mut VirtualUser,
    ) -> BoxFuture<'a, Result<Value, StepError>>;
}

/// The step, and what is still around it.
#[derive(Clone, Copy)]
pub struct Next<'a> {
    pub(in crate::steps) around: &'a [Box<dyn Around>],
    pub(in crate::steps) step: &'a dyn Step,
    pub(in crate::steps) cx: StepContext<'a>,
}

impl<'a> Next<'a> {
    /// Plays it.
    pub fn play<'b>(self, user: &'b mut VirtualUser) -> BoxFuture<'b, Result<Value, StepError>>
    where
        'a: 'b,
    {
        match self.around.split_last() {
            Some((outer, around)) => outer.play(Next { around, ..self }, user),
            None => self.step.play(user, self.cx),
        }
    }
}
