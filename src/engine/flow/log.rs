//! `log`: a line for whoever watches, and for the report.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::block::{Block, Outline};
use super::compiler::{BlockKind, Body, Compiler};
use super::message::Message;
use super::player::{EarlyEnd, Player};
use crate::document::BlockDoc;

pub(super) const KIND: BlockKind = BlockKind {
    name: "log",
    about: "write a line to the terminal and into the report, a few a second at most",
    body: Body::Other(Message::shape),
    compile,
};

struct Log {
    label: Arc<str>,
    message: Message,
}

fn compile(document: &BlockDoc, compiler: &mut Compiler<'_>) -> Option<Box<dyn Block>> {
    let item = compiler.next_log();
    let label = compiler.label(&item);
    let message = Message::read(document, compiler)?;
    Some(Box::new(Log { label, message }))
}

impl Block for Log {
    fn play<'a>(&'a self, player: &'a mut Player<'_>) -> BoxFuture<'a, Result<(), EarlyEnd>> {
        Box::pin(async move {
            let (scenario, now) = (&player.meters.scenario, player.clock.now());
            // What is withheld is not even made.
            if !player.log.has_room((scenario, &self.label), now) {
                return Ok(());
            }
            let text = self.message.render(KIND.name, player);
            let text = text.map_err(|error| player.fail(&self.label, &error))?;
            player
                .log
                .add((scenario, &self.label), now, player.whose, text);
            Ok(())
        })
    }

    fn outline(&self) -> Outline<'_> {
        self.message.outline(KIND.name)
    }
}
