//! `rehearse completions`: what a shell needs to complete our commands.

use clap::{Args, Command};
use clap_complete::Shell;

use super::help::after;
use super::{Exit, say};

/// Print the completions of a shell
///
/// docs/commands.md has the place for each shell.
#[derive(Debug, Args)]
#[command(after_help = after(&[("rehearse completions bash > ~/.local/share/bash-completion/completions/rehearse", "install the completions of bash"), ("rehearse completions fish > ~/.config/fish/completions/rehearse.fish", "of fish")], &[(Exit::Good, "printed"), (Exit::Wrong, "the command line is wrong")]))]
pub(super) struct Arguments {
    /// Shell to write completions for
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn completions(arguments: &Arguments, mut command: Command) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "rehearse", &mut script);
    say(&String::from_utf8_lossy(&script));
    Exit::Good
}
