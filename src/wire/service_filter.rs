//! `POST /rest/v{1,2}/contact/service/filter`, `/contact/service/match`: how the
//! MedTech SDK looks for data samples (`FilterMapper`).

use serde::Serialize;
use serde_with::skip_serializing_none;

use super::Identifier;

/// Which services (`AbstractFilterService`).
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "$type", rename_all_fields = "camelCase")]
pub enum ServiceFilter {
    /// All that a data owner may read.
    #[serde(rename = "ServiceByHcPartyFilter")]
    ByOwner {
        /// The data owner.
        hcp_id: String,
    },
    /// Those with a label, a code, or both.
    #[serde(rename = "ServiceByHcPartyTagCodeDateFilter")]
    ByLabelOrCode {
        /// The data owner who may read them.
        healthcare_party_id: String,
        /// Secret ids of the patient whose they are; of any patient if left out.
        patient_secret_foreign_keys: Option<Vec<String>>,
        /// Type of the label.
        tag_type: Option<String>,
        /// Code of the label.
        tag_code: Option<String>,
        /// Type of the code.
        code_type: Option<String>,
        /// The code.
        code_code: Option<String>,
        /// Fuzzy date `YYYYMMDDhhmmss`.
        start_value_date: Option<i64>,
        /// Fuzzy date `YYYYMMDDhhmmss`.
        end_value_date: Option<i64>,
    },
    /// Those of a patient.
    #[serde(rename = "ServiceBySecretForeignKeys")]
    ByPatient {
        /// The data owner who may read them.
        healthcare_party_id: String,
        /// Secret ids of the patient.
        patient_secret_foreign_keys: Vec<String>,
    },
    /// Those of a patient within two dates.
    #[serde(rename = "ServiceByDataOwnerPatientDateFilter")]
    ByPatientAndDate {
        /// The data owner who may read them.
        data_owner_id: String,
        /// Secret ids of the patient.
        secret_foreign_keys: Vec<String>,
        /// Fuzzy date `YYYYMMDDhhmmss`.
        start_date: Option<i64>,
        /// Fuzzy date `YYYYMMDDhhmmss`.
        end_date: Option<i64>,
    },
    /// Those that are called so.
    #[serde(rename = "ServiceByHcPartyIdentifiersFilter")]
    ByIdentifiers {
        /// The data owner who may read them.
        healthcare_party_id: String,
        /// What they are called.
        identifiers: Vec<Identifier>,
    },
    /// Those about health elements.
    #[serde(rename = "ServiceByHcPartyHealthElementIdsFilter")]
    ByHealthElements {
        /// The data owner who may read them.
        healthcare_party_id: String,
        /// Ids of the health elements.
        health_element_ids: Vec<String>,
    },
    /// Those that all of the filters have.
    #[serde(rename = "IntersectionFilter")]
    Intersection {
        /// The filters.
        filters: Vec<ServiceFilter>,
    },
}
