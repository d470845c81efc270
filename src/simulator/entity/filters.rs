//! The filters that are served, by name, with the fields that they look at.
//! What a field means is the same in all of them
//! ([`super::filter_fields`]).

use super::filter_fields::{Form, Meaning, field};
use crate::simulator::store::Table;

/// A filter of the platform.
pub(super) struct FilterKind {
    pub(super) name: &'static str,
    /// Fields that must be there.
    pub(super) needs: &'static [&'static str],
    /// Fields that may be.
    pub(super) takes: &'static [&'static str],
}

impl FilterKind {
    /// All of its fields, with what is known of them.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&'static str, Form, Meaning)> {
        let all = self.needs.iter().chain(self.takes);
        all.filter_map(|name| {
            let (form, meaning) = field(name)?;
            Some((*name, form, meaning))
        })
    }
}

const fn filter(
    name: &'static str,
    needs: &'static [&'static str],
    takes: &'static [&'static str],
) -> FilterKind {
    FilterKind { name, needs, takes }
}

/// What is filtered: entities of a table, or the data samples of contacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) enum Filtered {
    Entities(Table),
    Services,
}

impl Filtered {
    /// Its part of the name that its filters have in the description.
    pub(super) fn name(self) -> String {
        match self {
            Self::Services => "Services".to_owned(),
            Self::Entities(table) => format!("{table:?}"),
        }
    }

    pub(super) fn filters(self) -> &'static [FilterKind] {
        match self {
            Self::Services => SERVICES,
            Self::Entities(Table::Contacts) => CONTACTS,
            Self::Entities(Table::Patients) => PATIENTS,
            Self::Entities(Table::Practitioners) => PRACTITIONERS,
            Self::Entities(Table::Devices) => DEVICES,
            Self::Entities(Table::HealthElements) => HEALTH_ELEMENTS,
            Self::Entities(Table::MaintenanceTasks) => TASKS,
            Self::Entities(Table::Users) => USERS,
            Self::Entities(Table::Codes) => CODES,
            Self::Entities(Table::Documents) => DOCUMENTS,
            Self::Entities(Table::Messages) => MESSAGES,
            Self::Entities(_) => &[],
        }
    }
}

const OPENED: [&str; 2] = ["startOfContactOpeningDate", "endOfContactOpeningDate"];

const CONTACTS: &[FilterKind] = &[
    filter("ContactByHcPartyFilter", &["hcpId"], &[]),
    filter(
        "ContactByHcPartyTagCodeDateFilter",
        &[],
        &[
            "healthcarePartyId",
            "tagType",
            "tagCode",
            "codeType",
            "codeCode",
            OPENED[0],
            OPENED[1],
        ],
    ),
    filter(
        "ContactByHcPartyPatientTagCodeDateFilter",
        &[],
        &[
            "healthcarePartyId",
            "patientSecretForeignKey",
            "patientSecretForeignKeys",
            "tagType",
            "tagCode",
            "codeType",
            "codeCode",
            OPENED[0],
            OPENED[1],
        ],
    ),
    filter(
        "ContactByHcPartyIdentifiersFilter",
        &["identifiers"],
        &["healthcarePartyId"],
    ),
    filter("ContactByServiceIdsFilter", &["ids"], &[]),
    filter(
        "ContactByDataOwnerServiceTagFilter",
        &["dataOwnerId", "tagType"],
        &["tagCode"],
    ),
    filter(
        "ContactByDataOwnerServiceCodeFilter",
        &["dataOwnerId", "codeType"],
        &["codeCode"],
    ),
    filter(
        "ContactByDataOwnerPatientOpeningDateFilter",
        &["dataOwnerId", "secretForeignKeys"],
        &["startDate", "endDate"],
    ),
    filter(
        "ContactByDataOwnerOpeningDateFilter",
        &["dataOwnerId"],
        &["startDate", "endDate"],
    ),
    filter("ContactByExternalIdFilter", &["externalId"], &[]),
];

const VALUED: [&str; 2] = ["startValueDate", "endValueDate"];

