//! `x in y`, where `y` may be a secret: nobody can look into that, and minijinja
//! would say that nothing is in it.

use minijinja::Value;

use super::secret::take_secret;
use super::tokens::{Kind, Reference, Token};

/// One `in` of an expression: the places of the paths on its sides, where they
/// are paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Membership {
    /// What is looked for; `None` when it is no path.
    pub(crate) item: Option<usize>,
    /// What it is looked for in.
    pub(crate) container: usize,
}

/// Every `in` whose right side begins with a path. The numbers are those of
/// `references`.
pub(crate) fn memberships(tokens: &[Token<'_>], references: &[Reference<'_>]) -> Vec<Membership> {
    let starts_at = |at: usize| {
        references.iter().position(|reference| {
            let first = reference.words.first();
            first.is_some_and(|(_, range)| range.start == at)
        })
    };
    let ends_at = |at: usize| {
        references.iter().position(|reference| {
            let last = reference.words.last();
            !reference.called && last.is_some_and(|(_, range)| range.end == at)
        })
    };
    let is_in = |token: &Token<'_>| token.kind == Kind::Word && token.text == "in";
    let found = tokens.iter().enumerate().filter(|(_, token)| is_in(token));
    found
        .filter_map(|(place, _)| {
            let mut after = tokens[place + 1..].iter();
            let begin = after.find(|token| !token.is("("))?;
            let mut before = tokens[..place].iter().rev();
            let end = before.find(|token| token.text != "not");
            Some(Membership {
                item: end.and_then(|token| ends_at(token.range.end)),
                container: starts_at(begin.range.start)?,
            })
        })
        .collect()
}

/// Whether nobody can say if something is in the container: that is a secret, or
/// a list with secrets in which something else than a secret is looked for.
pub(crate) fn is_hidden(item: Option<&Value>, container: &Value) -> bool {
    if take_secret(container).is_some() {
        return true;
    }
    if item.is_some_and(|item| take_secret(item).is_some()) {
        return false;
    }
    let items = container.try_iter().into_iter().flatten();
    container.as_str().is_none() && items.into_iter().any(|item| take_secret(&item).is_some())
}

#[cfg(test)]
mod tests {
    use minijinja::Value;

    use super::{Membership, is_hidden, memberships};
    use crate::expression::secret::secret_value;
    use crate::expression::tokens::{Token, references, tokens};

    fn found(source: &str) -> Vec<Membership> {
        let tokens: Vec<Token<'_>> = tokens(source).collect();
        memberships(&tokens, &references(&tokens))
    }

    #[test]
    fn both_sides_are_found_where_they_are_paths() {
        let one = |item, container| vec![Membership { item, container }];
        assert_eq!(found("a.b in c.d"), one(Some(0), 1));
        assert_eq!(found("a.b not in c.d"), one(Some(0), 1));
        assert_eq!(found("'x' not in (c.d|string)"), one(None, 0));
        assert_eq!(found("a in [1, 2]"), []);
        assert_eq!(found("a == b"), []);
    }

    #[test]
    fn a_secret_cannot_be_looked_into() {
        let secret = secret_value("s3cret".into());
        let list = Value::from(vec![secret.clone(), secret_value("other".into())]);
        let text = Value::from("s3");
        assert!(is_hidden(Some(&text), &secret));
        assert!(is_hidden(Some(&text), &list));
        assert!(is_hidden(None, &list));
        // Two secrets can be compared.
        assert!(!is_hidden(Some(&secret), &list));
        assert!(!is_hidden(Some(&text), &Value::from(vec![1, 2])));
        assert!(!is_hidden(Some(&text), &Value::from("s3cret")));
    }
}
