//! `choose`: alternatives of which one is played, drawn by weight.

use std::num::NonZeroU64;

use futures_util::future::BoxFuture;

use super::block::{Block, Item, Outline};
use super::compiler::{BlockKind, Body, Compiler, STEPS};
use super::player::{EarlyEnd, Player};
use crate::document::{BlockDoc, Field};
use crate::expression::Captures;
use crate::language::{Node, Table, Text};

pub(super) const KIND: BlockKind = BlockKind {
    name: "choose",
    about: "play one of several alternatives, drawn by weight",
    body: Body::Other(|| ALTERNATIVE.shape().list()),
    compile,
};

const WEIGHT: Field<NonZeroU64> = Field::new("weight", "its share").required();
const NAME: Field<Text> = Field::new(
    "name",
    "is put before what reports and thresholds call its steps",
);

const ALTERNATIVE: Table = Table {
    what: "an alternative",
    keys: &[&[WEIGHT.key(), NAME.key(), STEPS]],
};

struct Choice {
    number: usize,
    weights: Vec<u64>,
    alternatives: Vec<Vec<Item>>,
}

/// Largest weight. More would be a mistake.
const MAX_WEIGHT: u64 = 1_000_000;

fn compile(document: &BlockDoc, compiler: &mut Compiler<'_>) -> Option<Box<dyn Block>> {
    let nodes = document.body.list().unwrap_or_default();
    if nodes.is_empty() {
        let help = "write\n  - choose:\n      - {weight: 80, steps: […]}\n      \
                    - {weight: 20, steps: […]}";
        let message = "`choose` needs a list of alternatives";
        compiler.cx.problem(document.kind.span, message, help);
        return None;
    }
    let number = compiler.next_choice();
    let mut captures: Option<Captures> = None;
    let mut weights = Vec::new();
    let mut alternatives = Vec::new();
    for node in nodes {
        let (read, new) = compiler.apart(|compiler| alternative(node, compiler));
        captures = Some(match captures {
            Some(others) => others.either(&new),
            None => new,
        });
        let (weight, items) = read.unwrap_or_default();
        weights.push(weight);
        alternatives.push(items);
    }
    compiler.cx.names.commit(&captures.unwrap_or_default());
    let alternatives: Option<Vec<Vec<Item>>> = alternatives.into_iter().collect();
    Some(Box::new(Choice {
        number,
        weights,
        alternatives: alternatives?,
    }))
}

/// `{weight: 80, name: read, steps: […]}`. There is a problem when a weight is
/// made up.
fn alternative(node: &Node, compiler: &mut Compiler<'_>) -> Option<(u64, Option<Vec<Item>>)> {
    let mut fields = ALTERNATIVE.open(node, compiler.cx)?;
    let weight = fields.get(&WEIGHT, compiler.cx);
    if let (Some(weight), Some(span)) = (weight, fields.span_of("weight"))
        && weight.get() > MAX_WEIGHT
    {
        let message = format!("a weight is at most {MAX_WEIGHT}");
        compiler
            .cx
            .problem(span, message, "only their proportion counts");
    }
    let name = fields.get(&NAME, compiler.cx);
    let name = name.as_ref().map(Text::as_str);
    let items = compiler.named(name, |compiler| compiler.steps(&mut fields));
    fields.finish(compiler.cx);
    let weight = weight.map_or(1, NonZeroU64::get).min(MAX_WEIGHT);
    Some((weight, items))
}

impl Choice {
    /// The alternative that a number from 0 to below 1 stands for.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "weights are small, and their sum is below 2^52 (checked when they are read)"
    )]
    fn pick(&self, unit: f64) -> usize {
        let total: u64 = self.weights.iter().sum();
        let mut left = (unit * total as f64) as u64;
        for (alternative, weight) in self.weights.iter().enumerate() {
            match left.checked_sub(*weight) {
                Some(rest) => left = rest,
                None => return alternative,
            }
        }
        // Only when `unit` is 1 or more.
        self.weights.len().saturating_sub(1)
    }
}

impl Block for Choice {
    fn play<'a>(&'a self, player: &'a mut Player<'_>) -> BoxFuture<'a, Result<(), EarlyEnd>> {
        Box::pin(async move {
            let picked = self.pick(player.chance.draw(self.number));
            match self.alternatives.get(picked) {
                Some(items) => player.play(items).await,
                None => Ok(()),
            }
        })
    }

    fn outline(&self) -> Outline<'_> {
        let total: u64 = self.weights.iter().sum();
        let lists = self.weights.iter().zip(&self.alternatives);
        let words = |weight| format!("choose, weight {weight} of {total}");
        Outline::Lists(
            lists
                .map(|(weight, items)| (words(*weight), &**items))
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Choice;

    #[test]
    fn an_alternative_is_picked_by_its_share_of_the_weights() {
        let choice = Choice {
            number: 0,
            weights: vec![1, 3],
            alternatives: Vec::new(),
        };
        let picked: Vec<usize> = (0..8).map(|n| choice.pick(f64::from(n) / 8.0)).collect();
        assert_eq!(picked, [0, 0, 1, 1, 1, 1, 1, 1]);
        assert_eq!(choice.pick(0.999_999_999), 1);
    }
}
