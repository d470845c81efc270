//! `rehearse completions`: what a shell needs to complete our commands.

use clap::{Args, Command};
use clap_complete::Shell;

use super::{Exit, say};

/// Write the completions of a shell to standard output
///
/// For bash: `rehearse completions bash > ~/.local/share/bash-completion/completions/rehearse`.
/// docs/commands.md has the places of the other shells.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Whose completions are written
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn completions(arguments: &Arguments, mut command: Command) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "rehearse", &mut script);
    say(&String::from_utf8_lossy(&script));
    Exit::Good
}
