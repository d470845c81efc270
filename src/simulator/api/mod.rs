//! The API, once below `/rest/v1` and once below `/rest/v2`. What all kinds of
//! entities have is declared once, in [`face`] and [`found`]; the other files have what is
//! particular. Each has its list of endpoints.

mod account;
mod attachment;
mod auth;
mod code;
mod data_owner;
mod exchange_data;
mod exchange_keys;
mod face;
mod found;
mod service;
mod share;
mod stored;
mod stub;
mod user;

use super::endpoint::Endpoint;
use super::entity::{
    ACCESS_LOG, CALENDAR_ITEM, CLASSIFICATION, CODE, CONTACT, DEVICE, DOCUMENT, HEALTH_ELEMENT,
    INVOICE, MAINTENANCE_TASK, MESSAGE, PATIENT, PLAIN_KINDS as PLAIN, PRACTITIONER, USER, kinds,
};
use crate::wire::{Contact, DataOwner, Entity, MaintenanceTask, User};

/// Requests of clients that are not served, where an id of something that is
/// could stand in the place of their name.
pub(super) const NOT_SERVED: &[&str] = &[
    "/accesslog/byUser",
    "/accesslog/conflicts",
    "/calendarItem/byRecurrenceId",
    "/calendarItem/conflicts",
    "/code/byLabel",
    "/code/byRegionLanguagesTypeLabelOr404",
    "/code/byRegionTypeCode",
    "/code/conflicts",
    "/contact/byHcPartyFormId",
    "/contact/byHcPartyServiceId",
    "/contact/byOpeningDate",
    "/contact/conflicts",
    "/contact/service/associationId",
    "/device/conflicts",
    "/document/byHcPartySecretForeignKey",
    "/document/byTypeHcPartySecretForeignKeys",
    "/document/conflicts",
    "/document/woDelegation",
    "/document/{id}/attachment/multipart",
    "/exchangedata/byDelegatorDelegate",
    "/exchangedata/byParticipant",
    "/form/conflicts",
    "/form/template",
    "/hcparty/byName",
    "/hcparty/conflicts",
    "/helement/conflicts",
    "/invoice/byDecisionReference",
    "/invoice/conflicts",
    "/invoice/toInsurances",
    "/invoice/toPatients",
    "/message/byFromAddress",
    "/message/byToAddress",
    "/message/byTransportGuid",
    "/message/byTransportGuidSentDate",
    "/message/conflicts",
    "/patient/byHcPartyId",
    "/patient/byNameBirthSsinAuto",
    "/patient/conflicts",
    "/patient/fuzzy",
    "/patient/idsPages",
    "/user/checkPassword",
    "/user/conflicts",
    "/user/encodePassword",
    "/user/inAllGroups",
    "/user/session",
];

/// What both versions have.
pub(super) fn endpoints() -> impl Iterator<Item = Endpoint> {
    let plain = [&DEVICE, &CODE].into_iter().chain(PLAIN);
    let filtered = [&HEALTH_ELEMENT, &DOCUMENT, &MESSAGE, &DEVICE, &CODE];
    let shared = [&CONTACT, &PATIENT, &MAINTENANCE_TASK]
        .into_iter()
        .chain(PLAIN);
    auth::endpoints()
        .into_iter()
        .chain(user::endpoints())
        .chain(data_owner::endpoints())
        .chain(exchange_keys::endpoints())
        .chain(face::endpoints::<Contact>(&CONTACT))
        .chain(face::endpoints::<MaintenanceTask>(&MAINTENANCE_TASK))
        .chain(face::endpoints::<DataOwner>(&PATIENT))
        .chain(face::endpoints::<DataOwner>(&PRACTITIONER))
        .chain(plain.flat_map(face::endpoints::<Entity>))
        .chain(found::filters::<Contact>(&CONTACT))
        .chain(found::filters::<MaintenanceTask>(&MAINTENANCE_TASK))
        .chain(found::filters::<DataOwner>(&PATIENT))
        .chain(found::filters::<DataOwner>(&PRACTITIONER))
        .chain(filtered.into_iter().flat_map(found::filters::<Entity>))
        .chain(found::by_secret_ids::<Contact>(&CONTACT))
        .chain(PLAIN.into_iter().flat_map(found::by_secret_ids::<Entity>))
        .chain(service::endpoints())
        .chain(account::endpoints())
        .chain([face::read::<User>(&USER), face::by_ids::<User>(&USER)])
        .chain(found::filters::<User>(&USER))
        .chain([
            found::listed::<User>(&USER),
            found::listed::<DataOwner>(&PRACTITIONER),
            found::listed::<DataOwner>(&PATIENT),
            found::listed::<Entity>(&MESSAGE),
            found::listed::<Entity>(&CALENDAR_ITEM),
            found::listed::<Entity>(&ACCESS_LOG),
        ])
        .chain([face::undelete_several(&PATIENT)])
        .chain(code::endpoints())
        .chain(attachment::endpoints())
        .chain(stub::endpoints())
        .chain(exchange_data::endpoints())
        .chain(shared.flat_map(share::endpoints))
}

/// What version 1 alone has.
pub(super) fn first() -> impl Iterator<Item = Endpoint> {
    auth::first()
        .into_iter()
        .chain(kinds().map(face::delete_several))
        .chain([&CODE, &CLASSIFICATION, &INVOICE].map(face::by_ids_in_path::<Entity>))
        .chain([
            face::by_ids_in_path::<DataOwner>(&PRACTITIONER),
            attachment::first(),
        ])
}

/// What version 2 alone has.
pub(super) fn second() -> impl Iterator<Item = Endpoint> {
    auth::second()
        .into_iter()
        .chain(kinds().map(face::delete_one))
}