const SERVICES: &[FilterKind] = &[
    filter("ServiceByIdsFilter", &["ids"], &[]),
    filter("ServiceByHcPartyFilter", &["hcpId"], &[]),
    filter(
        "ServiceByHcPartyTagCodeDateFilter",
        &[],
        &[
            "healthcarePartyId",
            "patientSecretForeignKey",
            "patientSecretForeignKeys",
            "tagType",
            "tagCode",
            "codeType",
            "codeCode",
            VALUED[0],
            VALUED[1],
        ],
    ),
    filter(
        "ServiceByHcPartyIdentifiersFilter",
        &["identifiers"],
        &["healthcarePartyId"],
    ),
    filter(
        "ServiceByHcPartyHealthElementIdsFilter",
        &["healthElementIds"],
        &["healthcarePartyId"],
    ),
    filter(
        "ServiceBySecretForeignKeys",
        &["patientSecretForeignKeys"],
        &["healthcarePartyId"],
    ),
    filter(
        "ServiceByDataOwnerPatientDateFilter",
        &["dataOwnerId", "secretForeignKeys"],
        &["startDate", "endDate"],
    ),
    filter(
        "ServiceByHcPartyTagCodesFilter",
        &["healthcarePartyId", "tagCodes"],
        &VALUED,
    ),
    filter(
        "ServiceByHcPartyCodesFilter",
        &["healthcarePartyId", "codeCodes"],
        &VALUED,
    ),
    filter(
        "ServiceByHcPartyPatientTagCodesFilter",
        &["healthcarePartyId", "patientSecretForeignKeys", "tagCodes"],
        &VALUED,
    ),
    filter(
        "ServiceByHcPartyPatientCodesFilter",
        &["healthcarePartyId", "patientSecretForeignKeys", "codeCodes"],
        &VALUED,
    ),
    filter(
        "ServiceByHcPartyTagPrefixFilter",
        &["healthcarePartyId", "tagType", "tagCodePrefix"],
        &VALUED,
    ),
    filter(
        "ServiceByHcPartyCodePrefixFilter",
        &["healthcarePartyId", "codeType", "codeCodePrefix"],
        &VALUED,
    ),
];

const PATIENTS: &[FilterKind] = &[
    filter("PatientByIdsFilter", &["ids"], &[]),
    filter("PatientByHcPartyFilter", &[], &["healthcarePartyId"]),
    filter(
        "PatientByHcPartyNameFilter",
        &["name"],
        &["healthcarePartyId"],
    ),
    filter(
        "PatientByHcPartyNameContainsFuzzyFilter",
        &["searchString"],
        &["healthcarePartyId"],
    ),
    filter(
        "PatientByHcPartyDateOfBirthFilter",
        &["dateOfBirth"],
        &["healthcarePartyId"],
    ),
    filter(
        "PatientByHcPartyDateOfBirthBetweenFilter",
        &[],
        &["minDateOfBirth", "maxDateOfBirth", "healthcarePartyId"],
    ),
    filter(
        "PatientByHcPartyAndSsinFilter",
        &["ssin"],
        &["healthcarePartyId"],
    ),
    filter(
        "PatientByHcPartyAndSsinsFilter",
        &["ssins"],
        &["healthcarePartyId"],
    ),
    filter(
        "PatientByHcPartyAndExternalIdFilter",
        &["externalId"],
        &["healthcarePartyId"],
    ),
    filter(
        "PatientByHcPartyAndIdentifiersFilter",
        &["identifiers"],
        &["healthcarePartyId"],
    ),
    filter(
        "PatientByDataOwnerTagFilter",
        &["dataOwnerId", "tagType"],
        &["tagCode"],
    ),
];

const PRACTITIONERS: &[FilterKind] = &[
    filter("AllHealthcarePartiesFilter", &[], &[]),
    filter("HealthcarePartyByIdsFilter", &["ids"], &[]),
    filter("HealthcarePartyByNameFilter", &["name"], &[]),
    filter("HealthcarePartyByParentIdFilter", &["parentId"], &[]),
    filter("HealthcarePartyByIdentifiersFilter", &["identifiers"], &[]),
    filter(
        "HealthcarePartyByTagCodeFilter",
        &[],
        &["tagType", "tagCode", "codeType", "codeCode"],
    ),
];

