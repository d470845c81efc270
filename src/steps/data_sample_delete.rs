//! `data_sample.delete`: delete a data sample.

use super::arguments::required;
use super::step::compile;
use super::{Played, Step, StepKind, VirtualUser};
use crate::document::{Record, record};
use crate::expression::{TextTemplate, Type};
use crate::metrics::StepContext;

pub(super) const KIND: StepKind = StepKind {
    name: "data_sample.delete",
    about: "delete a data sample, for everybody who can read it",
    fields: DeleteSample::TABLE,
    result: || Type::record([("id", Type::Text), ("deleted_at", Type::Number)]),
    compile: compile::<DeleteSample>,
};

record! {
    struct DeleteSample of "`data_sample.delete`" {
        /// id of the data sample
        id: TextTemplate, required;
    }
}

impl Step for DeleteSample {
    fn never_measures(&self, metric: crate::metrics::Metric) -> bool {
        super::step::OF_OTPS.contains(&metric)
    }

    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let id = required("id", &self.id, &user.scope)?;
            let (services, session) = user.authenticated()?;
            let platform = services.platform.of(cx);
            let deleted_at = session.delete_sample(platform, &id).await?;
            Ok(minijinja::context! { id, deleted_at })
        })
    }
}
