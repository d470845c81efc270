//! Variables from files: `--env-file`, and `.env` of the current directory.
//!
//! They are handed down as the environment's are; the process's own environment
//! stays as it is.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::complain;
use crate::language::path_help;
use crate::{ceilings, files};

/// Read in the current directory, when it is there.
const DEFAULT: &str = ".env";

/// A dollar sign while a file is parsed: nothing is to be put in its place, least
/// of all a secret of the environment by a file of somebody else.
const DOLLAR: char = '\u{FFFF}';

/// Names and values.
type Variables = Vec<(String, String)>;

/// What the files hold, before anybody may see it.
pub(super) struct FileVariables {
    /// Of those that the command line names.
    pub(super) named: Variables,
    /// Of `.env`.
    pub(super) found: Variables,
}

impl FileVariables {
    /// Reads those at `paths`, and `.env` of the current directory.
    ///
    /// # Errors
    /// What is wrong with one that is named.
    pub(super) fn read(paths: &[PathBuf]) -> Result<Self, String> {
        Ok(Self {
            named: named(paths)?,
            found: found(),
        })
    }
}

/// What the files hold that the command line names; later files come first, as
/// the first value of a name counts.
///
/// # Errors
/// What is wrong, and with which file.
fn named(paths: &[PathBuf]) -> Result<Variables, String> {
    let mut all = Vec::new();
    for path in paths.iter().rev() {
        let text = files::read_text(path, ceilings::SECRET).map_err(|error| {
            let hint = path_help(path);
            format!("cannot read {}: {error}\nhint: {hint}", path.display())
        })?;
        all.extend(parse(path, &text)?);
    }
    Ok(all)
}

/// What `.env` of the current directory holds. Other programs read one too, so
/// what is wrong with it is a warning.
fn found() -> Variables {
    let path = Path::new(DEFAULT);
    let read = match files::read_text(path, ceilings::SECRET) {
        Ok(text) => parse(path, &text),
        // A folder of this name is an environment of Python.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::IsADirectory) => {
            return Vec::new();
        }
        Err(error) => Err(format!("cannot read {DEFAULT}: {error}")),
    };
    read.unwrap_or_else(|problem| {
        complain(&format!("warning: {DEFAULT} is not used: {problem}"));
        Vec::new()
    })
}

/// Reads `NAME=value`, a line each; of a name that comes twice, the last one counts.
fn parse(path: &Path, text: &str) -> Result<Variables, String> {
    let text = text
        .trim_start_matches('\u{FEFF}')
        .replace('$', &DOLLAR.to_string());
    let mut variables = Vec::new();
    for parsed in dotenvy::from_read_iter(text.as_bytes()) {
        let (name, value) = parsed.map_err(|error| wrong(path, &text, &error))?;
        variables.push((name, value.replace(DOLLAR, "$")));
    }
    variables.reverse();
    Ok(variables)
}

/// Says where it is wrong, and nothing of what stands there: it may be secret.
fn wrong(path: &Path, text: &str, error: &dotenvy::Error) -> String {
    let at = match error {
        dotenvy::Error::LineParse(rest, index) => place(text, rest, *index),
        _ => String::new(),
    };
    format!(
        "{}{at}: expected NAME=value\nhint: quote a value that has spaces, `#`, quotes or backslashes: NAME='a value'; `$` stands for itself",
        path.display()
    )
}

/// `:line:column` of what is wrong `index` characters into `rest`, the end of a line or more.
fn place(text: &str, rest: &str, index: usize) -> String {
    let rest = rest.lines().next().unwrap_or_default();
    let mut lines = text.lines().zip(1..);
    let found = lines.find(|(line, _)| !line.trim_start().starts_with('#') && line.ends_with(rest));
    found.map_or_else(String::new, |(line, number)| {
        let before = line.chars().count() - rest.chars().count();
        format!(
            ":{number}:{}",
            (before + index + 1).min(line.chars().count() + 1)
        )
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::parse;

    fn read(text: &str) -> Result<Vec<(String, String)>, String> {
        parse(Path::new("a.env"), text)
    }

    #[test]
    fn variables_are_read_as_written_and_nothing_is_put_in_the_place_of_others() {
        let read = read("\u{FEFF}# a comment\nexport A=1\nB='two words' # more\nC=\"a\\nb\"\nD=pa$HOME${B}\nE=\nA=3")
            .unwrap();
        let read: Vec<_> = read.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(
            read,
            [
                ("A", "3"),
                ("E", ""),
                ("D", "pa$HOME${B}"),
                ("C", "a\nb"),
                ("B", "two words"),
                ("A", "1")
            ]
        );
    }

    #[test]
    fn what_is_wrong_is_told_by_its_place_without_what_stands_there() {
        for (text, place) in [
            ("A=1\nB=two s3cret\n", "a.env:2:7"),
            ("A=1\ns3cret\n", "a.env:2:7"),
            ("A=1\n\nB='s3cret\nC=2\n", "a.env:3:"),
            ("A=\\$s3cret", "a.env:1:4"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.starts_with(place), "{text:?}: {error}");
            assert!(!error.contains("s3cret"), "{error}");
        }
    }
}
