//! `/dataowner`, `/patient`, `/hcparty`: who people are, and their public keys.

use axum::body::Bytes;
use axum::extract::{Path, State};

use super::stored::Stored;
use crate::simulator::Failure;
use crate::simulator::auth::Caller;
use crate::simulator::document::{Document, find};
use crate::simulator::endpoint::{Endpoint, get, put};
use crate::simulator::state::{Shared, Simulation};
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
            .signed_in()
            .takes::<DataOwner>()
            .gives::<DataOwner>()
            .refuses(&[403, 404, 409])
            .writes(),
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
            .signed_in()
            .takes::<DataOwner>()
            .gives::<DataOwner>()
            .refuses(&[403, 404, 409])
            .writes(),
        get("/device/{id}", device)
            .about("There are no devices; clients look for a data owner here too")
            .signed_in()
            .refuses(&[404]),
    ]
}

/// `GET /dataowner/current`
pub(super) async fn current(
    State(simulation): State<Shared>,
    caller: Caller,
) -> Result<Stored, Failure> {
    let table = table(caller.kind);
    let bytes = simulation.store.read(|tables| {
        let (bytes, _) = find(tables, table, &caller.owner_id, "data owner")?;
        Ok::<_, Failure>(bytes.clone())
    })?;
    with_type(caller.kind, &bytes)
}

/// `GET /dataowner/{id}`. Of a patient that is not shared with the caller only
/// what encryption needs is shown.
pub(super) async fn any(
    State(simulation): State<Shared>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Stored, Failure> {
    let (kind, bytes, is_open) = simulation.store.read(|tables| {
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
pub(super) async fn hierarchy(state: State<Shared>, caller: Caller) -> Result<Stored, Failure> {
    let Stored(own) = current(state, caller).await?;
    let mut list = b"[".to_vec();
    list.extend_from_slice(&own);
    list.push(b']');
    Ok(Stored(list.into()))
}

/// `GET /patient/{id}`
pub(super) async fn patient(
    State(simulation): State<Shared>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Stored, Failure> {
    simulation.store.read(|tables| {
        let (bytes, head) = find(tables, Table::Patients, &id, "patient")?;
        if id != caller.owner_id && !caller.may_read(&head) {
            return Err(Failure::forbidden("the patient is not shared with you"));
        }
        Ok(Stored(bytes.clone()))
    })
}

/// `GET /hcparty/{id}`: practitioners are public.
pub(super) async fn hcparty(
    State(simulation): State<Shared>,
    Path(id): Path<String>,
    _caller: Caller,
) -> Result<Stored, Failure> {
    simulation.practitioner(&id)
}

/// `GET /hcparty/current`
pub(super) async fn own_hcparty(
    State(simulation): State<Shared>,
    caller: Caller,
) -> Result<Stored, Failure> {
    simulation.practitioner(&caller.owner_id)
}

/// `GET /device/{id}`: there is none. Clients ask for a data owner as a patient,
/// as a device and as a practitioner, in that order, until it is found.
pub(super) async fn device(Path(_): Path<String>, _caller: Caller) -> Failure {
    Failure::not_found("there is no such device")
}

/// `PUT /patient`
pub(super) async fn put_patient(
    State(simulation): State<Shared>,
    caller: Caller,
    body: Bytes,
) -> Result<Stored, Failure> {
    simulation.put_owner(Table::Patients, &caller, &body).await
}

/// `PUT /hcparty`
pub(super) async fn put_hcparty(
    State(simulation): State<Shared>,
    caller: Caller,
    body: Bytes,
) -> Result<Stored, Failure> {
    simulation
        .put_owner(Table::Practitioners, &caller, &body)
        .await
}

impl Simulation {
    fn practitioner(&self, id: &str) -> Result<Stored, Failure> {
        self.store.read(|tables| {
            let (bytes, _) = find(tables, Table::Practitioners, id, "practitioner")?;
            Ok(Stored(bytes.clone()))
        })
    }

    async fn put_owner(
        &self,
        table: Table,
        caller: &Caller,
        body: &[u8],
    ) -> Result<Stored, Failure> {
        let (mut document, head) = Document::parse::<DataOwner>(body)?;
        let stored = self.store.write(|tx| {
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
