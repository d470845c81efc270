//! Memory that held secrets, wiped when it is given back.
//!
//! Tokens and keys have types of their own that do this
//! (`secrecy::SecretString`, [`AesKey`](crate::crypto::AesKey),
//! [`KeyPair`](crate::crypto::KeyPair)). What is here is for the forms in which
//! they travel: JSON, and what is handed over to the HTTP library.

use reqwest::header::HeaderValue;
use serde_json::Value;
use zeroize::{Zeroize, Zeroizing};

/// JSON that may hold secrets.
pub(crate) struct WipedJson(pub(crate) Value);

impl Drop for WipedJson {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Object(entries) => entries.values_mut().for_each(wipe),
        _ => {}
    }
}

/// Bytes that may hold secrets, in the form that the HTTP library takes.
pub(crate) fn wiped_bytes(bytes: Zeroizing<Vec<u8>>) -> bytes::Bytes {
    bytes::Bytes::from_owner(bytes)
}

/// The value of a header that is a secret: not shown, and wiped; `None` when it
/// has bytes that no header can have.
pub(crate) fn secret_header(text: &str) -> Option<HeaderValue> {
    let bytes = wiped_bytes(Zeroizing::new(text.as_bytes().to_vec()));
    let mut value = HeaderValue::from_maybe_shared(bytes).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{secret_header, wipe};

    #[test]
    fn every_text_of_a_document_is_wiped() {
        let mut value = json!({"a": "s3cret", "b": [1, "s3cret", {"c": "s3cret"}], "d": null});
        wipe(&mut value);
        assert_eq!(value, json!({"a": "", "b": [1, "", {"c": ""}], "d": null}));
    }

    #[test]
    fn a_secret_header_is_sent_and_not_shown() {
        let value = secret_header("Bearer s3cret").unwrap();
        assert_eq!(value, "Bearer s3cret");
        assert!(!format!("{value:?}").contains("s3cret"));
        assert!(secret_header("two\nlines").is_none());
    }
}
