//! What the commands say: results on standard output, the rest on standard error.

use super::Exit;
use crate::engine::{PlanError, RunError};
use crate::language::{FilesError, Look, path_help};
use crate::shown::terminal::Stream;

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
    Stream::Err.write(&format!("{message}\n"))
}

/// Results on standard output. A reader who has gone away is no error.
pub(crate) fn say(text: &str) {
    let _ = Stream::Out.write(text);
}

/// The same for a text that looks like this.
pub(super) fn say_in(look: Look, text: &str) {
    let _ = in_look(Stream::Out, look, text);
}

fn in_look(stream: Stream, look: Look, text: &str) -> std::io::Result<()> {
    match look {
        Look::Plain => stream.write(text),
        Look::Colour => stream.write_coloured(text),
    }
}

/// Says what is wrong with the files.
pub(super) fn refuse(error: &PlanError, look: Look) -> Exit {
    match error {
        PlanError::Files(FilesError::Problems { sources, problems }) => {
            let text = problems.render(sources, look);
            let _ = in_look(Stream::Err, look, &format!("{}\n", text.trim_end()));
        }
        PlanError::Files(FilesError::Unreadable { path, .. }) => {
            complain(&format!("{error}\nhint: {}", path_help(path)));
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
    match error {
        RunError::Stopped { .. } => Exit::Interrupted,
        error if error.is_user_error() => Exit::Wrong,
        _ => Exit::Unreachable,
    }
}
