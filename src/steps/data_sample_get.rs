//! `data_sample.get`: read a data sample back and decrypt it.

use super::arguments::text;
use super::data_sample_create::{describe, result};
use super::{Played, Step, StepKind, VirtualUser};
use crate::document::{Field, ReadContext, StepDoc};
use crate::expression::TextTemplate;
use crate::language::Table;
use crate::metrics::StepContext;

pub(super) const KIND: StepKind = StepKind {
    name: "data_sample.get",
    about: "read a data sample and decrypt it",
    fields: FIELDS,
    result,
    compile,
};

pub(super) const ID: Field<TextTemplate> = Field::new("id", "id of the data sample").required();

const FIELDS: Table = Table {
    what: "`data_sample.get`",
    keys: &[&[ID.key()]],
};

struct GetSample {
    id: TextTemplate,
}

fn compile(document: &StepDoc, cx: &mut ReadContext) -> Option<Box<dyn Step>> {
    let mut fields = FIELDS.open(&document.arguments, cx)?;
    let id = fields.get(&ID, cx);
    fields.finish(cx);
    Some(Box::new(GetSample { id: id? }))
}

impl Step for GetSample {
    fn never_measures(&self, metric: crate::metrics::Metric) -> bool {
        super::step::OF_OTPS.contains(&metric)
    }

    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let id = text("id", Some(&self.id), &user.scope)?.unwrap_or_default();
            let (services, session) = user.authenticated()?;
            let sample = session.sample(&services.platform, &id, cx).await?;
            Ok(describe(&sample))
        })
    }
}
