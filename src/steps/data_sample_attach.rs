//! `data_sample.attach`: attach bytes to a data sample.

use bytes::Bytes;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};

use super::arguments::{required, text};
use super::{Played, Step, StepError, StepKind, VirtualUser};
use crate::ceilings;
use crate::document::{ReadContext, Record, StepDoc, record};
use crate::expression::{Scope, TextTemplate, Type};
use crate::icure::NewAttachment;
use crate::language::{Fields, Node, Problem, Read, Shape, Size, Text};
use crate::metrics::StepContext;
use crate::numbers::size;

pub(super) const KIND: StepKind = StepKind {
    name: "data_sample.attach",
    about: "encrypt bytes and attach them to a data sample, for all who can read it",
    fields: AttachBytes::TABLE,
    result: || {
        Type::record([
            ("document_id", Type::Text),
            ("batch_id", Type::Text),
            ("size", Type::Number),
            ("sha256", Type::Text),
        ])
    },
    compile,
};

record! {
    struct AttachBytes of "`data_sample.attach`" {
        /// id of the data sample
        id: TextTemplate, required;
        /// path of a file with the bytes
        file: FileBytes, example("photo.jpg");
        /// the bytes, as a text
        text: TextTemplate;
        /// how many bytes are made up, always the same ones
        size: Size, example("256KiB");
        /// what the document is called, in clear
        name: TextTemplate, example("photo.jpg");
        /// uniform type identifier of the bytes
        uti: TextTemplate, example("public.jpeg");
        /// under which language the content names the document; `en` otherwise
        language: TextTemplate, example("nl");
    }
}

/// A file that is read once.
struct FileBytes(Bytes);

impl Read<ReadContext> for FileBytes {
    const EXPECTED: &'static str = "the path of a file";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let path: Text = Read::read(node, cx)?;
        cx.files.attached(&path, &mut cx.problems).map(Self)
    }

    fn shape() -> Shape {
        Shape::Text
    }
}

/// Where the bytes come from: one of these says it.
const SOURCES: [&str; 3] = ["file", "text", "size"];

fn compile(document: &StepDoc, cx: &mut ReadContext) -> Option<Box<dyn Step>> {
    let mut fields = AttachBytes::TABLE.open(&document.arguments, cx)?;
    let step = AttachBytes::take(&mut fields, cx);
    check_source(document, &mut fields, cx);
    if let (Some(Some(bytes)), Some(span)) =
        (step.as_ref().map(|step| step.size), fields.span_of("size"))
        && !(1..=ceilings::ATTACHED).contains(&bytes.0)
    {
        let most = size(ceilings::ATTACHED);
        cx.problem(span, format!("expected from 1 byte to {most}"), "");
    }
    fields.finish(cx);
    Some(Box::new(step?))
}

fn check_source(document: &StepDoc, fields: &mut Fields<'_>, cx: &mut ReadContext) {
    let mut given = SOURCES.iter().filter(|name| fields.has(name));
    match (given.next(), given.next()) {
        (Some(first), Some(second)) => {
            if let Some(span) = fields.span_of(second) {
                let help = "there is one attachment; say where its bytes come from once";
                cx.problem(span, format!("`{second}` beside `{first}`"), help);
            }
        }
        (Some(_), None) => {}
        _ => {
            let problem = Problem::new(
                document.kind.span,
                "`data_sample.attach` needs `file`, `text` or `size`",
                "say what is attached, for example `size: 256KiB`",
            );
            fields.lacks(&SOURCES, problem, cx);
        }
    }
}

impl AttachBytes {
    fn bytes(&self, scope: &Scope) -> Result<Bytes, StepError> {
        if let Some(file) = &self.file {
            return Ok(file.0.clone());
        }
        if let Some(size) = self.size {
            return Ok(invented(size));
        }
        let text = text("text", self.text.as_ref(), scope)?;
        Ok(text.unwrap_or_default().into())
    }
}

/// Bytes that no compression makes shorter.
fn invented(size: Size) -> Bytes {
    let length = usize::try_from(size.0).unwrap_or_default();
    let mut bytes = vec![0; length];
    Xoshiro256PlusPlus::seed_from_u64(size.0).fill_bytes(&mut bytes);
    bytes.into()
}

impl Step for AttachBytes {
    fn never_measures(&self, metric: crate::metrics::Metric) -> bool {
        super::step::OF_OTPS.contains(&metric)
    }

    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let scope = &user.scope;
            let id = required("id", &self.id, scope)?;
            let language = text("language", self.language.as_ref(), scope)?;
            let new = NewAttachment {
                bytes: self.bytes(scope)?,
                name: text("name", self.name.as_ref(), scope)?,
                uti: text("uti", self.uti.as_ref(), scope)?,
                language: language.unwrap_or_else(|| "en".to_owned()),
            };
            let size = new.bytes.len();
            let (services, session) = user.authenticated()?;
            let platform = services.platform.of(cx);
            let attached = session.attach(platform, &id, new).await?;
            Ok(minijinja::context! {
                document_id => attached.document_id,
                batch_id => attached.batch_id,
                size,
                sha256 => attached.sha256,
            })
        })
    }
}
