//! What the steps with health elements have in common.

use minijinja::Value;

use super::StepError;
use super::arguments::{codes, text};
use super::date::{Date, optional_date as date};
use super::described::{code_type, described};
use super::forms::Codes;
use crate::document::record;
use crate::expression::{Scope, TextTemplate, Type};
use crate::icure::HealthElementDetails;
use crate::wire::HealthElement;

record! {
    pub(super) struct Details of "a health element" {
        /// codes that say what it is
        labels: Codes;
        /// codes of terminologies such as SNOMED CT
        codes: Codes;
        /// what it is called, encrypted
        description: TextTemplate, example("Hay fever");
        /// a note, encrypted
        note: TextTemplate;
        /// since when it holds, such as `20220929083400`
        opening_date: Date, example("20220929083400");
        /// until when it held, such as `20220929083400`
        closing_date: Date, example("20220929083400");
        /// when it was noted, such as `20220929083400`
        value_date: Date, example("20220929083400");
    }
}

impl Details {
    pub(super) fn render(&self, scope: &Scope) -> Result<HealthElementDetails, StepError> {
        Ok(HealthElementDetails {
            labels: codes("labels", self.labels.as_ref(), scope)?,
            codes: codes("codes", self.codes.as_ref(), scope)?,
            description: text("description", self.description.as_ref(), scope)?,
            note: text("note", self.note.as_ref(), scope)?,
            opening_date: date("opening_date", self.opening_date.as_ref(), scope)?,
            closing_date: date("closing_date", self.closing_date.as_ref(), scope)?,
            value_date: date("value_date", self.value_date.as_ref(), scope)?,
        })
    }
}

/// A health element as a scenario sees it.
pub(super) fn describe(element: &HealthElement) -> Value {
    let entity = &element.entity;
    minijinja::context! {
        id => &entity.id,
        rev => &entity.rev,
        labels => described(&entity.tags),
        codes => described(&entity.codes),
        description => &element.descr,
        note => &element.note,
        opening_date => element.opening_date,
        closing_date => element.closing_date,
        value_date => element.value_date,
    }
}

/// What [`describe`] gives.
pub(super) fn result() -> Type {
    Type::record([
        ("id", Type::Text),
        ("rev", Type::Text),
        ("labels", code_type().list()),
        ("codes", code_type().list()),
        ("description", Type::Text),
        ("note", Type::Text),
        ("opening_date", Type::Number),
        ("closing_date", Type::Number),
        ("value_date", Type::Number),
    ])
}
