//! `while`: steps again and again as long as a condition holds, within bounds.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::block::{Block, Item, Outline};
use super::compiler::{BlockKind, Body, Compiler, STEPS};
use super::player::{EarlyEnd, Player};
use crate::document::{BlockDoc, Defaulted, Field};
use crate::expression::Expression;
use crate::language::{Choice, Table, format_duration};
use crate::steps::StepError;

pub(super) const KIND: BlockKind = BlockKind {
    name: "while",
    about: "play steps again and again as long as a condition holds, within bounds",
    body: Body::Fields(FIELDS),
    compile,
};

const MAX: Field<NonZeroU64> = Field::new("max", "how many passes there are at most")
    .example("10")
    .shown();
const TIMEOUT: Field<Duration> = Field::new("timeout", "after which time no further pass begins");
const AT_LIMIT: Defaulted<AtLimit> = Field::new(
    "at_limit",
    "what happens when the condition still holds then",
)
.or(&AtLimit::Fail);
const CONDITION: Field<Expression> =
    Field::new("condition", "as long as it holds there is a further pass").required();

const FIELDS: Table = Table {
    what: "`while`",
    keys: &[&[
        MAX.key(),
        TIMEOUT.key(),
        AT_LIMIT.key(),
        STEPS,
        CONDITION.key(),
    ]],
};

struct While {
    label: Arc<str>,
    condition: Expression,
    max: Option<NonZeroU64>,
    timeout: Option<Duration>,
    at_limit: AtLimit,
    items: Vec<Item>,
}

/// What becomes of a loop whose condition still holds at its bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AtLimit {
    Fail,
    GoOn,
}

impl Choice for AtLimit {
    const EXPECTED: &'static str = "`fail` or `go_on`";
    const CHOICES: &'static [(&'static str, Self)] = &[("fail", Self::Fail), ("go_on", Self::GoOn)];
}

fn compile(document: &BlockDoc, compiler: &mut Compiler<'_>) -> Option<Box<dyn Block>> {
    let mut fields = FIELDS.open(&document.body, compiler.cx)?;
    let label = compiler.label(KIND.name);
    let max = fields.get(&MAX, compiler.cx);
    let timeout = fields.get(&TIMEOUT, compiler.cx);
    let at_limit = fields.get_or(&AT_LIMIT, compiler.cx);
    if !fields.has("max") && !fields.has("timeout") {
        let help = "add `max:` with a number of passes, or `timeout:` with a duration, or both";
        let message = "`while` needs `max` or `timeout`";
        compiler.cx.problem(fields.span(), message, help);
    }
    let (items, captures) =
        compiler.apart(|compiler| compiler.in_rounds(|compiler| compiler.steps(&mut fields)));
    compiler.cx.names.commit(&captures.maybe());
    // The condition is about what the steps have found, from the second time
    // on.
    let condition = fields.get(&CONDITION, compiler.cx);
    fields.finish(compiler.cx);
    Some(Box::new(While {
        label,
        condition: condition?,
        max,
        timeout,
        at_limit,
        items: items?,
    }))
}

impl While {
    async fn passes(&self, player: &mut Player<'_>) -> Result<(), EarlyEnd> {
        let began = player.clock.now();
        let mut done = 0;
        while self.holds(player)? {
            if let Some(limit) = self.reached(done, player.clock.since(began)) {
                return match self.at_limit {
                    AtLimit::GoOn => Ok(()),
                    AtLimit::Fail => Err(player.fail(&self.label, &self.endless(limit))),
                };
            }
            done += 1;
            player.user.scope.set_round(Some(done));
            player.play(&self.items).await?;
            // Steps that wait for nothing must not keep everybody else waiting.
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    fn holds(&self, player: &Player<'_>) -> Result<bool, EarlyEnd> {
        self.condition
            .holds(&player.user.scope)
            .map_err(StepError::argument("condition"))
            .map_err(|error| player.fail(&self.label, &error))
    }

    /// The bound that was reached, in words.
    fn reached(&self, done: u64, passed: Duration) -> Option<String> {
        if let Some(max) = self.max
            && done >= max.get()
        {
            return Some(format!("{max} passes"));
        }
        let timeout = self.timeout?;
        (passed >= timeout).then(|| format_duration(timeout))
    }

    fn endless(&self, limit: String) -> StepError {
        StepError::Endless {
            condition: self.condition.source().to_owned(),
            limit,
        }
    }
}

impl Block for While {
    fn play<'a>(&'a self, player: &'a mut Player<'_>) -> BoxFuture<'a, Result<(), EarlyEnd>> {
        Box::pin(async move {
            let outer = player.user.scope.set_round(None);
            let outcome = self.passes(player).await;
            player.user.scope.set_round(outer);
            outcome
        })
    }

    fn outline(&self) -> Outline<'_> {
        let condition = self.condition.source();
        let max = self.max.map(|max| format!(", at most {max} times"));
        let timeout = self
            .timeout
            .map(|time| format!(", for at most {}", format_duration(time)));
        let bounds = [max, timeout].into_iter().flatten().collect::<String>();
        Outline::Lists(vec![(format!("while {condition}{bounds}"), &self.items)])
    }
}
