//! Conditions: `expect` and `check`.

use minijinja::Value;

use super::compiled::{Compiled, TemplateError};
use super::context::Context;
use super::node::Node;
use super::problem::Problem;
use super::read::{Read, scalar};
use super::scope::Scope;
use super::secret::{SHOWN, contains_secret, same_as_text, take_secret};
use super::shape::Shape;
use super::tokens;

/// Longest value that an explanation shows, in characters.
const SHOWN_LENGTH: usize = 80;

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
    operator: Operator,
    right: Compiled,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    Different,
    Order,
}

impl Read for Expression {
    const EXPECTED: &'static str = "a condition such as `found.id == sample.id`";

    fn read(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        let text = &scalar(node, Self::EXPECTED, cx)?.text;
        if let Some(at) = text.text.find("{{") {
            let help = "a condition is an expression already: remove the braces";
            cx.push(Problem::inside(
                text,
                at..at + 2,
                "`{{ }}` in a condition",
                help,
            ));
            return None;
        }
        let whole = Compiled::read(text, 0..text.text.len(), cx)?;
        let tokens: Vec<_> = tokens::tokens(whole.source()).collect();
        let comparison = tokens::comparison(&tokens).and_then(|found| {
            Some(Comparison {
                left: whole.side(found.left)?,
                operator: match found.operator {
                    "==" => Operator::Equal,
                    "!=" => Operator::Different,
                    _ => Operator::Order,
                },
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

    /// Names that are defined wherever it holds.
    pub fn assures(&self) -> Vec<String> {
        self.whole.assures()
    }

    /// Whether it holds.
    ///
    /// # Errors
    /// When it names something that is not there, or cannot be computed.
    pub fn holds(&self, scope: &Scope) -> Result<bool, TemplateError> {
        let Some(comparison) = &self.comparison else {
            return self.whole.eval(scope).map(|value| value.is_true());
        };
        let (left, right) = (comparison.left.eval(scope)?, comparison.right.eval(scope)?);
        let same = || same_as_text(&left, &right).unwrap_or_else(|| left == right);
        match comparison.operator {
            Operator::Equal => Ok(same()),
            Operator::Different => Ok(!same()),
            Operator::Order => {
                for (side, value) in [(&comparison.left, &left), (&comparison.right, &right)] {
                    if contains_secret(value) {
                        return Err(TemplateError::Failed {
                            expression: side.source().to_owned(),
                            reason: "secrets can be equal or different, they have no order".into(),
                        });
                    }
                }
                self.whole.eval(scope).map(|value| value.is_true())
            }
        }
    }

    /// What the two sides of a comparison are, for whoever asks why it does
    /// not hold; a side that is a constant is left out. Secrets are shown as
    /// `[secret]`.
    pub fn explain(&self, scope: &Scope) -> Option<String> {
        let Some(comparison) = &self.comparison else {
            let value = self.whole.eval(scope).ok()?;
            return Some(format!("it is {}", shown(&value)));
        };
        let sides: Vec<String> = [&comparison.left, &comparison.right]
            .into_iter()
            .filter(|side| !is_constant(side.source()))
            .map(|side| match side.eval(scope) {
                Ok(value) => format!("`{}` is {}", side.source(), shown(&value)),
                Err(error) => error.to_string(),
            })
            .collect();
        Some(sides.join(" and ")).filter(|text| !text.is_empty())
    }
}

fn is_constant(source: &str) -> bool {
    let tokens: Vec<_> = tokens::tokens(source).collect();
    tokens::references(&tokens).is_empty()
}

/// A value for a message, as JSON, cut when it is long.
fn shown(value: &Value) -> String {
    if take_secret(value).is_some() {
        return SHOWN.to_owned();
    }
    let text = serde_json::to_string(value).unwrap_or_else(|_| value.kind().to_string());
    match text.char_indices().nth(SHOWN_LENGTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
