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
use crate::simulator::document::{Document, Head, find};
use crate::simulator::endpoint::{Endpoint, get, post, put};
use crate::simulator::store::{Field, Query, Tables};
use crate::simulator::{Failure, request};
use crate::wire::{DataOwner, DataOwnerKind, Ids};

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
            .about("Change the caller's own keys, or the exchange keys of whom it shares with")
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
            let mut document = Document::stored(bytes)?;
            if id != caller.owner_id {
                check_other(tx, kind, (id, &current), &caller)?;
                keeps_its_own(&document, &stub)?;
            }
            let rev = current.next_rev(text("rev"))?;
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

/// Keys that others change: giving access back to whoever has a new key pair
/// means to seal the exchange keys of both sides for it.
const EXCHANGED: [&str; 2] = ["hcPartyKeys", "aesExchangeKeys"];

/// Whether somebody else's exchange keys are the caller's business: of a
/// patient that it may write, and of whoever has exchange keys for it.
fn check_other(
    tables: &Tables,
    kind: DataOwnerKind,
    (id, head): (&str, &Head),
    caller: &Caller,
) -> Result<(), Failure> {
    let shelf = tables.shelf(table(kind));
    let sealed = shelf.find(&Query::Term(Field::Delegate, caller.owner_id.clone()));
    let is_delegate = shelf.number(id).is_some_and(|row| sealed.contains(&row));
    if is_delegate || kind == DataOwnerKind::Patient && caller.may_write(head) {
        return Ok(());
    }
    Err(Failure::forbidden("this is somebody else's document"))
}

fn keeps_its_own(current: &Document, stub: &Map<String, Value>) -> Result<(), Failure> {
    let is_blank = |value: &Value| {
        value.is_null()
            || value.as_array().is_some_and(Vec::is_empty)
            || value.as_object().is_some_and(Map::is_empty)
    };
    let own = KEYS.iter().filter(|field| !EXCHANGED.contains(field));
    for field in own {
        let before = current.get(field).unwrap_or(&Value::Null);
        let after = stub.get(*field).unwrap_or(&Value::Null);
        if before != after && !(is_blank(before) && is_blank(after)) {
            return Err(Failure::forbidden(format!(
                "`{field}` is for its owner to change: others change exchange keys"
            )));
        }
    }
    Ok(())
}

fn stub_of(caller: &Caller, id: &str) -> Result<Stub, Failure> {
    caller.store().read(|tables| {
        let others = [DataOwnerKind::Hcp, DataOwnerKind::Device];
        let mut others = others.into_iter();
        let kind = others
            .find(|kind| tables.get(table(*kind), id).is_some())
            .unwrap_or(DataOwnerKind::Patient);
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
