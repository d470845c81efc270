//! `repeat`: the same steps several times in a row.

use std::num::NonZeroU64;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::block::{Block, Item, Outline};
use super::compiler::{BlockKind, Body, Compiler, STEPS};
use super::player::{EarlyEnd, Player};
use crate::document::{BlockDoc, Field};
use crate::language::Table;
use crate::steps::Times;

pub(super) const KIND: BlockKind = BlockKind {
    name: "repeat",
    about: "play steps several times in a row",
    body: Body::Fields(FIELDS),
    compile,
};

const TIMES: Field<Times> = Field::new("times", "how often, from 1").required();

const FIELDS: Table = Table {
    what: "`repeat`",
    keys: &[&[TIMES.key(), STEPS]],
};

struct Repeat {
    label: Arc<str>,
    times: Times,
    items: Vec<Item>,
}

fn compile(document: &BlockDoc, compiler: &mut Compiler<'_>) -> Option<Box<dyn Block>> {
    let mut fields = FIELDS.open(&document.body, compiler.cx)?;
    let label = compiler.label(KIND.name);
    let times = fields.get(&TIMES, compiler.cx);
    let items = compiler.in_rounds(|compiler| compiler.steps(&mut fields));
    fields.finish(compiler.cx);
    Some(Box::new(Repeat {
        label,
        times: times?,
        items: items?,
    }))
}

impl Repeat {
    async fn rounds(&self, player: &mut Player<'_>, times: NonZeroU64) -> Result<(), EarlyEnd> {
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
    fn play<'a>(&'a self, player: &'a mut Player<'_>) -> BoxFuture<'a, Result<(), EarlyEnd>> {
        Box::pin(async move {
            let times = self
                .times
                .get(&player.user.scope)
                .map_err(|error| player.fail(&self.label, &error))?;
            let outer = player.user.scope.set_round(None);
            let outcome = self.rounds(player, times).await;
            player.user.scope.set_round(outer);
            outcome
        })
    }

    fn outline(&self) -> Outline<'_> {
        Outline::Lists(vec![(format!("repeat {}", self.times), &self.items)])
    }
}
