//! `data_sample.share`: give others access to one data sample.

use minijinja::Value;

use super::arguments::{some_ids, text};
use super::data_sample_create::{describe, result};
use super::forms::Ids;
use super::{BoxFuture, Step, StepError, StepKind, VirtualUser};
use crate::document::StepDoc;
use crate::expression::{Context, Template, TextTemplate};
use crate::language::Fields;

pub(super) const KIND: StepKind = StepKind {
    name: "data_sample.share",
    about: "share a data sample that is stored with further data owners",
    result,
    compile,
};

struct ShareSample {
    id: TextTemplate,
    with: Template,
}

fn compile(document: &StepDoc, cx: &mut Context<'_>) -> Option<Box<dyn Step>> {
    let mut fields = Fields::open(&document.arguments, "`data_sample.share`", cx)?;
    let id = fields.required("id", "id of the data sample", cx);
    let with = fields.required::<Ids>("with", "data owner id, or list of them", cx);
    fields.finish(cx);
    Some(Box::new(ShareSample {
        id: id?,
        with: with?.0,
    }))
}

impl Step for ShareSample {
    fn play<'a>(&'a self, user: &'a mut VirtualUser) -> BoxFuture<'a, Result<Value, StepError>> {
        Box::pin(async move {
            let id = text("id", Some(&self.id), &user.scope)?.unwrap_or_default();
            let with = some_ids("with", &self.with, &user.scope)?;
            let (services, session, meter) = user.authenticated()?;
            let platform = &services.platform;
            let sample = session.share_sample(platform, &id, &with, meter).await?;
            Ok(describe(&sample))
        })
    }
}
