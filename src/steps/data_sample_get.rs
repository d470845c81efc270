//! `data_sample.get`: read a data sample back and decrypt it.

use super::arguments::required;
use super::sample_fields::{describe, result};
use super::step::compile;
use super::{Played, Step, StepKind, VirtualUser};
use crate::document::{Record, record};
use crate::expression::TextTemplate;
use crate::metrics::StepContext;

pub(super) const KIND: StepKind = StepKind {
    name: "data_sample.get",
    about: "read a data sample and decrypt it",
    fields: GetSample::TABLE,
    result,
    compile: compile::<GetSample>,
};

record! {
    struct GetSample of "`data_sample.get`" {
        /// id of the data sample
        id: TextTemplate, required;
    }
}

impl Step for GetSample {
    fn never_measures(&self, metric: crate::metrics::Metric) -> bool {
        super::step::OF_OTPS.contains(&metric)
    }

    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let id = required("id", &self.id, &user.scope)?;
            let (services, session) = user.authenticated()?;
            let sample = session.sample(services.platform.of(cx), &id).await?;
            Ok(describe(&sample))
        })
    }
}
