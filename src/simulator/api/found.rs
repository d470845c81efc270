//! Finding entities of any kind: by a filter, by the secret ids of a patient,
//! and all of them, in pages.

use axum::Json;
use axum::body::Bytes;
use axum::extract::Query as Queried;
use axum::http::Uri;
use schemars::{JsonSchema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::stored::Stored;
use crate::simulator::auth::Caller;
use crate::simulator::endpoint::{Endpoint, get, post};
use crate::simulator::entity::{self, Filtered, Kind, Start};
use crate::simulator::store::{Field, Query, Tables};
use crate::simulator::{Failure, request};
use crate::wire::NextPage;

/// Entities of a page, unless the request says otherwise.
const DEFAULT_LIMIT: usize = 1000;

/// `PaginatedList`
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PaginatedList<T> {
    page_size: usize,
    total_size: usize,
    rows: Vec<T>,
    /// Absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next_key_pair: Option<NextPage>,
}

/// `GET /{entity}`: all, in pages.
pub(super) fn listed<T: JsonSchema>(kind: &'static Kind) -> Endpoint {
    let list = move |caller: Caller, uri: Uri| async move {
        let start = start(&uri)?;
        caller
            .store()
            .read(|tables| page(tables, kind, Query::All, &start, &caller))
    };
    paged(get(&kind.at(""), list))
        .about("All that the caller may read, oldest first, in pages")
        .gives::<PaginatedList<T>>()
}

pub(super) fn paged(endpoint: Endpoint) -> Endpoint {
    endpoint
        .signed_in()
        .text(
            "startDocumentId",
            "Where the page begins; at the first when not said",
        )
        .number(
            "limit",
            1..=u64::MAX,
            "Entities of a page; 1000 when not said",
        )
}

/// Body of `/filter`.
#[derive(Deserialize)]
pub(super) struct Chain {
    pub(super) filter: Value,
}

/// Where the page begins that a request asks for.
pub(super) fn start(uri: &Uri) -> Result<Start, Failure> {
    let limit = request::number(uri, "limit")?.unwrap_or(DEFAULT_LIMIT);
    if limit == 0 {
        return Err(Failure::bad_request("`limit` must be 1 or more"));
    }
    let id = request::text(uri, "startDocumentId");
    Ok(Start { id, limit })
}

/// Describes a request for a page of what a filter finds.
pub(super) fn filtered<T: JsonSchema>(endpoint: Endpoint, what: Filtered) -> Endpoint {
    let body = move |generator: &mut SchemaGenerator| {
        json_schema!({
            "type": "object",
            "properties": {"filter": entity::filter_schema(what, generator)},
            "required": ["filter"],
        })
    };
    paged(endpoint)
        .about("Those that a filter finds and that the caller may read, oldest first, in pages")
        .takes_described(body)
        .gives::<PaginatedList<T>>()
}

/// Describes a request for the ids of what a filter finds.
pub(super) fn matched(endpoint: Endpoint, what: Filtered) -> Endpoint {
    endpoint
        .about("Ids of those that a filter finds and that the caller may read, oldest first")
        .signed_in()
        .takes_described(move |generator| entity::filter_schema(what, generator))
        .gives::<Vec<String>>()
}

/// `/{entity}/filter` and `/{entity}/match`.
pub(super) fn filters<T: JsonSchema>(kind: &'static Kind) -> [Endpoint; 2] {
    let what = Filtered::Entities(kind.table);
    let filter = move |caller: Caller, uri: Uri, body: Bytes| async move {
        let start = start(&uri)?;
        let Chain { filter } = request::json(&body)?;
        let query = entity::filter(what, &caller.owner_id, &filter)?;
        caller
            .store()
            .read(|tables| page(tables, kind, query, &start, &caller))
    };
    let ids = move |caller: Caller, body: Bytes| async move {
        let query = entity::filter(what, &caller.owner_id, &request::json(&body)?)?;
        let ids: Vec<String> = caller.store().read(|tables| {
            let found = entity::search(tables, kind, query, &caller);
            let shelf = tables.shelf(kind.table);
            let rows = found.iter().filter_map(|row| shelf.row(*row));
            rows.map(|row| row.key.to_string()).collect()
        });
        Ok::<_, Failure>(Json(ids))
    };
    [
        filtered::<T>(post(&kind.at("/filter"), filter), what),
        matched(post(&kind.at("/match"), ids), what),
    ]
}

/// A page of what a query finds.
pub(super) fn page(
    tables: &Tables,
    kind: &Kind,
    query: Query,
    start: &Start,
    caller: &Caller,
) -> Result<Stored, Failure> {
    let shelf = tables.shelf(kind.table);
    let found = entity::search(tables, kind, query, caller);
    let first = start.id.as_deref().map(|id| shelf.number(id));
    let (rows, next) = start.cut(&found, |row| first == Some(Some(*row)))?;
    let next = next.and_then(|row| shelf.row(*row));
    let rows = entity::documents(tables, kind, rows);
    let next = next.map(|row| row.key.as_ref());
    Ok(Stored(entity::page(&rows, found.len(), next)))
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

/// `/{entity}/byHcPartySecretForeignKeys`, the secret ids in the query or in
/// the body.
pub(super) fn by_secret_ids<T: JsonSchema>(kind: &'static Kind) -> [Endpoint; 2] {
    let path = kind.at("/byHcPartySecretForeignKeys");
    let in_query = move |caller: Caller, Queried(search): Queried<Search>| async move {
        let ids = search.secret_keys.split(',').map(str::trim);
        let ids = ids.map(str::to_owned).collect();
        belonging(kind, &search, ids, &caller)
    };
    let posted = move |caller: Caller, Queried(search): Queried<Search>, body: Bytes| async move {
        let ids = request::json(&body)?;
        Ok::<_, Failure>(belonging(kind, &search, ids, &caller))
    };
    let described = |endpoint: Endpoint| {
        endpoint
            .about("Those of a patient, by its secret ids")
            .signed_in()
            .required_text("hcPartyId", "The data owner whose delegations count")
            .flag("skipClosedContacts", "Leave out closed contacts")
            .gives::<Vec<T>>()
    };
    [
        described(get(&path, in_query)).text("secretFKeys", "Secret ids with commas between"),
        described(post(&path, posted)).takes::<Vec<String>>(),
    ]
}

/// What a search looks at besides the delegations.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Closing {
    closing_date: Option<i64>,
}

fn belonging(kind: &Kind, search: &Search, ids: Vec<String>, caller: &Caller) -> Stored {
    let terms = ids.into_iter().map(|id| Query::Term(Field::SecretKey, id));
    let mut query = vec![Query::Any(terms.collect())];
    if search.hc_party_id != caller.owner_id {
        query.push(Query::Term(Field::Reader, search.hc_party_id.clone()));
    }
    let mut found = caller.store().read(|tables| {
        let rows = entity::search(tables, kind, Query::Every(query), caller);
        entity::documents(tables, kind, &rows)
    });
    if search.skip_closed_contacts.unwrap_or_default() {
        found.retain(|row| {
            let closing: Closing = serde_json::from_slice(row).unwrap_or_default();
            closing.closing_date.is_none()
        });
    }
    Stored(entity::list(&found))
}
