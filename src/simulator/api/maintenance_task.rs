//! `/maintenancetask`: what one data owner asks of another.

use axum::Json;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::Uri;
use serde::Deserialize;
use serde_json::{Value, json};

use super::stored::Stored;
use crate::simulator::auth::Caller;
use crate::simulator::document::{Document, Head, find, first_rev};
use crate::simulator::endpoint::{Endpoint, get, post, put};
use crate::simulator::store::{Table, Tables};
use crate::simulator::{Failure, request};
use crate::wire::{MaintenanceTask, TaskFilter, TaskFilterChain, TaskPage};

/// Tasks of a page, unless the request says otherwise.
const DEFAULT_LIMIT: usize = 1000;

pub(super) fn endpoints() -> [Endpoint; 4] {
    [
        post("/maintenancetask", create)
            .about("Ask something of another data owner")
            .creates::<MaintenanceTask>(),
        put("/maintenancetask", update)
            .about("Change a task: how far it has come")
            .changes::<MaintenanceTask>(),
        get("/maintenancetask/{id}", read)
            .about("A task")
            .signed_in()
            .gives::<MaintenanceTask>()
            .refuses(&[403, 404]),
        post("/maintenancetask/filter", filter)
            .about("Tasks that the caller may read, oldest first")
            .signed_in()
            .text(
                "startDocumentId",
                "Where the page begins; at the first task when not said",
            )
            .number("limit", 1..=u64::MAX, "Tasks of a page; 1000 when not said")
            .takes::<TaskFilterChain>()
            .gives::<TaskPage>()
            .refuses(&[400, 403]),
    ]
}

async fn create(caller: Caller, body: Bytes) -> Result<Stored, Failure> {
    let (mut task, head) = Document::parse::<MaintenanceTask>(&body)?;
    check(&task)?;
    if !head.is_delegated_to(&caller.owner_id) {
        return Err(Failure::bad_request(
            "`delegations` must name whoever makes the task",
        ));
    }
    let refusal = "`author` must be the caller's user id";
    task.claim("author", &caller.user_id, refusal)?;
    let refusal = "`responsible` must be the caller's data owner id";
    task.claim("responsible", &caller.owner_id, refusal)?;
    if task.get("created").and_then(Value::as_i64).is_none() {
        task.set("created", caller.simulation.clock.unix_millis());
    }
    let stored = caller.store().write(|tx| {
        if tx.get(Table::MaintenanceTasks, &head.id).is_some() {
            return Err(Failure::conflict("there is a task of this id already"));
        }
        task.store(tx, Table::MaintenanceTasks, &head.id, first_rev())
    });
    stored.await.map(Stored)
}

/// What of a task stays as it was.
const LASTING: [&str; 4] = ["author", "responsible", "taskType", "created"];

async fn update(caller: Caller, body: Bytes) -> Result<Stored, Failure> {
    let (mut task, head) = Document::parse::<MaintenanceTask>(&body)?;
    check(&task)?;
    let stored = caller.store().write(|tx| {
        let (before, current) = readable(tx, &head.id, &caller)?;
        let rev = current.next_rev(head.rev.as_deref())?;
        let before = Document::stored(&before)?;
        for field in LASTING {
            let lasting = before.get(field).unwrap_or(&Value::Null);
            match task.get(field) {
                None | Some(Value::Null) => task.set(field, lasting.clone()),
                Some(same) if same == lasting => {}
                Some(_) => {
                    return Err(Failure::forbidden(format!(
                        "`{field}` of a task does not change"
                    )));
                }
            }
        }
        task.store(tx, Table::MaintenanceTasks, &head.id, rev)
    });
    stored.await.map(Stored)
}

async fn read(Path(id): Path<String>, caller: Caller) -> Result<Stored, Failure> {
    caller
        .store()
        .read(|tables| readable(tables, &id, &caller))
        .map(|(bytes, _)| Stored(bytes))
}

