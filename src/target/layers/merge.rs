//! One target over another.

use std::path::Path;

use crate::language::node::{Elsewhere, Map, Node, Scalar, Value};
use crate::language::problem::{Problem, Problems};
use crate::language::source::Span;

/// Mappings are merged key by key; of everything else, the upper one wins. A
/// key with nothing after it takes away what is below.
pub(super) fn merge(lower: Node, upper: Node) -> Node {
    match (lower.value, upper.value) {
        (Value::Map(below), Value::Map(above)) if !stands_alone(&below, &above) => Node {
            value: Value::Map(merge_maps(below, above)),
            span: lower.span,
            at: lower.at,
        },
        (_, value) => Node { value, ..upper },
    }
}

fn merge_maps(below: Map, above: Map) -> Map {
    let mut entries = below.entries;
    for (key, node) in above.entries {
        match entries.iter().position(|(other, _)| other.text == key.text) {
            Some(place) if matches!(node.value, Value::Nothing) => drop(entries.remove(place)),
            Some(place) => {
                let (_, under) = entries.remove(place);
                entries.insert(place, (key, merge(under, node)));
            }
            None => entries.push((key, node)),
        }
    }
    Map {
        entries,
        elsewhere: Elsewhere::default(),
    }
}

/// Another place of a secret, and another source of one-time passwords, have
/// nothing of what is below them.
fn stands_alone(below: &Map, above: &Map) -> bool {
    let is_secret = |map: &Map| {
        let mut keys = map.entries.iter().map(|(key, _)| key.text.as_str());
        map.entries.len() == 1 && keys.all(|key| matches!(key, "env" | "file"))
    };
    let source = |map: &Map| {
        let mut entries = map.entries.iter();
        let (_, node) = entries.find(|(key, _)| key.text == "source")?;
        Some(node.scalar()?.text.clone())
    };
    let another = source(above).is_some_and(|above| source(below).is_some_and(|it| it != above));
    another || (is_secret(below) && is_secret(above))
}

/// Paths are relative to the file that they are written in.
pub(super) fn settle_paths(map: &mut Map, folder: &Path) {
    for (key, node) in &mut map.entries {
        let of_tls = key.text == "tls";
        settle(node, folder, |key| {
            key == "file" || (of_tls && matches!(key, "ca" | "client_certificate" | "client_key"))
        });
    }
}

fn settle(node: &mut Node, folder: &Path, is_path: impl Fn(&str) -> bool + Copy) {
    match &mut node.value {
        Value::List(items) => items
            .iter_mut()
            .for_each(|item| settle(item, folder, is_path)),
        Value::Map(map) => {
            for (key, node) in &mut map.entries {
                match &mut node.value {
                    Value::Scalar(Scalar { text, .. }) if is_path(&key.text) => {
                        let path = folder.join(&text.text);
                        text.text = path.display().to_string();
                        text.verbatim = None;
                    }
                    _ => settle(node, folder, is_path),
                }
            }
        }
        _ => {}
    }
}

/// `${NAME}` where no secret was asked for.
pub(super) fn refuse_variables(node: &Node, secrets: &[Span], problems: &mut Problems) {
    match &node.value {
        Value::Nothing => {}
        Value::Scalar(scalar) => {
            let text = &scalar.text;
            let inner = text.text.strip_prefix("${");
            let variable = inner.and_then(|inner| inner.strip_suffix('}'));
            if variable.is_some() && !secrets.contains(&node.span) {
                let message = format!("`{}` stands for a secret, and this is none", text.text);
                let help =
                    "write the value here, or give it with `--set`: the environment is for secrets";
                // Whatever else was said of this value is about the same mistake.
                problems.replace_at(node.span, Problem::new(node.span, message, help));
            }
        }
        Value::List(items) => {
            for item in items {
                refuse_variables(item, secrets, problems);
            }
        }
        Value::Map(map) => {
            for (_, node) in &map.entries {
                refuse_variables(node, secrets, problems);
            }
        }
    }
}
