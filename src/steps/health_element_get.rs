//! `health_element.get`: read a health element and decrypt it.

use super::arguments::text;
use super::health_element::{describe, result};
use super::step::{OF_OTPS, compile};
use super::{Played, Step, StepKind, VirtualUser};
use crate::document::{Record, record};
use crate::expression::TextTemplate;
use crate::metrics::{Metric, StepContext};

pub(super) const KIND: StepKind = StepKind {
    name: "health_element.get",
    about: "read a health element and decrypt it",
    fields: GetHealthElement::TABLE,
    result,
    compile: compile::<GetHealthElement>,
};

record! {
    struct GetHealthElement of "`health_element.get`" {
        /// id of the health element
        id: TextTemplate, required;
    }
}

impl Step for GetHealthElement {
    fn never_measures(&self, metric: Metric) -> bool {
        OF_OTPS.contains(&metric)
    }

    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let id = text("id", Some(&self.id), &user.scope)?.unwrap_or_default();
            let (services, session) = user.authenticated()?;
            let found = session.health_element(services.platform.of(cx), &id);
            Ok(describe(&found.await?))
        })
    }
}
