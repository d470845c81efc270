//! Finds values in results.

use minijinja::Value;
use serde_json_path::{JsonPath, PathElement};

use super::Source;
use crate::steps::http::Answer;

impl Source {
    /// What is there: everything, or the first, when `all` is false. What has a
    /// secret in it is a secret.
    pub(in crate::steps) fn find(&self, result: &Value, all: bool) -> Vec<Value> {
        let most = if all { usize::MAX } else { 1 };
        let Some(answer) = result.downcast_object_ref::<Answer>() else {
            return match self {
                Self::JsonPath(path) => in_value(path, result, most),
                _ => Vec::new(),
            };
        };
        match self {
            Self::JsonPath(path) => answer.at_path(path, most),
            Self::Regex(pattern) => answer.matches(pattern, most),
            Self::Header(name) => answer.header_values(name, all),
            Self::Cookie(name) => answer.cookie(name).into_iter().collect(),
        }
    }
}

/// A document of the same shape tells where the path leads; the values are
/// those of the result, so that secrets stay secrets.
fn in_value(path: &JsonPath, result: &Value, most: usize) -> Vec<Value> {
    let Ok(json) = serde_json::to_value(result) else {
        return Vec::new();
    };
    let found = path.query_located(&json).all().into_iter().take(most);
    let values = found.map(|node| {
        let steps = node.location().iter();
        steps.fold(result.clone(), |value, step| {
            let key = match step {
                PathElement::Name(name) => Value::from(*name),
                PathElement::Index(place) => Value::from(*place),
            };
            value.get_item(&key).unwrap_or_default()
        })
    });
    values.collect()
}

#[cfg(test)]
mod tests {
    use minijinja::{Value, context};
    use serde_json_path::JsonPath;

    use super::in_value;
    use crate::expression::{secret_value, take_secret};

    #[test]
    fn a_secret_in_a_result_stays_one() {
        let result = context! {
            login => "ada",
            token => secret_value("s3cret".into()),
            pairs => vec![context! { n => 1 }, context! { n => 2 }],
        };
        let find = |path: &str, most| in_value(&JsonPath::parse(path).unwrap(), &result, most);
        assert_eq!(find("$.login", 1), [Value::from("ada")]);
        assert!(take_secret(&find("$.token", 1)[0]).is_some());
        assert_eq!(find("$.pairs[*].n", 9), [Value::from(1), Value::from(2)]);
        assert_eq!(find("$.pairs[*].n", 1), [Value::from(1)]);
        assert!(find("$.nothing", 1).is_empty());
    }
}
