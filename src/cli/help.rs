//! What `--help` says below the options: examples, and the exit codes.

use std::fmt::Write;

use super::Exit;

/// The heading above the exit codes.
pub(super) const EXITS: &str = "\n\nExit codes:\n";

/// Exit codes of a command that reads files and writes or prints something.
pub(super) const WRITES: &[(Exit, &str)] = &[
    (Exit::Good, "done"),
    (
        Exit::Wrong,
        "a file or the command line is wrong, or the output cannot be written",
    ),
];

/// Exit codes of a command that opens the vault or a key pool.
pub(super) const OPENS: &[(Exit, &str)] = &[
    (Exit::Good, "done"),
    (
        Exit::Wrong,
        "a file, a name, a passphrase or the command line is wrong",
    ),
    (
        Exit::Unreachable,
        "the vault or the key pool cannot be opened or written",
    ),
];

/// Exit codes of a command that plays scenarios.
pub(super) const PLAYS: &[(Exit, &str)] = &[
    (Exit::Good, "passed"),
    (
        Exit::Failed,
        "a step, check, expectation or threshold failed, or nothing was finished",
    ),
    (
        Exit::Wrong,
        "a scenario, a target or the command line is wrong; nothing was sent",
    ),
    (
        Exit::Unreachable,
        "the target, its mailbox, the vault or the key pool cannot be reached or opened",
    ),
    (
        Exit::NotKept,
        "the report cannot be written where it was asked for; standard error says where it is",
    ),
    (
        Exit::Interrupted,
        "stopped early with Ctrl-C, SIGTERM or SIGHUP; nothing had failed until then",
    ),
];

/// The text below the options: each example with what it does, and each exit code with
/// what it means.
pub(super) fn after(examples: &[(&str, &str)], exits: &[(Exit, &str)]) -> String {
    let mut text = "Examples:".to_owned();
    for (command, what) in examples {
        // Writing to a text does not fail.
        let _ = write!(text, "\n  {command}\n      {what}");
    }
    text.push_str(EXITS.trim_end());
    for (exit, meaning) in exits {
        let _ = write!(text, "\n  {:<4} {meaning}", exit.code());
    }
    text
}

/// All exit codes, for the help of the program itself.
pub(super) fn all() -> Vec<(Exit, &'static str)> {
    Exit::ALL
        .iter()
        .map(|exit| (*exit, exit.meaning()))
        .collect()
}

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory};

    use super::EXITS;
    use crate::cli::Cli;

    /// All commands of the tree, each with the words that call it.
    fn commands() -> Vec<(String, Command)> {
        fn collect(path: &str, command: &Command, found: &mut Vec<(String, Command)>) {
            found.push((path.to_owned(), command.clone()));
            for below in command.get_subcommands() {
                collect(&format!("{path} {}", below.get_name()), below, found);
            }
        }
        let mut found = Vec::new();
        collect("rehearse", &Cli::command(), &mut found);
        found
    }

    /// The words of a command line as a shell reads them, up to where its output goes.
    fn words(line: &str) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        let (mut quote, mut within) = (None, false);
        for letter in line.chars() {
            match (quote, letter) {
                (None, '\'' | '"') => (quote, within) = (Some(letter), within || push(&mut words)),
                (Some(open), _) if open == letter => quote = None,
                (None, ' ') => within = false,
                _ => {
                    within = within || push(&mut words);
                    words.last_mut().unwrap().push(letter);
                }
            }
        }
        let ours = words
            .iter()
            .position(|word| ["|", ">", "<"].contains(&word.as_str()));
        words.truncate(ours.unwrap_or(words.len()));
        words
    }

    fn push(words: &mut Vec<String>) -> bool {
        words.push(String::new());
        true
    }

    #[test]
    fn every_command_says_what_it_does_with_examples_and_exit_codes() {
        let commands = commands();
        assert!(commands.len() >= 24, "{}", commands.len());
        for (path, command) in commands {
            let about = command
                .get_about()
                .unwrap_or_else(|| panic!("{path} has no about"));
            assert!(!about.to_string().ends_with('.'), "{path}: {about}");
            let after = command
                .get_after_help()
                .unwrap_or_else(|| panic!("{path} has no examples"));
            let after = after.to_string();
            let (examples, exits) = after
                .split_once(EXITS)
                .unwrap_or_else(|| panic!("{path}: {after}"));
            let examples: Vec<&str> = examples
                .lines()
                .filter_map(|line| line.strip_prefix("  "))
                .collect();
            let mut played = 0;
            for example in examples.iter().filter(|line| !line.starts_with(' ')) {
                // What else is in a pipe is of another program.
                let ours = example
                    .split(" | ")
                    .filter(|part| part.starts_with("rehearse "));
                let ours: Vec<Vec<String>> = ours.map(words).collect();
                for words in &ours {
                    let parsed = Cli::command().try_get_matches_from(words);
                    let wrong = parsed.err().filter(clap::Error::use_stderr);
                    assert!(wrong.is_none(), "{path}: {example}: {wrong:?}");
                }
                let calls = |words: &Vec<String>| words.join(" ").starts_with(&path);
                assert!(
                    ours.iter().any(calls),
                    "{path} has an example of another: {example}"
                );
                played += 1;
            }
            assert!(
                played > 0 && examples.len() == 2 * played,
                "{path}: {examples:#?}"
            );
            let mut codes = exits
                .lines()
                .map(|line| line.trim().split(' ').next().unwrap());
            assert!(
                codes.all(|code| code.parse::<u8>().is_ok()),
                "{path}: {exits}"
            );
            assert!(
                exits.contains("\n  2 ")
                    || exits.starts_with("  2 ")
                    || path == "rehearse completions",
                "{path}: {exits}"
            );
        }
    }

    #[test]
    fn every_option_says_what_it_does() {
        for (path, command) in commands() {
            for argument in command.get_arguments() {
                let help = argument
                    .get_help()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                assert!(
                    !help.is_empty(),
                    "{path}: {} says nothing",
                    argument.get_id()
                );
                assert!(!help.ends_with('.'), "{path}: {help}");
            }
        }
    }
}
