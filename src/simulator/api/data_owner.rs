//! `/dataowner`, `/patient`, `/hcparty`: who people are, and their public keys.

use axum::body::Bytes;
use axum::extract::Path;

use super::stored::Stored;
use crate::simulator::Failure;
use crate::simulator::auth::Caller;
use crate::simulator::document::{Document, find};
use crate::simulator::endpoint::{Endpoint, get, put};
use crate::simulator::store::Table;
use crate::wire::{DataOwner, DataOwnerKind, DataOwnerWithType};

/// Fields of a patient that whoever shares with it needs; all that a stranger
/// is shown.
const CRYPTO_FIELDS: [&str; 7] = [
    "id",
    "rev",
    "publicKey",
    "aesExchangeKeys",
    "hcPartyKeys",
    "transferKeys",
    "publicKeysForOaepWithSha256",
];

pub(super) fn second() -> [Endpoint; 1] {
    [get("/dataowner/current/hierarchy", hierarchy)
        .about("The caller's data owner and those above it, who are none")
        .signed_in()
        .gives::<[DataOwnerWithType; 1]>()
        .refuses(&[404])]
}

pub(super) fn endpoints() -> [Endpoint; 8] {
    [
        get("/dataowner/current", current)
            .about("The caller's patient or practitioner")
            .signed_in()
            .gives::<DataOwnerWithType>()
            .refuses(&[404]),
        get("/dataowner/{id}", any)
            .about("A patient or practitioner; of a patient not shared with the caller, what encryption needs")
            .signed_in()
            .gives::<DataOwnerWithType>()
            .refuses(&[404]),
        get("/patient/{id}", patient)
            .about("A patient")
            .signed_in()
            .gives::<DataOwner>()
            .refuses(&[403, 404]),
        put("/patient", put_patient)
            .about("Change a patient: one's own, or one that is shared with the caller")
            .changes::<DataOwner>(),
        get("/hcparty/current", own_hcparty)
            .about("The practitioner that the caller is")
            .signed_in()
            .gives::<DataOwner>()
            .refuses(&[404]),
        get("/hcparty/{id}", hcparty)
            .about("A practitioner")
            .signed_in()
            .gives::<DataOwner>()
            .refuses(&[404]),
        put("/hcparty", put_hcparty)
            .about("Change one's own practitioner")
            .changes::<DataOwner>(),
        get("/device/{id}", device)
            .about("There are no devices; clients look for a data owner here too")
            .signed_in()
            .refuses(&[404]),
    ]
}

pub(super) async fn current(caller: Caller) -> Result<Stored, Failure> {
    let table = table(caller.kind);
    let bytes = caller.store().read(|tables| {
        let (bytes, _) = find(tables, table, &caller.owner_id, "data owner")?;
        Ok::<_, Failure>(bytes.clone())
    })?;
    with_type(caller.kind, &bytes)
}

/// `GET /dataowner/{id}`. Of a patient that is not shared with the caller only
/// what encryption needs is shown.
async fn any(Path(id): Path<String>, caller: Caller) -> Result<Stored, Failure> {
    let (kind, bytes, is_open) = caller.store().read(|tables| {
        if let Some(bytes) = tables.get(Table::Practitioners, &id) {
            return Ok((DataOwnerKind::Hcp, bytes.clone(), true));
        }
        let (bytes, head) = find(tables, Table::Patients, &id, "data owner")?;
        let is_open = id == caller.owner_id || caller.may_read(&head);
        Ok::<_, Failure>((DataOwnerKind::Patient, bytes.clone(), is_open))
    })?;
    if is_open {
        return with_type(kind, &bytes);
    }
    let mut whole = Document::stored(&bytes)?;
    let mut stub = Document::default();
    for field in CRYPTO_FIELDS {
        if let Some(value) = whole.take(field) {
            stub.set(field, value);
        }
    }
    with_type(kind, &stub.to_bytes()?)
}

/// `GET /dataowner/current/hierarchy`: the data owner and who is above it,
/// which is nobody.
async fn hierarchy(caller: Caller) -> Result<Stored, Failure> {
    let Stored(own) = current(caller).await?;
    let mut list = b"[".to_vec();
    list.extend_from_slice(&own);
    list.push(b']');
    Ok(Stored(list.into()))
}

async fn patient(Path(id): Path<String>, caller: Caller) -> Result<Stored, Failure> {
    caller.store().read(|tables| {
        let (bytes, head) = find(tables, Table::Patients, &id, "patient")?;
        if id != caller.owner_id && !caller.may_read(&head) {
            return Err(Failure::forbidden("the patient is not shared with you"));
        }
        Ok(Stored(bytes.clone()))
    })
}

/// `GET /hcparty/{id}`: practitioners are public.
async fn hcparty(Path(id): Path<String>, caller: Caller) -> Result<Stored, Failure> {
    practitioner(&caller, &id)
}

async fn own_hcparty(caller: Caller) -> Result<Stored, Failure> {
    practitioner(&caller, &caller.owner_id)
}

/// `GET /device/{id}`: there is none. Clients ask for a data owner as a patient,
/// as a device and as a practitioner, in that order, until it is found.
async fn device(Path(_): Path<String>, _caller: Caller) -> Failure {
    Failure::not_found("there is no such device")
}

async fn put_patient(caller: Caller, body: Bytes) -> Result<Stored, Failure> {
    put_owner(Table::Patients, &caller, &body).await
}

async fn put_hcparty(caller: Caller, body: Bytes) -> Result<Stored, Failure> {
    put_owner(Table::Practitioners, &caller, &body).await
}

fn practitioner(caller: &Caller, id: &str) -> Result<Stored, Failure> {
    caller.store().read(|tables| {
        let (bytes, _) = find(tables, Table::Practitioners, id, "practitioner")?;
        Ok(Stored(bytes.clone()))
    })
}

async fn put_owner(table: Table, caller: &Caller, body: &[u8]) -> Result<Stored, Failure> {
    let (mut document, head) = Document::parse::<DataOwner>(body)?;
    let stored = caller.store().write(|tx| {
        let (_, current) = find(tx, table, &head.id, "data owner")?;
        // A delegate seals exchange keys for the new key of a patient.
        let is_shared = table == Table::Patients && caller.may_write(&current);
        if head.id != caller.owner_id && !is_shared {
            return Err(Failure::forbidden("this is somebody else's document"));
        }
        let rev = current.next_rev(head.rev.as_deref())?;
        current.keeps_delegations(&head)?;
        document.store(tx, table, &head.id, rev)
    });
    stored.await.map(Stored)
}

/// Where data owners of a kind are.
pub(super) fn table(kind: DataOwnerKind) -> Table {
    match kind {
        DataOwnerKind::Patient => Table::Patients,
        DataOwnerKind::Hcp | DataOwnerKind::Device => Table::Practitioners,
    }
}

/// A document as `DataOwnerWithType`, without reading it again.
fn with_type(kind: DataOwnerKind, document: &[u8]) -> Result<Stored, Failure> {
    let kind = serde_json::to_string(&kind)
        .map_err(|_| Failure::internal("a data owner has no JSON form"))?;
    let mut whole = format!(r#"{{"type":{kind},"dataOwner":"#).into_bytes();
    whole.extend_from_slice(document);
    whole.push(b'}');
    Ok(Stored(whole.into()))
}
