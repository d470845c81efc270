//! Data samples ("services"), which stand in contacts.

use std::collections::HashSet;

use serde_json::Value;

use super::kind::Kind;
use crate::simulator::Failure;
use crate::simulator::auth::Caller;
use crate::simulator::document::{Document, Head};
use crate::simulator::store::{PartRow, Query, Table, Tables};

/// What a service read on its own has from its contact.
const INHERITED: [&str; 5] = [
    "secretForeignKeys",
    "cryptedForeignKeys",
    "delegations",
    "encryptionKeys",
    "securityMetadata",
];

/// What a query finds of the data samples that the caller may read, in order
/// of creation. One that stands in several contacts is found once.
pub(in crate::simulator) fn found_services(
    tables: &Tables,
    contacts: &Kind,
    query: Query,
    caller: &Caller,
) -> Vec<u32> {
    let shelf = tables.shelf(Table::Contacts);
    let mut found = shelf.find_parts(&Query::Every(vec![contacts.readable(caller), query]));
    shelf.parts().retain_one_of_each(&mut found);
    found
}

/// A data sample with what opens it: of one that stands in several contacts,
/// the newest that the caller may read.
///
/// # Errors
/// 404, 403
pub(in crate::simulator) fn read_service(
    tables: &Tables,
    contacts: &Kind,
    id: &str,
    caller: &Caller,
) -> Result<Document, Failure> {
    let shelf = tables.shelf(Table::Contacts);
    let contact = |row: u32| shelf.row(row).map(|row| &row.value);
    let may_read = |part: &PartRow| {
        let bytes = contact(part.parent);
        let head = bytes.and_then(|bytes| serde_json::from_slice::<Head>(bytes).ok());
        head.is_some_and(|head| contacts.may_read(&head, caller))
    };
    if let Some(part) = shelf.parts().newest(id, may_read)
        && let Some(contact) = contact(part.parent)
    {
        return extract(contact, part.place as usize);
    }
    Err(match shelf.parts().newest(id, |_| true) {
        Some(_) => Failure::forbidden("the contact is not shared with you"),
        None => Failure::not_found("there is no such service"),
    })
}

/// Ids of the services of a contact that is stored.
pub(in crate::simulator) fn services_of(contact: &[u8]) -> Vec<String> {
    let contact = Document::stored(contact);
    let ids = contact.and_then(|contact| service_ids(&contact));
    ids.unwrap_or_default()
}

/// Takes a service out of its contact.
fn extract(contact: &[u8], place: usize) -> Result<Document, Failure> {
    let mut contact = Document::stored(contact)?;
    let service = match contact.take("services") {
        Some(Value::Array(mut services)) if place < services.len() => services.swap_remove(place),
        _ => Value::Null,
    };
    let Value::Object(service) = service else {
        return Err(Failure::internal("the index of services is damaged"));
    };
    let mut service = Document::from(service);
    if let Some(id) = contact.take("id") {
        service.set("contactId", id);
    }
    for field in INHERITED {
        if let Some(value) = contact.take(field) {
            service.set(field, value);
        }
    }
    Ok(service)
}

/// Checks the services of a contact, which must be encrypted.
///
/// # Errors
/// 400, 409
pub(super) fn check(contact: &Document) -> Result<(), Failure> {
    service_ids(contact).map(|_| ())
}

/// The ids of a contact's services.
///
/// # Errors
/// As [`check`].
fn service_ids(contact: &Document) -> Result<Vec<String>, Failure> {
    let services = match contact.get("services") {
        None | Some(Value::Null) => &[],
        Some(Value::Array(services)) => services.as_slice(),
        Some(_) => return Err(Failure::bad_request("`services` must be a list")),
    };
    let mut ids = Vec::with_capacity(services.len());
    let mut seen = HashSet::new();
    for service in services {
        let id = service.get("id").and_then(Value::as_str);
        let id = id
            .filter(|id| !id.is_empty())
            .ok_or_else(|| Failure::bad_request("a service has no `id`"))?;
        if !seen.insert(id) {
            return Err(Failure::conflict("two services have the same id"));
        }
        if has_clear_content(service) {
            return Err(Failure::bad_request(
                "content must be encrypted: expected `encryptedSelf` and no `content`",
            ));
        }
        ids.push(id.to_owned());
    }
    Ok(ids)
}

fn has_clear_content(service: &Value) -> bool {
    let Some(service) = service.as_object() else {
        return true;
    };
    match service.get("content") {
        None | Some(Value::Null) => false,
        Some(Value::Object(content)) => content.values().any(is_clear),
        Some(_) => true,
    }
}

/// Whether a value says something. One that is made of services does not when
/// none of them does: clients encrypt those, and leave the value around them.
fn is_clear(value: &Value) -> bool {
    let Some(fields) = value.as_object() else {
        return true;
    };
    fields.iter().any(|(name, field)| match field {
        Value::Null => false,
        Value::Array(parts) if name == "compoundValue" => parts.iter().any(has_clear_content),
        Value::Array(parts) => !parts.is_empty(),
        _ => true,
    })
}

#[cfg(test)]
mod tests {
    use serde::de::IgnoredAny;
    use serde_json::{Value, json};

    use super::{extract, service_ids};
    use crate::simulator::document::Document;

    fn contact(services: &Value) -> Document {
        let body = json!({"id": "c", "delegations": {"a": []}, "services": services});
        Document::parse::<IgnoredAny>(body.to_string().as_bytes())
            .unwrap()
            .0
    }

    #[test]
    fn clear_content_is_found_in_any_form() {
        for content in [
            json!({"en": {"stringValue": "x"}}),
            json!("x"),
            json!(["x"]),
            json!(1),
            json!({"en": {"compoundValue": [{"content": {"en": {"stringValue": "x"}}}]}}),
            json!({"en": {"compoundValue": [], "numberValue": 1}}),
            json!({"en": {"compoundValue": ["x"]}}),
        ] {
            let contact = contact(&json!([{"id": "s", "content": content}]));
            assert!(service_ids(&contact).is_err(), "{content}");
        }
        let parts = json!([{"id": "p", "encryptedSelf": "AA=="}]);
        for content in [
            json!({}),
            Value::Null,
            json!({"en": {"compoundValue": parts, "stringValue": null, "range": []}}),
        ] {
            let contact = contact(&json!([{"id": "s", "content": content}]));
            assert_eq!(service_ids(&contact).unwrap(), ["s"]);
        }
    }

    #[test]
    fn a_service_carries_what_opens_it() {
        let contact = contact(&json!([{"id": "r"}, {"id": "s", "tags": [1], "zzz": 2}]));
        let service = extract(&contact.to_bytes().unwrap(), 1).unwrap();
        let service: Value = serde_json::from_slice(&service.to_bytes().unwrap()).unwrap();
        let expected = json!({
            "id": "s", "tags": [1], "zzz": 2, "contactId": "c", "delegations": {"a": []},
        });
        assert_eq!(service, expected);
    }
}
