//! What is wrong with files, in forms that people and machines read.
//!
//! To add a form: one file with a [`Form`], one line in [`FORMS`].

mod finding;
mod human;
mod json;
mod sarif;

pub use finding::{Finding, findings};

use crate::engine::Inspected;
use crate::language::Look;

/// A form in which findings are told.
pub struct Form {
    /// Its name on the command line.
    pub name: &'static str,
    /// Writes what was found in these files.
    pub render: fn(&[Inspected], Look) -> String,
}

/// Every form; the first is the default.
pub const FORMS: &[Form] = &[human::FORM, json::FORM, sarif::FORM];
