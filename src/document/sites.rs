//! Where steps capture something, which is known before any of them is read.

use super::model::Known;
use super::step::named_inside;
use crate::expression::captures::CaptureSite;
use crate::language::node::{Node, Text, Value};

/// Every capture in a list of steps, those inside blocks included, in the order
/// of the file.
pub(crate) fn capture_sites(steps: &Node, known: &Known<'_>) -> Vec<CaptureSite> {
    let mut found = Vec::new();
    let Value::List(items) = &steps.value else {
        return found;
    };
    for item in items {
        if let Some((kind, body)) = block_in(item, known) {
            if kind.text == "set" {
                of_set(body, &mut found);
                continue;
            }
            // What stands beside its name by mistake is in it as well.
            let parts = item.entries();
            parts.for_each(|(_, part)| in_block(part, known, &mut found));
        } else {
            of_step(item, known, &mut found);
        }
    }
    found
}

/// The variables of a `set`.
fn of_set(body: &Node, found: &mut Vec<CaptureSite>) {
    let sites = body.entries().map(|(name, node)| CaptureSite {
        name: name.text.clone(),
        at: name.span,
        step: node.span,
        kind: "set".to_owned(),
        // Of two with the same name, nothing is said that could be alike.
        form: format!("{:?}", name.span),
        part: true,
        is_set: true,
    });
    found.extend(sites);
}

/// What a step captures, by `as` and by `capture`.
fn of_step(item: &Node, known: &Known<'_>, found: &mut Vec<CaptureSite>) {
    let beside = |key: &Text| known.is_beside(key);
    let kind = item.entries().find(|(key, _)| !beside(key));
    let kind = kind.map_or("", |(key, _)| key.as_str());
    let has = |name| item.entries().any(|(key, _)| key.text == name);
    let form = format!("{kind} {} {}", has("fails"), has("repeat"));
    let mut note = |name: &Text, form: String, part| {
        found.push(CaptureSite {
            name: name.text.clone(),
            at: name.span,
            step: item.span,
            kind: kind.to_owned(),
            form,
            part,
            is_set: false,
        });
    };
    for (key, node) in item.entries() {
        match key.text.as_str() {
            "as" => {
                if let Some(name) = node.scalar() {
                    note(name, form.clone(), false);
                }
            }
            // Of a part, nothing is said that could be alike.
            "capture" => {
                let meant = named_inside(node.items());
                let meant = meant.iter().flatten().map(|(name, _)| name);
                let names = node.entries().map(|(name, _)| name);
                let names: Vec<&Text> = match meant.clone().next() {
                    Some(_) => meant.collect(),
                    None => names.collect(),
                };
                for name in names {
                    note(name, format!("{:?}", name.span), true);
                }
            }
            _ => {}
        }
    }
}

/// Whatever the block is: lists of steps are the lists in it, at any depth that
/// is not inside a step.
fn in_block(body: &Node, known: &Known<'_>, found: &mut Vec<CaptureSite>) {
    match &body.value {
        Value::List(items) => {
            let is_item = |item: &Node| {
                let words = known.words();
                item.entries()
                    .any(|(key, _)| words.contains(&key.text.as_str()))
            };
            if items.iter().any(is_item) {
                found.extend(capture_sites(body, known));
            } else {
                for item in items {
                    in_block(item, known, found);
                }
            }
        }
        Value::Map(map) => {
            for (_, node) in &map.entries {
                in_block(node, known, found);
            }
        }
        _ => {}
    }
}

/// The block that an item is, with its name.
pub(super) fn block_in<'n>(item: &'n Node, known: &Known<'_>) -> Option<(&'n Text, &'n Node)> {
    let found = item
        .entries()
        .find(|(key, _)| known.blocks.contains(&key.text.as_str()))?;
    // `repeat` is a block of its own, and a key beside a step.
    let is_beside = |key: &Text| known.is_beside(key);
    let of_a_step = |key: &Text| !is_beside(key) && key.text != "steps";
    let of_a_step = is_beside(found.0) && item.entries().any(|(key, _)| of_a_step(key));
    (!of_a_step).then_some(found)
}
