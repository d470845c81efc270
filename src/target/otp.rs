//! `otp`: where one-time passwords are read.

use std::sync::Arc;

use crate::document::ReadContext;
use crate::language::fields::Fields;
use crate::language::node::{Node, Text};
use crate::language::problem::Problem;
use crate::language::read::Read;
use crate::language::shape::{Key, Shape};
use crate::otp::{OtpSource, SOURCES};

/// Which source it is; the other keys follow from it.
pub const SOURCE: Key = Key::new("source", "what kind of source", || Shape::Text)
    .required()
    .expecting("a text")
    .example("imap");

impl Read<ReadContext> for Arc<dyn OtpSource> {
    const EXPECTED: &'static str = "a mapping with `source` and its settings";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let mut fields = Fields::of(node, "`otp`", vec![SOURCE], cx)?;
        let source = Text::read(fields.demand(&SOURCE, cx)?, cx)?;
        if let Some(kind) = SOURCES.iter().find(|kind| kind.name == source.text) {
            return (kind.compile)(&node.without(&["source"]), cx);
        }
        let known: Vec<_> = SOURCES.iter().map(|kind| kind.name).collect();
        let what = "source of one-time passwords";
        cx.push(Problem::unknown(&source, what, &known));
        None
    }

    fn shape() -> Shape {
        Shape::Named("otp")
    }
}
