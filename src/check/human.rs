//! For people: each finding with its line, and a count at the end.

use super::{Form, findings};
use crate::engine::Inspected;
use crate::language::Look;
use crate::numbers::plural;

pub(super) const FORM: Form = Form {
    name: "human",
    render,
};

fn render(inspected: &[Inspected], look: Look) -> String {
    let mut text = String::new();
    for one in inspected {
        let shown = one.problems.render_all(&one.sources, look);
        if !shown.is_empty() {
            text.push_str(&shown);
            text.push('\n');
        }
    }
    let all = findings(inspected);
    let errors = all.iter().filter(|finding| finding.is_error()).count();
    let warnings = all.len() - errors;
    let files = plural(inspected.len() as u64, "file", "files");
    let found = match (errors, warnings) {
        (0, 0) => "no problems found".to_owned(),
        (0, _) => plural(warnings as u64, "warning", "warnings"),
        (_, 0) => plural(errors as u64, "error", "errors"),
        _ => format!(
            "{}, {}",
            plural(errors as u64, "error", "errors"),
            plural(warnings as u64, "warning", "warnings")
        ),
    };
    text + &files + ": " + &found + "\n"
}
