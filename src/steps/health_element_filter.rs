//! `health_element.filter`: find health elements, page by page.

use std::num::NonZeroU64;

use minijinja::Value;

use super::arguments::{text, value_of_texts};
use super::date::{Date, optional_date};
use super::forms::OneCode;
use super::health_element::{describe, result};
use super::step::{OF_OTPS, compile};
use super::{Played, Step, StepError, StepKind, VirtualUser};
use crate::document::{Record, record};
use crate::expression::{TextTemplate, Type};
use crate::icure::{HealthElementFilter, Page};
use crate::language::Read;
use crate::metrics::{Metric, StepContext};

pub(super) const KIND: StepKind = StepKind {
    name: "health_element.filter",
    about: "find health elements that the user can read, and decrypt a page of them",
    fields: FilterHealthElements::TABLE,
    result: || {
        Type::record([
            ("health_elements", result().list()),
            ("ids", Type::Text.list()),
            ("count", Type::Number),
            ("next", Type::Text),
        ])
    },
    compile: compile::<FilterHealthElements>,
};

/// Health elements of a page, unless the scenario says otherwise.
const USUAL_LIMIT: NonZeroU64 = NonZeroU64::new(1000).expect("a thousand is not zero");

record! {
    struct FilterHealthElements of "`health_element.filter`" {
        /// a label that they have
        label: OneCode;
        /// a code that they have
        code: OneCode;
        /// data owner id of the patient that they belong to; anybody's otherwise, or the user's own if there are dates alone
        patient: TextTemplate, example(r#""{{ patient.data_owner_id }}""#);
        /// first date since when they hold, such as `20220929`
        from: Date, example("20220929");
        /// last date since when they hold, such as `20220929235959`
        until: Date, example("20220929235959");
        /// most health elements of this page
        limit: NonZeroU64 = USUAL_LIMIT;
        /// where the page begins: `next` of the page before; at the first otherwise
        start: TextTemplate, example(r#""{{ page.next }}""#);
    }
}

impl FilterHealthElements {
    fn filter(&self, user: &VirtualUser) -> Result<HealthElementFilter, StepError> {
        let scope = &user.scope;
        let code = |argument, code: &Option<OneCode>| {
            let code = code.as_ref();
            code.map(|code| value_of_texts(argument, OneCode::EXPECTED, &code.0, scope))
                .transpose()
        };
        let dated = self.from.is_some() || self.until.is_some();
        let coded = self.label.is_some() || self.code.is_some();
        let mut patient = text("patient", self.patient.as_ref(), scope)?;
        if let (None, true, false, Some(session)) = (&patient, dated, coded, &user.session) {
            let own = session.patient_id().map(str::to_owned);
            patient = Some(own.ok_or_else(|| {
                StepError::Argument {
                    argument: "patient",
                    reason:
                        "this user is no patient: say whose health elements are looked for by date"
                            .into(),
                }
            })?);
        }
        Ok(HealthElementFilter {
            label: code("label", &self.label)?,
            code: code("code", &self.code)?,
            patient,
            from: optional_date("from", self.from.as_ref(), scope)?,
            until: optional_date("until", self.until.as_ref(), scope)?,
        })
    }
}

impl Step for FilterHealthElements {
    fn never_measures(&self, metric: Metric) -> bool {
        OF_OTPS.contains(&metric)
    }

    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let filter = self.filter(user)?;
            let page = Page {
                start: text("start", self.start.as_ref(), &user.scope)?,
                limit: self.limit.get(),
            };
            let (services, session) = user.authenticated()?;
            let platform = services.platform.of(cx);
            let found = session.find_health_elements(platform, &filter, &page);
            let (found, next) = found.await?;
            let ids: Vec<String> = found.iter().map(|one| one.entity.id.clone()).collect();
            Ok(minijinja::context! {
                health_elements => found.iter().map(describe).collect::<Vec<Value>>(),
                ids => ids,
                count => found.len(),
                next => next,
            })
        })
    }
}
