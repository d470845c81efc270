//! `tags` and `skip`: whether a step is played at all. The document reads them,
//! as it does beside blocks and in scenarios.

use super::kind::BesideKind;
use crate::language::{Key, Shape};

pub(super) const TAGS: BesideKind = BesideKind {
    key: Key::new(
        "tags",
        "a word, or a list of them: the step is left out when `--tags` has one of them with `!`",
        || Shape::Text.one_or_list(),
    )
    .example("slow"),
    read: &[],
};

pub(super) const SKIP: BesideKind = BesideKind {
    key: Key::new(
        "skip",
        "whether it is not played, but still checked",
        || Shape::Bool,
    ),
    read: &[],
};
