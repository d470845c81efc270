//! `data_sample.get_many`: read several data samples in one request.

use std::collections::HashSet;

use super::arguments::some_ids;
use super::forms::Ids;
use super::sample_fields::{describe, ids_of, result};
use super::step::compile;
use super::{Played, Step, StepError, StepKind, VirtualUser};
use crate::ceilings;
use crate::document::{Record, record};
use crate::expression::Type;
use crate::metrics::StepContext;

pub(super) const KIND: StepKind = StepKind {
    name: "data_sample.get_many",
    about: "read several data samples and decrypt them",
    fields: GetMany::TABLE,
    result: || {
        Type::record([
            ("samples", result().list()),
            ("ids", Type::Text.list()),
            ("count", Type::Number),
            ("missing", Type::Text.list()),
        ])
    },
    compile: compile::<GetMany>,
};

record! {
    struct GetMany of "`data_sample.get_many`" {
        /// ids of the data samples, 1000 at most
        ids: Ids, required, example(r#""{{ batch.ids }}""#);
    }
}

impl Step for GetMany {
    fn never_measures(&self, metric: crate::metrics::Metric) -> bool {
        super::step::OF_OTPS.contains(&metric)
    }

    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let ids = some_ids("ids", &self.ids.0, &user.scope)?;
            if ids.len() > ceilings::SAMPLES {
                let (most, got) = (ceilings::SAMPLES, ids.len());
                return Err(StepError::Argument {
                    argument: "ids",
                    reason: format!("expected {most} of them at most, got {got}"),
                });
            }
            let (services, session) = user.authenticated()?;
            let platform = services.platform.of(cx);
            let samples = session.samples(platform, ids.clone()).await?;
            let found: HashSet<&str> = samples.iter().map(|one| one.id.as_str()).collect();
            let missing = ids.into_iter().filter(|id| !found.contains(id.as_str()));
            let missing: Vec<String> = missing.collect();
            Ok(minijinja::context! {
                samples => samples.iter().map(describe).collect::<Vec<_>>(),
                ids => ids_of(&samples),
                count => samples.len(),
                missing => missing,
            })
        })
    }
}
