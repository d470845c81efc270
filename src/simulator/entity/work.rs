//! What can be done with an entity, whatever its kind.

use axum::body::Bytes;
use serde_json::Value;

use super::kind::Kind;
use crate::simulator::Failure;
use crate::simulator::auth::Caller;
use crate::simulator::document::{Document, Head, find, first_rev};
use crate::simulator::store::{Query, Table, Tables, Transaction};
use crate::wire::IdAndRev;

/// Data owners.
const OWNERS: [Table; 3] = [Table::Patients, Table::Practitioners, Table::Devices];

/// An entity that the caller may read.
///
/// # Errors
/// 404, 403
pub(in crate::simulator) fn readable(
    tables: &Tables,
    kind: &Kind,
    id: &str,
    caller: &Caller,
) -> Result<(Bytes, Head), Failure> {
    let (bytes, head) = find(tables, kind.table, id, kind.name)?;
    if !kind.may_read(&head, caller) {
        return Err(Failure::forbidden(format!(
            "the {} is not shared with you",
            kind.name
        )));
    }
    Ok((bytes.clone(), head))
}

/// The same, if the caller may change it.
fn writable(
    tables: &Tables,
    kind: &Kind,
    id: &str,
    caller: &Caller,
) -> Result<(Bytes, Head), Failure> {
    let (bytes, head) = readable(tables, kind, id, caller)?;
    if !kind.may_write(&head, caller) {
        return Err(Failure::forbidden(format!(
            "you may read this {}, and not change it",
            kind.name
        )));
    }
    Ok((bytes, head))
}

/// Stores a new entity.
///
/// # Errors
/// 400, 403, 409
pub(in crate::simulator) fn create(
    tx: &mut Transaction<'_>,
    kind: &Kind,
    caller: &Caller,
    (mut document, head): (Document, Head),
) -> Result<Bytes, Failure> {
    (kind.check)(&document)?;
    head.check_delegations()?;
    (kind.prepare)(&mut document, &head, caller)?;
    // Keys are looked for by the id of a data owner, of whatever kind it is.
    let is_owner = OWNERS.contains(&kind.table);
    let tables = OWNERS.iter().filter(|_| is_owner).chain([&kind.table]);
    if tables
        .into_iter()
        .any(|table| tx.get(*table, &head.id).is_some())
    {
        return Err(Failure::conflict(format!(
            "there is a {} of this id already",
            kind.name
        )));
    }
    document.store(tx, kind.table, &head.id, first_rev())
}

/// Changes an entity.
///
/// # Errors
/// 400, 403, 404, 409
pub(in crate::simulator) fn change(
    tx: &mut Transaction<'_>,
    kind: &Kind,
    caller: &Caller,
    (mut document, head): (Document, Head),
) -> Result<Bytes, Failure> {
    (kind.check)(&document)?;
    let (before, current) = writable(tx, kind, &head.id, caller)?;
    let rev = current.next_rev(head.rev.as_deref())?;
    current.keeps_delegations(&head)?;
    let mut before = Document::stored(&before)?;
    for field in kind.lasting {
        let lasting = before.take(field).unwrap_or_default();
        match document.get(field) {
            Some(given) if is_same(given, &lasting) => {}
            None | Some(Value::Null) if lasting.is_null() => {}
            None | Some(Value::Null) => document.set(field, lasting),
            Some(_) => {
                return Err(Failure::forbidden(format!(
                    "`{field}` of a {} does not change",
                    kind.name
                )));
            }
        }
    }
    document.store(tx, kind.table, &head.id, rev)
}

/// Whether two values say the same, down to the fields that only one of them
/// has and that say nothing there.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(fields), Value::Object(others)) => {
            let mut keys = fields.keys().chain(others.keys());
            keys.all(|key| is_same(&one[key], &other[key]))
        }
        _ => one == other || is_blank(one) && is_blank(other),
    }
}

/// Whether a value says nothing: the simulator writes an empty list or map
/// where nothing was said.
fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

/// Marks an entity as deleted: nothing finds it any more but its id.
///
/// # Errors
/// 403, 404, 409
pub(in crate::simulator) fn delete(
    tx: &mut Transaction<'_>,
    kind: &Kind,
    caller: &Caller,
    which: &IdAndRev,
) -> Result<IdAndRev, Failure> {
    let (mut document, rev) = current(tx, kind, caller, which)?;
    document.set("deletionDate", tx.now());
    document.store(tx, kind.table, &which.id, rev.clone())?;
    Ok(IdAndRev {
        id: which.id.clone(),
        rev: Some(rev),
    })
}

/// Takes the mark away again.
///
/// # Errors
/// 403, 404, 409
pub(in crate::simulator) fn undelete(
    tx: &mut Transaction<'_>,
    kind: &Kind,
    caller: &Caller,
    which: &IdAndRev,
) -> Result<Bytes, Failure> {
    let (mut document, rev) = current(tx, kind, caller, which)?;
    document.take("deletionDate");
    document.store(tx, kind.table, &which.id, rev)
}

/// Removes an entity with all that goes with it.
///
/// # Errors
/// 403, 404, 409
pub(in crate::simulator) fn purge(
    tx: &mut Transaction<'_>,
    kind: &Kind,
    caller: &Caller,
    which: &IdAndRev,
) -> Result<IdAndRev, Failure> {
    let (_, rev) = current(tx, kind, caller, which)?;
    let is_others = OWNERS.contains(&kind.table) && which.id != caller.owner_id;
    if is_others && !tx.owned(Table::Users, &which.id).is_empty() {
        return Err(Failure::forbidden(format!(
            "the {} has an account, which is not yours",
            kind.name
        )));
    }
    tx.remove_whole(kind.table, &which.id);
    Ok(IdAndRev {
        id: which.id.clone(),
        rev: Some(rev),
    })
}

/// What the caller may change, with its next revision. Who names no revision
/// means the current one.
///
/// # Errors
/// 403, 404, 409
pub(in crate::simulator) fn current(
    tx: &Tables,
    kind: &Kind,
    caller: &Caller,
    which: &IdAndRev,
) -> Result<(Document, String), Failure> {
    let (before, head) = writable(tx, kind, &which.id, caller)?;
    let named = which.rev.as_deref().or(head.rev.as_deref());
    let rev = head.next_rev(named)?;
    Ok((Document::stored(&before)?, rev))
}

/// Those of the ids that there are and that the caller may read.
pub(in crate::simulator) fn by_ids(
    tables: &Tables,
    kind: &Kind,
    ids: &[String],
    caller: &Caller,
) -> Vec<Bytes> {
    let found = ids
        .iter()
        .filter_map(|id| readable(tables, kind, id, caller).ok());
    found.map(|(bytes, _)| bytes).collect()
}

/// What a query finds of that which the caller may read, in order of creation.
pub(in crate::simulator) fn search(
    tables: &Tables,
    kind: &Kind,
    query: Query,
    caller: &Caller,
) -> Vec<u32> {
    let query = Query::Every(vec![kind.readable(caller), query]);
    tables.shelf(kind.table).find(&query)
}

/// The documents of rows.
pub(in crate::simulator) fn documents(tables: &Tables, kind: &Kind, rows: &[u32]) -> Vec<Bytes> {
    let shelf = tables.shelf(kind.table);
    let rows = rows.iter().filter_map(|row| shelf.row(*row));
    rows.map(|row| row.value.clone()).collect()
}
