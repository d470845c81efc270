//! `skip_iteration`: the iteration ends here, on purpose, and why.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::block::{Block, Outline};
use super::compiler::{BlockKind, Body, Compiler};
use super::message::Message;
use super::player::{EarlyEnd, Player};
use crate::document::BlockDoc;

pub(super) const KIND: BlockKind = BlockKind {
    name: "skip_iteration",
    about: "end the iteration here, on purpose: it is neither completed nor failed",
    body: Body::Other(Message::shape),
    compile,
};

struct SkipIteration {
    label: Arc<str>,
    message: Message,
}

fn compile(document: &BlockDoc, compiler: &mut Compiler<'_>) -> Option<Box<dyn Block>> {
    if let Some(part) = compiler.once {
        let message = format!("`{}` in `{part}`, which has no iterations", KIND.name);
        let help = format!(
            "to leave steps of {part} out, put them into a block with a condition:\n  \
             - if:\n      condition: …\n      then: […]\nor end the run with `fail: …`"
        );
        compiler.cx.problem(document.kind.span, message, help);
        return None;
    }
    let label = compiler.label(KIND.name);
    let message = Message::read(document, compiler)?;
    Some(Box::new(SkipIteration { label, message }))
}

impl Block for SkipIteration {
    fn play<'a>(&'a self, player: &'a mut Player<'_>) -> BoxFuture<'a, Result<(), EarlyEnd>> {
        Box::pin(async move {
            let reason = self.message.render(KIND.name, player);
            let reason = reason.map_err(|error| player.fail(&self.label, &error))?;
            let step = (&player.meters.scenario, &self.label);
            player.skips.note(step, reason);
            Err(EarlyEnd::Skipped)
        })
    }

    fn outline(&self) -> Outline<'_> {
        self.message.outline(KIND.name)
    }
}
