//! How data samples are looked for, in the steps that do.

use super::arguments::{text, value_of_texts};
use super::date::{Date, optional_date};
use super::forms::{Ids, OneCode, OneIdentifier};
use super::sample_fields::optional_ids;
use super::{StepError, VirtualUser};
use crate::document::record;
use crate::expression::TextTemplate;
use crate::icure::SampleFilter;
use crate::language::Read;

record! {
    pub(super) struct FilterFields of "a filter of data samples" {
        /// a label that they have
        label: OneCode;
        /// a code that they have
        code: OneCode;
        /// data owner id of the patient whose they are; anybody's otherwise, or the user's own if there are dates alone
        patient: TextTemplate;
        /// first date, such as `20220929`: of the measurement, or since when it holds
        from: Date, example("20220929");
        /// last date, such as `20220929235959`
        until: Date, example("20220929235959");
        /// what they are called elsewhere
        identifier: OneIdentifier;
        /// id of the health element that they are about, or list of which one is enough
        health_element: Ids;
    }
}

impl FilterFields {
    /// Dates without a label or code are looked for of one patient: the platform
    /// has no other filter.
    pub(super) fn filter(&self, user: &VirtualUser) -> Result<SampleFilter, StepError> {
        let scope = &user.scope;
        let code = |argument, code: &Option<OneCode>| {
            let code = code.as_ref();
            code.map(|code| value_of_texts(argument, OneCode::EXPECTED, &code.0, scope))
                .transpose()
        };
        let identifier = self.identifier.as_ref().map(|identifier| {
            value_of_texts("identifier", OneIdentifier::EXPECTED, &identifier.0, scope)
        });
        let mut patient = text("patient", self.patient.as_ref(), scope)?;
        let dated = self.from.is_some() || self.until.is_some();
        let coded = self.label.is_some() || self.code.is_some();
        if let (None, true, false, Some(session)) = (&patient, dated, coded, &user.session) {
            let own = session.patient_id().map(str::to_owned);
            patient = Some(own.ok_or_else(|| StepError::Argument {
                argument: "patient",
                reason:
                    "this user is no patient: say whose data samples are looked for by date".into(),
            })?);
        }
        Ok(SampleFilter {
            label: code("label", &self.label)?,
            code: code("code", &self.code)?,
            patient,
            from: optional_date("from", self.from.as_ref(), scope)?,
            until: optional_date("until", self.until.as_ref(), scope)?,
            identifier: identifier.transpose()?,
            health_elements: optional_ids("health_element", self.health_element.as_ref(), scope)?,
        })
    }
}
