//! `data_sample.get`: read a data sample back and decrypt it.

use super::arguments::text;
use super::data_sample_create::{describe, result};
use super::{BoxFuture, Step, StepError, StepKind, VirtualUser};
use crate::document::StepDoc;
use crate::expression::{Context, TextTemplate};
use crate::language::Fields;

pub(super) const KIND: StepKind = StepKind {
    name: "data_sample.get",
    about: "read a data sample and decrypt it",
    result,
    compile,
};

struct GetSample {
    id: TextTemplate,
}

fn compile(document: &StepDoc, cx: &mut Context<'_>) -> Option<Box<dyn Step>> {
    let mut fields = Fields::open(&document.arguments, "`data_sample.get`", cx)?;
    let id = fields.required("id", "id of the data sample", cx);
    fields.finish(cx);
    Some(Box::new(GetSample { id: id? }))
}

impl Step for GetSample {
    fn never_measures(&self, metric: crate::metrics::Metric) -> bool {
        super::step::OF_OTPS.contains(&metric)
    }

    fn play<'a>(
        &'a self,
        user: &'a mut VirtualUser,
    ) -> BoxFuture<'a, Result<minijinja::Value, StepError>> {
        Box::pin(async move {
            let id = text("id", Some(&self.id), &user.scope)?.unwrap_or_default();
            let (services, session, meter) = user.authenticated()?;
            let sample = session.sample(&services.platform, &id, meter).await?;
            Ok(describe(&sample))
        })
    }
}
