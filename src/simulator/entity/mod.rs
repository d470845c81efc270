//! Entities: one table says what kinds there are and what is particular about
//! each; everything else is the same for all of them.

mod filter;
mod filter_fields;
mod filters;
mod kind;
mod kinds;
mod page;
mod service;
mod work;

pub(super) use filter::{read as filter, schema as filter_schema};
pub(super) use filters::Filtered;
pub(super) use kind::Kind;
pub(super) use kinds::{
    ACCESS_LOG, CALENDAR_ITEM, CLASSIFICATION, CODE, CONTACT, DEVICE, DOCUMENT, HEALTH_ELEMENT,
    INVOICE, MAINTENANCE_TASK, MESSAGE, PATIENT, PLAIN_KINDS, PRACTITIONER, USER, kinds,
};
pub(super) use page::{Start, list, page};
pub(super) use service::{found_services, read_service, services_of};
pub(super) use work::{
    by_ids, change, create, current, delete, documents, purge, readable, search, undelete,
};
