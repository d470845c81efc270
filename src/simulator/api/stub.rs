//! `/dataowner/stub`: the part of a data owner that encryption needs, and the
//! hierarchy, in which everybody stands alone.

use axum::Json;
use axum::body::Bytes;
use axum::extract::Path;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::data_owner::table;
use crate::simulator::auth::Caller;
use crate::simulator::document::{Document, find};
use crate::simulator::endpoint::{Endpoint, Ids, get, post, put};
use crate::simulator::store::Table;
use crate::simulator::{Failure, request};
use crate::wire::{DataOwner, DataOwnerKind};

/// What a stub says besides id and revision; these change with it.
const KEYS: [&str; 7] = [
    "hcPartyKeys",
    "aesExchangeKeys",
    "transferKeys",
    "privateKeyShamirPartitions",
    "publicKey",
    "publicKeysForOaepWithSha256",
    "cryptoActorProperties",
];

pub(super) fn endpoints() -> [Endpoint; 5] {
    [
        get("/dataowner/current/stub", current)
            .about("What encryption needs of the caller")
            .signed_in()
            .gives::<Stub>()
            .refuses(&[404]),
        get("/dataowner/current/hierarchy/stub", hierarchy)
            .about("The same of the caller and those above it, who are none")
            .signed_in()
            .gives::<Vec<Stub>>()
            .refuses(&[404]),
        get("/dataowner/stub/{id}", any)
            .about("What encryption needs of a data owner")
            .signed_in()
            .gives::<Stub>()
            .refuses(&[404]),
        post("/dataowner/stub/byIds", by_ids)
            .about("The same of several: those that there are")
            .finds::<Stub>(),
        put("/dataowner/stub", update)
            .about("Change the caller's own keys")
            .changes::<Stub>(),
    ]
}

/// `CryptoActorStubWithType`
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Stub {
    #[serde(rename = "type")]
    kind: DataOwnerKind,
    #[schemars(with = "DataOwner")]
    stub: Map<String, Value>,
}

async fn any(Path(id): Path<String>, caller: Caller) -> Result<Json<Stub>, Failure> {
    stub_of(&caller, &id).map(Json)
}

/// `POST /dataowner/stub/byIds`: those that there are.
async fn by_ids(caller: Caller, body: Bytes) -> Result<Json<Vec<Stub>>, Failure> {
    let Ids { ids } = request::json(&body)?;
    let found = ids.iter().filter_map(|id| stub_of(&caller, id).ok());
    Ok(Json(found.collect()))
}

pub(super) async fn current(caller: Caller) -> Result<Json<Stub>, Failure> {
    stub_of(&caller, &caller.owner_id).map(Json)
}

async fn hierarchy(caller: Caller) -> Result<Json<Vec<Stub>>, Failure> {
    Ok(Json(vec![stub_of(&caller, &caller.owner_id)?]))
}

/// `PUT /dataowner/stub`: the keys of the caller's own document.
async fn update(caller: Caller, body: Bytes) -> Result<Json<Stub>, Failure> {
    let Stub { kind, stub } = request::json(&body)?;
    // What is not of this form could not be read any more.
    DataOwner::deserialize(&Value::Object(stub.clone()))
        .map_err(|_| Failure::bad_request("malformed stub: a field is of the wrong kind"))?;
    let text = |field: &str| stub.get(field).and_then(Value::as_str);
    let id = text("id").ok_or_else(|| Failure::bad_request("the stub has no `id`"))?;
    caller
        .store()
        .write(|tx| {
            let (bytes, current) = find(tx, table(kind), id, "data owner")?;
            if id != caller.owner_id {
                return Err(Failure::forbidden("this is somebody else's document"));
            }
            let rev = current.next_rev(text("rev"))?;
            let mut document = Document::stored(bytes)?;
            for field in KEYS {
                match stub.get(field) {
                    Some(value) => document.set(field, value.clone()),
                    None => drop(document.take(field)),
                }
            }
            document.store(tx, table(kind), id, rev)
        })
        .await?;
    stub_of(&caller, id).map(Json)
}

fn stub_of(caller: &Caller, id: &str) -> Result<Stub, Failure> {
    caller.store().read(|tables| {
        let kind = if tables.get(Table::Practitioners, id).is_some() {
            DataOwnerKind::Hcp
        } else {
            DataOwnerKind::Patient
        };
        let (bytes, _) = find(tables, table(kind), id, "data owner")?;
        let mut whole = Document::stored(bytes)?;
        let fields = ["id", "rev", "parentId"].into_iter().chain(KEYS);
        let mut stub: Map<String, Value> = fields
            .filter_map(|field| Some((field.to_owned(), whole.take(field)?)))
            .collect();
        // Clients take no stub without it.
        stub.entry("publicKeysForOaepWithSha256")
            .or_insert_with(|| Value::Array(Vec::new()));
        Ok(Stub { kind, stub })
    })
}
