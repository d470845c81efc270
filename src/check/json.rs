//! For scripts: JSON of a documented shape.

use serde::Serialize;

use super::{Finding, Form, findings};
use crate::engine::Inspected;
use crate::language::Look;
use crate::shown;

pub(super) const FORM: Form = Form {
    name: "json",
    render,
};

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    files: Vec<&'a str>,
    errors: usize,
    warnings: usize,
    left_out: usize,
    problems: &'a [Finding],
}

fn render(inspected: &[Inspected], _: Look) -> String {
    let all = findings(inspected);
    let errors = all.iter().filter(|finding| finding.is_error()).count();
    let document = Document {
        schema: "rehearse/check/1",
        files: inspected.iter().map(|one| one.file().name()).collect(),
        errors,
        warnings: all.len() - errors,
        left_out: inspected.iter().map(|one| one.problems.left_out()).sum(),
        problems: &all,
    };
    // Texts and numbers alone: nothing in it can fail.
    let text = serde_json::to_string_pretty(&document).unwrap_or_default();
    shown::json(text) + "\n"
}
