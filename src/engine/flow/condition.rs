//! `if`: steps that are played when a condition holds, and others when not.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::block::{Block, Item, Outline};
use super::compiler::{BlockKind, Body, Compiler, list_of_steps};
use super::player::{EarlyEnd, Player};
use crate::document::{BlockDoc, Field};
use crate::expression::{Captures, Expression};
use crate::language::{Key, Table};
use crate::steps::StepError;

pub(super) const KIND: BlockKind = BlockKind {
    name: "if",
    about: "play steps when a condition holds, others when it does not",
    body: Body::Fields(FIELDS),
    compile,
};

const CONDITION: Field<Expression> = Field::new("condition", "what decides").required();
const THEN: Key = list_of_steps("then", "what is played when it holds").required();
const ELSE: Key = list_of_steps("else", "what is played when it does not");

const FIELDS: Table = Table {
    what: "`if`",
    keys: &[&[CONDITION.key(), THEN, ELSE]],
};

struct If {
    label: Arc<str>,
    condition: Expression,
    then: Vec<Item>,
    otherwise: Vec<Item>,
}

fn compile(document: &BlockDoc, compiler: &mut Compiler<'_>) -> Option<Box<dyn Block>> {
    let mut fields = FIELDS.open(&document.body, compiler.cx)?;
    let label = compiler.label(KIND.name);
    let condition = fields.get(&CONDITION, compiler.cx);
    let then = fields.demand(&THEN, compiler.cx);
    let (then, in_then) = compiler.apart(|compiler| {
        let asked = condition.as_ref().map(Expression::assures);
        compiler.cx.names.narrow(&asked.unwrap_or_default());
        then.and_then(|node| compiler.list(node))
    });
    let (otherwise, in_else) = match fields.look("else") {
        Some(node) => compiler.apart(|compiler| compiler.list(node)),
        None => (Some(Vec::new()), Captures::default()),
    };
    compiler.cx.names.commit(&in_then.either(&in_else));
    fields.finish(compiler.cx);
    Some(Box::new(If {
        label,
        condition: condition?,
        then: then?,
        otherwise: otherwise?,
    }))
}

impl Block for If {
    fn play<'a>(&'a self, player: &'a mut Player<'_>) -> BoxFuture<'a, Result<(), EarlyEnd>> {
        Box::pin(async move {
            let holds = self
                .condition
                .holds(&player.user.scope)
                .map_err(StepError::argument("condition"))
                .map_err(|error| player.fail(&self.label, &error))?;
            let items = if holds { &self.then } else { &self.otherwise };
            player.play(items).await
        })
    }

    fn outline(&self) -> Outline<'_> {
        let mut lists = vec![(format!("if {}", self.condition.source()), &*self.then)];
        if !self.otherwise.is_empty() {
            lists.push(("else".to_owned(), &self.otherwise));
        }
        Outline::Lists(lists)
    }
}
