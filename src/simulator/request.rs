//! Reading requests: bodies and queries, with refusals that repeat nothing.

use std::str::FromStr;

use axum::http::Uri;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::Failure;

/// Reads JSON. Bodies hold secrets, so the refusal says where the mistake is
/// and not what stands there.
///
/// # Errors
/// 400
pub(super) fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(body).map_err(|error| {
        let said = error.to_string();
        let mistake = match error.classify() {
            Category::Eof => "the JSON ends too early",
            // The name is one of ours.
            Category::Data => match missing_field(&said) {
                Some(field) => &format!("`{field}` is missing"),
                None => "a value is missing or of the wrong kind",
            },
            Category::Syntax | Category::Io => "not JSON",
        };
        Failure::bad_request(format!(
            "malformed body: {mistake}, line {}, column {}",
            error.line(),
            error.column()
        ))
    })
}

fn missing_field(said: &str) -> Option<&str> {
    said.strip_prefix("missing field `")?.split('`').next()
}

/// A text of the query; `None` when it is not there.
pub(super) fn text(uri: &Uri, name: &str) -> Option<String> {
    let query = uri.query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// All texts of a name in the query, also those in one with commas between.
pub(super) fn texts(uri: &Uri, name: &str) -> Vec<String> {
    let query = uri.query().unwrap_or_default();
    let given = url::form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name);
    let mut texts = Vec::new();
    for (_, value) in given {
        let parts = value
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        texts.extend(parts.map(str::to_owned));
    }
    texts
}

/// Reads a number of the query; `None` when it is not there.
///
/// # Errors
/// 400 when it is something else.
pub(super) fn number<T: FromStr>(uri: &Uri, name: &str) -> Result<Option<T>, Failure> {
    text(uri, name)
        .map(|value| value.parse())
        .transpose()
        .map_err(|_| Failure::bad_request(format!("`{name}` must be a whole number")))
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;

    use super::{json, number};
    use crate::simulator::Failure;

    #[test]
    fn a_refused_body_is_not_repeated() {
        let refusal = json::<u32>(br#""hunter2""#).unwrap_err();
        let shown = format!("{refusal:?}");
        assert!(shown.contains("line 1"), "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");
        assert_eq!(refusal.into_response().status(), 400);
    }

    #[test]
    fn a_number_of_the_query() {
        let uri = "/x?ts=5&wait=70000".parse().unwrap();
        assert_eq!(number::<u64>(&uri, "wait").unwrap(), Some(70_000));
        assert_eq!(number::<u64>(&uri, "after").unwrap(), None);
        let wrong = "/x?wait=soon".parse().unwrap();
        let refusal: Result<Option<u64>, Failure> = number(&wrong, "wait");
        assert!(refusal.is_err());
    }
}
