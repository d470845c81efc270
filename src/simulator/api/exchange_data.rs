//! `/exchangedata`, `/exchangedatamap`: what two data owners encrypt under.

use std::collections::BTreeSet;

use axum::Json;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::Uri;
use schemars::JsonSchema;
use serde::de::IntoDeserializer;
use serde::{Deserialize, Serialize};

use super::data_owner::table;
use super::stored::Stored;
use crate::simulator::access::delegation_key;
use crate::simulator::auth::Caller;
use crate::simulator::document::{Document, find, first_rev};
use crate::simulator::endpoint::{Endpoint, get, post, put};
use crate::simulator::store::{Field, Query, Table, Tables, Transaction};
use crate::simulator::{Failure, request};
use crate::wire::{
    ByFingerprint, DataOwnerKind, ExchangeData, ExchangeDataMap, ExchangeDataMaps, Ids,
};

/// A list that could be a page of one. The simulator has no pages: nobody has
/// so many delegates.
#[derive(Serialize, JsonSchema)]
pub(super) struct Page<T> {
    rows: Vec<T>,
}

pub(super) fn endpoints() -> [Endpoint; 10] {
    [
        post("/exchangedata", create)
            .about("Store exchange data, as its delegator")
            .creates::<ExchangeData>(),
        put("/exchangedata", update)
            .about("Change exchange data, as either side")
            .changes::<ExchangeData>(),
        get("/exchangedata/{id}", read)
            .about("Exchange data")
            .signed_in()
            .gives::<ExchangeData>()
            .refuses(&[403, 404]),
        post("/exchangedata/byIds", by_ids)
            .about("Exchange data: those that there are and that the caller is a side of")
            .finds::<ExchangeData>(),
        get("/exchangedata/byParticipant/{id}", by_participant)
            .about("The caller's exchange data, on one page")
            .signed_in()
            .gives::<Page<ExchangeData>>()
            .refuses(&[403]),
        counterparts_of(get(
            "/exchangedata/byParticipant/{id}/counterparts",
            counterparts,
        )),
        counterparts_of(get(
            "/exchangedata/byParticipant/counterparts",
            queried_counterparts,
        ))
        .required_text("dataOwnerId", "The caller's data owner id"),
        get(
            "/exchangedata/byDelegatorDelegate/{delegator}/{delegate}",
            by_pair,
        )
        .about("Exchange data from one to another, when the caller is one of them")
        .signed_in()
        .gives::<Vec<ExchangeData>>(),
        put("/exchangedatamap/batch", put_maps)
            .about("Say which exchange data delegations were made with, encrypted")
            .signed_in()
            .takes::<ExchangeDataMaps>()
            .writes(),
        post("/exchangedatamap/batch", maps)
            .about("The same, by keys of delegations: those that there are")
            .finds::<ExchangeDataMap>(),
    ]
}

async fn create(caller: Caller, body: Bytes) -> Result<Stored, Failure> {
    let (mut document, head, data) = Document::parse_with::<ExchangeData>(&body)?;
    check(&data)?;
    if data.delegator != caller.owner_id {
        return Err(Failure::forbidden("exchange data is made by its delegator"));
    }
    let stored = caller.store().write(|tx| {
        if tx.get(Table::ExchangeData, &head.id).is_some() {
            return Err(Failure::conflict(
                "there is exchange data of this id already",
            ));
        }
        document.store(tx, Table::ExchangeData, &head.id, first_rev())
    });
    stored.await.map(Stored)
}

/// `PUT /exchangedata`: either side adds keys, and takes nobody else in.
async fn update(caller: Caller, body: Bytes) -> Result<Stored, Failure> {
    let (mut document, head, data) = Document::parse_with::<ExchangeData>(&body)?;
    check(&data)?;
    let stored = caller.store().write(|tx| {
        let current = readable(tx, &head.id, &caller)?;
        if (&current.delegator, &current.delegate) != (&data.delegator, &data.delegate) {
            return Err(Failure::bad_request(
                "`delegator` and `delegate` of exchange data do not change",
            ));
        }
        let (_, before) = find(tx, Table::ExchangeData, &head.id, "exchange data")?;
        let rev = before.next_rev(head.rev.as_deref())?;
        document.store(tx, Table::ExchangeData, &head.id, rev)
    });
    stored.await.map(Stored)
}

