//! `abort`: the whole run has failed, and ends.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::block::{Block, Outline};
use super::compiler::{BlockKind, Body, Compiler};
use super::message::Message;
use super::player::{EarlyEnd, Player};
use crate::document::BlockDoc;
use crate::engine::stop::StopReason;
use crate::steps::StepError;

pub(super) const KIND: BlockKind = BlockKind {
    name: "abort",
    about: "fail the iteration and end the whole run: iterations under way may finish, no \
            further one starts",
    body: Body::Other(Message::shape),
    compile,
};

struct Abort {
    label: Arc<str>,
    message: Message,
}

fn compile(document: &BlockDoc, compiler: &mut Compiler<'_>) -> Option<Box<dyn Block>> {
    let label = compiler.label(KIND.name);
    let message = Message::read(document, compiler)?;
    Some(Box::new(Abort { label, message }))
}

impl Block for Abort {
    fn play<'a>(&'a self, player: &'a mut Player<'_>) -> BoxFuture<'a, Result<(), EarlyEnd>> {
        Box::pin(async move {
            let message = match self.message.render(KIND.name, player) {
                Ok(message) => message,
                Err(error) => return Err(player.fail(&self.label, &error)),
            };
            player.stop.give_up(StopReason::Aborted {
                scenario: player.meters.scenario.to_string(),
                message: message.clone(),
            });
            Err(player.fail(&self.label, &StepError::Abort(message)))
        })
    }

    fn outline(&self) -> Outline<'_> {
        self.message.outline(KIND.name)
    }
}
