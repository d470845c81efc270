//! What a result has, for whoever did not find something in it. Names only:
//! values may be anything.

use minijinja::Value;
use minijinja::value::ValueKind;

use super::Source;
use crate::expression::{contains_secret, take_secret};
use crate::steps::http::Answer;

/// How many names are told.
const MOST: usize = 10;

/// Why there is no value, in words.
pub(super) fn reason(source: &Source, result: &Value) -> String {
    let answer = result.downcast_object_ref::<Answer>();
    match (source, answer) {
        (Source::JsonPath(path), Some(answer)) => match answer.json() {
            Some(json) => {
                // A name may repeat a secret that the request carried.
                let shape = answer.cut(&shape(&json));
                format!("nothing at `{path}`: the answer is {shape}")
            }
            None => format!("nothing at `{path}`: {}", answer.described()),
        },
        (Source::JsonPath(path), None) => {
            format!("nothing at `{path}`: the result is {}", shape(result))
        }
        (Source::Regex(pattern), Some(answer)) => {
            format!("`{pattern}` matches nothing: {}", answer.described())
        }
        (Source::Header(name), Some(answer)) => {
            let names = answer.header_names();
            format!("no header `{name}`: the answer has {}", listed(&names))
        }
        (Source::Cookie(name), Some(answer)) => {
            let names = answer.cookie_names();
            format!("no cookie `{name}`: the answer sets {}", listed(&names))
        }
        // The checker lets none through.
        (_, None) => "the result is no answer to `http`".to_owned(),
    }
}

/// What a value is, and the names that it has.
fn shape(value: &Value) -> String {
    let length = value.len().unwrap_or_default();
    match value.kind() {
        ValueKind::Map => {
            let names = value.try_iter().into_iter().flatten();
            let names: Vec<String> = names.map(|name| name.to_string()).collect();
            format!("a mapping with {}", listed(&names))
        }
        ValueKind::Seq | ValueKind::Iterable if length == 0 => "an empty list".to_owned(),
        ValueKind::Seq | ValueKind::Iterable => format!("a list of {length}"),
        _ if take_secret(value).is_some() || contains_secret(value) => "a secret".to_owned(),
        ValueKind::None => "null".to_owned(),
        ValueKind::String => "a text".to_owned(),
        other => format!("a {other}"),
    }
}

fn listed(names: &[String]) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    let told: Vec<String> = names
        .iter()
        .take(MOST)
        .map(|name| format!("`{name}`"))
        .collect();
    match names.len().saturating_sub(MOST) {
        0 => told.join(", "),
        more => format!("{} and {more} more", told.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use minijinja::{Value, context};

    use super::{listed, shape};

    #[test]
    fn a_value_is_told_by_its_names_alone() {
        let value = context! { id => "hidden", rows => vec![1] };
        assert_eq!(shape(&value), "a mapping with `id`, `rows`");
        assert_eq!(shape(&Value::from(vec![1, 2])), "a list of 2");
        assert_eq!(shape(&Value::from("hidden")), "a text");
        assert_eq!(shape(&context! {}), "a mapping with none");
        let many: Vec<String> = (0..12).map(|n| n.to_string()).collect();
        assert!(listed(&many).ends_with("`9` and 2 more"));
    }
}
