//! The API, once below `/rest/v1` and once below `/rest/v2`. Each file has its
//! list of endpoints.

mod auth;
mod contact;
mod contact_search;
mod data_owner;
mod exchange_data;
mod exchange_keys;
mod maintenance_task;
mod share;
mod stored;
mod stub;
mod user;

use super::endpoint::Endpoint;

/// What both versions have.
pub(super) fn endpoints() -> impl Iterator<Item = Endpoint> {
    auth::endpoints()
        .into_iter()
        .chain(user::endpoints())
        .chain(data_owner::endpoints())
        .chain(exchange_keys::endpoints())
        .chain(contact::endpoints())
        .chain(contact_search::endpoints())
        .chain(maintenance_task::endpoints())
}

/// What version 1 alone has.
pub(super) fn first() -> impl Iterator<Item = Endpoint> {
    auth::first().into_iter()
}

/// What version 2 alone has: it serves clients from version 8 on, and Cardinal.
pub(super) fn second() -> impl Iterator<Item = Endpoint> {
    auth::second()
        .into_iter()
        .chain(user::second())
        .chain(data_owner::second())
        .chain(stub::endpoints())
        .chain(contact::second())
        .chain(exchange_data::endpoints())
        .chain(share::endpoints("contact"))
        .chain(share::endpoints("patient"))
}
