//! `data_sample.attachment`: read bytes that are attached to a data sample.

use super::arguments::{required, text};
use super::step::compile;
use super::{Played, Step, StepKind, VirtualUser};
use crate::document::{Record, record};
use crate::expression::{TextTemplate, Type};
use crate::icure::sha256;
use crate::metrics::StepContext;

pub(super) const KIND: StepKind = StepKind {
    name: "data_sample.attachment",
    about: "read bytes that are attached to a data sample, and decrypt them",
    fields: ReadAttachment::TABLE,
    result: || {
        Type::record([
            ("document_id", Type::Text),
            ("name", Type::Text),
            ("uti", Type::Text),
            ("size", Type::Number),
            ("sha256", Type::Text),
            ("text", Type::Text),
        ])
    },
    compile: compile::<ReadAttachment>,
};

record! {
    struct ReadAttachment of "`data_sample.attachment`" {
        /// id of the data sample
        id: TextTemplate, required;
        /// id of the document, if the data sample names several; the first one otherwise
        document: TextTemplate, example(r#""{{ attached.document_id }}""#);
    }
}

/// Bytes of a text that a scenario is given; more are compared by their hash.
const MOST_TEXT: usize = 64 * 1024;

impl Step for ReadAttachment {
    fn never_measures(&self, metric: crate::metrics::Metric) -> bool {
        super::step::OF_OTPS.contains(&metric)
    }

    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let id = required("id", &self.id, &user.scope)?;
            let document = text("document", self.document.as_ref(), &user.scope)?;
            let (services, session) = user.authenticated()?;
            let platform = services.platform.of(cx);
            let found = session.attachment(platform, &id, document.as_deref());
            let found = found.await?;
            let bytes: &[u8] = &found.bytes;
            let text = std::str::from_utf8(bytes).ok();
            Ok(minijinja::context! {
                document_id => found.document_id,
                name => found.name,
                uti => found.uti,
                size => bytes.len(),
                sha256 => sha256(bytes),
                text => text.filter(|text| text.len() <= MOST_TEXT).map(str::to_owned),
            })
        })
    }
}