async fn read(Path(id): Path<String>, caller: Caller) -> Result<Json<ExchangeData>, Failure> {
    caller
        .store()
        .read(|tables| readable(tables, &id, &caller))
        .map(Json)
}

/// `POST /exchangedata/byIds`: those of them that there are and that the caller
/// is a side of.
async fn by_ids(caller: Caller, body: Bytes) -> Result<Json<Vec<ExchangeData>>, Failure> {
    let Ids { ids } = request::json(&body)?;
    Ok(Json(caller.store().read(|tables| {
        let found = ids
            .iter()
            .filter_map(|id| readable(tables, id, &caller).ok());
        found.collect()
    })))
}

async fn by_participant(
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Page<ExchangeData>>, Failure> {
    if id != caller.owner_id {
        return Err(Failure::forbidden("this is somebody else's exchange data"));
    }
    let rows = caller.store().read(|tables| of(tables, &id, &caller));
    Ok(Json(Page { rows }))
}

fn counterparts_of(endpoint: Endpoint) -> Endpoint {
    endpoint
        .about("Ids of those with whom the caller has exchange data")
        .signed_in()
        .required_text(
            "counterpartsTypes",
            "Of `patient`, `hcp` and `device`, those that count, with commas between",
        )
        .text(
            "ignoreOnEntryForFingerprint",
            "Leave out exchange data that has all keys for this public key",
        )
        .gives::<Vec<String>>()
        .refuses(&[403])
}

async fn counterparts(
    Path(id): Path<String>,
    caller: Caller,
    uri: Uri,
) -> Result<Json<Vec<String>>, Failure> {
    counterparts_with(&id, &caller, &uri)
}

async fn queried_counterparts(caller: Caller, uri: Uri) -> Result<Json<Vec<String>>, Failure> {
    let id = request::text(&uri, "dataOwnerId");
    let id = id.ok_or_else(|| Failure::bad_request("`dataOwnerId` is missing"))?;
    counterparts_with(&id, &caller, &uri)
}

fn counterparts_with(id: &str, caller: &Caller, uri: &Uri) -> Result<Json<Vec<String>>, Failure> {
    if id != caller.owner_id {
        return Err(Failure::forbidden("this is somebody else's exchange data"));
    }
    let kinds = request::text(uri, "counterpartsTypes").unwrap_or_default();
    let kinds = kinds.split(',').map(|kind| {
        let kind = kind.trim().to_lowercase().into_deserializer();
        DataOwnerKind::deserialize(kind).map_err(|_: serde::de::value::Error| {
            Failure::bad_request("`counterpartsTypes` must be `patient`, `hcp` or `device`")
        })
    });
    let kinds: Vec<_> = kinds.collect::<Result<_, _>>()?;
    let known = request::text(uri, "ignoreOnEntryForFingerprint");
    let is_open = |data: &ExchangeData| {
        known.as_ref().is_none_or(|known| {
            let secrets = [
                &data.exchange_key,
                &data.access_control_secret,
                &data.shared_signature_key,
            ];
            secrets.iter().any(|secret| !secret.contains_key(known))
        })
    };
    let ids = caller.store().read(|tables| {
        let data = of(tables, id, caller).into_iter().filter(is_open);
        let sides = data.flat_map(|data| [data.delegator, data.delegate]);
        let others = sides.filter(|side| {
            side != id
                && kinds
                    .iter()
                    .any(|kind| tables.get(table(*kind), side).is_some())
        });
        others.collect::<BTreeSet<_>>()
    });
    Ok(Json(ids.into_iter().collect()))
}

async fn by_pair(
    Path((delegator, delegate)): Path<(String, String)>,
    caller: Caller,
) -> Json<Vec<ExchangeData>> {
    let mut data = caller
        .store()
        .read(|tables| of(tables, &delegator, &caller));
    data.retain(|data| data.delegator == delegator && data.delegate == delegate);
    Json(data)
}

/// `PUT /exchangedatamap/batch`: what is missing is added.
async fn put_maps(caller: Caller, body: Bytes) -> Result<&'static str, Failure> {
    let maps: ExchangeDataMaps = request::json(&body)?;
    if maps.batch.values().any(ByFingerprint::is_empty) {
        return Err(Failure::bad_request("an exchange data map is empty"));
    }
    let mut by_delegation = Vec::with_capacity(maps.batch.len());
    for (key, ids) in maps.batch {
        let key = hex::decode(&key)
            .map_err(|_| Failure::bad_request("an access control key is not hexadecimal"))?;
        by_delegation.push((delegation_key(&key), ids));
    }
    caller
        .store()
        .write(|tx| {
            by_delegation
                .into_iter()
                .try_for_each(|(key, ids)| add_map(tx, key, ids))
        })
        .await?;
    Ok("ok")
}

