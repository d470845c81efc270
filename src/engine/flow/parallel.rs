//! `parallel`: several lists of steps at once.

use std::num::NonZeroU64;

use futures_util::{StreamExt, TryStreamExt, stream};

use futures_util::future::BoxFuture;

use super::block::{Block, Item, Outline};
use super::compiler::{BlockKind, Body, Compiler};
use super::player::{EarlyEnd, Player};
use crate::document::{BlockDoc, Field, steps_shape};
use crate::expression::Captures;
use crate::language::{Key, Node, Shape, Table};
use crate::steps::VirtualUser;

pub(super) const KIND: BlockKind = BlockKind {
    name: "parallel",
    about: "play several lists of steps at once",
    body: Body::Other(|| branches_shape().or(FIELDS.shape())),
    compile,
};

const BRANCHES: Key = Key::new(
    "branches",
    "what is played at once: lists of steps",
    branches_shape,
)
.required()
.expecting("a list of steps");
const AT_ONCE: Field<NonZeroU64> = Field::new(
    "at_once",
    "how many of them are played at once; all of them otherwise",
);

const FIELDS: Table = Table {
    what: "`parallel`",
    keys: &[&[BRANCHES, AT_ONCE.key()]],
};

struct Parallel {
    branches: Vec<Vec<Item>>,
    at_once: usize,
}

/// Most branches. More would be a mistake.
const MAX_BRANCHES: usize = 100;

/// `[[…], […]]`, or `{branches: [[…], […]], at_once: 2}`
fn compile(document: &BlockDoc, compiler: &mut Compiler<'_>) -> Option<Box<dyn Block>> {
    let (branches, at_once) = read(&document.body, compiler)?;
    let good = branches.list().is_some_and(|list| !list.is_empty());
    if !good {
        let help = "each branch is a list of steps: `[[…], […]]`";
        let message = "`parallel` needs a list of branches";
        compiler.cx.problem(document.kind.span, message, help);
        return None;
    }
    let nodes = branches.list().unwrap_or_default();
    if nodes.len() > MAX_BRANCHES {
        let message = format!("more than {MAX_BRANCHES} branches");
        let help = "for more at once, take more virtual users";
        compiler.cx.problem(document.kind.span, message, help);
        return None;
    }
    if let Some(other) = nodes.iter().find(|node| node.list().is_none()) {
        let message = format!("a branch is a list of steps, found {}", other.kind());
        let help = "each with its own `- `:\n  parallel:\n    - - http: {url: /a}\n    - - http: {url: /b}";
        compiler.cx.problem(other.label(), message, help);
        return None;
    }
    let mut all = Vec::new();
    let mut captures: Vec<Captures> = Vec::new();
    let mut named = Vec::new();
    for node in nodes {
        let before = compiler.cx.names.mark();
        let (items, new) = compiler.apart(|compiler| compiler.list(node));
        if let Some(items) = &items {
            compiler.same_session(items, node.label());
        }
        all.push(items);
        captures.push(new);
        let cx = &mut *compiler.cx;
        cx.names
            .warn_of_captured_twice(before, &mut named, node, &mut cx.problems);
    }
    // All of them are played to their ends.
    for new in captures {
        compiler.cx.names.commit(&new);
    }
    let branches: Option<Vec<Vec<Item>>> = all.into_iter().collect();
    let branches = branches?;
    Some(Box::new(Parallel {
        at_once: at_once.unwrap_or(branches.len()),
        branches,
    }))
}

fn branches_shape() -> Shape {
    steps_shape().list()
}

fn read<'n>(body: &'n Node, compiler: &mut Compiler<'_>) -> Option<(&'n Node, Option<usize>)> {
    if body.list().is_some() || body.is_nothing() {
        return Some((body, None));
    }
    let mut fields = FIELDS.open(body, compiler.cx)?;
    let branches = fields.demand(&BRANCHES, compiler.cx);
    let at_once = fields.get(&AT_ONCE, compiler.cx);
    fields.finish(compiler.cx);
    let at_once = at_once.map(|number| usize::try_from(number.get()).unwrap_or(usize::MAX));
    Some((branches?, at_once))
}

impl Block for Parallel {
    fn play<'a>(&'a self, player: &'a mut Player<'_>) -> BoxFuture<'a, Result<(), EarlyEnd>> {
        Box::pin(async move {
            let numbers = 0..self.branches.len() as u64;
            let mut users: Vec<VirtualUser> =
                numbers.map(|number| player.user.branch(number)).collect();
            // The steps of the branches were due when the block was.
            let due = player.due.take();
            let here = &*player;
            let mut waiting: Vec<BoxFuture<'_, Result<(), EarlyEnd>>> = Vec::new();
            for (items, user) in self.branches.iter().zip(&mut users) {
                waiting.push(Box::pin(
                    async move { here.with(user, due).play(items).await },
                ));
            }
            // The first that fails ends all: the others are dropped where they are.
            let playing = stream::iter(waiting).buffer_unordered(self.at_once);
            let outcome = playing.try_collect().await;
            // In the order of the file, so that it does not matter who was first.
            for user in users {
                player.user.join(user);
            }
            outcome
        })
    }

    fn outline(&self) -> Outline<'_> {
        let all = self.branches.len();
        let at_once = match self.at_once {
            some if some < all => format!(", {some} at once"),
            _ => String::new(),
        };
        let branch = |(number, items)| {
            let words = format!("in parallel, branch {number} of {all}{at_once}");
            (words, Vec::as_slice(items))
        };
        Outline::Lists((1..).zip(&self.branches).map(branch).collect())
    }
}
