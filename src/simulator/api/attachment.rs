//! `/document/{id}/attachment`, `/document/{id}/secondaryAttachments/{key}`:
//! the bytes that belong to a document. Whether they are encrypted is not seen.

use axum::body::Bytes;
use axum::extract::Path;
use axum::http::Uri;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::stored::Stored;
use crate::simulator::Failure;
use crate::simulator::auth::Caller;
use crate::simulator::document::Document;
use crate::simulator::endpoint::{Endpoint, delete, get, put};
use crate::simulator::entity::{self, DOCUMENT};
use crate::simulator::request;
use crate::simulator::store::{Table, Tables, Transaction};
use crate::wire::{Entity, IdAndRev};

const MAIN: &str = "/document/{id}/attachment";
const SECONDARY: &str = "/document/{id}/secondaryAttachments/{key}";

pub(super) fn endpoints() -> [Endpoint; 6] {
    let changes = |endpoint: Endpoint| {
        endpoint
            .signed_in()
            .text(
                "rev",
                "Revision of the document; whichever it is when not said",
            )
            .gives::<Entity>()
            .refuses(&[403, 404, 409])
            .writes()
    };
    let sets = |endpoint: Endpoint| {
        changes(endpoint)
            .text("utis", "Uniform type identifiers of the bytes")
            .takes_bytes()
    };
    let reads = |endpoint: Endpoint| endpoint.signed_in().gives_bytes().refuses(&[403, 404]);
    [
        sets(put(MAIN, put_main)).about("Set the attachment of a document"),
        reads(get(MAIN, main)).about("The attachment of a document"),
        changes(delete(MAIN, delete_main)).about("Remove the attachment of a document"),
        sets(put(SECONDARY, put_secondary)).about("Set another attachment of a document"),
        reads(get(SECONDARY, secondary)).about("Another attachment of a document"),
        changes(delete(SECONDARY, delete_secondary))
            .about("Remove another attachment of a document"),
    ]
}

/// `GET /document/{id}/attachment/{attachmentId}`, as version 1 has it. Clients
/// of version 7 say `ignored` for the last, which is what it is.
pub(super) fn first() -> Endpoint {
    get("/document/{id}/attachment/{attachmentId}", main_of)
        .about("The attachment of a document, whatever id is said")
        .signed_in()
        .gives_bytes()
        .refuses(&[403, 404])
}

async fn put_main(
    Path(id): Path<String>,
    caller: Caller,
    uri: Uri,
    body: Bytes,
) -> Result<Stored, Failure> {
    set(&caller, id, None, &uri, Some(body)).await
}

async fn delete_main(Path(id): Path<String>, caller: Caller, uri: Uri) -> Result<Stored, Failure> {
    set(&caller, id, None, &uri, None).await
}

async fn put_secondary(
    Path((id, key)): Path<(String, String)>,
    caller: Caller,
    uri: Uri,
    body: Bytes,
) -> Result<Stored, Failure> {
    set(&caller, id, Some(key), &uri, Some(body)).await
}

async fn delete_secondary(
    Path((id, key)): Path<(String, String)>,
    caller: Caller,
    uri: Uri,
) -> Result<Stored, Failure> {
    set(&caller, id, Some(key), &uri, None).await
}

/// Sets the attachment of a key, or the main one, or removes it.
async fn set(
    caller: &Caller,
    id: String,
    key: Option<String>,
    uri: &Uri,
    bytes: Option<Bytes>,
) -> Result<Stored, Failure> {
    if bytes.as_ref().is_some_and(Bytes::is_empty) {
        return Err(Failure::bad_request("the attachment is empty"));
    }
    let rev = request::text(uri, "rev");
    let utis: Vec<String> = request::texts(uri, "utis");
    let which = IdAndRev { id, rev };
    let write = |tx: &mut Transaction<'_>| {
        let (mut document, rev) = entity::current(tx, &DOCUMENT, caller, &which)?;
        let key = key.as_deref();
        let old = attachment(&document, key);
        if old.is_none() && bytes.is_none() {
            return Err(no_attachment());
        }
        if let Some(old) = old {
            tx.remove(Table::Attachments, row(&which.id, &old));
        }
        let new = bytes.map(|bytes| {
            let id = Uuid::new_v4().to_string();
            tx.put(Table::Attachments, row(&which.id, &id), bytes);
            id
        });
        note(&mut document, key, new, utis);
        document.store(tx, Table::Documents, &which.id, rev)
    };
    caller.store().write(write).await.map(Stored)
}

/// Key of the row with the bytes.
fn row(document: &str, attachment: &str) -> String {
    format!("{document}/{attachment}")
}

fn no_attachment() -> Failure {
    Failure::not_found("the document has no such attachment")
}

/// Id of an attachment.
fn attachment(document: &Document, key: Option<&str>) -> Option<String> {
    let id = match key {
        None => document.get("attachmentId"),
        Some(key) => document
            .get("secondaryAttachments")
            .and_then(|all| all.get(key)?.get("couchDbAttachmentId")),
    };
    id.and_then(Value::as_str).map(str::to_owned)
}

/// Writes into the document which attachment it has.
fn note(document: &mut Document, key: Option<&str>, id: Option<String>, utis: Vec<String>) {
    let Some(key) = key else {
        match id {
            Some(id) => document.set("attachmentId", id),
            None => drop(document.take("attachmentId")),
        }
        let mut utis = utis.into_iter();
        match utis.next() {
            Some(main) => document.set("mainUti", main),
            None => drop(document.take("mainUti")),
        }
        document.set("otherUtis", utis.collect::<Vec<_>>());
        return;
    };
    let mut all = match document.take("secondaryAttachments") {
        Some(Value::Object(all)) => all,
        _ => Map::new(),
    };
    match id {
        Some(id) => all.insert(
            key.to_owned(),
            json!({"couchDbAttachmentId": id, "utis": utis}),
        ),
        None => all.remove(key),
    };
    document.set("secondaryAttachments", all);
}

async fn main(Path(id): Path<String>, caller: Caller) -> Result<Response, Failure> {
    let read = |tables: &Tables| bytes(tables, &id, None, &caller);
    caller.store().read(read).map(sent)
}

async fn main_of(
    Path((id, _)): Path<(String, String)>,
    caller: Caller,
) -> Result<Response, Failure> {
    main(Path(id), caller).await
}

async fn secondary(
    Path((id, key)): Path<(String, String)>,
    caller: Caller,
) -> Result<Response, Failure> {
    let read = |tables: &Tables| bytes(tables, &id, Some(&key), &caller);
    caller.store().read(read).map(sent)
}

/// The bytes of an attachment.
fn bytes(tables: &Tables, id: &str, key: Option<&str>, caller: &Caller) -> Result<Bytes, Failure> {
    let (document, _) = entity::readable(tables, &DOCUMENT, id, caller)?;
    let found = attachment(&Document::stored(&document)?, key).ok_or_else(no_attachment)?;
    let bytes = tables.get(Table::Attachments, &row(id, &found));
    bytes.cloned().ok_or_else(no_attachment)
}

fn sent(bytes: Bytes) -> Response {
    ([(CONTENT_TYPE, "application/octet-stream")], bytes).into_response()
}
