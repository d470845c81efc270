//! One thing that was found, with its place in numbers.

use serde::Serialize;

use crate::engine::Inspected;
use crate::language::Severity;

/// Something that is wrong, or probably not what was meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// `error` or `warning`.
    pub severity: &'static str,
    /// What kind of problem it is.
    pub rule: &'static str,
    /// What is wrong, in one line.
    pub message: String,
    /// How to correct it.
    pub help: Option<String>,
    /// Path of the file.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Line where the place ends, from 1.
    pub end_line: usize,
    /// Column after the last character.
    pub end_column: usize,
    /// The first line of the place, or what is around it in a long one.
    pub excerpt: String,
}

impl Finding {
    /// Whether nothing can be played with it.
    pub fn is_error(&self) -> bool {
        self.severity == "error"
    }
}

/// Everything that was found, each thing once, in the order of the files.
pub fn findings(inspected: &[Inspected]) -> Vec<Finding> {
    let mut all = Vec::new();
    for one in inspected {
        for (severity, problem) in one.problems.all() {
            let (source, span) = one.sources.place(problem.span());
            let (line, column) = source.position(span.start);
            let (end_line, end_column) = source.position(span.end);
            let excerpt = source.excerpt(span.start);
            let finding = Finding {
                severity: match severity {
                    Severity::Error => "error",
                    Severity::Warning => "warning",
                },
                rule: problem.rule(),
                message: problem.message().to_owned(),
                help: problem.help().map(str::to_owned),
                file: source.name().to_owned(),
                line,
                column,
                end_line,
                end_column,
                excerpt: excerpt.to_owned(),
            };
            // A library may be named by itself, and included by several files.
            if !all.contains(&finding) {
                all.push(finding);
            }
        }
    }
    all
}
