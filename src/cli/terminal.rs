//! What the terminal can show: colours and width.

use std::ffi::OsString;

use clap::ValueEnum;

use crate::language::Look;
use crate::report::{SummaryForm, SummarySize};
use crate::shown::terminal::Stream;

/// When messages are coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Colour {
    /// On a terminal, unless `NO_COLOR` or `CLICOLOR=0` is set; elsewhere with `CLICOLOR_FORCE`
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What standard output and standard error can show.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terminal {
    /// Colours of standard output.
    pub(super) out: Look,
    /// Colours of standard error.
    pub(super) err: Look,
    /// Whether standard error is a terminal on which lines can be drawn over others.
    pub(super) is_drawn: bool,
    /// Columns of the terminal, if standard output is one.
    width: Option<usize>,
}

impl Terminal {
    /// What the process is connected to.
    pub(super) fn of_process(colour: Colour) -> Self {
        let look =
            |stream: Stream| look(colour, stream.is_terminal(), |name| std::env::var_os(name));
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let columns = std::env::var("COLUMNS").ok();
        let columns = columns.and_then(|text| text.parse().ok());
        Self {
            out: look(Stream::Out),
            err: look(Stream::Err),
            is_drawn: Stream::Err.is_terminal() && !is_dumb,
            width: Stream::Out.width().or(columns),
        }
    }

    /// How a summary of this size looks here.
    pub(super) fn summary(self, size: SummarySize) -> SummaryForm {
        SummaryForm {
            size,
            look: self.out,
            width: self.width.map(|width| width.clamp(60, 160)),
        }
    }
}

/// The size that flags ask for.
pub(super) fn size(quiet: bool, details: bool) -> SummarySize {
    match (quiet, details) {
        (true, _) => SummarySize::Verdict,
        (_, true) => SummarySize::Parts,
        _ => SummarySize::Steps,
    }
}

fn look(colour: Colour, is_terminal: bool, variable: impl Fn(&str) -> Option<OsString>) -> Look {
    let set = |name| variable(name).filter(|value| !value.is_empty());
    let off = |name| set(name).is_some_and(|value| value == "0");
    let coloured = match colour {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto if set("NO_COLOR").is_some() => false,
        Colour::Auto if set("CLICOLOR_FORCE").is_some() && !off("CLICOLOR_FORCE") => true,
        Colour::Auto => {
            let dumb = set("TERM").is_some_and(|value| value == "dumb");
            is_terminal && !off("CLICOLOR") && !dumb
        }
    };
    if coloured { Look::Colour } else { Look::Plain }
}

#[cfg(test)]
mod tests {
    use super::{Colour, Look, look};

    #[test]
    fn colours_are_for_terminals_unless_somebody_says_otherwise() {
        let with = |colour, is_terminal, set: &[(&str, &str)]| {
            let variable = |name: &str| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).into())
            };
            look(colour, is_terminal, variable) == Look::Colour
        };
        assert!(with(Colour::Auto, true, &[]));
        assert!(with(Colour::Auto, true, &[("NO_COLOR", "")]));
        assert!(!with(Colour::Auto, false, &[]));
        assert!(!with(Colour::Auto, true, &[("NO_COLOR", "0")]));
        assert!(!with(Colour::Auto, true, &[("CLICOLOR", "0")]));
        assert!(!with(Colour::Auto, true, &[("TERM", "dumb")]));
        assert!(with(Colour::Auto, false, &[("CLICOLOR_FORCE", "1")]));
        assert!(!with(Colour::Auto, false, &[("CLICOLOR_FORCE", "0")]));
        assert!(!with(
            Colour::Auto,
            true,
            &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]
        ));
        assert!(with(Colour::Always, false, &[("NO_COLOR", "1")]));
        assert!(!with(Colour::Never, true, &[("CLICOLOR_FORCE", "1")]));
    }
}
