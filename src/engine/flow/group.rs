//! `group`: steps that belong together, measured as a whole.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::block::{Block, Item, Outline};
use super::compiler::{BlockKind, Body, Compiler, STEPS};
use super::player::{EarlyEnd, Player};
use crate::document::{BlockDoc, Field};
use crate::language::{Table, Text};
use crate::metrics::{Outcome, TagKey, Trend, Underway};

pub(super) const KIND: BlockKind = BlockKind {
    name: "group",
    about: "name steps that belong together, and measure them as a whole",
    body: Body::Fields(FIELDS),
    compile,
};

const NAME: Field<Text> = Field::new("name", "what reports call it").required();

const FIELDS: Table = Table {
    what: "`group`",
    keys: &[&[NAME.key(), STEPS]],
};

struct Group {
    /// With the names of the groups around it.
    name: Arc<str>,
    items: Vec<Item>,
}

fn compile(document: &BlockDoc, compiler: &mut Compiler<'_>) -> Option<Box<dyn Block>> {
    let mut fields = FIELDS.open(&document.body, compiler.cx)?;
    let name = fields.get(&NAME, compiler.cx);
    let own = name.as_ref().map(Text::as_str);
    let label = compiler.label(own.unwrap_or_default());
    compiler.group(&label);
    let items = compiler.named(own, |compiler| compiler.steps(&mut fields));
    fields.finish(compiler.cx);
    name?;
    Some(Box::new(Group {
        name: label,
        items: items?,
    }))
}

impl Block for Group {
    fn play<'a>(&'a self, player: &'a mut Player<'_>) -> BoxFuture<'a, Result<(), EarlyEnd>> {
        Box::pin(async move {
            // At the start of an open model's iteration it counts from when
            // that was due, as its first step does.
            let clock = player.clock;
            let began = player.due.unwrap_or_else(|| clock.now());
            let meter = &player.meters.meter;
            let record = |outcome: Outcome| {
                let tags = [(TagKey::Group, &*self.name), outcome.tag()];
                meter.record(Trend::GROUP_DURATION, &tags, clock.since(began));
            };
            let underway = Underway::new(player.trace, record);
            let ending = player.play(&self.items).await;
            underway.end();
            record(match ending {
                Ok(()) => Outcome::Ok,
                Err(EarlyEnd::Failed) => Outcome::Failed,
                Err(EarlyEnd::Skipped) => Outcome::Skipped,
            });
            ending
        })
    }

    fn outline(&self) -> Outline<'_> {
        Outline::Lists(vec![(format!("group {}", self.name), &self.items)])
    }
}
