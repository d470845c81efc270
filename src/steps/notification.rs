//! What the steps with notifications have in common.

use std::collections::BTreeMap;

use minijinja::Value;
use minijinja::value::Serde;

use crate::expression::Type;
use crate::language::Choice;
use crate::wire::{MaintenanceTask, Property, TaskStatus};

/// `status: pending | ongoing | cancelled | completed`
impl Choice for TaskStatus {
    const EXPECTED: &'static str = "`pending`, `ongoing`, `cancelled` or `completed`";
    const CHOICES: &'static [(&'static str, Self)] = &[
        ("pending", Self::Pending),
        ("ongoing", Self::Ongoing),
        ("cancelled", Self::Cancelled),
        ("completed", Self::Completed),
    ];
}

/// A notification as a scenario sees it.
pub(super) fn describe(task: &MaintenanceTask) -> Value {
    let properties = task.properties.iter();
    let properties: BTreeMap<&str, Value> = properties
        .map(|property| (property.id.as_str(), value_of(property)))
        .collect();
    let status = TaskStatus::CHOICES.iter();
    let status = status.clone().find(|(_, status)| *status == task.status);
    minijinja::context! {
        id => &task.id,
        rev => &task.rev,
        type => &task.task_type,
        status => status.map(|(word, _)| *word),
        from => &task.responsible,
        created => task.created,
        properties => properties,
    }
}

fn value_of(property: &Property) -> Value {
    let typed = &property.typed_value;
    match (&typed.string_value, typed.other.values().next()) {
        (Some(text), _) => Value::from(text.as_str()),
        (None, other) => Value::from(Serde(&other)),
    }
}

/// What [`describe`] gives.
pub(super) fn result() -> Type {
    Type::record([
        ("id", Type::Text),
        ("rev", Type::Text),
        ("type", Type::Text),
        ("status", Type::Text),
        ("from", Type::Text),
        ("created", Type::Number),
        ("properties", Type::Any.entries()),
    ])
}
