//! `data_sample.share`: give others access to one data sample.

use super::arguments::{some_ids, text};
use super::data_sample_create::{describe, result};
use super::data_sample_get::ID;
use super::forms::Ids;
use super::{Played, Step, StepKind, VirtualUser};
use crate::document::{Field, ReadContext, StepDoc};
use crate::expression::{Template, TextTemplate};
use crate::language::Table;
use crate::metrics::StepContext;

pub(super) const KIND: StepKind = StepKind {
    name: "data_sample.share",
    about: "share a data sample that is stored with further data owners",
    fields: FIELDS,
    result,
    compile,
};

pub(super) const WITH: Field<Ids> = Field::new("with", "data owner id, or list of them").required();

const FIELDS: Table = Table {
    what: "`data_sample.share`",
    keys: &[&[ID.key(), WITH.key()]],
};

struct ShareSample {
    id: TextTemplate,
    with: Template,
}

fn compile(document: &StepDoc, cx: &mut ReadContext) -> Option<Box<dyn Step>> {
    let mut fields = FIELDS.open(&document.arguments, cx)?;
    let id = fields.get(&ID, cx);
    let with = fields.get(&WITH, cx);
    fields.finish(cx);
    Some(Box::new(ShareSample {
        id: id?,
        with: with?.0,
    }))
}

impl Step for ShareSample {
    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let id = text("id", Some(&self.id), &user.scope)?.unwrap_or_default();
            let with = some_ids("with", &self.with, &user.scope)?;
            let (services, session) = user.authenticated()?;
            let platform = &services.platform;
            let sample = session.share_sample(platform, &id, &with, cx).await?;
            Ok(describe(&sample))
        })
    }
}
