//! `/{entity}/bulkSharedMetadataUpdate`: sharing by secure delegations.

use axum::Json;
use axum::body::Bytes;
use serde_json::Value;

use super::exchange_data::add_map;
use crate::simulator::auth::Caller;
use crate::simulator::document::{Document, Head, find};
use crate::simulator::endpoint::{Endpoint, put};
use crate::simulator::entity::Kind;
use crate::simulator::share::{Asked, Outcome};
use crate::simulator::store::{Table, Transaction};
use crate::simulator::{Failure, request};
use crate::wire::{BulkShare, DataOwnerKind, EntityShare, OtherFields, ShareResult};

/// Of a kind of document.
pub(super) fn endpoints(kind: &'static Kind) -> [Endpoint; 2] {
    let table = kind.table;
    let whole = move |caller: Caller, body: Bytes| async move {
        bulk(table, &caller, &body).await.map(Json)
    };
    let minimal = move |caller: Caller, body: Bytes| async move {
        let mut results = bulk(table, &caller, &body).await?;
        for result in &mut results {
            result.updated_entity = None;
        }
        Ok::<_, Failure>(Json(results))
    };
    let path = kind.at("/bulkSharedMetadataUpdate");
    let about = "Share documents by secure delegations, or change these";
    [put(&path, whole), put(&format!("{path}Minimal"), minimal)].map(|endpoint| {
        endpoint
            .about(about)
            .signed_in()
            .takes::<BulkShare>()
            .gives::<Vec<ShareResult<Value>>>()
            .writes()
    })
}

/// Every document on its own: what is refused for one does not hinder another.
async fn bulk(
    table: Table,
    caller: &Caller,
    body: &[u8],
) -> Result<Vec<ShareResult<Value>>, Failure> {
    // By way of an object: a list of its values would pass for it otherwise.
    let _: OtherFields = request::json(body)?;
    let BulkShare {
        requests_by_entity_id,
    } = request::json(body)?;
    let mut results = Vec::with_capacity(requests_by_entity_id.len());
    for (id, asked) in requests_by_entity_id {
        let shared = caller
            .store()
            .write(|tx| share(tx, table, caller, id, &asked));
        results.push(shared.await?);
    }
    Ok(results)
}

fn share(
    tx: &mut Transaction<'_>,
    table: Table,
    caller: &Caller,
    id: String,
    asked: &EntityShare,
) -> Result<ShareResult<Value>, Failure> {
    let found = find(tx, table, &id, "document");
    let Ok((bytes, head)) = found else {
        return Ok(Asked::refuse_all(
            asked,
            id,
            404,
            "there is no such document",
        ));
    };
    if !is_open(table, &head, caller) {
        return Ok(Asked::refuse_all(
            asked,
            id,
            403,
            "the document is not shared with you",
        ));
    }
    let mut document = Document::stored(bytes)?;
    let may_be_root = head.is_delegated_to(&caller.owner_id)
        || caller.kind == DataOwnerKind::Patient
        || is_own(table, &head, caller);
    let asked = Asked {
        owner: &caller.owner_id,
        shown: &caller.shown,
        may_be_root,
        requests: asked,
    };
    let Outcome {
        metadata,
        maps,
        rejected,
    } = asked.apply(head.security_metadata.as_ref());
    let mut result = ShareResult {
        entity_id: id,
        entity_rev: head.rev.clone(),
        rejected_requests: rejected,
        ..ShareResult::default()
    };
    let Some(metadata) = metadata else {
        return Ok(result);
    };
    let metadata = serde_json::to_value(metadata)
        .map_err(|_| Failure::internal("secure delegations have no JSON form"))?;
    document.set("securityMetadata", metadata);
    let rev = head.next_rev(head.rev.as_deref())?;
    let stored = document.store(tx, table, &result.entity_id, rev)?;
    for (delegation, ids) in maps {
        add_map(tx, delegation, ids)?;
    }
    let stored = serde_json::from_slice(&stored)
        .map_err(|_| Failure::internal("a stored document is damaged"))?;
    result.updated_entity = Some(stored);
    Ok(result)
}

fn is_open(table: Table, head: &Head, caller: &Caller) -> bool {
    caller.may_read(head) || is_own(table, head, caller)
}

/// Whether the document is the caller itself.
fn is_own(table: Table, head: &Head, caller: &Caller) -> bool {
    table == Table::Patients && head.id == caller.owner_id
}
