//! What a service says, encrypted.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::MeteredCrypto;
use super::entity::open_json;
use super::error::CryptoFault;
use crate::crypto::AesKey;
use crate::wire::{OtherFields, Service};

/// What was encrypted in a service.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Clear {
    /// Content by language.
    pub(super) content: Map<String, Value>,
    /// Cardinal encrypts the comment too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) comment: Option<String>,
    /// Whatever else was encrypted.
    #[serde(flatten)]
    other: OtherFields,
}

impl From<Map<String, Value>> for Clear {
    fn from(content: Map<String, Value>) -> Self {
        Self {
            content,
            ..Self::default()
        }
    }
}

/// The content of a service. `encryptedSelf` holds `{"content": …}`, the older
/// `encryptedContent` the content alone; without either, what is encrypted are
/// the parts that the content is made of.
///
/// # Errors
/// When the key does not open it.
pub(super) fn open(
    crypto: MeteredCrypto<'_>,
    key: &AesKey,
    service: &Service,
) -> Result<Clear, CryptoFault> {
    let (sealed, wrapped) = match (&service.encrypted_self, &service.encrypted_content) {
        (Some(sealed), _) => (sealed, true),
        (None, Some(sealed)) => (sealed, false),
        (None, None) => {
            return open_parts(crypto, key, service.content.clone()).map(Clear::from);
        }
    };
    let json = open_json(crypto, key, sealed)?;
    if !wrapped {
        return Ok(Clear::from(json));
    }
    if !json.get("content").is_some_and(Value::is_object) {
        return Err(CryptoFault::Malformed("an object with `content`"));
    }
    Clear::deserialize(json).map_err(|_| CryptoFault::Malformed("a `comment` that is a text"))
}

/// Opens the services that stand in `compoundValue`: `encryptServices` of the
/// clients goes into content that is made of nothing else, and encrypts them one
/// by one.
fn open_parts(
    crypto: MeteredCrypto<'_>,
    key: &AesKey,
    mut content: Map<String, Value>,
) -> Result<Map<String, Value>, CryptoFault> {
    let lists = content
        .values_mut()
        .filter_map(|value| value.get_mut("compoundValue")?.as_array_mut());
    for part in lists.flatten() {
        let service =
            Service::deserialize(&*part).map_err(|_| CryptoFault::Malformed("a service"))?;
        let opened = open(crypto, key, &service)?;
        if let Some(fields) = part.as_object_mut() {
            fields.remove("encryptedSelf");
            fields.remove("encryptedContent");
            fields.insert("content".to_owned(), Value::Object(opened.content));
            if let Some(comment) = opened.comment {
                fields.insert("comment".to_owned(), comment.into());
            }
        }
    }
    Ok(content)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::open;
    use crate::clock::Clock;
    use crate::crypto::{AesKey, ClientCrypto};
    use crate::icure::{MeteredCrypto, seal_json};
    use crate::metrics::{Meter, Recorder, StepContext, Tags, Trace};
    use crate::wire::Service;

    /// The content of a service as it was given, and what is opened of it.
    fn opened(service: impl Fn(&str) -> Value) -> Option<Value> {
        let (meter, trace) = (Meter::new(Recorder::new(), Tags::new()), Trace::default());
        let clock = Clock::real();
        let client = ClientCrypto::default();
        let crypto = MeteredCrypto::new(&client, StepContext::bare(&meter, &trace, &clock));
        let key = AesKey::generate(client.backend());
        let clear = json!({"content": {"en": {"stringValue": "Hello"}}});
        let sealed = seal_json(crypto, &key, &clear).unwrap();
        let service: Service = serde_json::from_value(service(&sealed)).unwrap();
        let opened = open(crypto, &key, &service).ok()?;
        Some(Value::Object(opened.content))
    }

    #[test]
    fn a_service_is_opened() {
        let content = opened(|sealed| json!({"id": "s", "encryptedSelf": sealed}));
        assert_eq!(content, Some(json!({"en": {"stringValue": "Hello"}})));
    }

    #[test]
    fn the_parts_of_a_service_are_opened_where_they_stand() {
        let content = opened(|sealed| {
            let part = json!({"id": "p", "index": 1, "encryptedSelf": sealed});
            let nested = json!({"id": "n", "content": {"en": {"compoundValue": [part]}}});
            json!({"id": "s", "content": {"en": {"compoundValue": [nested]}}})
        });
        let part = json!({"id": "p", "index": 1, "content": {"en": {"stringValue": "Hello"}}});
        let nested = json!({"id": "n", "content": {"en": {"compoundValue": [part]}}});
        assert_eq!(content, Some(json!({"en": {"compoundValue": [nested]}})));
    }

    #[test]
    fn a_part_that_does_not_open_fails_the_whole() {
        let part = json!({"id": "p", "encryptedSelf": "AAAA"});
        let service = json!({"id": "s", "content": {"en": {"compoundValue": [part, 1]}}});
        assert_eq!(opened(|_| service.clone()), None);
    }
}
