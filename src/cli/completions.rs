//! `rehearse completions`: what a shell needs to complete our commands.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, Exit, say};

/// Write the completions of a shell to standard output
///
/// For bash: `rehearse completions bash > ~/.local/share/bash-completion/completions/rehearse`.
/// docs/commands.md has the places of the other shells.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn completions(arguments: &Arguments) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(
        arguments.shell,
        &mut Cli::command(),
        "rehearse",
        &mut script,
    );
    say(&String::from_utf8_lossy(&script));
    Exit::Good
}
