//! `patient.share`: give others access to a patient's record.

use super::arguments::{some_ids, text};
use super::forms::Ids;
use super::patient_fields::{describe, result, whose};
use super::step::compile;
use super::{Played, Step, StepKind, VirtualUser};
use crate::document::{Record, record};
use crate::expression::TextTemplate;
use crate::metrics::StepContext;

pub(super) const KIND: StepKind = StepKind {
    name: "patient.share",
    about: "share a patient's record with further data owners",
    fields: SharePatient::TABLE,
    result,
    compile: compile::<SharePatient>,
};

record! {
    struct SharePatient of "`patient.share`" {
        /// data owner id of the patient; the user's own otherwise
        id: TextTemplate;
        /// data owner id, or list of them
        with: Ids, required;
    }
}

impl Step for SharePatient {
    fn never_measures(&self, metric: crate::metrics::Metric) -> bool {
        super::step::OF_OTPS.contains(&metric)
    }

    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let id = text("id", self.id.as_ref(), &user.scope)?;
            let with = some_ids("with", &self.with.0, &user.scope)?;
            let (services, session) = user.authenticated()?;
            let id = whose(id, session)?;
            let platform = services.platform.of(cx);
            let patient = session.share_patient(platform, &id, &with).await?;
            Ok(describe(&patient))
        })
    }
}
