//! `POST /rest/v{1,2}/contact`, `GET /contact/{id}`, `GET /contact/service/{id}`.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use serde_with::skip_serializing_none;

use super::{OtherFields, SecurityMetadata, integer};

/// Delegate's id → what was shared with it.
pub type Delegations = BTreeMap<String, Vec<Delegation>>;

/// One secret, encrypted from `owner` to `delegated_to`: the AES-CBC encryption
/// under their exchange key of `{entity id}:{secret}`, in hex
/// (`EntitiesEncryption.createDelegation`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Delegation {
    /// Data owner who shares.
    pub owner: String,
    /// Data owner who receives.
    pub delegated_to: String,
    /// The encrypted secret, hex.
    pub key: String,
    /// Free tags; the clients write an empty list.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

/// A code or label, `{type, code, version}`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Code {
    /// `type|code|version`, made by the clients.
    pub id: Option<String>,
    /// Code system, for example `IC-TEST`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Code within the system.
    pub code: Option<String>,
    /// Version of the system.
    pub version: Option<String>,
    /// Whatever else the stub holds.
    #[serde(flatten)]
    pub other: OtherFields,
}

/// What something is called in a system of names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Identifier {
    /// The system.
    pub system: String,
    /// The name.
    pub value: String,
}

/// A batch of services recorded together about one patient.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("required" = ["id"]))]
pub struct Contact {
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
    /// Id of the user who wrote it.
    pub author: Option<String>,
    /// Id of the data owner who answers for it.
    pub responsible: Option<String>,
    /// Id that groups contacts.
    pub group_id: Option<String>,
    /// Fuzzy date `YYYYMMDDhhmmss`.
    #[serde(deserialize_with = "integer::optional")]
    pub opening_date: Option<i64>,
    /// Fuzzy date `YYYYMMDDhhmmss`.
    #[serde(deserialize_with = "integer::optional")]
    pub closing_date: Option<i64>,
    /// The data samples.
    pub services: Vec<Service>,
    /// Secret ids of the patient, in clear, by which contacts are found.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secret_foreign_keys: Vec<String>,
    /// Id of the patient, encrypted for each delegate.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub crypted_foreign_keys: Delegations,
    /// Secret id of the contact, encrypted for each delegate. Whoever is named
    /// here may read.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub delegations: Delegations,
    /// Key of the contact, encrypted for each delegate.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub encryption_keys: Delegations,
    /// The same secrets as clients from version 8 on keep them.
    pub security_metadata: Option<SecurityMetadata>,
    /// Encrypted fields of the contact itself: AES-CBC, base64.
    pub encrypted_self: Option<String>,
    /// Whatever else the document holds.
    #[serde(flatten)]
    pub other: OtherFields,
}

/// A data sample. When read on its own it carries the contact's delegations.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("required" = ["id"]))]
pub struct Service {
    /// Id of the data sample.
    #[schemars(length(min = 1))]
    pub id: String,
    /// Id of the contact that holds it.
    pub contact_id: Option<String>,
    /// Creation time, milliseconds since 1970.
    #[serde(deserialize_with = "integer::optional")]
    pub created: Option<i64>,
    /// Time of the last change, milliseconds since 1970.
    #[serde(deserialize_with = "integer::optional")]
    pub modified: Option<i64>,
    /// Fuzzy date `YYYYMMDDhhmmss`.
    #[serde(deserialize_with = "integer::optional")]
    pub opening_date: Option<i64>,
    /// Fuzzy date `YYYYMMDDhhmmss`.
    #[serde(deserialize_with = "integer::optional")]
    pub closing_date: Option<i64>,
    /// Fuzzy date `YYYYMMDDhhmmss`.
    #[serde(deserialize_with = "integer::optional")]
    pub value_date: Option<i64>,
    /// When it was deleted, milliseconds since 1970.
    #[serde(deserialize_with = "integer::optional")]
    pub end_of_life: Option<i64>,
    /// Labels (`tags` on the wire, `labels` in the MedTech SDK).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Code>,
    /// Codes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<Code>,
    /// Comment, in clear, as the MedTech SDK sends it.
    pub comment: Option<String>,
    /// Content by language. What it says is never sent: it is moved into
    /// `encrypted_self`.
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    #[schemars(schema_with = "sealed_content")]
    pub content: serde_json::Map<String, serde_json::Value>,
    /// AES-CBC of `{"content": …}`, base64 (`encryptServices`).
    pub encrypted_self: Option<String>,
    /// AES-CBC of the content alone, base64; an older form that is still read.
    pub encrypted_content: Option<String>,
    /// Copied from the contact when the service is read on its own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secret_foreign_keys: Vec<String>,
    /// Copied from the contact when the service is read on its own.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub crypted_foreign_keys: Delegations,
    /// Copied from the contact when the service is read on its own.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub delegations: Delegations,
    /// Copied from the contact when the service is read on its own.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub encryption_keys: Delegations,
    /// Copied from the contact when the service is read on its own.
    pub security_metadata: Option<SecurityMetadata>,
    /// Whatever else the document holds.
    #[serde(flatten)]
    pub other: OtherFields,
}

impl Service {
    /// What it is called elsewhere, as far as that can be read.
    pub fn identifiers(&self) -> Vec<Identifier> {
        let written = self.other.get("identifier").cloned();
        let read = written.and_then(|list| serde_json::from_value(list).ok());
        read.unwrap_or_default()
    }

    /// Says what it is called elsewhere.
    pub fn set_identifiers(&mut self, identifiers: &[Identifier]) {
        if identifiers.is_empty() {
            self.other.remove("identifier");
            return;
        }
        let list: Vec<Value> = identifiers
            .iter()
            .map(|one| json!({"system": one.system, "value": one.value}))
            .collect();
        self.other.insert("identifier".to_owned(), list.into());
    }
}

/// Content that says nothing: by language, at most services that say nothing
/// themselves.
fn sealed_content(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "additionalProperties": {
            "type": "object",
            "properties": {
                "compoundValue": {
                    "type": ["array", "null"],
                    "items": {
                        "type": "object",
                        "properties": {"content": {"type": ["object", "null"], "maxProperties": 0}},
                    },
                },
            },
            "additionalProperties": {"type": ["array", "null"], "maxItems": 0},
        },
    })
}
