//! A value as it would stand on one line of a file, for forms that repeat what the
//! user wrote.

use super::node::{Node, Scalar, Value};

/// Longest value that is repeated, in characters.
const LONGEST: usize = 60;

/// A value on one line; `…` for what is long, and for what is not in the file letter
/// by letter: a secret may stand there.
pub(crate) fn inline(node: &Node) -> String {
    let mut line = String::new();
    write(node, false, &mut line);
    if line.chars().count() > LONGEST {
        "…".to_owned()
    } else {
        line
    }
}

/// A word as it stands in a file.
pub(crate) fn word(scalar: &Scalar) -> String {
    match &scalar.text {
        text if text.verbatim.is_none() => "…".to_owned(),
        text if scalar.plain => text.text.clone(),
        text => format!("{:?}", text.text),
    }
}

/// `in_flow` is true between brackets, where some letters have a meaning.
fn write(node: &Node, in_flow: bool, line: &mut String) {
    // Nobody sees the rest.
    if line.len() > 8 * LONGEST {
        return;
    }
    match &node.value {
        Value::Nothing => line.push_str("null"),
        Value::Scalar(scalar)
            if in_flow && scalar.text.text.contains([',', '[', ']', '{', '}']) =>
        {
            let quoted = Scalar {
                plain: false,
                ..scalar.clone()
            };
            line.push_str(&word(&quoted));
        }
        Value::Scalar(scalar) => line.push_str(&word(scalar)),
        Value::List(items) => {
            line.push('[');
            for (number, item) in items.iter().enumerate() {
                line.push_str(if number == 0 { "" } else { ", " });
                write(item, true, line);
            }
            line.push(']');
        }
        Value::Map(map) => {
            line.push('{');
            for (number, (key, node)) in map.entries.iter().enumerate() {
                line.push_str(if number == 0 { "" } else { ", " });
                line.push_str(&key.text);
                line.push_str(": ");
                write(node, true, line);
            }
            line.push('}');
        }
    }
}
