//! What a key, a word or a name is, where somebody points at it.

use super::choices::{at as shapes_at, keys, words};
use super::cursor::{Cursor, Part, Step};
use super::names::{in_braces, names_at, path_at};
use crate::language::{FileKind, Language, Node, Shape, Span};

/// What is at a place, in Markdown, and how far it reaches.
pub(super) fn hover(
    root: &Node,
    text: &str,
    at: usize,
    kind: FileKind,
    language: &Language,
) -> Option<(String, Span)> {
    let cursor = Cursor::at(root, at);
    match cursor.part {
        Part::Key(key) => {
            let (last, before) = cursor.trail.split_last()?;
            let Step::Key(node, _) = last else {
                return None;
            };
            let choices = keys(&shapes_at(language, kind, before), node);
            let found = choices.into_iter().find(|it| it.name == key.text)?;
            Some((format!("`{}`: {}", found.name, found.about), key.span))
        }
        Part::Value(node) => {
            let written = node.scalar()?;
            let shapes = shapes_at(language, kind, &cursor.trail);
            if is_expression(&shapes, text, written.span, at) {
                let name = path_at(text, at)?.split('.').next()?;
                let mut names = names_at(root, at).into_iter();
                let found = names.find(|known| known.text == name)?;
                return Some((format!("`{name}`: {}", found.about), written.span));
            }
            let mut words = words(&shapes, language).into_iter();
            let found = words.find(|it| it.name == written.text && !it.about.is_empty())?;
            Some((format!("`{}`: {}", found.name, found.about), written.span))
        }
    }
}

/// Whether a place of a value is in an expression.
pub(super) fn is_expression(shapes: &[Shape], text: &str, value: Span, at: usize) -> bool {
    let condition = shapes.contains(&Shape::Condition);
    let inner = text.get(value.start..value.end).unwrap_or_default();
    condition || (at >= value.start && at <= value.end && in_braces(inner, at - value.start))
}
