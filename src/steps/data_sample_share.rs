//! `data_sample.share`: give others access to one data sample.

use super::arguments::{required, some_ids};
use super::forms::Ids;
use super::sample_fields::{describe, result};
use super::step::compile;
use super::{Played, Step, StepKind, VirtualUser};
use crate::document::{Record, record};
use crate::expression::TextTemplate;
use crate::metrics::StepContext;

pub(super) const KIND: StepKind = StepKind {
    name: "data_sample.share",
    about: "share a data sample that is stored with further data owners",
    fields: ShareSample::TABLE,
    result,
    compile: compile::<ShareSample>,
};

record! {
    struct ShareSample of "`data_sample.share`" {
        /// id of the data sample
        id: TextTemplate, required;
        /// data owner id, or list of them
        with: Ids, required;
    }
}

impl Step for ShareSample {
    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let id = required("id", &self.id, &user.scope)?;
            let with = some_ids("with", &self.with.0, &user.scope)?;
            let (services, session) = user.authenticated()?;
            let platform = services.platform.of(cx);
            let sample = session.share_sample(platform, &id, &with).await?;
            Ok(describe(&sample))
        })
    }
}
