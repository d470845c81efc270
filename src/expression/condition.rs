//! Conditions: `expect` and `check`.

use minijinja::Value;

use super::compare::shown;
use super::compiled::{Compiled, TemplateError};
use super::names::Naming;
use super::scope::Scope;
use super::tokens;
use crate::language::node::Node;
use crate::language::problem::Problem;
use crate::language::read::{Read, scalar};
use crate::language::shape::Shape;
use crate::shown::{SHOWN, may_lead_to_secret};

/// A condition, compiled once.
#[derive(Debug)]
pub struct Expression {
    whole: Compiled,
    comparison: Option<Comparison>,
}

/// Both sides of a comparison, to tell them when it does not hold.
#[derive(Debug)]
struct Comparison {
    left: Compiled,
    right: Compiled,
}

impl<C: Naming> Read<C> for Expression {
    const EXPECTED: &'static str = "a condition such as `found.id == sample.id`";

    fn read(node: &Node, cx: &mut C) -> Option<Self> {
        let text = &scalar::<Self, C>(node, cx)?.text;
        if let Some(at) = text.text.find("{{") {
            let help = format!(
                "a condition is an expression already, without braces:\n  {}",
                without_braces(&text.text)
            );
            cx.problems().push(Problem::inside(
                text,
                at..at + 2,
                "`{{ }}` in a condition",
                help,
            ));
            return None;
        }
        let whole = Compiled::read(text, 0..text.text.len(), cx.naming())?;
        let tokens: Vec<_> = tokens::tokens(whole.source()).collect();
        let comparison = tokens::comparison(&tokens).and_then(|found| {
            Some(Comparison {
                left: whole.side(found.left)?,
                right: whole.side(found.right)?,
            })
        });
        Some(Self { whole, comparison })
    }

    fn shape() -> Shape {
        Shape::Condition
    }
}

impl Expression {
    /// The condition as written.
    pub fn source(&self) -> &str {
        self.whole.source()
    }

    /// Whether it names nothing, so that it always gives the same.
    pub fn is_constant(&self) -> bool {
        is_constant(self.source())
    }

    /// Names that are defined wherever it holds.
    pub fn assures(&self) -> Vec<String> {
        self.whole.assures()
    }

    /// Whether it holds.
    ///
    /// # Errors
    /// When it names something that is not there, compares what cannot be
    /// compared, or cannot be computed.
    pub fn holds(&self, scope: &Scope) -> Result<bool, TemplateError> {
        self.whole.eval(scope).map(|value| value.is_true())
    }

    /// What the two sides of a comparison are, for whoever asks why it does
    /// not hold; a side that is a constant is left out. Secrets are shown as
    /// `[secret]`, those too that `cut` knows.
    pub fn explain(&self, scope: &Scope, cut: &dyn Fn(&str) -> String) -> Option<String> {
        let seen = |of: &Compiled, value: &Value| {
            if is_plain(value) || !may_lead_to_secret(of.source()) {
                shown(value, cut)
            } else {
                SHOWN.to_owned()
            }
        };
        let Some(comparison) = &self.comparison else {
            let value = self.whole.eval(scope).ok()?;
            return Some(format!("it is {}", seen(&self.whole, &value)));
        };
        let sides: Vec<String> = [&comparison.left, &comparison.right]
            .into_iter()
            .filter(|side| !is_constant(side.source()))
            .map(|side| match side.eval(scope) {
                Ok(value) => format!("`{}` is {}", side.source(), seen(side, &value)),
                Err(error) => cut(&error.to_string()),
            })
            .collect();
        Some(sides.join(" and ")).filter(|text| !text.is_empty())
    }
}

/// A condition without the braces of templates, and without the quotes of texts
/// that are nothing but one.
fn without_braces(text: &str) -> String {
    let mut rest = text;
    let mut out = String::new();
    while let Some((before, (inside, after))) = rest
        .split_once("{{")
        .and_then(|(before, after)| Some((before, after.split_once("}}")?)))
    {
        let quote = ['"', '\'']
            .into_iter()
            .find(|quote| before.ends_with(*quote) && after.starts_with(*quote));
        let end = before.len() - usize::from(quote.is_some());
        out.push_str(&before[..end]);
        out.push_str(inside.trim_matches(['-', ' ']));
        rest = &after[usize::from(quote.is_some())..];
    }
    out + rest
}

/// Whether a value is of those that tell nothing of a secret.
pub(super) fn is_plain(value: &Value) -> bool {
    use minijinja::value::ValueKind::{Bool, None, Undefined};
    matches!(value.kind(), Bool | None | Undefined)
}

fn is_constant(source: &str) -> bool {
    let tokens: Vec<_> = tokens::tokens(source).collect();
    tokens::references(&tokens).is_empty()
}
