//! Standard output and standard error. Nothing else writes to them: `clippy.toml`
//! refuses it.
#![expect(clippy::disallowed_methods, reason = "this is the one place")]

use std::borrow::Cow;
use std::io::{IsTerminal, Result, Write};

use super::{is_hidden, text};

/// Where a text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    /// Results.
    Out,
    /// The rest.
    Err,
}

/// Whether what is written is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// No control sequences.
    Plain,
    /// ANSI colours.
    Colour,
}

impl Stream {
    /// Whether a person reads it.
    pub(crate) fn is_terminal(self) -> bool {
        match self {
            Self::Out => std::io::stdout().is_terminal(),
            Self::Err => std::io::stderr().is_terminal(),
        }
    }

    /// Columns of the terminal, if it is one.
    pub(crate) fn width(self) -> Option<usize> {
        let size = match self {
            Self::Out => terminal_size::terminal_size_of(std::io::stdout()),
            Self::Err => terminal_size::terminal_size_of(std::io::stderr()),
        };
        size.map(|(width, _)| usize::from(width.0))
    }

    /// Writes a text of any lines.
    pub(crate) fn write(self, said: &str) -> Result<()> {
        self.send(&text(said))
    }

    /// Writes a text that this program has coloured: its colours stay.
    pub(crate) fn write_coloured(self, said: &str) -> Result<()> {
        self.send(&coloured(said))
    }

    fn send(self, shown: &str) -> Result<()> {
        fn all(mut stream: impl Write, text: &str) -> Result<()> {
            stream.write_all(text.as_bytes())?;
            stream.flush()
        }
        match self {
            Self::Out => all(std::io::stdout().lock(), shown),
            Self::Err => all(std::io::stderr().lock(), shown),
        }
    }
}

/// Colours (`ESC [ numbers m`) as they are, the rest as by [`text`].
fn coloured(said: &str) -> Cow<'_, str> {
    if !said.contains(|c| is_hidden(c) && c != '\n') {
        return said.into();
    }
    let mut parts = said.split("\u{1b}[");
    let mut out = text(parts.next().unwrap_or_default()).into_owned();
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_digit() && c != ';');
        let is_colour = end.is_some_and(|end| part[end..].starts_with('m'));
        out.push_str(if is_colour { "\u{1b}[" } else { r"\u{1b}[" });
        out.push_str(&text(part));
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::coloured;

    #[test]
    fn colours_are_all_that_a_terminal_is_told() {
        let red = "a \u{1b}[1;31mred\u{1b}[0m\n";
        assert_eq!(coloured(red), red);
        assert_eq!(
            coloured("\u{1b}[2J\u{1b}[31m\u{1b}]0;t\u{7}\u{1b}["),
            "\\u{1b}[2J\u{1b}[31m\\u{1b}]0;t\\u{7}\\u{1b}["
        );
    }
}
