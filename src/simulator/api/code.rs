//! `/code`: finding codes by their parts.

use axum::Json;
use axum::extract::Path;
use axum::http::Uri;

use super::found::{self, start};
use super::stored::Stored;
use crate::simulator::Failure;
use crate::simulator::auth::Caller;
use crate::simulator::endpoint::{Endpoint, get, post};
use crate::simulator::entity::{self, CODE};
use crate::simulator::identity::store_codes;
use crate::simulator::request;
use crate::simulator::store::{Field, Query, Tables, Transaction};
use crate::wire::{DataOwnerKind, Entity};

pub(super) fn endpoints() -> [Endpoint; 5] {
    [
        found::paged(get("/code", list))
            .about("Codes, oldest first, in pages")
            .text("type", "Of this type")
            .text("code", "With this code; says nothing without a type")
            .gives::<found::PaginatedList<Entity>>(),
        get("/code/{id}/{code}/{version}", by_parts)
            .about("A code by its type (the first), code and version")
            .signed_in()
            .gives::<Entity>()
            .refuses(&[404]),
        post("/code/{id}", import)
            .about("Store those of the codes of a type that the simulator comes with and that are not there")
            .signed_in()
            .refuses(&[403])
            .writes(),
        get("/code/isValid", is_valid)
            .about("Whether there is such a code")
            .signed_in()
            .required_text("type", "Its type")
            .required_text("code", "Its code")
            .required_text("version", "Its version")
            .gives::<bool>(),
        get("/code/codetype/byRegionType", types)
            .about("The types that there are")
            .signed_in()
            .gives::<Vec<String>>(),
    ]
}

async fn list(caller: Caller, uri: Uri) -> Result<Stored, Failure> {
    let start = start(&uri)?;
    let query = match request::text(&uri, "type") {
        None => Query::All,
        Some(kind) => {
            let code = request::text(&uri, "code").unwrap_or_default();
            Query::Term(Field::Kind, format!("{kind}|{code}"))
        }
    };
    let read = |tables: &Tables| found::page(tables, &CODE, query, &start, &caller);
    caller.store().read(read)
}

async fn by_parts(
    Path((kind, code, version)): Path<(String, String, String)>,
    caller: Caller,
) -> Result<Stored, Failure> {
    let id = format!("{kind}|{code}|{version}");
    let read = |tables: &Tables| entity::readable(tables, &CODE, &id, &caller);
    caller.store().read(read).map(|(bytes, _)| Stored(bytes))
}

/// `POST /code/{codeType}`: for practitioners, as writing any code is.
async fn import(Path(kind): Path<String>, caller: Caller) -> Result<(), Failure> {
    if caller.kind != DataOwnerKind::Hcp {
        return Err(Failure::forbidden("this is for practitioners"));
    }
    let write = |tx: &mut Transaction<'_>| store_codes(tx, Some(&kind));
    caller.store().write(write).await
}

async fn is_valid(caller: Caller, uri: Uri) -> Result<Json<bool>, Failure> {
    let part = |name: &str| {
        request::text(&uri, name)
            .ok_or_else(|| Failure::bad_request(format!("`{name}` is missing")))
    };
    let id = format!("{}|{}|{}", part("type")?, part("code")?, part("version")?);
    let tables = |tables: &Tables| tables.get(CODE.table, &id).is_some();
    Ok(Json(caller.store().read(tables)))
}

async fn types(caller: Caller) -> Json<Vec<String>> {
    Json(caller.store().read(|tables| {
        let shelf = tables.shelf(CODE.table);
        let found = shelf.find(&Query::All);
        let rows = found.iter().filter_map(|row| shelf.row(*row));
        let types = rows.filter_map(|row| row.key.split('|').next());
        let types: std::collections::BTreeSet<_> = types.collect();
        types.into_iter().map(str::to_owned).collect()
    }))
}
