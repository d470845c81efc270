//! `file`: a body that is a file.

use bytes::Bytes;
use reqwest::header::CONTENT_TYPE;

use super::media;
use crate::document::{Field, ReadContext};
use crate::expression::{Scope, TextTemplate};
use crate::http::{Call, Payload};
use crate::language::{Node, Read, Shape, Table, Text};
use crate::steps::StepError;

/// A file that all users send.
pub(super) struct Attachment {
    content: Bytes,
    kind: Kind,
}

enum Kind {
    /// By the end of its name.
    Guessed(&'static str),
    Said(TextTemplate),
}

const PATH: Field<Text> = Field::new("path", "path of the file")
    .required()
    .example("photo.jpg");
const TYPE: Field<TextTemplate> =
    Field::new("type", "content type; by the name of the file otherwise").example("image/jpeg");

const FIELDS: Table = Table {
    what: "`file`",
    keys: &[&[PATH.key(), TYPE.key()]],
};

/// `file: photo.jpg`, or `file: {path: photo.jpg, type: image/jpeg}`
impl Read<ReadContext> for Attachment {
    const EXPECTED: &'static str = "the path of a file, or `{path: a.bin, type: image/png}`";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        if let Some(path) = node.scalar() {
            return Some(Self {
                content: cx.files.attached(path, &mut cx.problems)?,
                kind: Kind::Guessed(media::of_file(&path.text)),
            });
        }
        let mut fields = FIELDS.open(node, cx)?;
        let path = fields.get(&PATH, cx);
        let kind = fields.get(&TYPE, cx);
        if let (Some(kind), Some(span)) = (&kind, fields.span_of("type")) {
            media::check(kind, span, cx);
        }
        fields.finish(cx);
        let path = path?;
        Some(Self {
            content: cx.files.attached(&path, &mut cx.problems)?,
            kind: kind.map_or(Kind::Guessed(media::of_file(&path.text)), Kind::Said),
        })
    }

    fn shape() -> Shape {
        Shape::Text.or(FIELDS.shape())
    }
}

impl Attachment {
    /// Sets the body and its type.
    pub(super) fn put_into(&self, call: Call, scope: &Scope) -> Result<Call, StepError> {
        let kind = match &self.kind {
            Kind::Guessed(kind) => (*kind).to_owned(),
            Kind::Said(template) => template
                .render(scope)
                .map_err(StepError::argument("file"))?,
        };
        let kind = media::header(&kind).map_err(|reason| StepError::Argument {
            argument: "file",
            reason,
        })?;
        let body = Payload::shared(self.content.clone());
        Ok(call.header(CONTENT_TYPE, kind).body(body))
    }
}
