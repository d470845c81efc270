//! `name`: how reports call a step.

use super::kind::{BesideKind, Stage};
use crate::language::{Key, Read, Shape, Text};

pub(super) const NAME: BesideKind = BesideKind {
    key: Key::new(
        "name",
        "what reports and thresholds call the step; its kind otherwise",
        || Shape::Text,
    ),
    read: &[(Stage::Turns, |node, draft, cx| {
        draft.label = Text::read(node, cx).map(|name| name.text.into());
    })],
};
