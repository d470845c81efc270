//! The kinds of entities.

use serde_json::Value;

use super::kind::{Kind, Openness};
use super::service;
use crate::simulator::Failure;
use crate::simulator::auth::Caller;
use crate::simulator::document::{Document, Head};
use crate::simulator::store::Table;
use crate::wire::DataOwnerKind;

/// What most kinds have in common.
const PLAIN: Kind = Kind {
    table: Table::HealthElements,
    path: "",
    class: "",
    name: "",
    openness: Openness::Shared,
    check: anything,
    prepare: written_by_caller,
    lasting: &["author"],
};

pub(in crate::simulator) static CONTACT: Kind = Kind {
    table: Table::Contacts,
    path: "contact",
    class: "Contact",
    name: "contact",
    check: service::check,
    ..PLAIN
};

pub(in crate::simulator) static HEALTH_ELEMENT: Kind = Kind {
    table: Table::HealthElements,
    path: "helement",
    class: "HealthElement",
    name: "health element",
    ..PLAIN
};

pub(in crate::simulator) static DOCUMENT: Kind = Kind {
    table: Table::Documents,
    path: "document",
    class: "Document",
    name: "document",
    // With the attachment they change on their own.
    lasting: &[
        "author",
        "attachmentId",
        "secondaryAttachments",
        "deletedAttachments",
    ],
    ..PLAIN
};

pub(in crate::simulator) static MAINTENANCE_TASK: Kind = Kind {
    table: Table::MaintenanceTasks,
    path: "maintenancetask",
    class: "MaintenanceTask",
    name: "task",
    check: sealed_properties,
    prepare: asked_by_caller,
    lasting: &["author", "responsible", "taskType", "created"],
    ..PLAIN
};

pub(in crate::simulator) static MESSAGE: Kind = Kind {
    table: Table::Messages,
    path: "message",
    class: "Message",
    name: "message",
    ..PLAIN
};

pub(in crate::simulator) static FORM: Kind = Kind {
    table: Table::Forms,
    path: "form",
    class: "Form",
    name: "form",
    ..PLAIN
};

pub(in crate::simulator) static INVOICE: Kind = Kind {
    table: Table::Invoices,
    path: "invoice",
    class: "Invoice",
    name: "invoice",
    ..PLAIN
};

pub(in crate::simulator) static CALENDAR_ITEM: Kind = Kind {
    table: Table::CalendarItems,
    path: "calendarItem",
    class: "CalendarItem",
    name: "calendar item",
    ..PLAIN
};

pub(in crate::simulator) static CLASSIFICATION: Kind = Kind {
    table: Table::Classifications,
    path: "classification",
    class: "Classification",
    name: "classification",
    ..PLAIN
};

pub(in crate::simulator) static ACCESS_LOG: Kind = Kind {
    table: Table::AccessLogs,
    path: "accesslog",
    class: "AccessLog",
    name: "access log",
    ..PLAIN
};

pub(in crate::simulator) static PATIENT: Kind = Kind {
    table: Table::Patients,
    path: "patient",
    class: "Patient",
    name: "patient",
    prepare: by_anybody,
    lasting: &[],
    ..PLAIN
};

pub(in crate::simulator) static PRACTITIONER: Kind = Kind {
    table: Table::Practitioners,
    path: "hcparty",
    class: "HealthcareParty",
    name: "practitioner",
    openness: Openness::Public,
    prepare: by_practitioner,
    lasting: &[],
    ..PLAIN
};

pub(in crate::simulator) static DEVICE: Kind = Kind {
    table: Table::Devices,
    path: "device",
    class: "Device",
    name: "device",
    openness: Openness::Public,
    ..PLAIN
};

pub(in crate::simulator) static CODE: Kind = Kind {
    table: Table::Codes,
    path: "code",
    class: "Code",
    name: "code",
    openness: Openness::Public,
    check: named_by_parts,
    prepare: written_by_practitioner,
    ..PLAIN
};

pub(in crate::simulator) static USER: Kind = Kind {
    table: Table::Users,
    path: "user",
    class: "User",
    name: "user",
    openness: Openness::Accounts,
    ..PLAIN
};

/// Kinds that are shared, without the contacts, tasks and patients.
pub(in crate::simulator) static PLAIN_KINDS: [&Kind; 8] = [
    &HEALTH_ELEMENT,
    &DOCUMENT,
    &MESSAGE,
    &FORM,
    &INVOICE,
    &CALENDAR_ITEM,
    &CLASSIFICATION,
    &ACCESS_LOG,
];

/// All kinds but the accounts, which are no documents of their owners.
pub(in crate::simulator) fn kinds() -> impl Iterator<Item = &'static Kind> {
    let others = [
        &CONTACT,
        &MAINTENANCE_TASK,
        &PATIENT,
        &PRACTITIONER,
        &DEVICE,
        &CODE,
    ];
    PLAIN_KINDS.into_iter().chain(others)
}

#[expect(clippy::unnecessary_wraps, reason = "a check that refuses nothing")]
fn anything(_: &Document) -> Result<(), Failure> {
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "a check that refuses nothing")]
fn by_anybody(_: &mut Document, _: &Head, _: &Caller) -> Result<(), Failure> {
    Ok(())
}

fn by_practitioner(_: &mut Document, _: &Head, caller: &Caller) -> Result<(), Failure> {
    if caller.kind == DataOwnerKind::Hcp {
        return Ok(());
    }
    Err(Failure::forbidden("this is for practitioners"))
}

fn written_by_caller(document: &mut Document, _: &Head, caller: &Caller) -> Result<(), Failure> {
    let refusal = "`author` must be the caller's user id";
    document.claim("author", &caller.user_id, refusal)
}

fn written_by_practitioner(
    document: &mut Document,
    head: &Head,
    caller: &Caller,
) -> Result<(), Failure> {
    by_practitioner(document, head, caller)?;
    written_by_caller(document, head, caller)
}

fn asked_by_caller(task: &mut Document, head: &Head, caller: &Caller) -> Result<(), Failure> {
    if !caller.may_read(head) {
        return Err(Failure::bad_request(
            "`delegations` must name whoever makes the task",
        ));
    }
    written_by_caller(task, head, caller)?;
    let refusal = "`responsible` must be the caller's data owner id";
    task.claim("responsible", &caller.owner_id, refusal)?;
    if task.get("created").and_then(Value::as_i64).is_none() {
        task.set("created", caller.simulation.clock.unix_millis());
    }
    Ok(())
}

/// What is asked is for those alone with whom it is shared.
fn sealed_properties(task: &Document) -> Result<(), Failure> {
    match task.get("properties") {
        Some(Value::Array(properties)) if !properties.is_empty() => Err(Failure::bad_request(
            "properties must be encrypted: expected `encryptedSelf` and no `properties`",
        )),
        _ => Ok(()),
    }
}

/// The id of a code is made of its parts.
fn named_by_parts(code: &Document) -> Result<(), Failure> {
    let text = |field: &str| code.get(field).and_then(Value::as_str);
    let parts = [text("type"), text("code"), text("version")];
    let [Some(kind), Some(name), Some(version)] = parts else {
        return Err(Failure::bad_request(
            "a code must have `type`, `code` and `version`",
        ));
    };
    if text("id") == Some(format!("{kind}|{name}|{version}").as_str()) {
        return Ok(());
    }
    Err(Failure::bad_request(
        "the `id` of a code must be `{type}|{code}|{version}`",
    ))
}
