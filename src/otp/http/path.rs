//! Where something is in a JSON document: `/items/0/to`, or `items.0.to`.

use serde_json::Value;

use crate::document::ReadContext;
use crate::language::{Node, Read, Shape, Text};

/// Stands for every item of a list.
const ALL: &str = "*";

/// A path; its last parts can be lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path(Vec<String>);

impl Path {
    /// Reads a JSON pointer (begins with `/`) or names with dots between them.
    pub(super) fn parse(text: &str) -> Self {
        let parts: Vec<String> = match text.strip_prefix('/') {
            _ if matches!(text, "" | "/" | ".") => Vec::new(),
            Some(pointer) => pointer
                .split('/')
                .map(|part| part.replace("~1", "/").replace("~0", "~"))
                .collect(),
            None => text.split('.').map(str::to_owned).collect(),
        };
        Self(parts)
    }

    /// Everything that is there.
    pub(super) fn all<'v>(&self, value: &'v Value) -> Vec<&'v Value> {
        let mut found = vec![value];
        for part in &self.0 {
            found = found
                .into_iter()
                .flat_map(|value| step(value, part))
                .collect();
        }
        found
    }

    /// What is there, as texts; numbers are texts too, and lists are looked
    /// into.
    pub(super) fn texts(&self, value: &Value) -> Vec<String> {
        let mut texts = Vec::new();
        for value in self.all(value) {
            match value {
                Value::Array(items) => texts.extend(items.iter().filter_map(text)),
                value => texts.extend(text(value)),
            }
        }
        texts
    }

    /// The first text that is there.
    pub(super) fn text(&self, value: &Value) -> Option<String> {
        self.texts(value).into_iter().next()
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn step<'v>(value: &'v Value, part: &str) -> Vec<&'v Value> {
    match value {
        Value::Array(items) if part == ALL => items.iter().collect(),
        Value::Array(items) => {
            let item = part
                .parse::<usize>()
                .ok()
                .and_then(|index| items.get(index));
            item.into_iter().collect()
        }
        Value::Object(entries) => entries.get(part).into_iter().collect(),
        _ => Vec::new(),
    }
}

impl Read<ReadContext> for Path {
    const EXPECTED: &'static str = "a path such as `/messages` or `messages.0.to`";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        Text::read(node, cx).map(|text| Self::parse(&text.text))
    }

    fn shape() -> Shape {
        Shape::Text
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Path;

    #[test]
    fn both_ways_of_writing_find_the_same() {
        let value = json!({"items": [{"to": "ada"}, {"to": "bob"}], "a/b": {"~": 7}});
        for path in ["/items/1/to", "items.1.to"] {
            assert_eq!(Path::parse(path).texts(&value), ["bob"], "{path}");
        }
        assert_eq!(Path::parse("/items/*/to").texts(&value), ["ada", "bob"]);
        assert_eq!(Path::parse("/a~1b/~0").texts(&value), ["7"]);
        assert!(Path::parse("/items/9/to").texts(&value).is_empty());
    }

    #[test]
    fn the_document_itself_has_a_path() {
        let value = json!(["ada"]);
        for path in ["", "/", "."] {
            assert_eq!(Path::parse(path).texts(&value), ["ada"], "{path:?}");
        }
    }
}
