//! What `check` finds, as an editor shows it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use lsp_types::{Diagnostic, DiagnosticSeverity, NumberOrString};

use super::position::range;
use crate::engine::Inspected;
use crate::language::Severity;

/// What is wrong with each of these files; nothing is listed too.
pub(super) fn by_file(inspected: &[Inspected]) -> BTreeMap<PathBuf, Vec<Diagnostic>> {
    let mut files: BTreeMap<PathBuf, Vec<Diagnostic>> = BTreeMap::new();
    for one in inspected {
        for source in one.sources.all() {
            files.entry(PathBuf::from(source.name())).or_default();
        }
        for (severity, problem) in one.problems.all() {
            let (source, span) = one.sources.place(problem.span());
            let message = match problem.help() {
                Some(help) => format!("{}\n{help}", problem.message()),
                None => problem.message().to_owned(),
            };
            let found = Diagnostic {
                range: range(source, span),
                severity: Some(match severity {
                    Severity::Error => DiagnosticSeverity::ERROR,
                    Severity::Warning => DiagnosticSeverity::WARNING,
                }),
                code: Some(NumberOrString::String(problem.rule().to_owned())),
                source: Some("rehearse".to_owned()),
                message,
                ..Diagnostic::default()
            };
            let known = files.entry(PathBuf::from(source.name())).or_default();
            // A library may be included by several files.
            if !known.contains(&found) {
                known.push(found);
            }
        }
    }
    files
}
