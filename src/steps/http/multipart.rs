//! `multipart`: a body of several parts, texts and files (RFC 7578).

use bytes::Bytes;
use secrecy::SecretString;

use super::content::{Sent, sent};
use super::media;
use crate::document::{Field, ReadContext, Record, record};
use crate::expression::{Scope, Template, TextTemplate, Wanted};
use crate::http::Payload;
use crate::language::{Node, Read, Shape, Table, Text};
use crate::steps::StepError;

/// The parts of a body, in order.
pub(super) struct Multipart(Vec<Part>);

struct Part {
    name: Name,
    content: Content,
    filename: Option<TextTemplate>,
    kind: Option<TextTemplate>,
}

enum Name {
    /// The key of a mapping.
    Fixed(String),
    Template(TextTemplate),
}

enum Content {
    Text(Template),
    File {
        content: Bytes,
        /// Without folders.
        name: String,
    },
}

/// `{title: a text, photo: {file: a.jpg}}`, or a list of parts with `name`.
impl Read<ReadContext> for Multipart {
    const EXPECTED: &'static str = "parts such as `{title: a text, photo: {file: photo.jpg}}`";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let parts: Vec<Option<Part>> = if let Some(items) = node.list() {
            items
                .iter()
                .map(|item| Part::read(None, item, cx))
                .collect()
        } else {
            let entries = node.entries();
            entries
                .map(|(name, node)| Part::read(Some(name), node, cx))
                .collect()
        };
        if parts.is_empty() {
            let message = format!("expected parts, found {}", node.kind());
            let help = "for example `{title: a text, photo: {file: photo.jpg}}`";
            cx.problem(node.label(), message, help);
            return None;
        }
        parts.into_iter().collect::<Option<_>>().map(Self)
    }

    fn shape() -> Shape {
        let entries = Shape::Text.or(PartDoc::TABLE.shape()).entries();
        entries.or(NAMED_PART.shape().list())
    }
}

const NAME: Field<TextTemplate> = Field::new("name", "name of the part").required();
record! {
    /// A part below its name.
    struct PartDoc of "a part" {
        /// its content
        text: Template, shown;
        /// path of a file with its content
        file: Text, example("photo.jpg");
        /// name of the file, as the server sees it; that of `file` otherwise
        filename: TextTemplate;
        /// content type; that of a file by its name, none for a text otherwise
        kind as "type": TextTemplate, example("image/jpeg");
    }
}

/// A part of a list.
const NAMED_PART: Table = Table {
    what: "a part",
    keys: &[&[NAME.key()], PartDoc::TABLE.keys[0]],
};

impl Part {
    fn read(key: Option<&Text>, node: &Node, cx: &mut ReadContext) -> Option<Self> {
        if let Some(key) = key
            && key.text.contains("{{")
        {
            let help = "write a list of parts: `- {name: \"{{ … }}\", text: …}`";
            cx.problem(key.span, "a key cannot be a template", help);
        }
        if let (Some(key), Some(_)) = (key, node.scalar()) {
            let text = Template::of_kind(node, Wanted::Text, cx);
            return Some(Self {
                name: Name::Fixed(key.text.clone()),
                content: Content::Text(text?),
                filename: None,
                kind: None,
            });
        }
        let table = if key.is_some() {
            PartDoc::TABLE
        } else {
            NAMED_PART
        };
        let mut fields = table.open(node, cx)?;
        let name = match key {
            Some(key) => Some(Name::Fixed(key.text.clone())),
            None => fields.get(&NAME, cx).map(Name::Template),
        };
        let part = PartDoc::take(&mut fields, cx)?;
        if let (Some(kind), Some(span)) = (&part.kind, fields.span_of("type")) {
            media::check(kind, span, cx);
        }
        if fields.has("text") == fields.has("file") {
            let span = fields.span_of("file").unwrap_or(fields.span());
            let message = "a part has either `text` or `file`";
            cx.problem(span, message, "say one of them");
        }
        fields.finish(cx);
        let content = match (part.text, part.file) {
            (Some(text), None) => Content::Text(text),
            (None, Some(file)) => Content::File {
                content: cx.files.attached(&file, &mut cx.problems)?,
                name: file.text.rsplit('/').next().unwrap_or_default().to_owned(),
            },
            _ => return None,
        };
        Some(Self {
            name: name?,
            content,
            filename: part.filename,
            kind: part.kind,
        })
    }
}