/// `POST /exchangedatamap/batch`: by id, those that there are.
async fn maps(caller: Caller, body: Bytes) -> Result<Json<Vec<ExchangeDataMap>>, Failure> {
    let Ids { ids } = request::json(&body)?;
    caller.store().read(|tables| {
        let found = ids
            .iter()
            .filter_map(|id| tables.json(Table::ExchangeDataMaps, id).transpose());
        found.collect::<Result<_, _>>().map(Json)
    })
}

/// What a data owner is a side of, as far as the caller is one too.
fn of(tables: &Tables, owner: &str, caller: &Caller) -> Vec<ExchangeData> {
    let shelf = tables.shelf(Table::ExchangeData);
    let found = shelf.find(&Query::Term(Field::Owner, owner.to_owned()));
    let rows = found.iter().filter_map(|row| shelf.row(*row));
    rows.filter_map(|row| readable(tables, &row.key, caller).ok())
        .collect()
}

/// Exchange data that the caller is a side of.
fn readable(tables: &Tables, id: &str, caller: &Caller) -> Result<ExchangeData, Failure> {
    let data: ExchangeData = tables
        .json(Table::ExchangeData, id)?
        .ok_or_else(|| Failure::not_found("there is no such exchange data"))?;
    if [&data.delegator, &data.delegate].contains(&&caller.owner_id) {
        Ok(data)
    } else {
        Err(Failure::forbidden("this is other people's exchange data"))
    }
}

fn check(data: &ExchangeData) -> Result<(), Failure> {
    let sides = [&data.delegator, &data.delegate];
    let secrets = [
        &data.exchange_key,
        &data.access_control_secret,
        &data.shared_signature_key,
    ];
    if sides.iter().any(|id| id.trim().is_empty()) {
        return Err(Failure::bad_request(
            "exchange data must name `delegator` and `delegate`",
        ));
    }
    if secrets.iter().any(|secret| secret.is_empty()) || data.shared_signature.is_empty() {
        return Err(Failure::bad_request(
            "exchange data must have `exchangeKey`, `accessControlSecret`, `sharedSignatureKey` and `sharedSignature`",
        ));
    }
    Ok(())
}

/// Adds to the map of a delegation; what is there already stays.
pub(super) fn add_map(
    tx: &mut Transaction<'_>,
    delegation: String,
    ids: ByFingerprint,
) -> Result<(), Failure> {
    let map: Option<ExchangeDataMap> = tx.json(Table::ExchangeDataMaps, &delegation)?;
    let mut map = map.unwrap_or_default();
    for (fingerprint, id) in ids {
        map.encrypted_exchange_data_ids
            .entry(fingerprint)
            .or_insert(id);
    }
    map.id.clone_from(&delegation);
    map.rev = Some(first_rev());
    tx.put_json(Table::ExchangeDataMaps, delegation, &map)
}
