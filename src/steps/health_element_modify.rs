//! `health_element.modify`: change a health element that is stored.

use super::arguments::text;
use super::health_element::{Details, describe, result};
use super::step::OF_OTPS;
use super::{Played, Step, StepKind, VirtualUser};
use crate::document::{ReadContext, Record, StepDoc, record};
use crate::expression::TextTemplate;
use crate::language::Table;
use crate::metrics::{Metric, StepContext};

pub(super) const KIND: StepKind = StepKind {
    name: "health_element.modify",
    about: "change a health element that is stored; what is not given stays",
    fields: FIELDS,
    result,
    compile,
};

record! {
    struct Which of "`health_element.modify`" {
        /// id of the health element
        id: TextTemplate, required;
    }
}

const FIELDS: Table = Table {
    what: "`health_element.modify`",
    keys: &[Which::TABLE.keys[0], Details::TABLE.keys[0]],
};

struct ModifyHealthElement {
    which: Which,
    details: Details,
}

fn compile(document: &StepDoc, cx: &mut ReadContext) -> Option<Box<dyn Step>> {
    let mut fields = FIELDS.open(&document.arguments, cx)?;
    let which = Which::take(&mut fields, cx);
    let details = Details::take(&mut fields, cx);
    fields.finish(cx);
    Some(Box::new(ModifyHealthElement {
        which: which?,
        details: details?,
    }))
}

impl Step for ModifyHealthElement {
    fn never_measures(&self, metric: Metric) -> bool {
        OF_OTPS.contains(&metric)
    }

    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let id = text("id", Some(&self.which.id), &user.scope)?.unwrap_or_default();
            let details = self.details.render(&user.scope)?;
            let (services, session) = user.authenticated()?;
            let changed = session.modify_health_element(services.platform.of(cx), &id, details);
            Ok(describe(&changed.await?))
        })
    }
}
