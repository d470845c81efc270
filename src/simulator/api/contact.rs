//! `/contact`: contacts with the data samples ("services") in them.

use std::collections::HashSet;

use axum::Json;
use axum::body::Bytes;
use axum::extract::Path;
use serde_json::Value;

use super::stored::Stored;
use crate::simulator::auth::Caller;
use crate::simulator::document::{Document, Head, find, first_rev};
use crate::simulator::endpoint::{Endpoint, Ids, get, post, put};
use crate::simulator::store::{Table, Tables, Transaction};
use crate::simulator::{Failure, request};
use crate::wire::{Contact, Service};

/// What a service read on its own has from its contact.
const INHERITED: [&str; 5] = [
    "secretForeignKeys",
    "cryptedForeignKeys",
    "delegations",
    "encryptionKeys",
    "securityMetadata",
];

pub(super) fn second() -> [Endpoint; 1] {
    [post("/contact/service", services)
        .about("Data samples: those that there are and that the caller may read")
        .finds::<Service>()]
}

pub(super) fn endpoints() -> [Endpoint; 5] {
    [
        post("/contact", create)
            .about("Store a contact")
            .creates::<Contact>(),
        put("/contact", update)
            .about("Change a contact")
            .changes::<Contact>(),
        get("/contact/{id}", read)
            .about("A contact")
            .signed_in()
            .gives::<Contact>()
            .refuses(&[403, 404]),
        post("/contact/service/byIds", services)
            .about("Data samples: those that there are and that the caller may read")
            .finds::<Service>(),
        get("/contact/service/{id}", service)
            .about("A data sample, with what opens it")
            .signed_in()
            .gives::<Service>()
            .refuses(&[403, 404]),
    ]
}

async fn create(caller: Caller, body: Bytes) -> Result<Stored, Failure> {
    let (mut contact, head) = Document::parse::<Contact>(&body)?;
    let services = service_ids(&contact)?;
    head.check_delegations()?;
    let refusal = "`author` must be the caller's user id";
    contact.claim("author", &caller.user_id, refusal)?;
    let stored = caller.store().write(|tx| {
        if tx.get(Table::Contacts, &head.id).is_some() {
            return Err(Failure::conflict("there is a contact of this id already"));
        }
        index(tx, &head.id, &services)?;
        contact.store(tx, Table::Contacts, &head.id, first_rev())
    });
    stored.await.map(Stored)
}

async fn update(caller: Caller, body: Bytes) -> Result<Stored, Failure> {
    let (mut contact, head) = Document::parse::<Contact>(&body)?;
    let services = service_ids(&contact)?;
    let stored = caller.store().write(|tx| {
        let (before, current) = readable(tx, &head.id, &caller)?;
        if !caller.may_write(&current) {
            return Err(Failure::forbidden("the contact is shared with you to read"));
        }
        if head.author.is_some() && head.author != current.author {
            return Err(Failure::forbidden(
                "the author of a contact does not change",
            ));
        }
        let rev = current.next_rev(head.rev.as_deref())?;
        current.keeps_delegations(&head)?;
        for gone in service_ids(&Document::stored(&before)?)? {
            tx.remove(Table::Services, gone);
        }
        index(tx, &head.id, &services)?;
        if let Some(author) = current.author {
            contact.set("author", author);
        }
        contact.store(tx, Table::Contacts, &head.id, rev)
    });
    stored.await.map(Stored)
}

async fn read(Path(id): Path<String>, caller: Caller) -> Result<Stored, Failure> {
    caller
        .store()
        .read(|tables| readable(tables, &id, &caller))
        .map(|(bytes, _)| Stored(bytes))
}

async fn service(Path(id): Path<String>, caller: Caller) -> Result<Stored, Failure> {
    let contact = caller
        .store()
        .read(|tables| contact_of(tables, &id, &caller))?;
    extract(&contact, &id)?.to_bytes().map(Stored)
}

/// `POST /contact/service/byIds`: by id, those that there are and that the caller
/// may read.
async fn services(caller: Caller, body: Bytes) -> Result<Json<Vec<Document>>, Failure> {
    let Ids { ids } = request::json(&body)?;
    readable_services(&ids, &caller).map(Json)
}

/// The services of these ids that there are and that the caller may read.
pub(super) fn readable_services(ids: &[String], caller: &Caller) -> Result<Vec<Document>, Failure> {
    let contacts = caller.store().read(|tables| {
        let found = ids
            .iter()
            .filter_map(|id| Some((id, contact_of(tables, id, caller).ok()?)));
        found.collect::<Vec<_>>()
    });
    let services = contacts.iter().map(|(id, contact)| extract(contact, id));
    services.collect()
}

/// A contact that the caller may read.
pub(super) fn readable(
    tables: &Tables,
    id: &str,
    caller: &Caller,
) -> Result<(Bytes, Head), Failure> {
    let (bytes, head) = find(tables, Table::Contacts, id, "contact")?;
    if !caller.may_read(&head) {
        return Err(Failure::forbidden("the contact is not shared with you"));
    }
    Ok((bytes.clone(), head))
}

/// The contact that holds a service.
fn contact_of(tables: &Tables, service: &str, caller: &Caller) -> Result<Bytes, Failure> {
    let id = tables
        .text(Table::Services, service)
        .ok_or_else(|| Failure::not_found("there is no such service"))?;
    readable(tables, id, caller).map(|(bytes, _)| bytes)
}

/// Takes a service out of its contact.
fn extract(contact: &[u8], id: &str) -> Result<Document, Failure> {
    let mut contact = Document::stored(contact)?;
    let services = match contact.take("services") {
        Some(Value::Array(services)) => services,
        _ => Vec::new(),
    };
    let service = services
        .into_iter()
        .find(|service| service.get("id").and_then(Value::as_str) == Some(id));
    let Some(Value::Object(service)) = service else {
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

/// Records which contact holds these services.
fn index(tx: &mut Transaction<'_>, contact: &str, services: &[String]) -> Result<(), Failure> {
    for id in services {
        if tx.get(Table::Services, id).is_some() {
            return Err(Failure::conflict(
                "a service of this id is in another contact",
            ));
        }
        tx.put(Table::Services, id.as_str(), contact.to_owned());
    }
    Ok(())
}

/// The ids of a contact's services, which must be encrypted.
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
        let service = extract(&contact.to_bytes().unwrap(), "s").unwrap();
        let service: Value = serde_json::from_slice(&service.to_bytes().unwrap()).unwrap();
        let expected = json!({
            "id": "s", "tags": [1], "zzz": 2, "contactId": "c", "delegations": {"a": []},
        });
        assert_eq!(service, expected);
    }
}
