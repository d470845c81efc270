//! `/{entity}`: what all kinds of entities are asked for, declared once.

use axum::Json;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::Uri;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::stored::Stored;
use crate::simulator::auth::Caller;
use crate::simulator::document::{Document, Head};
use crate::simulator::endpoint::{Endpoint, delete, get, post, put};
use crate::simulator::entity::{self, Kind};
use crate::simulator::store::{Tables, Transaction};
use crate::simulator::{Failure, request};
use crate::wire::{IdAndRev, Ids, IdsAndRevs};

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
        post(&kind.at(""), create).about("Store one").creates::<T>(),
        put(&kind.at(""), change).about("Change one").changes::<T>(),
        read::<T>(kind),
    ]
}

/// `GET /{entity}/{id}`
pub(super) fn read<T: JsonSchema>(kind: &'static Kind) -> Endpoint {
    let read = move |Path(id): Path<String>, caller: Caller| async move {
        let read = |tables: &Tables| entity::readable(tables, kind, &id, &caller);
        caller.store().read(read).map(|(bytes, _)| Stored(bytes))
    };
    get(&kind.at("/{id}"), read)
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
    post(&kind.at("/byIds"), by_ids)
        .about("Those that there are and that the caller may read")
        .finds::<T>()
}

fn between_commas(ids: &str) -> impl Iterator<Item = String> {
    ids.split(',').map(|id| id.trim().to_owned())
}

/// `GET /{entity}/byIds/{ids}` of version 1: ids with commas between.
pub(super) fn by_ids_in_path<T: JsonSchema>(kind: &'static Kind) -> Endpoint {
    let by_ids = move |Path(ids): Path<String>, caller: Caller| async move {
        let ids: Vec<_> = between_commas(&ids).collect();
        let read = |tables: &Tables| entity::by_ids(tables, kind, &ids, &caller);
        Stored(entity::list(&caller.store().read(read)))
    };
    get(&kind.at("/byIds/{ids}"), by_ids)
        .about("Those of the ids, with commas between, that there are and that the caller may read")
        .signed_in()
        .gives::<Vec<T>>()
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
        post(&kind.at("/batch"), create)
            .about("Store several, or none")
            .signed_in()
            .takes::<Vec<T>>()
            .gives::<Vec<T>>()
            .refuses(&[403, 409])
            .writes(),
        put(&kind.at("/batch"), change)
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
        list(post(&kind.at("/delete/batch"), several))
            .about("Mark several as deleted, or none")
            .takes::<Ids>(),
        list(post(&kind.at("/delete/batch/withrev"), with_revisions))
            .about("The same, if these are their revisions")
            .takes::<IdsAndRevs>(),
        refused(post(&kind.at("/undelete/{id}"), undelete))
            .about("Take the mark away")
            .required_text("rev", "Its revision")
            .gives::<T>(),
        refused(delete(&kind.at("/purge/{id}"), purge))
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
        let which = named_in(&ids).collect();
        delete_all(kind, &caller, which).await.map(Json)
    };
    delete(&kind.at("/{id}"), several)
        .about("Mark some as deleted: ids with commas between")
        .signed_in()
        .gives::<Vec<IdAndRev>>()
        .refuses(&[403, 404, 409])
        .writes()
}

/// `PUT /{entity}/undelete/{ids}`: ids with commas between.
pub(super) fn undelete_several(kind: &'static Kind) -> Endpoint {
    let several = move |Path(ids): Path<String>, caller: Caller| async move {
        let undeleted = caller.store().write(|tx| {
            let undeleted = named_in(&ids).map(|which| {
                let bytes = entity::undelete(tx, kind, &caller, &which)?;
                let rev = serde_json::from_slice::<Head>(&bytes)
                    .ok()
                    .and_then(|head| head.rev);
                Ok(IdAndRev { id: which.id, rev })
            });
            undeleted.collect::<Result<Vec<_>, Failure>>()
        });
        undeleted.await.map(Json)
    };
    put(&kind.at("/undelete/{id}"), several)
        .about("Take the mark away from some: ids with commas between")
        .signed_in()
        .gives::<Vec<IdAndRev>>()
        .refuses(&[403, 404, 409])
        .writes()
}

/// The documents of a path: ids with commas between.
fn named_in(ids: &str) -> impl Iterator<Item = IdAndRev> {
    between_commas(ids).map(|id| IdAndRev { id, rev: None })
}

/// `DELETE /{entity}/{id}?rev=` of version 2.
pub(super) fn delete_one(kind: &'static Kind) -> Endpoint {
    let one = move |Path(id): Path<String>, caller: Caller, uri: Uri| async move {
        let rev = request::text(&uri, "rev");
        let which = IdAndRev { id, rev };
        let write = |tx: &mut Transaction<'_>| entity::delete(tx, kind, &caller, &which);
        caller.store().write(write).await.map(Json)
    };
    delete(&kind.at("/{id}"), one)
        .about("Mark one as deleted")
        .signed_in()
        .text("rev", "Its revision; whichever it is when not said")
        .gives::<IdAndRev>()
        .refuses(&[403, 404, 409])
        .writes()
}
