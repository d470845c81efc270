//! What all entities have in common, and the requests that all of them share:
//! `/{entity}`, `/{entity}/batch`, `/{entity}/filter` and the like.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::{Code, Delegations, OtherFields, SecurityMetadata, integer};

/// An entity whose own fields are not looked at: a health element, a document,
/// a message, a form and others.
///
/// Contacts and tasks say the fields that they share with it again: flattened, a
/// refusal would name the end of a body and not the place of the mistake in it,
/// and reading would take half as long again.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("required" = ["id"]))]
pub struct Entity {
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
    /// When it was deleted, milliseconds since 1970.
    #[serde(deserialize_with = "integer::optional")]
    pub deletion_date: Option<i64>,
    /// Id of the user who wrote it.
    pub author: Option<String>,
    /// Id of the data owner who answers for it.
    pub responsible: Option<String>,
    /// Labels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Code>,
    /// Codes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<Code>,
    /// Secret ids of the patient that it belongs to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secret_foreign_keys: Vec<String>,
    /// Id of the patient, encrypted for each delegate.
    #[serde(skip_serializing_if = "Delegations::is_empty")]
    pub crypted_foreign_keys: Delegations,
    /// Secret id of the entity, encrypted for each delegate.
    #[serde(skip_serializing_if = "Delegations::is_empty")]
    pub delegations: Delegations,
    /// Key of the entity, encrypted for each delegate.
    #[serde(skip_serializing_if = "Delegations::is_empty")]
    pub encryption_keys: Delegations,
    /// The same of clients from version 8 on.
    pub security_metadata: Option<SecurityMetadata>,
    /// AES-CBC of its encrypted fields, base64.
    pub encrypted_self: Option<String>,
    /// Whatever else the document holds.
    #[serde(flatten)]
    pub other: OtherFields,
}

/// `ListOfIds`: the body of requests for several documents.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Ids {
    /// The ids.
    pub ids: Vec<String>,
}

/// Id and revision of a document (`DocIdentifier`, `IdWithRev`).
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IdAndRev {
    /// Id of the document.
    pub id: String,
    /// Its revision.
    pub rev: Option<String>,
}

/// `ListOfIdsAndRev`
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct IdsAndRevs {
    /// The documents.
    pub ids: Vec<IdAndRev>,
}
