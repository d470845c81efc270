//! The short way to the value of what most expressions are: a path, or one
//! comparison of a path with a constant or another path. It gives a value only
//! where there is nothing to explain; else minijinja is asked, and says why.

use minijinja::Value;
use minijinja::machinery::ast::Expr;

use super::compare::{Kind, Operator};
use super::scope::Scope;
use super::tree;

/// An expression that needs no machine.
pub(crate) enum Direct {
    Side(Side),
    Comparison(Operator, Side, Side),
}

/// What can be compared.
pub(crate) enum Side {
    Constant(Value),
    Path(Vec<String>),
}

impl Direct {
    /// `None` for everything else.
    pub(crate) fn of(expression: &Expr<'_>) -> Option<Self> {
        let (operator, left, right) = match expression {
            Expr::BinOp(it) => (tree::comparing(it.op)?, &it.left, &it.right),
            Expr::Compare(it) => match it.ops.as_slice() {
                [only] => match tree::link(only.op) {
                    (operator, false) => (operator, &it.expr, &only.expr),
                    _ => return None,
                },
                _ => return None,
            },
            _ => return Side::of(expression).map(Self::Side),
        };
        if operator == Operator::In {
            return None;
        }
        Some(Self::Comparison(
            operator,
            Side::of(left)?,
            Side::of(right)?,
        ))
    }

    /// The value, unless there is something to look at closely.
    pub(crate) fn value(&self, scope: &Scope) -> Option<Value> {
        match self {
            Self::Side(side) => side.value(scope),
            Self::Comparison(operator, left, right) => {
                let (left, right) = (left.value(scope)?, right.value(scope)?);
                let alike = match Kind::of(&left) {
                    kind @ (Kind::Number | Kind::Text) => kind == Kind::of(&right),
                    Kind::Bool => operator.is_equality() && Kind::of(&right) == Kind::Bool,
                    _ => false,
                };
                alike.then(|| Value::from(operator.holds(&left, &right)))
            }
        }
    }
}

impl Side {
    fn of(expression: &Expr<'_>) -> Option<Self> {
        match expression {
            Expr::Const(it) => Some(Self::Constant(it.value.clone())),
            Expr::Var(it) => Some(Self::Path(vec![it.id.to_owned()])),
            Expr::GetAttr(it) => match Self::of(&it.expr)? {
                Self::Path(mut path) => {
                    path.push(it.name.to_owned());
                    Some(Self::Path(path))
                }
                Self::Constant(_) => None,
            },
            _ => None,
        }
    }

    fn value(&self, scope: &Scope) -> Option<Value> {
        match self {
            Self::Constant(value) => Some(value.clone()),
            Self::Path(path) => {
                let (root, members) = path.split_first()?;
                let mut value = scope.variable(root)?;
                for member in members {
                    value = value.get_attr(member).ok()?;
                }
                (!value.is_undefined()).then_some(value)
            }
        }
    }
}
