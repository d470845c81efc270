//! `/exchangedata`, `/exchangedatamap`: what two data owners encrypt under, as
//! clients from version 8 on and Cardinal keep it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::OtherFields;

/// Fingerprint of a public key → a secret encrypted for it (RSA-OAEP, base64).
/// A fingerprint is the last 32 hex digits of the SPKI without the ten that
/// every SPKI ends with (`fingerprintV2`).
pub type ByFingerprint = BTreeMap<String, String>;

/// The secrets that a delegator made for itself and a delegate.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("required" = ["id"]))]
pub struct ExchangeData {
    /// Id of the document.
    #[schemars(length(min = 1))]
    pub id: String,
    /// Revision; a write must name the current one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rev: Option<String>,
    /// Who made it.
    pub delegator: String,
    /// Who else can use it.
    pub delegate: String,
    /// AES key under which delegations are encrypted.
    pub exchange_key: ByFingerprint,
    /// 16 bytes from which access control keys are derived.
    pub access_control_secret: ByFingerprint,
    /// HMAC key that both sign with.
    pub shared_signature_key: ByFingerprint,
    /// Signatures of the delegator.
    pub delegator_signature: ByFingerprint,
    /// Signature with the HMAC key, base64.
    pub shared_signature: String,
    /// Whatever else the document holds.
    #[serde(flatten)]
    pub other: OtherFields,
}

/// Which exchange data a delegation was made with, for whoever is named in it
/// and does not know the other side.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ExchangeDataMap {
    /// Key of the delegation.
    pub id: String,
    /// Revision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rev: Option<String>,
    /// The id of the exchange data, encrypted.
    pub encrypted_exchange_data_ids: ByFingerprint,
}

/// Body of `PUT /exchangedatamap/batch`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct ExchangeDataMaps {
    /// Access control key, hex → encrypted ids of the exchange data.
    pub batch: BTreeMap<String, ByFingerprint>,
}
