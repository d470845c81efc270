//! `GET /rest/v{1,2}/user/current`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::OtherFields;

/// An account. Belongs to exactly one data owner, whose id is in one of
/// `patient_id`, `healthcare_party_id` and `device_id`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("required" = ["id"]))]
pub struct User {
    /// Id of the document.
    #[schemars(length(min = 1))]
    pub id: String,
    /// Revision; a write must name the current one.
    pub rev: Option<String>,
    /// What the user types to log in.
    pub login: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Mobile phone, international format.
    pub mobile_phone: Option<String>,
    /// Id of the group, that is of the database.
    pub group_id: Option<String>,
    /// Set when the user is a patient.
    pub patient_id: Option<String>,
    /// Set when the user is a practitioner.
    pub healthcare_party_id: Option<String>,
    /// Set when the user is a medical device.
    pub device_id: Option<String>,
    /// Data owners with whom everything new is shared.
    #[serde(skip_serializing_if = "AutoDelegations::is_empty")]
    pub auto_delegations: AutoDelegations,
    /// Whatever else the document holds.
    #[serde(flatten)]
    pub other: OtherFields,
}

/// An account as `GET /user/matches` shows it: who one can be, in which group.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct UserGroup {
    /// Id of the group.
    pub group_id: Option<String>,
    /// Id of the user.
    pub user_id: String,
    /// What the user types to log in.
    pub login: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Mobile phone.
    pub phone: Option<String>,
    /// Set when the user is a patient.
    pub patient_id: Option<String>,
    /// Set when the user is a practitioner.
    pub healthcare_party_id: Option<String>,
    /// Set when the user is a medical device.
    pub device_id: Option<String>,
}

impl From<User> for UserGroup {
    fn from(user: User) -> Self {
        Self {
            group_id: user.group_id,
            user_id: user.id,
            login: user.login,
            email: user.email,
            phone: user.mobile_phone,
            patient_id: user.patient_id,
            healthcare_party_id: user.healthcare_party_id,
            device_id: user.device_id,
        }
    }
}

/// Delegates by kind of data, as in `User.autoDelegations`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct AutoDelegations {
    /// Delegates for everything.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub all: Vec<String>,
    /// Delegates for medical information: contacts, and so services.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub medical_information: Vec<String>,
    /// Delegates for other kinds of data.
    #[serde(flatten)]
    pub other: BTreeMap<String, Vec<String>>,
}

impl AutoDelegations {
    /// True when nothing is shared by default.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty() && self.medical_information.is_empty() && self.other.is_empty()
    }
}
