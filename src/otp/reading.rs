//! How the messages of a source are to be understood: settings that all
//! sources have in common.

use std::time::Duration;

use regex::Regex;

use crate::document::{Defaulted, Field, ReadContext};
use crate::language::{Fields, Key, Problem, Text};

/// How far the sender's clock may differ from ours, unless the target says
/// otherwise.
const CLOCK_SKEW: Duration = Duration::from_secs(10);

/// How messages are understood.
#[derive(Clone, Debug)]
pub struct Reading {
    /// What the code is found by, instead of its length; one capture group.
    pub pattern: Option<Regex>,
    /// How far the sender's clock may differ from ours.
    pub clock_skew: Duration,
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            pattern: None,
            clock_skew: CLOCK_SKEW,
        }
    }
}

const PATTERN: Field<Text> = Field::new(
    "pattern",
    "regular expression by which the code is found, with one capture group; otherwise the \
     code is found by its length",
)
.example(r"'code is (\d{6})'");
const SKEW: Defaulted<Duration> = Field::new(
    "clock_skew",
    "how far the sender's clock may differ from this machine's",
)
.or(&CLOCK_SKEW);

/// Settings of sources whose messages are not dated, or by our own clock.
pub(super) const UNDATED: &[Key] = &[PATTERN.key()];
/// Settings of the other sources.
pub(super) const DATED: &[Key] = &[PATTERN.key(), SKEW.key()];

impl Reading {
    /// Reads [`UNDATED`].
    pub(super) fn read_undated(fields: &mut Fields<'_>, cx: &mut ReadContext) -> Self {
        Self {
            pattern: read_pattern(fields, cx),
            clock_skew: Duration::ZERO,
        }
    }

    /// Reads [`DATED`].
    pub(super) fn read(fields: &mut Fields<'_>, cx: &mut ReadContext) -> Self {
        Self {
            pattern: read_pattern(fields, cx),
            clock_skew: fields.get_or(&SKEW, cx),
        }
    }
}

fn read_pattern(fields: &mut Fields<'_>, cx: &mut ReadContext) -> Option<Regex> {
    let text = fields.get(&PATTERN, cx)?;
    match Regex::new(&text.text) {
        Ok(pattern) if pattern.captures_len() == 2 => Some(pattern),
        Ok(pattern) => {
            let groups = pattern.captures_len() - 1;
            cx.problem(
                text.span,
                format!("`pattern` needs one capture group, it has {groups}"),
                "put the code in parentheses, as in `code is (\\d{6})`, and other groups in `(?:…)`",
            );
            None
        }
        Err(error) => {
            let reason = error.to_string();
            let reason = reason.lines().last().unwrap_or_default();
            let reason = reason.trim_start_matches("error: ").to_owned();
            let message = "`pattern` is not a regular expression";
            cx.push(Problem::new(text.span, message, reason));
            None
        }
    }
}
