//! `/dataowner`: who people are, and their public keys.

use axum::extract::Path;

use super::stored::Stored;
use crate::simulator::Failure;
use crate::simulator::auth::Caller;
use crate::simulator::document::{Document, find};
use crate::simulator::endpoint::{Endpoint, get};
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

pub(super) fn endpoints() -> [Endpoint; 4] {
    [
        get("/dataowner/current/hierarchy", hierarchy)
            .about("The caller's data owner and those above it, who are none")
            .signed_in()
            .gives::<[DataOwnerWithType; 1]>()
            .refuses(&[404]),
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
        get("/hcparty/current", own_hcparty)
            .about("The practitioner that the caller is")
            .signed_in()
            .gives::<DataOwner>()
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
        for kind in [DataOwnerKind::Hcp, DataOwnerKind::Device] {
            if let Some(bytes) = tables.get(table(kind), &id) {
                return Ok((kind, bytes.clone(), true));
            }
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

async fn own_hcparty(caller: Caller) -> Result<Stored, Failure> {
    caller.store().read(|tables| {
        let (bytes, _) = find(
            tables,
            Table::Practitioners,
            &caller.owner_id,
            "practitioner",
        )?;
        Ok(Stored(bytes.clone()))
    })
}

/// Where data owners of a kind are.
pub(super) fn table(kind: DataOwnerKind) -> Table {
    match kind {
        DataOwnerKind::Patient => Table::Patients,
        DataOwnerKind::Hcp => Table::Practitioners,
        DataOwnerKind::Device => Table::Devices,
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
