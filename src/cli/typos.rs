//! What was probably meant by a word of the command line that is none: words of up to
//! two wrong letters. What `clap` suggests by itself is left alone.

use clap::Command;
use clap::error::{ContextKind, ContextValue, Error};

/// Adds to an error what was probably meant, for a command line of these words.
pub(super) fn suggest(error: &mut Error, root: &Command, words: &[String]) {
    let command = called(root, words);
    let text = |error: &Error, kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        _ => None,
    };
    let valid = match error.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(values)) => values.clone(),
        _ => Vec::new(),
    };
    let commands = command.get_subcommands().map(|it| it.get_name().to_owned());
    let flags = command.get_arguments().chain(root.get_arguments());
    let flags = flags.filter_map(|it| it.get_long().map(|name| format!("--{name}")));
    for (written, suggested, known) in [
        (
            ContextKind::InvalidSubcommand,
            ContextKind::SuggestedSubcommand,
            commands.collect(),
        ),
        (
            ContextKind::InvalidValue,
            ContextKind::SuggestedValue,
            valid,
        ),
        (
            ContextKind::InvalidArg,
            ContextKind::SuggestedArg,
            flags.collect::<Vec<String>>(),
        ),
    ] {
        let is_wrong = error.kind() == kind(written) && error.get(suggested).is_none();
        let written = text(error, written).filter(|_| is_wrong);
        if let Some(meant) = written.and_then(|word| nearest(&word, known)) {
            error.insert(suggested, ContextValue::String(meant));
        }
    }
}

/// The error in which a word of this kind is wrong.
fn kind(written: ContextKind) -> clap::error::ErrorKind {
    match written {
        ContextKind::InvalidSubcommand => clap::error::ErrorKind::InvalidSubcommand,
        ContextKind::InvalidValue => clap::error::ErrorKind::InvalidValue,
        _ => clap::error::ErrorKind::UnknownArgument,
    }
}

/// The command that these words call, as far as they are commands.
fn called<'c>(root: &'c Command, words: &[String]) -> &'c Command {
    let words = words.iter().skip(1).filter(|word| !word.starts_with('-'));
    words.fold(root, |command, word| {
        command.find_subcommand(word).unwrap_or(command)
    })
}

/// The word of at most two wrong letters; one, when it is short.
fn nearest(written: &str, known: Vec<String>) -> Option<String> {
    let tolerance = |name: &str| {
        if name.trim_start_matches('-').len() < 5 {
            1
        } else {
            2
        }
    };
    let far = |name: &str| strsim::damerau_levenshtein(written, name);
    let near = known
        .into_iter()
        .filter(|name| far(name) <= tolerance(name));
    near.min_by_key(|name| far(name))
}
