//! `POST /rest/v{1,2}/maintenancetask`, `/maintenancetask/filter`: what the
//! MedTech SDK calls notifications (`NotificationMapper`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::{Delegations, OtherFields, integer};

/// A public key was made beside others: its owner asks for access with it
/// (`KeyPairUpdateRequest.TASK_TYPE`).
pub const KEY_PAIR_UPDATE: &str = "KEY_PAIR_UPDATE";
/// A user asks for access to data about itself (`NotificationTypeEnum`).
pub const NEW_USER_OWN_DATA_ACCESS: &str = "NEW_USER_OWN_DATA_ACCESS";
/// Id of the property that says whose the new key is.
pub const CONCERNED_ID: &str = "dataOwnerConcernedId";
/// Id of the property that holds the new public key, SPKI in hex.
pub const CONCERNED_KEY: &str = "dataOwnerConcernedPubKey";

/// How far somebody has come with a task (`MaintenanceTask.StatusEnum`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TaskStatus {
    /// Nobody has begun.
    #[default]
    Pending,
    /// Somebody has.
    Ongoing,
    /// It will not be done.
    Cancelled,
    /// It is done.
    Completed,
}

/// Something that one data owner asks of another.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("required" = ["id"]))]
pub struct MaintenanceTask {
    /// Id of the document.
    #[schemars(length(min = 1))]
    pub id: String,
    /// Revision; a write must name the current one.
    pub rev: Option<String>,
    /// Creation time, milliseconds since 1970.
    #[serde(deserialize_with = "integer::optional")]
    pub created: Option<i64>,
    /// Time of the last change, milliseconds since 1970.
    #[serde(deserialize_with = "integer::optional")]
    pub modified: Option<i64>,
    /// Id of the user who asks.
    pub author: Option<String>,
    /// Id of the data owner who asks.
    pub responsible: Option<String>,
    /// What is asked.
    pub task_type: Option<String>,
    /// How far it has come.
    pub status: TaskStatus,
    /// Details. Never sent in clear: they are moved into `encrypted_self`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 0))]
    pub properties: Vec<Property>,
    /// Secret id of the task, encrypted for each delegate. Whoever is named here
    /// may read and change it.
    pub delegations: Delegations,
    /// Key of the task, encrypted for each delegate.
    pub encryption_keys: Delegations,
    /// AES-CBC of `{"properties": […]}`, base64.
    pub encrypted_self: Option<String>,
    /// Whatever else the document holds.
    #[serde(flatten)]
    pub other: OtherFields,
}

/// A detail of a task (`PropertyStub`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Property {
    /// What it is about.
    pub id: String,
    /// Of what kind its value is.
    #[serde(rename = "type")]
    pub kind: PropertyType,
    /// The value.
    pub typed_value: TypedValue,
}

/// Of what kind the value of a property is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PropertyType {
    /// `STRING` and others.
    #[serde(rename = "type")]
    pub kind: String,
}

/// The value of a property.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct TypedValue {
    /// `STRING` and others.
    #[serde(rename = "type")]
    pub kind: String,
    /// The value, when it is a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub string_value: Option<String>,
    /// The value, when it is something else.
    #[serde(flatten)]
    pub other: OtherFields,
}

impl Property {
    /// A text.
    pub fn text(id: &str, value: &str) -> Self {
        let kind = "STRING".to_owned();
        Self {
            id: id.to_owned(),
            kind: PropertyType { kind: kind.clone() },
            typed_value: TypedValue {
                kind,
                string_value: Some(value.to_owned()),
                other: OtherFields::new(),
            },
        }
    }
}

/// Which tasks (`AbstractFilterMaintenanceTask`).
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "$type")]
pub enum TaskFilter {
    /// Those that were created after a time.
    #[serde(rename = "MaintenanceTaskAfterDateFilter")]
    AfterDate {
        /// Data owner who may read them; the caller if left out.
        #[serde(rename = "healthcarePartyId", default)]
        data_owner: Option<String>,
        /// Milliseconds since 1970.
        date: i64,
    },
    /// Those of one type.
    #[serde(rename = "MaintenanceTaskByHcPartyAndTypeFilter")]
    ByType {
        /// Data owner who may read them; the caller if left out.
        #[serde(rename = "healthcarePartyId", default)]
        data_owner: Option<String>,
        /// The type.
        #[serde(rename = "type")]
        task_type: String,
    },
    /// Those with these ids.
    #[serde(rename = "MaintenanceTaskByIdsFilter")]
    ByIds {
        /// The ids.
        ids: Vec<String>,
    },
    /// Those that all of the filters have.
    #[serde(rename = "IntersectionFilter")]
    Intersection {
        /// The filters.
        filters: Vec<TaskFilter>,
    },
    /// Those that one of the filters has.
    #[serde(rename = "UnionFilter")]
    Union {
        /// The filters.
        filters: Vec<TaskFilter>,
    },
}

/// Answer of `POST /{entity}/filter` (`PaginatedList`).
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    /// The entities.
    #[serde(default = "Vec::new")]
    pub rows: Vec<T>,
    /// Where the next page begins; absent on the last one.
    #[serde(default)]
    pub next_key_pair: Option<NextPage>,
}

/// Where a page begins.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct NextPage {
    /// Id of its first document, for `startDocumentId`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_key_doc_id: Option<String>,
}
