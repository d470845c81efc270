//! `patient.get`: read a patient's record and decrypt it.

use super::arguments::text;
use super::patient_fields::{describe, result, whose};
use super::step::compile;
use super::{Played, Step, StepKind, VirtualUser};
use crate::document::{Record, record};
use crate::expression::TextTemplate;
use crate::metrics::StepContext;

pub(super) const KIND: StepKind = StepKind {
    name: "patient.get",
    about: "read a patient's record, one's own or one that is shared, and decrypt it",
    fields: GetPatient::TABLE,
    result,
    compile: compile::<GetPatient>,
};

record! {
    struct GetPatient of "`patient.get`" {
        /// data owner id of the patient; the user's own otherwise
        id: TextTemplate;
    }
}

impl Step for GetPatient {
    fn never_measures(&self, metric: crate::metrics::Metric) -> bool {
        super::step::OF_OTPS.contains(&metric)
    }

    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let id = text("id", self.id.as_ref(), &user.scope)?;
            let (services, session) = user.authenticated()?;
            let id = whose(id, session)?;
            let patient = session.patient(services.platform.of(cx), &id).await?;
            Ok(describe(&patient))
        })
    }
}
