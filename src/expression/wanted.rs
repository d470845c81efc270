//! What an argument takes, held against what is known of its expressions.

use super::compiled::Compiled;
use super::names::Names;
use super::types::Type;
use crate::language::problem::{Problem, Problems};
use crate::language::source::Span;

/// What an argument takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A text, which numbers and booleans are, too.
    Text,
    /// A text, or a list of them.
    Ids,
    /// A number.
    Number,
    /// A whole number.
    Whole,
    /// A number or text of digits.
    Date,
    /// `true` or `false`.
    Bool,
    /// A mapping.
    Mapping,
    /// A list.
    List,
}

/// Most values of a mapping that are offered.
const OFFERED: usize = 6;

impl Wanted {
    /// Whether it may be something of this type.
    pub fn takes(self, of: &Type) -> bool {
        if matches!(of, Type::Any | Type::Null) {
            return true;
        }
        let one = matches!(of, Type::Bool | Type::Number | Type::Text | Type::Secret);
        match self {
            Self::Text => one,
            Self::Ids => match of {
                Type::List(item) => Self::Text.takes(item),
                _ => one,
            },
            Self::Number | Self::Whole => *of == Type::Number,
            Self::Date => matches!(of, Type::Number | Type::Text),
            Self::Bool => *of == Type::Bool,
            Self::Mapping => matches!(of, Type::Record(_) | Type::Entries(_)),
            Self::List => matches!(of, Type::List(_)),
        }
    }

    /// It, in words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Ids => "an id or a list of ids",
            Self::Number => "a number",
            Self::Whole => "a whole number",
            Self::Date => "a date",
            Self::Bool => "`true` or `false`",
            Self::Mapping => "a mapping",
            Self::List => "a list",
        }
    }

    /// What to write in place of an expression of this type.
    fn help(self, source: &str, of: &Type) -> String {
        match (self, of) {
            (Self::Text | Self::Ids, Type::Record(fields)) => {
                let texts = fields.iter().filter(|(_, of)| *of == Type::Text);
                let names: Vec<&str> = texts.map(|(name, _)| &**name).collect();
                if names.contains(&"id") {
                    return format!("write `{{{{ {source}.id }}}}`");
                }
                let offered = names.iter().take(OFFERED);
                let offered = offered.map(|name| format!("`{{{{ {source}.{name} }}}}`"));
                let offered: Vec<String> = offered.collect();
                match offered.as_slice() {
                    [] => String::new(),
                    [only] => format!("write {only}"),
                    all => format!("write one of its values: {}", all.join(", ")),
                }
            }
            (Self::Ids, Type::List(item)) if item.has("id", &Type::Text) => format!(
                "write those of all, `{{{{ {source}|map(attribute=\"id\")|list }}}}`, or that of one, `{{{{ {source}[0].id }}}}`"
            ),
            (Self::Text, Type::List(item)) if item.has("id", &Type::Text) => {
                format!("take one of it: `{{{{ {source}[0].id }}}}`")
            }
            (Self::Text, Type::List(_)) => {
                format!("join it: `{{{{ {source}|join(\", \") }}}}`")
            }
            (Self::Number, Type::Text) => format!("write `{{{{ {source}|float }}}}`"),
            (Self::Whole, Type::Text) => format!("write `{{{{ {source}|int }}}}`"),
            (Self::Bool, Type::Text | Type::Number) => format!("write `{{{{ {source}|bool }}}}`"),
            _ => String::new(),
        }
    }

    /// Says of an expression in a text that it gives something else. True when it
    /// may be right.
    pub(super) fn check(
        self,
        at: Span,
        expression: &Compiled,
        (names, problems): (&Names, &mut Problems),
    ) -> bool {
        let (source, of) = (expression.source(), expression.of());
        if self.takes(of) {
            return true;
        }
        let what = whole_result(source, of, names);
        let what = what.unwrap_or_else(|| found(of).to_owned());
        let message = format!("`{source}` is {what}, not {}", self.name());
        let problem = Problem::new(at, message, self.help(source, of));
        // The command line may give a variable another value.
        let root = source
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .next();
        if root.is_some_and(|root| names.visible.is_settable(root)) {
            problems.warn(problem);
            return true;
        }
        problems.push(problem);
        false
    }
}

/// The step whose whole result this is, in words.
fn whole_result(source: &str, of: &Type, names: &Names) -> Option<String> {
    let mut sites = names
        .visible
        .sites
        .iter()
        .filter(|site| site.name == source);
    let site = sites.next().filter(|site| !site.part)?;
    match of {
        Type::List(_) => Some(format!("the list of the results of `{}`", site.kind)),
        _ => Some(format!("the whole result of `{}`", site.kind)),
    }
}

fn found(of: &Type) -> &'static str {
    match of {
        Type::Any | Type::Null => "nothing",
        Type::Bool => "a boolean",
        Type::Number => "a number",
        Type::Text => "a text",
        Type::Secret => "a secret",
        Type::List(_) => "a list",
        Type::Record(_) | Type::Entries(_) => "a mapping",
    }
}
