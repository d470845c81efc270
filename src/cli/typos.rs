//! What was probably meant by a word of the command line that is none: words of up to
//! two wrong letters, what other tools say, and the file of a scenario. Of options,
//! what `clap` suggests by itself is left alone.

use std::path::Path;

use clap::Command;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, Error};

/// What other tools call a command.
const FOREIGN: &[(&str, &str)] = &[
    ("test", "run"),
    ("play", "run"),
    ("start", "run"),
    ("exec", "run"),
    ("validate", "check"),
    ("verify", "check"),
    ("lint", "check"),
    ("new", "init"),
    ("create", "init"),
    ("diff", "compare"),
    ("convert", "import"),
    ("format", "fmt"),
    ("mock", "simulate"),
    ("server", "simulate"),
];

/// Adds to an error what was probably meant, for a command line of these words.
pub(super) fn suggest(error: &mut Error, root: &Command, words: &[String]) {
    if error.kind() == clap::error::ErrorKind::InvalidSubcommand {
        suggest_command(error, root, words);
        return;
    }
    let command = called(root, words);
    let valid = match error.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(values)) => values.clone(),
        _ => Vec::new(),
    };
    let flags = command.get_arguments().chain(root.get_arguments());
    let flags = flags.filter_map(|it| it.get_long().map(|name| format!("--{name}")));
    for (written, suggested, known) in [
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

fn text(error: &Error, kind: ContextKind) -> Option<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        _ => None,
    }
}

/// Adds to an error the command that was probably meant: the nearest one alone, or
/// `run` where the file of a scenario stands in its place.
fn suggest_command(error: &mut Error, root: &Command, words: &[String]) {
    let Some(written) = text(error, ContextKind::InvalidSubcommand) else {
        return;
    };
    let known = called(root, words).get_subcommands();
    let known: Vec<String> = known.map(|it| it.get_name().to_owned()).collect();
    let foreign = FOREIGN.iter().find(|(name, _)| *name == written);
    let foreign = foreign.map(|(_, name)| (*name).to_owned());
    let foreign = foreign.filter(|name| known.contains(name));
    if let Some(meant) = foreign.or_else(|| nearest(&written, known.clone())) {
        error.insert(
            ContextKind::SuggestedSubcommand,
            ContextValue::String(meant),
        );
    } else if known.iter().any(|name| name == "run") && is_scenario(&written) {
        let tip = StyledStr::from(format!("to play it, write 'rehearse run {written}'"));
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip]));
    }
}

/// Whether a word names the file of a scenario.
fn is_scenario(word: &str) -> bool {
    let extension = Path::new(word).extension();
    extension.is_some_and(|it| it.eq_ignore_ascii_case("yaml") || it.eq_ignore_ascii_case("yml"))
}

/// The error in which a word of this kind is wrong.
fn kind(written: ContextKind) -> clap::error::ErrorKind {
    match written {
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
