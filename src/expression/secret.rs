//! Secrets in expressions: they can be compared and passed on, never shown.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, LazyLock};

use minijinja::Value;
use minijinja::value::{DynObject, Object, ObjectRepr, ValueKind};
use secrecy::{ExposeSecret, SecretString};

use crate::shown::{SHOWN, Secrets};

/// How deep a value is searched for secrets; values come from YAML and JSON.
const MAX_DEPTH: usize = 128;

/// Orders secrets by something that tells nothing of them, and differs from
/// run to run.
static ORDER: LazyLock<RandomState> = LazyLock::new(RandomState::new);

struct Secret(SecretString);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SHOWN)
    }
}

impl Object for Secret {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        let other = other.downcast_ref::<Self>()?;
        let (a, b) = (self.0.expose_secret(), other.0.expose_secret());
        if a == b {
            return Some(Ordering::Equal);
        }
        let order = ORDER.hash_one(a).cmp(&ORDER.hash_one(b));
        // Different secrets are never equal, whatever their hashes.
        Some(order.then(Ordering::Less))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SHOWN)
    }
}

/// A value that can be compared with another secret and passed on. Whatever
/// writes it out writes `[secret]`.
pub fn secret_value(secret: SecretString) -> Value {
    Value::from_object(Secret(secret))
}

/// The same value with every text and number in it a secret, each of which goes
/// to `secrets` as well.
pub fn sealed_value(value: &Value, secrets: &mut Vec<SecretString>) -> Value {
    match value.kind() {
        _ if take_secret(value).is_some() => value.clone(),
        ValueKind::String | ValueKind::Number => {
            let secret = SecretString::from(value.to_string());
            secrets.push(secret.clone());
            secret_value(secret)
        }
        ValueKind::Map => {
            let keys = value.try_iter().into_iter().flatten();
            let entries = keys.map(|key| {
                let inside = value.get_item(&key).unwrap_or_default();
                (key, sealed_value(&inside, secrets))
            });
            Value::from_pairs(entries)
        }
        ValueKind::Seq | ValueKind::Iterable => {
            let items = value.try_iter().into_iter().flatten();
            items.map(|item| sealed_value(&item, secrets)).collect()
        }
        _ => value.clone(),
    }
}

/// A value as JSON, with its secrets in it: this is what is sent. They go
/// to `secrets` as well.
///
/// # Errors
/// When there is something in it that JSON has not.
pub fn exposed(
    value: &Value,
    secrets: &mut Vec<SecretString>,
) -> Result<serde_json::Value, serde_json::Error> {
    if !contains_secret(value) {
        return serde_json::to_value(value);
    }
    if let Some(secret) = take_secret(value) {
        let text = secret.expose_secret().to_owned();
        secrets.push(secret);
        return Ok(text.into());
    }
    let items = value.try_iter().into_iter().flatten();
    if value.kind() != ValueKind::Map {
        return items.map(|item| exposed(&item, secrets)).collect();
    }
    let entries = items.map(|key| {
        let inside = value.get_item(&key).unwrap_or_default();
        Ok((key.to_string(), exposed(&inside, secrets)?))
    });
    let entries: Result<serde_json::Map<_, _>, _> = entries.collect();
    entries.map(serde_json::Value::Object)
}

/// The secret that a value is.
pub fn take_secret(value: &Value) -> Option<SecretString> {
    let secret = value.downcast_object_ref::<Secret>()?;
    Some(secret.0.clone())
}

/// True when the value is a secret or has one in it. Such a value must not be
/// sent as data: `[secret]` would be stored.
pub fn contains_secret(value: &Value) -> bool {
    search(value, 0)
}

fn search(value: &Value, depth: usize) -> bool {
    if value.downcast_object_ref::<Secret>().is_some() || depth > MAX_DEPTH {
        return true;
    }
    inside(value).any(|item| search(&item, depth + 1))
}

