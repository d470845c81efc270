//! What a service says, encrypted.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::Effort;
use super::error::CryptoFault;
use crate::crypto::AesKey;
use crate::wire::Service;

/// The content of a service. `encryptedSelf` holds `{"content": …}`, the older
/// `encryptedContent` the content alone; without either, what is encrypted are
/// the parts that the content is made of.
///
/// # Errors
/// When the key does not open it.
pub(super) fn open(
    effort: Effort<'_>,
    key: &AesKey,
    service: &Service,
) -> Result<Map<String, Value>, CryptoFault> {
    let (sealed, wrapped) = match (&service.encrypted_self, &service.encrypted_content) {
        (Some(sealed), _) => (sealed, true),
        (None, Some(sealed)) => (sealed, false),
        (None, None) => return open_parts(effort, key, service.content.clone()),
    };
    let sealed = STANDARD
        .decode(sealed)
        .map_err(|_| CryptoFault::Malformed("base64"))?;
    let plain = effort.decrypt(key, &sealed)?;
    let mut json: Map<String, Value> =
        serde_json::from_slice(&plain).map_err(|_| CryptoFault::Malformed("a JSON object"))?;
    if !wrapped {
        return Ok(json);
    }
    match json.remove("content") {
        Some(Value::Object(content)) => Ok(content),
        _ => Err(CryptoFault::Malformed("an object with `content`")),
    }
}

/// Opens the services that stand in `compoundValue`: `encryptServices` of the
/// clients goes into content that is made of nothing else, and encrypts them one
/// by one.
fn open_parts(
    effort: Effort<'_>,
    key: &AesKey,
    mut content: Map<String, Value>,
) -> Result<Map<String, Value>, CryptoFault> {
    let lists = content
        .values_mut()
        .filter_map(|value| value.get_mut("compoundValue")?.as_array_mut());
    for part in lists.flatten() {
        let service =
            Service::deserialize(&*part).map_err(|_| CryptoFault::Malformed("a service"))?;
        let opened = open(effort, key, &service)?;
        if let Some(fields) = part.as_object_mut() {
            fields.remove("encryptedSelf");
            fields.remove("encryptedContent");
            fields.insert("content".to_owned(), Value::Object(opened));
        }
    }
    Ok(content)
}