/// A part with its values.
struct Made<'a> {
    name: String,
    filename: Option<String>,
    kind: Option<String>,
    content: MadeContent<'a>,
}

enum MadeContent<'a> {
    Text(Sent),
    File(&'a Bytes),
}

impl Multipart {
    /// The body, and its type. Secrets in it go to `secrets` as well.
    pub(super) fn render(
        &self,
        scope: &Scope,
        secrets: &mut Vec<SecretString>,
    ) -> Result<(Payload, String), StepError> {
        // Random, so that it is in no part.
        let boundary = format!("rehearse-{:032x}", rand::random::<u128>());
        let mut payload = Payload::default();
        let mut text = Vec::new();
        for part in &self.0 {
            let made = part.make(scope, secrets)?;
            text.extend_from_slice(made.head(&boundary).as_bytes());
            match made.content {
                MadeContent::Text(sent) => text.extend_from_slice(sent.as_str().as_bytes()),
                MadeContent::File(content) => {
                    payload = payload
                        .then_wiped(std::mem::take(&mut text))
                        .then_shared(content.clone());
                }
            }
            text.extend_from_slice(b"\r\n");
        }
        text.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={boundary}");
        Ok((payload.then_wiped(text), kind))
    }
}

impl Part {
    fn make(&self, scope: &Scope, secrets: &mut Vec<SecretString>) -> Result<Made<'_>, StepError> {
        let argument = "multipart";
        let refuse = |reason: String| StepError::Argument { argument, reason };
        let render = |template: &TextTemplate| {
            template
                .render(scope)
                .map_err(StepError::argument(argument))
        };
        let name = match &self.name {
            Name::Fixed(name) => name.clone(),
            Name::Template(template) => render(template)?,
        };
        let filename = self.filename.as_ref().map(render).transpose()?;
        let kind = self.kind.as_ref().map(render).transpose()?;
        if let Some(kind) = &kind {
            media::header(kind).map_err(|reason| refuse(format!("`{name}`: {reason}")))?;
        }
        Ok(match &self.content {
            Content::Text(template) => {
                let value = template.render_sealed(scope, secrets);
                let value = value.map_err(StepError::argument(argument))?;
                let text = sent(&value, secrets).ok_or_else(|| {
                    refuse(format!("`{name}`: expected a text, got {}", value.kind()))
                })?;
                Made {
                    name,
                    filename,
                    kind,
                    content: MadeContent::Text(text),
                }
            }
            Content::File {
                content,
                name: file,
            } => Made {
                name,
                kind: Some(kind.unwrap_or_else(|| media::of_file(file).to_owned())),
                filename: Some(filename.unwrap_or_else(|| file.clone())),
                content: MadeContent::File(content),
            },
        })
    }
}

impl Made<'_> {
    /// What stands before the content.
    fn head(&self, boundary: &str) -> String {
        let mut head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"",
            escaped(&self.name)
        );
        if let Some(filename) = &self.filename {
            head.extend(["; filename=\"", &escaped(filename), "\""]);
        }
        head.push_str("\r\n");
        if let Some(kind) = &self.kind {
            head.extend(["Content-Type: ", kind, "\r\n"]);
        }
        head.push_str("\r\n");
        head
    }
}

/// A name in quotes, as browsers write it.
fn escaped(name: &str) -> String {
    name.replace('\r', "%0D")
        .replace('\n', "%0A")
        .replace('"', "%22")
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn a_name_cannot_end_its_quotes_or_its_line() {
        assert_eq!(escaped("a\"; x=\r\nB: c"), "a%22; x=%0D%0AB: c");
        assert_eq!(escaped("é.txt"), "é.txt");
    }
}
