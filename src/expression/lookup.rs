//! Looks a name up that an expression uses, and says what is wrong with it.

use std::ops::Range;

use super::built_ins::{FUNCTIONS, ROUND, VARIABLES};
use super::names::Names;
use super::scope::target_type;
use super::types::Type;
use crate::language::names::suggestion;
use crate::language::node::Text;
use crate::language::problem::{Problem, Problems};

impl Names {
    /// Checks that there is such a variable at this point. It may be undefined
    /// where the expression asks for that.
    pub(crate) fn look_up(
        &mut self,
        name: &str,
        (text, at): (&Text, Range<usize>),
        asks: bool,
        problems: &mut Problems,
    ) {
        self.note_use(name);
        let captured = self.visible.captures.always(name);
        if !asks && captured == Some(false) {
            let message = format!("`{name}` is not defined in every iteration");
            let help = "its step is not always played: ask with `is defined`, \
                        or give another value with `default`";
            let warning = Problem::new(text.part(at.clone()), message, help);
            problems.warn(warning.of("maybe-undefined"));
        }
        let is_there = captured.is_some()
            || self.visible.has_variable(name)
            || self.visible.built_ins.contains(&name)
            || FUNCTIONS.contains(&name)
            || (self.visible.rounds && name == ROUND);
        if is_there {
            return;
        }
        let span = text.part(at.clone());
        if problems.are_too_many() {
            // Nobody will see what was meant.
            return problems.problem(span, "", "");
        }
        let problem = if name == ROUND {
            let help = "it counts the plays of a step with `repeat`, in its arguments and \
                        conditions, and the passes of the blocks `repeat` and `while`";
            Problem::new(span, "there is no `round` here", help)
        } else if VARIABLES.contains(&name) {
            Problem::new(
                span,
                format!("there is no `{name}` here"),
                "this is read once, before any user starts",
            )
        } else if let Some(why) = self.out_of_reach(name, text) {
            let Some((message, help)) = why.words() else {
                // Its step is wrong and was reported.
                return;
            };
            Problem::new(span, format!("`{name}` {message}"), help)
        } else if self.feeders.contains(name) {
            let message = format!("`{name}` is a feeder, and there is no row of it here");
            let help = format!("a scenario says which rows its iterations have:\n  feed: {name}");
            Problem::new(span, message, help)
        } else {
            let help = self.of_the_result(name, text, at);
            let help = help.or_else(|| suggestion(name, &self.known()));
            let help = help.unwrap_or_default();
            Problem::new(span, format!("unknown variable `{name}`"), help)
                .labelled("no such variable here")
        };
        problems.push(problem.of("undefined"));
    }

    /// What is known of a variable that can be used here.
    pub(crate) fn type_of(&self, name: &str) -> Type {
        match (self.visible.of(name), name) {
            (Some(known), _) => known.clone(),
            (None, "vu" | "iteration" | ROUND) => Type::Number,
            (None, "scenario") => Type::Text,
            (None, "run") => Type::record([("seed", Type::Number)]),
            (None, "env") => Type::Text.entries(),
            (None, "target") => target_type(),
            _ => Type::Any,
        }
    }

    /// How a part of the step's result is written, where its name alone stands in
    /// a condition.
    fn of_the_result(&self, name: &str, text: &Text, at: Range<usize>) -> Option<String> {
        let (result, of) = self.result.as_ref()?;
        let Type::Record(fields) = of else {
            return None;
        };
        let mut fields = fields.iter();
        fields.find(|(field, _)| *field == name)?;
        let whole = |result: &str| {
            let (before, after) = (text.text.get(..at.start)?, text.text.get(at.start..)?);
            Some(format!("{before}{result}.{after}"))
        };
        Some(match result {
            Some(result) => format!("`{name}` is of the step's result: `{}`", whole(result)?),
            None => format!(
                "`{name}` is of the step's result, which has no name yet: add `as: answer` beside \
                 the step, and write `{}`",
                whole("answer")?
            ),
        })
    }

    /// Every name that is there.
    fn known(&self) -> Vec<&str> {
        let built_in = self.visible.built_ins.iter().copied();
        let round = self.visible.rounds.then_some(ROUND);
        let functions = FUNCTIONS.iter().copied();
        let names = self.visible.names();
        names
            .chain(built_in)
            .chain(round)
            .chain(functions)
            .collect()
    }

    /// Why a capture of this name cannot be seen from here, if there is one.
    fn out_of_reach(&self, name: &str, text: &Text) -> Option<OutOfReach> {
        let here = text.span.start;
        let mut sites = self.visible.sites.iter();
        let Some(site) = sites.find(|site| site.name == name) else {
            let place = self.elsewhere.get(name)?;
            return self
                .is_outermost()
                .then(|| OutOfReach::Elsewhere(place.clone()));
        };
        Some(if (site.step.start..site.step.end).contains(&here) {
            OutOfReach::Here
        } else if here < site.step.start {
            OutOfReach::Later
        } else if self.visible.ever_captured.iter().any(|known| known == name) {
            OutOfReach::Branch
        } else {
            OutOfReach::Unread
        })
    }
}

/// Why a capture cannot be seen.
enum OutOfReach {
    /// It is the step's own.
    Here,
    /// Of a step that comes later.
    Later,
    /// Of another branch.
    Branch,
    /// Of a step that could not be read.
    Unread,
    /// Of steps that are somewhere else, in words.
    Elsewhere(String),
}

impl OutOfReach {
    /// What comes after the name, and the help.
    fn words(self) -> Option<(String, &'static str)> {
        let (message, help) = match self {
            Self::Here => (
                "is the result of this same step",
                "arguments are made before the step is played; conditions come after it",
            ),
            Self::Later => (
                "is captured by a later step",
                "a capture is there once its step has been played: move this below it",
            ),
            Self::Branch => (
                "is captured in another branch",
                "one branch does not see what another one captures: use it after the block",
            ),
            Self::Unread => return None,
            Self::Elsewhere(place) => {
                return Some((
                    format!("is captured {place}"),
                    "captures are a scenario's own; `vars` and what `setup` captures are common to all",
                ));
            }
        };
        Some((message.to_owned(), help))
    }
}
