//! `/contact/service`: data samples on their own.

use axum::Json;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::Uri;

use super::found::{Chain, filtered, matched, start};
use super::stored::Stored;
use crate::simulator::auth::Caller;
use crate::simulator::document::Document;
use crate::simulator::endpoint::{Endpoint, get, post};
use crate::simulator::entity::{self, CONTACT, Filtered};
use crate::simulator::store::{Field, PartRow, Query, Table, Tables};
use crate::simulator::{Failure, request};
use crate::wire::{Ids, Service};

pub(super) fn endpoints() -> [Endpoint; 6] {
    [
        post("/contact/service", by_ids)
            .about("Data samples: those that there are and that the caller may read")
            .finds::<Service>(),
        post("/contact/service/byIds", by_ids)
            .about("Data samples: those that there are and that the caller may read")
            .finds::<Service>(),
        get("/contact/service/{id}", read)
            .about("A data sample, with what opens it")
            .signed_in()
            .gives::<Service>()
            .refuses(&[403, 404]),
        get("/contact/service/healthElementId/{id}", by_health_element)
            .about("The data samples of a health element")
            .signed_in()
            .required_text("hcPartyId", "The data owner whose delegations count")
            .gives::<Vec<Service>>(),
        filtered::<Service>(post("/contact/service/filter", filter), Filtered::Services),
        matched(post("/contact/service/match", ids), Filtered::Services),
    ]
}

async fn read(Path(id): Path<String>, caller: Caller) -> Result<Stored, Failure> {
    let read = |tables: &Tables| entity::read_service(tables, &CONTACT, &id, &caller);
    caller.store().read(read)?.to_bytes().map(Stored)
}

async fn by_ids(caller: Caller, body: Bytes) -> Result<Json<Vec<Document>>, Failure> {
    let Ids { ids } = request::json(&body)?;
    Ok(Json(caller.store().read(|tables| {
        let found = ids
            .iter()
            .filter_map(|id| entity::read_service(tables, &CONTACT, id, &caller).ok());
        found.collect()
    })))
}

async fn by_health_element(
    Path(id): Path<String>,
    caller: Caller,
    uri: Uri,
) -> Result<Json<Vec<Document>>, Failure> {
    let party = request::text(&uri, "hcPartyId");
    let party = party.ok_or_else(|| Failure::bad_request("`hcPartyId` is missing"))?;
    let mut query = vec![Query::Term(Field::HealthElement, id)];
    if party != caller.owner_id {
        query.push(Query::Term(Field::Reader, party));
    }
    caller.store().read(|tables| {
        let found = entity::found_services(tables, &CONTACT, Query::Every(query), &caller);
        let ids = found.iter().filter_map(|row| part(tables, *row));
        let ids = ids.map(|part| entity::read_service(tables, &CONTACT, &part.id, &caller));
        ids.collect::<Result<_, _>>().map(Json)
    })
}

async fn filter(caller: Caller, uri: Uri, body: Bytes) -> Result<Stored, Failure> {
    let start = start(&uri)?;
    let Chain { filter } = request::json(&body)?;
    let query = entity::filter(Filtered::Services, &caller.owner_id, &filter)?;
    caller.store().read(|tables| {
        let found = entity::found_services(tables, &CONTACT, query, &caller);
        let is_first =
            |row: &u32| part(tables, *row).map(|part| part.id.as_ref()) == start.id.as_deref();
        let (rows, next) = start.cut(&found, is_first)?;
        let rows = rows.iter().filter_map(|row| part(tables, *row));
        let rows =
            rows.map(|part| entity::read_service(tables, &CONTACT, &part.id, &caller)?.to_bytes());
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        let next = next.and_then(|row| part(tables, *row));
        let next = next.map(|part| part.id.as_ref());
        Ok(Stored(entity::page(&rows, found.len(), next)))
    })
}

async fn ids(caller: Caller, body: Bytes) -> Result<Json<Vec<String>>, Failure> {
    let filter = request::json(&body)?;
    let query = entity::filter(Filtered::Services, &caller.owner_id, &filter)?;
    Ok(Json(caller.store().read(|tables| {
        let found = entity::found_services(tables, &CONTACT, query, &caller);
        let parts = found.iter().filter_map(|row| part(tables, *row));
        parts.map(|part| part.id.to_string()).collect()
    })))
}

fn part(tables: &Tables, row: u32) -> Option<&PartRow> {
    tables.shelf(Table::Contacts).parts().row(row)
}
