//! What is wrong with files, in forms that people and machines read.
//!
//! To add a form: one file with a [`Form`], one line in [`FORMS`].

mod finding;
mod form;
mod human;
mod json;
mod sarif;

pub use finding::{Finding, findings};
pub use form::Form;

/// Every form; the first is the default.
pub const FORMS: &[Form] = &[human::FORM, json::FORM, sarif::FORM];
