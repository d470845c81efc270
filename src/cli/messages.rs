//! What the commands say: results on standard output, the rest on standard error.

use super::Exit;
use crate::engine::{PlanError, RunError};
use crate::language::{Look, Problems, SourceMap};

/// One message on standard error, with the program's name.
pub(crate) fn complain(message: &str) {
    note(&format!("rehearse: {message}"));
}

/// A message on standard error that has its own form. A reader who has gone
/// away is no error.
pub(crate) fn note(message: &str) {
    let _ = try_note(message);
}

/// The same for whoever wants to know whether it can be read.
pub(crate) fn try_note(message: &str) -> std::io::Result<()> {
    use std::io::Write;
    writeln!(std::io::stderr().lock(), "{message}")
}

/// Results on standard output. A reader who has gone away is no error.
pub(crate) fn say(text: &str) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Says what is wrong with the files.
pub(super) fn refuse(error: &PlanError) -> Exit {
    let render = |sources: &SourceMap, problems: &Problems| {
        let text = problems.render(sources, Look::for_stderr());
        text.trim_end().to_owned()
    };
    match error {
        PlanError::Problems { sources, problems } => note(&render(sources, problems)),
        PlanError::Targets(files) => {
            let texts = files
                .iter()
                .map(|(file, problems)| render(&SourceMap::new(file.clone()), problems));
            note(&texts.collect::<Vec<_>>().join("\n\n"));
        }
        PlanError::Unreadable { .. } => {
            complain(&format!(
                "{error}\nhint: paths are relative to the current directory"
            ));
        }
        PlanError::Variable(_) | PlanError::NothingSelected(_) => complain(&error.to_string()),
    }
    Exit::Wrong
}

/// Says why a run did not take place.
pub(super) fn cannot_start(error: &RunError) -> Exit {
    complain(&error.to_string());
    if let Some(hint) = error.hint() {
        note(&format!("hint: {hint}"));
    }
    if error.is_user_error() {
        Exit::Wrong
    } else {
        Exit::Unreachable
    }
}
