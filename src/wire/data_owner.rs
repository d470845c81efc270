//! `GET /rest/v{1,2}/dataowner/current`, `PUT /patient`, `PUT /hcparty`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::{Delegations, OtherFields, SecurityMetadata};

/// Delegator's public key (SPKI, hex) → delegate's id → fingerprint of a
/// public key → AES exchange key encrypted for that key (RSA-OAEP, hex).
///
/// A fingerprint is the last 32 hex digits of the SPKI
/// (`BaseExchangeKeysManager.createOrUpdateEncryptedExchangeKeyTo`).
pub type AesExchangeKeys = BTreeMap<String, BTreeMap<String, BTreeMap<String, String>>>;

/// What a data owner is; the values of `DataOwnerWithType.type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DataOwnerKind {
    /// A patient, written with `PUT /patient`.
    Patient,
    /// A practitioner, written with `PUT /hcparty`.
    Hcp,
    /// A medical device.
    Device,
}

/// Answer of `GET /dataowner/current` and `GET /dataowner/{id}`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DataOwnerWithType {
    /// Which kind of document `data_owner` is.
    #[serde(rename = "type")]
    pub kind: DataOwnerKind,
    /// The patient, practitioner or device.
    pub data_owner: DataOwner,
}

/// The part of a patient or practitioner that encryption needs.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("required" = ["id"]))]
pub struct DataOwner {
    /// Id of the document.
    #[schemars(length(min = 1))]
    pub id: String,
    /// Revision; a write must name the current one.
    pub rev: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// First RSA public key, SPKI in hex; none until the first log-in.
    pub public_key: Option<String>,
    /// Exchange keys from this data owner to its delegates.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub aes_exchange_keys: AesExchangeKeys,
    /// Delegate → [key for the owner, key for the delegate]; the format before
    /// `aes_exchange_keys`, still written by 6.x and 7.x clients.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub hc_party_keys: BTreeMap<String, Vec<String>>,
    /// Secret ids of a patient, encrypted for its delegates.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub delegations: Delegations,
    /// Encryption keys of a patient's own document.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub encryption_keys: Delegations,
    /// The same secrets as clients from version 8 on keep them.
    pub security_metadata: Option<SecurityMetadata>,
    /// AES-CBC of a patient's encrypted fields, base64.
    pub encrypted_self: Option<String>,
    /// Whatever else the document holds.
    #[serde(flatten)]
    pub other: OtherFields,
}
