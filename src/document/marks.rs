//! What decides whether a part of a file is played at all.

use crate::language::node::{Node, Text};
use crate::language::problem::Problems;
use crate::language::read::Read;
use crate::language::shape::{Key, Shape, names};

/// What decides whether a scenario, a step or a block is played at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Words by which the command line selects.
    pub tags: Vec<String>,
    /// Never played; still checked.
    pub skip: bool,
}

/// Keys of [`Marks`], which can stand beside a block.
pub const MARK_KEYS: &[Key; 2] = &[
    Key::new(
        "tags",
        "a word, or a list of them, by which `--tags` selects",
        || Shape::Text.one_or_list(),
    )
    .example("slow"),
    Key::new(
        "skip",
        "whether it is not played, but still checked",
        || Shape::Bool,
    ),
];
pub(crate) const MARKS: &[&str] = &names(MARK_KEYS);

impl Marks {
    pub(crate) fn read(node: &Node, problems: &mut Problems) -> Self {
        let mut marks = Self::default();
        for (key, node) in node.entries() {
            match key.text.as_str() {
                "tags" => marks.tags = read_tags(node, problems),
                "skip" => marks.skip = bool::read(node, problems).unwrap_or_default(),
                _ => {}
            }
        }
        marks
    }
}

/// One word, or a list of them.
fn read_tags(node: &Node, problems: &mut Problems) -> Vec<String> {
    let read = node.items().iter().filter_map(|item| {
        let text = Text::read(item, problems)?;
        let good = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        if text.text.is_empty() || !text.text.chars().all(good) {
            let message = format!("`{}` is not a tag", text.text);
            let help = "a tag has letters, digits, `_`, `-` and `.`";
            problems.problem(text.span, message, help);
        }
        Some(text.text)
    });
    read.collect()
}