/// `POST /maintenancetask/filter?startDocumentId=&limit=`: those that the caller
/// may read, oldest first.
async fn filter(caller: Caller, uri: Uri, body: Bytes) -> Result<Json<Value>, Failure> {
    let limit = request::number(&uri, "limit")?.unwrap_or(DEFAULT_LIMIT);
    if limit == 0 {
        return Err(Failure::bad_request("`limit` must be 1 or more"));
    }
    let start = request::text(&uri, "startDocumentId");
    let TaskFilterChain { filter } = request::json(&body)?;
    check_filter(&filter, &caller)?;
    let rows: Vec<Bytes> = caller
        .store()
        .read(|tables| tables.rows(Table::MaintenanceTasks).cloned().collect());
    let mut found: Vec<(Row, Bytes)> = Vec::new();
    for bytes in rows {
        let damaged = |_| Failure::internal("a stored document is damaged");
        let head: Head = serde_json::from_slice(&bytes).map_err(damaged)?;
        let row: Row = serde_json::from_slice(&bytes).map_err(damaged)?;
        if head.is_delegated_to(&caller.owner_id) && holds(&filter, &row) {
            found.push((row, bytes));
        }
    }
    found.sort_unstable_by(|(a, _), (b, _)| (a.created, &a.id).cmp(&(b.created, &b.id)));
    page(&found, start.as_deref(), limit).map(Json)
}

/// What a filter looks at.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    id: String,
    created: i64,
    task_type: Option<String>,
}

/// One page, as the platform answers.
fn page(found: &[(Row, Bytes)], start: Option<&str>, limit: usize) -> Result<Value, Failure> {
    let begin = match start {
        None => 0,
        Some(start) => found
            .iter()
            .position(|(row, _)| row.id == start)
            .ok_or_else(|| Failure::bad_request("`startDocumentId` is none of the tasks found"))?,
    };
    let rest = found.get(begin..).unwrap_or_default();
    let (rows, next) = rest.split_at(limit.min(rest.len()));
    let documents: Result<Vec<Document>, Failure> = rows
        .iter()
        .map(|(_, bytes)| Document::stored(bytes))
        .collect();
    let mut page = json!({
        "totalSize": found.len(),
        "pageSize": rows.len(),
        "rows": documents?,
    });
    if let Some((row, _)) = next.first() {
        page["nextKeyPair"] = json!({"startKeyDocId": row.id});
    }
    Ok(page)
}

fn holds(filter: &TaskFilter, row: &Row) -> bool {
    match filter {
        TaskFilter::AfterDate { date, .. } => row.created >= *date,
        TaskFilter::ByType { task_type, .. } => row.task_type.as_ref() == Some(task_type),
        TaskFilter::ByIds { ids } => ids.contains(&row.id),
        TaskFilter::Intersection { filters } => filters.iter().all(|filter| holds(filter, row)),
        TaskFilter::Union { filters } => filters.iter().any(|filter| holds(filter, row)),
    }
}

/// Nobody looks for the tasks of others.
fn check_filter(filter: &TaskFilter, caller: &Caller) -> Result<(), Failure> {
    match filter {
        TaskFilter::AfterDate { data_owner, .. } | TaskFilter::ByType { data_owner, .. } => {
            if data_owner.as_ref().is_some_and(|id| *id != caller.owner_id) {
                return Err(Failure::forbidden(
                    "`healthcarePartyId` must be the caller's data owner id",
                ));
            }
            Ok(())
        }
        TaskFilter::ByIds { .. } => Ok(()),
        TaskFilter::Intersection { filters } | TaskFilter::Union { filters } => filters
            .iter()
            .try_for_each(|filter| check_filter(filter, caller)),
    }
}

/// A task that the caller may read, and so change.
fn readable(tables: &Tables, id: &str, caller: &Caller) -> Result<(Bytes, Head), Failure> {
    let (bytes, head) = find(tables, Table::MaintenanceTasks, id, "task")?;
    if !head.is_delegated_to(&caller.owner_id) {
        return Err(Failure::forbidden("the task is not shared with you"));
    }
    Ok((bytes.clone(), head))
}

/// What is asked is for those alone with whom it is shared.
fn check(task: &Document) -> Result<(), Failure> {
    match task.get("properties") {
        Some(Value::Array(properties)) if !properties.is_empty() => Err(Failure::bad_request(
            "properties must be encrypted: expected `encryptedSelf` and no `properties`",
        )),
        _ => Ok(()),
    }
}
