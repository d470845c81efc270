//! `repeat`: the same steps several times in a row.

use std::num::NonZeroU64;
use std::sync::Arc;

use super::{Block, BlockKind, Compiler, Failed, Item, Player};
use crate::document::{BlockDoc, times_shape};
use crate::engine::executor::BoxFuture;
use crate::expression::Template;
use crate::language::Fields;
use crate::steps::{read_times, times};

pub(super) const KIND: BlockKind = BlockKind {
    name: "repeat",
    about: "play steps several times in a row",
    body: None,
    compile,
};

struct Repeat {
    label: Arc<str>,
    times: Template,
    items: Vec<Item>,
}

fn compile(document: &BlockDoc, compiler: &mut Compiler<'_, '_>) -> Option<Box<dyn Block>> {
    let mut fields = Fields::open(&document.body, "`repeat`", compiler.cx)?;
    let label = compiler.label(KIND.name);
    let times = fields.needed("times", "how often, from 1", times_shape);
    if times.is_none() {
        let help = "add `times:` with a whole number from 1, or an expression";
        let message = "`repeat` needs `times`";
        compiler.cx.problem(fields.span(), message, help);
    }
    let times = times.and_then(|node| read_times(node, compiler.cx));
    let items = compiler.in_rounds(|compiler| compiler.steps(&mut fields));
    fields.finish(compiler.cx);
    Some(Box::new(Repeat {
        label,
        times: times?,
        items: items?,
    }))
}

impl Repeat {
    async fn rounds(&self, player: &mut Player<'_>, times: NonZeroU64) -> Result<(), Failed> {
        for round in 1..=times.get() {
            player.user.scope.set_round(Some(round));
            player.play(&self.items).await?;
            // Steps that wait for nothing must not keep everybody else waiting.
            tokio::task::yield_now().await;
        }
        Ok(())
    }
}

impl Block for Repeat {
    fn play<'a>(&'a self, player: &'a mut Player<'_>) -> BoxFuture<'a, Result<(), Failed>> {
        Box::pin(async move {
            let times = times(&self.times, &player.user.scope)
                .map_err(|error| player.fail(&self.label, &error))?;
            let outer = player.user.scope.set_round(None);
            let outcome = self.rounds(player, times).await;
            player.user.scope.set_round(outer);
            outcome
        })
    }

    fn lists(&self) -> Vec<&[Item]> {
        vec![&self.items]
    }
}