const DEVICES: &[FilterKind] = &[
    filter("AllDevicesFilter", &[], &[]),
    filter("DeviceByIdsFilter", &["ids"], &[]),
    filter("DeviceByHcPartyFilter", &["responsibleId"], &[]),
];

const HEALTH_ELEMENTS: &[FilterKind] = &[
    filter("HealthElementByIdsFilter", &["ids"], &[]),
    filter("HealthElementByHcPartyFilter", &["hcpId"], &[]),
    filter(
        "HealthElementByHcPartyIdentifiersFilter",
        &["hcPartyId", "identifiers"],
        &[],
    ),
    filter(
        "HealthElementByHcPartySecretForeignKeysFilter",
        &["healthcarePartyId", "patientSecretForeignKeys"],
        &["startDate", "endDate"],
    ),
    filter(
        "HealthElementByDataOwnerPatientOpeningDate",
        &["healthcarePartyId", "patientSecretForeignKeys"],
        &["startDate", "endDate"],
    ),
    filter(
        "HealthElementByHcPartyTagCodeFilter",
        &["healthcarePartyId"],
        &["codeType", "codeCode", "tagType", "tagCode"],
    ),
    filter(
        "HealthElementByHcPartyTagFilter",
        &["healthcarePartyId", "tagType", "tagCode"],
        &["startOfHealthElementDate", "endOfHealthElementDate"],
    ),
    filter(
        "HealthElementByHcPartyCodeFilter",
        &["healthcarePartyId", "codeType", "codeCode"],
        &["startOfHealthElementDate", "endOfHealthElementDate"],
    ),
];

const TASKS: &[FilterKind] = &[
    filter("MaintenanceTaskByIdsFilter", &["ids"], &[]),
    filter(
        "MaintenanceTaskAfterDateFilter",
        &["date"],
        &["healthcarePartyId"],
    ),
    filter(
        "MaintenanceTaskByHcPartyAndTypeFilter",
        &["type"],
        &["healthcarePartyId"],
    ),
    filter(
        "MaintenanceTaskByHcPartyAndIdentifiersFilter",
        &["identifiers"],
        &["healthcarePartyId"],
    ),
];

const USERS: &[FilterKind] = &[
    filter("AllUsersFilter", &[], &[]),
    filter("UserByIdsFilter", &["ids"], &[]),
    filter("UserByNameEmailPhoneFilter", &["searchString"], &[]),
    filter("UsersByPatientIdFilter", &["patientId"], &[]),
    filter("UserByHealthcarePartyIdFilter", &["healthcarePartyId"], &[]),
];

const CODES: &[FilterKind] = &[
    filter("AllCodesFilter", &[], &[]),
    filter("CodeByIdsFilter", &["ids"], &[]),
    filter(
        "CodeByRegionTypeLabelLanguageFilter",
        &["type", "language"],
        &["region", "label"],
    ),
    filter(
        "CodeByRegionTypeCodeVersionFilters",
        &["region"],
        &["type", "code", "version"],
    ),
];

const DOCUMENTS: &[FilterKind] = &[
    filter(
        "DocumentByTypeDataOwnerPatientFilter",
        &["dataOwnerId", "documentType", "secretPatientKeys"],
        &[],
    ),
    filter(
        "DocumentByDataOwnerPatientDateFilter",
        &["dataOwnerId", "secretPatientKeys"],
        &["startDate", "endDate"],
    ),
    filter(
        "DocumentByDataOwnerTagFilter",
        &["dataOwnerId", "tagType"],
        &["tagCode"],
    ),
    filter(
        "DocumentByDataOwnerCodeFilter",
        &["dataOwnerId", "codeType"],
        &["codeCode"],
    ),
];

const MESSAGES: &[FilterKind] = &[
    filter("MessageByHcPartyFilter", &["hcpId"], &[]),
    filter(
        "MessageByDataOwnerPatientSentDateFilter",
        &["dataOwnerId", "secretPatientKeys"],
        &["startDate", "endDate"],
    ),
    filter("MessageByParentIdsFilter", &["parentIds"], &[]),
    filter(
        "MessageByDataOwnerTagFilter",
        &["dataOwnerId", "tagType"],
        &["tagCode"],
    ),
];