/// Adds the secrets that a value is or has in it to those that nobody shows.
pub(super) fn tell_secrets(value: &Value, depth: usize, known: &mut Secrets) {
    if let Some(secret) = value.downcast_object_ref::<Secret>() {
        known.add_named(secret.0.expose_secret());
    } else if depth < MAX_DEPTH {
        inside(value).for_each(|item| tell_secrets(&item, depth + 1, known));
    }
}

/// What is in a list or a mapping, one level deep.
fn inside(value: &Value) -> impl Iterator<Item = Value> {
    let holds = matches!(
        value.kind(),
        ValueKind::Map | ValueKind::Seq | ValueKind::Iterable
    );
    let items = holds.then(|| value.try_iter().ok()).flatten();
    let of_map = value.kind() == ValueKind::Map;
    items.into_iter().flatten().map(move |item| {
        // Iterating over a mapping gives its keys.
        let inside = of_map.then(|| value.get_item(&item).unwrap_or_default());
        inside.unwrap_or(item)
    })
}

/// Whether a secret and a text are the same; `None` when the two are not that.
pub(crate) fn same_as_text(a: &Value, b: &Value) -> Option<bool> {
    let (secret, text) = match (take_secret(a), take_secret(b)) {
        (Some(secret), None) => (secret, b.as_str()?),
        (None, Some(secret)) => (secret, a.as_str()?),
        _ => return None,
    };
    Some(secret.expose_secret() == text)
}

#[cfg(test)]
mod tests {
    use minijinja::{Value, context};
    use secrecy::ExposeSecret;

    use super::{contains_secret, exposed, sealed_value, secret_value, take_secret};

    fn secret(text: &str) -> Value {
        secret_value(text.into())
    }

    #[test]
    fn secrets_are_equal_when_they_are_the_same() {
        assert_eq!(secret("a"), secret("a"));
        assert_ne!(secret("a"), secret("b"));
        assert_ne!(secret("a"), Value::from("[secret]"));
    }

    #[test]
    fn a_secret_is_passed_on_whole() {
        let value = context! { token => secret("s3cret") };
        let taken = take_secret(&value.get_attr("token").unwrap()).unwrap();
        assert_eq!(taken.expose_secret(), "s3cret");
        assert!(take_secret(&Value::from("plain")).is_none());
    }

    #[test]
    fn a_secret_is_found_however_deep_it_is() {
        let deep = context! { a => vec![context! { b => secret("x") }] };
        assert!(contains_secret(&deep));
        assert!(!contains_secret(
            &context! { a => vec![context! { b => "x" }] }
        ));
    }

    #[test]
    fn a_value_is_sealed_with_all_that_is_in_it() {
        let value = context! { id => 7, texts => vec!["s3cret"], none => () };
        let mut secrets = Vec::new();
        let sealed = sealed_value(&value, &mut secrets);
        assert_eq!(secrets.len(), 2);
        assert_eq!(
            serde_json::to_string(&sealed).unwrap(),
            r#"{"id":"[secret]","texts":["[secret]"],"none":null}"#
        );
    }

    #[test]
    fn no_way_of_writing_a_value_shows_the_secret() {
        let value = context! { token => secret("s3cret"), list => vec![secret("s3cret")] };
        for text in [
            value.to_string(),
            format!("{value:?}"),
            serde_json::to_string(&value).unwrap(),
            secret("s3cret").to_string(),
        ] {
            assert!(
                !text.contains("s3cret") && text.contains("[secret]"),
                "{text}"
            );
        }
    }

    #[test]
    fn secrets_are_sent_and_remembered() {
        let secret = || secret("s3cret");
        let value = context! { a => vec![secret(), Value::from(1)], b => context! { c => secret() }, d => () };
        let mut secrets = Vec::new();
        let json = exposed(&value, &mut secrets).unwrap();
        assert_eq!(
            json.to_string(),
            r#"{"a":["s3cret",1],"b":{"c":"s3cret"},"d":null}"#
        );
        assert_eq!(secrets.len(), 2);
    }
}
