//! What the steps about patients have in common.

use minijinja::Value;

use super::StepError;
use crate::expression::Type;
use crate::icure::{Patient, Session};

/// Whose record it is: the user's own, unless said otherwise.
pub(super) fn whose(id: Option<String>, session: &Session) -> Result<String, StepError> {
    let id = id.or_else(|| session.patient_id().map(str::to_owned));
    id.ok_or_else(|| StepError::Argument {
        argument: "id",
        reason: "this user is no patient: say whose record it is".into(),
    })
}

/// A patient as a scenario sees it.
pub(super) fn describe(patient: &Patient) -> Value {
    let document = &patient.document;
    let other = |name: &str| document.other.get(name).cloned();
    let shared_with = document.delegations.keys().filter(|to| **to != document.id);
    minijinja::context! {
        id => &document.id,
        rev => &document.rev,
        first_name => &document.first_name,
        last_name => &document.last_name,
        date_of_birth => other("dateOfBirth").and_then(|date| date.as_i64()),
        gender => other("gender").and_then(|gender| gender.as_str().map(str::to_owned)),
        note => &patient.note,
        shared_with => shared_with.cloned().collect::<Vec<String>>(),
    }
}

/// What [`describe`] gives.
pub(super) fn result() -> Type {
    Type::record([
        ("id", Type::Text),
        ("rev", Type::Text),
        ("first_name", Type::Text),
        ("last_name", Type::Text),
        ("date_of_birth", Type::Number),
        ("gender", Type::Text),
        ("note", Type::Text),
        ("shared_with", Type::Text.list()),
    ])
}
