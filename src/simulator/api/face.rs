//! `/{entity}`: what all kinds of entities are asked for, declared once.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query as Queried};
use axum::http::Uri;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::stored::Stored;
use crate::simulator::auth::Caller;
use crate::simulator::document::{Document, Head};
use crate::simulator::endpoint::{Endpoint, delete, get, post, put};
use crate::simulator::entity::{self, Filtered, Kind, Start};
use crate::simulator::store::{Field, Query, Tables, Transaction};
use crate::simulator::{Failure, request};
use crate::wire::{IdAndRev, Ids, IdsAndRevs, NextPage};

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

/// Everything that is served of a kind in both versions of the API.
pub(super) fn endpoints<T>(kind: &'static Kind) -> Vec<Endpoint>
where
    T: DeserializeOwned + JsonSchema + 'static,
{
    let mut all = one::<T>(kind);
    all.extend(batches::<T>(kind));
    all.extend(gone::<T>(kind));
    all
}

fn at(kind: &Kind, rest: &str) -> String {
    format!("/{}{rest}", kind.path)
}

fn one<T>(kind: &'static Kind) -> Vec<Endpoint>
where
    T: DeserializeOwned + JsonSchema + 'static,
{
    let create = move |caller: Caller, body: Bytes| async move {
        let sent = Document::parse::<T>(&body)?;
        let stored = caller
            .store()
            .write(|tx| entity::create(tx, kind, &caller, sent));
        stored.await.map(Stored)
    };
    let change = move |caller: Caller, body: Bytes| async move {
        let sent = Document::parse::<T>(&body)?;
        let stored = caller
            .store()
            .write(|tx| entity::change(tx, kind, &caller, sent));
        stored.await.map(Stored)
    };
    vec![
        post(&at(kind, ""), create)
            .about("Store one")
            .creates::<T>(),
        put(&at(kind, ""), change)
            .about("Change one")
            .changes::<T>(),
        read::<T>(kind),
    ]
}

/// `GET /{entity}/{id}`
pub(super) fn read<T: JsonSchema>(kind: &'static Kind) -> Endpoint {
    let read = move |Path(id): Path<String>, caller: Caller| async move {
        let read = |tables: &Tables| entity::readable(tables, kind, &id, &caller);
        caller.store().read(read).map(|(bytes, _)| Stored(bytes))
    };
    get(&at(kind, "/{id}"), read)
        .about("One of them")
        .signed_in()
        .gives::<T>()
        .refuses(&[403, 404])
}

/// `POST /{entity}/byIds`
pub(super) fn by_ids<T: JsonSchema>(kind: &'static Kind) -> Endpoint {
    let by_ids = move |caller: Caller, body: Bytes| async move {
        let Ids { ids } = request::json(&body)?;
        let read = |tables: &Tables| entity::by_ids(tables, kind, &ids, &caller);
        let found = caller.store().read(read);
        Ok::<_, Failure>(Stored(entity::list(&found)))
    };
    post(&at(kind, "/byIds"), by_ids)
        .about("Those that there are and that the caller may read")
        .finds::<T>()
}

/// `GET /{entity}`: all, in pages.
pub(super) fn listed<T: JsonSchema>(kind: &'static Kind) -> Endpoint {
    let list = move |caller: Caller, uri: Uri| async move {
        let start = start(&uri)?;
        caller
            .store()
            .read(|tables| page(tables, kind, Query::All, &start, &caller))
    };
    paged(get(&at(kind, ""), list))
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

/// Documents of a list, with their heads.
fn parse_all<T: DeserializeOwned>(body: &[u8]) -> Result<Vec<(Document, Head)>, Failure> {
    let sent: Vec<Value> = request::json(body)?;
    let sent = sent.iter().map(|one| {
        let one = serde_json::to_vec(one)
            .map_err(|_| Failure::internal("a document has no JSON form"))?;
        Document::parse::<T>(&one)
    });
    sent.collect()
}

type Work = fn(&mut Transaction<'_>, &Kind, &Caller, (Document, Head)) -> Result<Bytes, Failure>;

/// All of them or, when one is refused, none.
async fn batch<T: DeserializeOwned>(
    kind: &Kind,
    caller: &Caller,
    body: &[u8],
    work: Work,
) -> Result<Stored, Failure> {
    let sent = parse_all::<T>(body)?;
    let stored = caller.store().write(|tx| {
        let stored = sent.into_iter().map(|one| work(tx, kind, caller, one));
        stored.collect::<Result<Vec<_>, _>>()
    });
    stored.await.map(|stored| Stored(entity::list(&stored)))
}

fn batches<T>(kind: &'static Kind) -> Vec<Endpoint>
where
    T: DeserializeOwned + JsonSchema + 'static,
{
    let create = move |caller: Caller, body: Bytes| async move {
        batch::<T>(kind, &caller, &body, entity::create).await
    };
    let change = move |caller: Caller, body: Bytes| async move {
        batch::<T>(kind, &caller, &body, entity::change).await
    };
    vec![
        post(&at(kind, "/batch"), create)
            .about("Store several, or none")
            .signed_in()
            .takes::<Vec<T>>()
            .gives::<Vec<T>>()
            .refuses(&[403, 409])
            .writes(),
        put(&at(kind, "/batch"), change)
            .about("Change several, or none")
            .signed_in()
            .takes::<Vec<T>>()
            .gives::<Vec<T>>()
            .refuses(&[403, 404, 409])
            .writes(),
        by_ids::<T>(kind),
    ]
}

fn gone<T: JsonSchema + 'static>(kind: &'static Kind) -> Vec<Endpoint> {
    let several = move |caller: Caller, body: Bytes| async move {
        let Ids { ids } = request::json(&body)?;
        let which = ids.into_iter().map(|id| IdAndRev { id, rev: None });
        delete_all(kind, &caller, which.collect()).await.map(Json)
    };
    let with_revisions = move |caller: Caller, body: Bytes| async move {
        let IdsAndRevs { ids } = request::json(&body)?;
        delete_all(kind, &caller, ids).await.map(Json)
    };
    let undelete = move |Path(id): Path<String>, caller: Caller, uri: Uri| async move {
        let which = named(id, &uri)?;
        let write = |tx: &mut Transaction<'_>| entity::undelete(tx, kind, &caller, &which);
        caller.store().write(write).await.map(Stored)
    };
    let purge = move |Path(id): Path<String>, caller: Caller, uri: Uri| async move {
        let which = named(id, &uri)?;
        let write = |tx: &mut Transaction<'_>| entity::purge(tx, kind, &caller, &which);
        caller.store().write(write).await.map(Json)
    };
    let refused = |endpoint: Endpoint| endpoint.signed_in().refuses(&[403, 404, 409]).writes();
    let list = |endpoint: Endpoint| refused(endpoint).gives::<Vec<IdAndRev>>();
    vec![
        list(post(&at(kind, "/delete/batch"), several))
            .about("Mark several as deleted, or none")
            .takes::<Ids>(),
        list(post(&at(kind, "/delete/batch/withrev"), with_revisions))
            .about("The same, if these are their revisions")
            .takes::<IdsAndRevs>(),
        refused(post(&at(kind, "/undelete/{id}"), undelete))
            .about("Take the mark away")
            .required_text("rev", "Its revision")
            .gives::<T>(),
        refused(delete(&at(kind, "/purge/{id}"), purge))
            .about("Remove one for good")
            .required_text("rev", "Its revision")
            .gives::<IdAndRev>(),
    ]
}

fn named(id: String, uri: &Uri) -> Result<IdAndRev, Failure> {
    let rev = request::text(uri, "rev").ok_or_else(|| Failure::bad_request("`rev` is missing"))?;
    Ok(IdAndRev { id, rev: Some(rev) })
}

async fn delete_all(
    kind: &Kind,
    caller: &Caller,
    which: Vec<IdAndRev>,
) -> Result<Vec<IdAndRev>, Failure> {
    let deleted = caller.store().write(|tx| {
        let deleted = which
            .iter()
            .map(|one| entity::delete(tx, kind, caller, one));
        deleted.collect()
    });
    deleted.await
}

/// `DELETE /{entity}/{ids}` of version 1: ids with commas between.
pub(super) fn delete_several(kind: &'static Kind) -> Endpoint {
    let several = move |Path(ids): Path<String>, caller: Caller| async move {
        let ids = ids.split(',').map(str::trim).map(str::to_owned);
        let which = ids.map(|id| IdAndRev { id, rev: None });
        delete_all(kind, &caller, which.collect()).await.map(Json)
    };
    delete(&at(kind, "/{id}"), several)
        .about("Mark some as deleted: ids with commas between")
        .signed_in()
        .gives::<Vec<IdAndRev>>()
        .refuses(&[403, 404, 409])
        .writes()
}

/// `DELETE /{entity}/{id}?rev=` of version 2.
pub(super) fn delete_one(kind: &'static Kind) -> Endpoint {
    let one = move |Path(id): Path<String>, caller: Caller, uri: Uri| async move {
        let rev = request::text(&uri, "rev");
        let which = IdAndRev { id, rev };
        let write = |tx: &mut Transaction<'_>| entity::delete(tx, kind, &caller, &which);
        caller.store().write(write).await.map(Json)
    };
    delete(&at(kind, "/{id}"), one)
        .about("Mark one as deleted")
        .signed_in()
        .text("rev", "Its revision; whichever it is when not said")
        .gives::<IdAndRev>()
        .refuses(&[403, 404, 409])
        .writes()
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
    let filter = entity::filter_schema(what);
    let body = schemars::json_schema!({
        "type": "object",
        "properties": {"filter": filter},
        "required": ["filter"],
    });
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
        .takes_described(entity::filter_schema(what))
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
        filtered::<T>(post(&at(kind, "/filter"), filter), what),
        matched(post(&at(kind, "/match"), ids), what),
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
    let path = at(kind, "/byHcPartySecretForeignKeys");
    let in_query = move |caller: Caller, Queried(search): Queried<Search>| async move {
        let ids = search.secret_keys.split(',').map(str::trim);
        let ids = ids.map(str::to_owned).collect();
        belonging(kind, &search, ids, &caller)
    };
    let posted = move |caller: Caller, Queried(search): Queried<Search>, body: Bytes| async move {
        belonging(kind, &search, request::json(&body)?, &caller)
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

fn belonging(
    kind: &Kind,
    search: &Search,
    ids: Vec<String>,
    caller: &Caller,
) -> Result<Stored, Failure> {
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
    Ok(Stored(entity::list(&found)))
}
