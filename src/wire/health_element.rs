//! `POST /rest/v{1,2}/helement`, `GET /helement/{id}`, `POST /helement/filter`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::{Entity, integer};

/// What somebody has, for a time or for good: an illness, an allergy
/// (`HealthElement`).
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct HealthElement {
    /// What all entities have.
    #[serde(flatten)]
    pub entity: Entity,
    /// The same in all versions of a health element.
    pub health_element_id: Option<String>,
    /// Fuzzy date `YYYYMMDDhhmmss`.
    #[serde(deserialize_with = "integer::optional")]
    pub value_date: Option<i64>,
    /// Since when it holds, fuzzy date `YYYYMMDDhhmmss`.
    #[serde(deserialize_with = "integer::optional")]
    pub opening_date: Option<i64>,
    /// Until when it holds, fuzzy date `YYYYMMDDhhmmss`.
    #[serde(deserialize_with = "integer::optional")]
    pub closing_date: Option<i64>,
    /// Description; clients move it into `encryptedSelf`.
    pub descr: Option<String>,
    /// Note; clients move it into `encryptedSelf`.
    pub note: Option<String>,
}
