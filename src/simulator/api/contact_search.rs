//! Contacts by id, and those of a patient, which are found by its secret ids;
//! services by the one filter that is served.

use axum::Json;
use axum::body::Bytes;
use axum::extract::Query;
use axum::http::Uri;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::contact::{readable, readable_services};
use crate::simulator::auth::Caller;
use crate::simulator::document::{Document, Head};
use crate::simulator::endpoint::{Endpoint, Ids, get, post};
use crate::simulator::store::Table;
use crate::simulator::{Failure, request};
use crate::wire::{Contact, Service};

pub(super) fn endpoints() -> [Endpoint; 4] {
    let search = |endpoint: Endpoint| {
        endpoint
            .about("Contacts of a patient, by its secret ids")
            .signed_in()
            .required_text("hcPartyId", "The data owner whose delegations count")
            .flag("skipClosedContacts", "Leave out closed contacts")
            .gives::<Vec<Contact>>()
    };
    let by_secret_ids = get("/contact/byHcPartySecretForeignKeys", by_secret_ids)
        .text("secretFKeys", "Secret ids with commas between");
    let by_posted = post("/contact/byHcPartySecretForeignKeys", by_posted_secret_ids);
    [
        post("/contact/byIds", by_ids)
            .about("Contacts: those that there are and that the caller may read")
            .finds::<Contact>(),
        search(by_secret_ids),
        search(by_posted.takes::<Vec<String>>()),
        post("/contact/service/filter", filter_services)
            .about("Data samples by a filter: those that the caller may read")
            .signed_in()
            .number("limit", 0..=u64::MAX, "At most so many; all when not said")
            .takes::<FilterChain>()
            .gives::<PaginatedList<Service>>(),
    ]
}

/// `POST /contact/byIds`: those that there are and that the caller may read.
async fn by_ids(caller: Caller, body: Bytes) -> Result<Json<Vec<Document>>, Failure> {
    let Ids { ids } = request::json(&body)?;
    let found: Vec<Bytes> = caller.store().read(|tables| {
        let readable = ids
            .iter()
            .filter_map(|id| readable(tables, id, &caller).ok());
        readable.map(|(bytes, _)| bytes).collect()
    });
    documents(&found)
}

/// The query of both searches by secret id.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Search {
    /// The data owner whose delegations count.
    hc_party_id: String,
    /// Secret ids, in the `GET`, with commas between.
    #[serde(rename = "secretFKeys", default)]
    secret_keys: String,
    skip_closed_contacts: Option<bool>,
}

async fn by_secret_ids(
    caller: Caller,
    Query(search): Query<Search>,
) -> Result<Json<Vec<Document>>, Failure> {
    let ids = search.secret_keys.split(',').map(str::trim);
    let ids: Vec<String> = ids.map(str::to_owned).collect();
    contacts(&search, &ids, &caller)
}

/// `POST /contact/byHcPartySecretForeignKeys?hcPartyId=`, the secret ids in the
/// body.
async fn by_posted_secret_ids(
    caller: Caller,
    Query(search): Query<Search>,
    body: Bytes,
) -> Result<Json<Vec<Document>>, Failure> {
    let ids: Vec<String> = request::json(&body)?;
    contacts(&search, &ids, &caller)
}

/// What a search looks at besides the delegations.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Filed {
    secret_foreign_keys: Vec<String>,
    closing_date: Option<i64>,
}

/// Looks through the contacts that name the first party.
fn contacts(
    search: &Search,
    ids: &[String],
    caller: &Caller,
) -> Result<Json<Vec<Document>>, Failure> {
    let party = search.hc_party_id.as_str();
    let skip_closed = search.skip_closed_contacts.unwrap_or_default();
    let wanted = |row: &Bytes| {
        let head: Option<Head> = serde_json::from_slice(row).ok();
        let filed: Filed = serde_json::from_slice(row).unwrap_or_default();
        head.is_some_and(|head| head.is_delegated_to(party) && caller.may_read(&head))
            && filed.secret_foreign_keys.iter().any(|id| ids.contains(id))
            && !(skip_closed && filed.closing_date.is_some())
    };
    let found: Vec<Bytes> = caller.store().read(|tables| {
        let rows = tables.containing(Table::Contacts, party);
        rows.filter(|row| wanted(row)).cloned().collect()
    });
    documents(&found)
}

/// Body of `POST /contact/service/filter`.
#[derive(Deserialize, JsonSchema)]
pub(super) struct FilterChain {
    filter: Filter,
}

#[derive(Deserialize, JsonSchema)]
struct Filter {
    #[serde(rename = "$type")]
    kind: FilterKind,
    #[serde(default)]
    ids: Vec<String>,
}

#[derive(PartialEq, Eq, Deserialize, JsonSchema)]
enum FilterKind {
    ServiceByIdsFilter,
    #[serde(other)]
    #[schemars(skip)]
    Other,
}

/// A page of results; there is only ever one.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PaginatedList<T> {
    page_size: usize,
    total_size: usize,
    rows: Vec<T>,
}

/// `POST /contact/service/filter?limit=`, with a `ServiceByIdsFilter`: the way
/// in which `@icure/api` 6.x reads services by id.
async fn filter_services(
    caller: Caller,
    uri: Uri,
    body: Bytes,
) -> Result<Json<PaginatedList<Document>>, Failure> {
    let FilterChain { filter } = request::json(&body)?;
    if filter.kind != FilterKind::ServiceByIdsFilter {
        return Err(Failure::bad_request(
            "of the filters of services, the simulator serves `ServiceByIdsFilter` only",
        ));
    }
    let limit = request::number(&uri, "limit")?.unwrap_or(usize::MAX);
    let mut rows = readable_services(&filter.ids, &caller)?;
    let total_size = rows.len();
    rows.truncate(limit);
    Ok(Json(PaginatedList {
        page_size: rows.len(),
        total_size,
        rows,
    }))
}

fn documents(found: &[Bytes]) -> Result<Json<Vec<Document>>, Failure> {
    let documents = found.iter().map(|bytes| Document::stored(bytes));
    documents.collect::<Result<_, _>>().map(Json)
}
