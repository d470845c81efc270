//! `choose`: alternatives of which each iteration plays one. They are laid out
//! one after another among the steps around them, and each step knows which
//! alternative it belongs to.

use std::num::NonZeroU64;
use std::sync::Arc;

use super::context::Context;
use super::document::Known;
use super::fields::Fields;
use super::node::{Node, Text, Value};
use super::problem::Problem;
use super::step::{StepDoc, read_step, read_steps};

/// The key that makes an item of `steps` a choice.
pub(super) const CHOOSE: &str = "choose";

/// Alternatives, by weight.
#[derive(Debug)]
pub struct Choice {
    /// Which choice this is, from 0, among those of the same list of steps.
    pub number: usize,
    weights: Vec<u64>,
}

/// Where a step belongs to.
#[derive(Clone, Debug)]
pub struct Branch {
    /// The choice.
    pub choice: Arc<Choice>,
    /// Which of its alternatives, from 0.
    pub alternative: usize,
}

impl Choice {
    /// The alternative that a number from 0 to below 1 stands for.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "weights are small, and their sum is below 2^52 (checked when they are read)"
    )]
    pub fn pick(&self, unit: f64) -> usize {
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

/// Largest weight. More would be a mistake.
const MAX_WEIGHT: u64 = 1_000_000;

/// Reads a list of items into steps, with those of all alternatives in it.
pub(super) fn lay_out(
    items: &[Node],
    known: &Known<'_>,
    vars: &[&str],
    cx: &mut Context<'_>,
) -> Vec<StepDoc> {
    let mut steps = Vec::new();
    let mut choices = 0;
    for item in items {
        if let Some((key, node)) = choice_in(item) {
            steps.extend(read_choice(item, key, node, choices, known, vars, cx));
            choices += 1;
        } else {
            steps.extend(read_step(item, known, vars, cx));
        }
    }
    steps
}

fn choice_in(item: &Node) -> Option<(&Text, &Node)> {
    item.entries().find(|(key, _)| key.text == CHOOSE)
}

fn read_choice(
    item: &Node,
    key: &Text,
    node: &Node,
    number: usize,
    known: &Known<'_>,
    vars: &[&str],
    cx: &mut Context<'_>,
) -> Vec<StepDoc> {
    for (other, _) in item.entries().filter(|(other, _)| other.text != CHOOSE) {
        let message = format!("`{}` cannot stand beside `choose`", other.text);
        let help = "put it beside the steps of the alternatives";
        cx.push(Problem::new(other.span, message, help));
    }
    let alternatives = match &node.value {
        Value::List(items) if !items.is_empty() => items,
        _ => {
            let help = "for example `- {weight: 80, steps: […]}`";
            cx.problem(key.span, "`choose` needs a list of alternatives", help);
            return Vec::new();
        }
    };
    let read: Vec<(u64, Vec<StepDoc>)> = alternatives
        .iter()
        .map(|node| read_alternative(node, known, vars, cx))
        .collect();
    let choice = Arc::new(Choice {
        number,
        weights: read.iter().map(|(weight, _)| *weight).collect(),
    });
    let branches = read.into_iter().enumerate();
    branches
        .flat_map(|(alternative, (_, steps))| {
            let choice = &choice;
            steps.into_iter().map(move |step| StepDoc {
                branch: Some(Branch {
                    choice: Arc::clone(choice),
                    alternative,
                }),
                ..step
            })
        })
        .collect()
}

/// `{weight: 80, name: read, steps: […]}`. There is a problem when a weight is
/// made up.
fn read_alternative(
    node: &Node,
    known: &Known<'_>,
    vars: &[&str],
    cx: &mut Context<'_>,
) -> (u64, Vec<StepDoc>) {
    let Some(mut fields) = Fields::open(node, "an alternative", cx) else {
        return (1, Vec::new());
    };
    let weight = fields.required::<NonZeroU64>("weight", cx);
    if let (Some(weight), Some(span)) = (weight, fields.span_of("weight"))
        && weight.get() > MAX_WEIGHT
    {
        let message = format!("a weight is at most {MAX_WEIGHT}");
        cx.problem(span, message, "only their proportion counts");
    }
    let name: Option<Text> = fields.optional("name", cx);
    let steps = fields.node("steps");
    let span = fields.span();
    fields.finish(cx);
    let Some(steps) = steps else {
        cx.problem(span, "an alternative needs `steps`", "add a list of steps");
        return (1, Vec::new());
    };
    let nested = steps.items().iter().find_map(choice_in);
    let mut read = if let Some((key, _)) = nested {
        let help = "write the alternatives side by side, with the products of their weights";
        cx.problem(key.span, "`choose` inside `choose`", help);
        Vec::new()
    } else {
        read_steps(steps, known, vars, cx)
    };
    if let Some(name) = name {
        for step in &mut read {
            let own = step.name.as_ref().unwrap_or(&step.kind);
            step.name = Some(Text::bare(format!("{} {}", name.text, own.text)));
        }
    }
    (weight.map_or(1, NonZeroU64::get).min(MAX_WEIGHT), read)
}

#[cfg(test)]
mod tests {
    use super::Choice;

    #[test]
    fn an_alternative_is_picked_by_its_share_of_the_weights() {
        let choice = Choice {
            number: 0,
            weights: vec![1, 3],
        };
        let picked: Vec<usize> = (0..8).map(|n| choice.pick(f64::from(n) / 8.0)).collect();
        assert_eq!(picked, [0, 0, 1, 1, 1, 1, 1, 1]);
        assert_eq!(choice.pick(0.999_999_999), 1);
    }
}
