//! `fail`: the iteration has failed, and why.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::block::{Block, Outline};
use super::compiler::{BlockKind, Body, Compiler};
use super::message::Message;
use super::player::{EarlyEnd, Player};
use crate::document::BlockDoc;
use crate::steps::StepError;

pub(super) const KIND: BlockKind = BlockKind {
    name: "fail",
    about: "fail the iteration, as an `expect` does that does not hold",
    body: Body::Other(Message::shape),
    compile,
};

struct Fail {
    label: Arc<str>,
    message: Message,
}

fn compile(document: &BlockDoc, compiler: &mut Compiler<'_>) -> Option<Box<dyn Block>> {
    let label = compiler.label(KIND.name);
    let message = Message::read(document, compiler)?;
    Some(Box::new(Fail { label, message }))
}

impl Block for Fail {
    fn play<'a>(&'a self, player: &'a mut Player<'_>) -> BoxFuture<'a, Result<(), EarlyEnd>> {
        Box::pin(async move {
            let message = self.message.render(KIND.name, player);
            let error = message.map_or_else(|error| error, StepError::Fail);
            Err(player.fail(&self.label, &error))
        })
    }

    fn outline(&self) -> Outline<'_> {
        self.message.outline(KIND.name)
    }
}
