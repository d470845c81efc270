//! `data_sample.create`: encrypt a data sample and store it.

use super::sample_fields::{Said, SampleFields, Sharing, describe, result};
use super::{Played, Step, StepKind, VirtualUser};
use crate::document::{ReadContext, Record, StepDoc};
use crate::language::Table;
use crate::metrics::StepContext;

pub(super) const KIND: StepKind = StepKind {
    name: "data_sample.create",
    about: "encrypt a data sample of a patient and store it, shared with the user and the responsible",
    fields: FIELDS,
    result,
    compile,
};

const FIELDS: Table = Table {
    what: "`data_sample.create`",
    keys: &[
        Said::TABLE.keys[0],
        SampleFields::TABLE.keys[0],
        Sharing::TABLE.keys[0],
    ],
};

struct CreateSample {
    said: Said,
    fields: SampleFields,
    sharing: Sharing,
}

fn compile(document: &StepDoc, cx: &mut ReadContext) -> Option<Box<dyn Step>> {
    let mut fields = FIELDS.open(&document.arguments, cx)?;
    let said = Said::take(&mut fields, cx);
    let more = SampleFields::take(&mut fields, cx);
    let sharing = Sharing::take(&mut fields, cx);
    fields.finish(cx);
    Some(Box::new(CreateSample {
        said: said?,
        fields: more?,
        sharing: sharing?,
    }))
}

impl Step for CreateSample {
    fn never_measures(&self, metric: crate::metrics::Metric) -> bool {
        super::step::OF_OTPS.contains(&metric)
    }

    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let scope = &user.scope;
            let elements = self.sharing.health_elements(scope)?;
            let new = self.fields.sample(&self.said.content, &elements, scope)?;
            let patient = self.sharing.patient(scope)?;
            let with = self.sharing.share_with(scope)?;
            let (services, session) = user.authenticated()?;
            let platform = services.platform.of(cx);
            let created = session.create_sample(platform, new, patient, &with);
            Ok(describe(&created.await?))
        })
    }
}
