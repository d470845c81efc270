//! `health_element.create`: encrypt a health element and store it.

use super::arguments::text;
use super::forms::Ids;
use super::health_element::{Details, describe, result};
use super::sample_fields::optional_ids;
use super::step::OF_OTPS;
use super::{Played, Step, StepKind, VirtualUser};
use crate::document::{ReadContext, Record, StepDoc, record};
use crate::expression::TextTemplate;
use crate::language::Table;
use crate::metrics::{Metric, StepContext};

pub(super) const KIND: StepKind = StepKind {
    name: "health_element.create",
    about: "encrypt a health element of a patient and store it, shared as data samples are",
    fields: FIELDS,
    result,
    compile,
};

record! {
    struct Sharing of "`health_element.create`" {
        /// data owner id of the patient that it belongs to; one's own otherwise
        patient: TextTemplate, example(r#""{{ patient.data_owner_id }}""#);
        /// data owner id of who can read it as well, or list of them
        share_with: Ids;
    }
}

const FIELDS: Table = Table {
    what: "`health_element.create`",
    keys: &[Details::TABLE.keys[0], Sharing::TABLE.keys[0]],
};

struct CreateHealthElement {
    details: Details,
    sharing: Sharing,
}

fn compile(document: &StepDoc, cx: &mut ReadContext) -> Option<Box<dyn Step>> {
    let mut fields = FIELDS.open(&document.arguments, cx)?;
    let details = Details::take(&mut fields, cx);
    let sharing = Sharing::take(&mut fields, cx);
    fields.finish(cx);
    Some(Box::new(CreateHealthElement {
        details: details?,
        sharing: sharing?,
    }))
}

impl Step for CreateHealthElement {
    fn never_measures(&self, metric: Metric) -> bool {
        OF_OTPS.contains(&metric)
    }

    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let details = self.details.render(&user.scope)?;
            let patient = text("patient", self.sharing.patient.as_ref(), &user.scope)?;
            let share_with = self.sharing.share_with.as_ref();
            let share_with = optional_ids("share_with", share_with, &user.scope)?;
            let (services, session) = user.authenticated()?;
            let platform = services.platform.of(cx);
            let created = session.create_health_element(platform, details, patient, &share_with);
            Ok(describe(&created.await?))
        })
    }
}
