//! `rehearse lsp`: a language server for editors.

use std::path::Path;

use clap::Args;

use super::help::after;
use super::trust::TrustFlags;
use super::{Exit, complain};
use crate::lsp::serve;

/// Serve an editor with problems, completion, hover and definitions
///
/// The Language Server Protocol on standard input and output; an editor starts it.
/// Nothing is sent to a target, and nothing is written.
#[derive(Debug, Args)]
#[command(after_help = after(&[("rehearse lsp", "what an editor starts: docs/check.md has the settings of some"), ("rehearse lsp --file-root .", "files may name others below this folder")], &[(Exit::Good, "the editor has shut it down"), (Exit::Failed, "the editor is gone without that"), (Exit::Wrong, "a message of the editor cannot be read")]))]
pub(super) struct Arguments {
    /// What editors give, whether they have a choice or not: it is the only one
    #[arg(long, hide = true)]
    stdio: bool,
    #[command(flatten)]
    trust: TrustFlags,
}

pub(super) fn lsp(arguments: &Arguments) -> Exit {
    let trust = &arguments.trust;
    let environment = |file: &Path| {
        let variables = trust.variables()?;
        Ok(trust.environment(file, &variables))
    };
    if let Err(exit) = environment(Path::new(".")) {
        return exit;
    }
    // With a file of variables that is gone since, nothing is permitted.
    match serve(|file| environment(file).unwrap_or_default()) {
        Ok(true) => Exit::Good,
        Ok(false) => Exit::Failed,
        Err(error) => {
            complain(&format!("the language server has stopped: {error}"));
            Exit::Wrong
        }
    }
}
