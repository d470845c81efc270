//! Mappings as values of expressions, in the order in which they were made.

use minijinja::Value;
use minijinja::value::Serde;
use serde::{Serialize, Serializer};

/// Secrets in it stay secrets: minijinja serialises a value into itself.
struct Entries<'a>(&'a [(String, Value)]);

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

/// A mapping with these entries.
pub fn mapping(entries: &[(String, Value)]) -> Value {
    Value::from(Serde(Entries(entries)))
}

#[cfg(test)]
mod tests {
    use minijinja::Value;
    use secrecy::ExposeSecret;

    use super::mapping;
    use crate::expression::secret::{secret_value, take_secret};

    #[test]
    fn order_and_secrets_are_kept() {
        let entries = [
            ("z".to_owned(), Value::from(1)),
            ("a".to_owned(), secret_value("s3cret".into())),
        ];
        let value = mapping(&entries);
        let keys: Vec<String> = value
            .try_iter()
            .unwrap()
            .map(|key| key.to_string())
            .collect();
        assert_eq!(keys, ["z", "a"]);
        let secret = take_secret(&value.get_attr("a").unwrap()).unwrap();
        assert_eq!(secret.expose_secret(), "s3cret");
    }
}
