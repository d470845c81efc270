//! What a virtual user can do. One file per kind of step; its name is the word
//! that a user writes.
//!
//! To add a step: one file with a [`Step`] and its `KIND`, one line in
//! [`STEPS`].

mod arguments;
mod auth_complete;
mod auth_start;
mod auth_validate;
mod authentication;
mod beside;
mod capture;
mod credentials;
mod data_sample_attach;
mod data_sample_attachment;
mod data_sample_create;
mod data_sample_create_many;
mod data_sample_delete;
mod data_sample_filter;
mod data_sample_get;
mod data_sample_get_many;
mod data_sample_match;
mod data_sample_modify;
mod data_sample_share;
mod date;
mod described;
mod error;
mod event_await;
mod forms;
mod give_access;
mod health_element;
mod health_element_create;
mod health_element_filter;
mod health_element_get;
mod health_element_modify;
mod http;
mod login;
mod notification;
mod notification_create;
mod notification_list;
mod notification_update;
mod otp_read;
mod patient_fields;
mod patient_get;
mod patient_modify;
mod patient_share;
mod planned;
mod process;
mod register;
mod reinstantiate;
mod reload;
mod request_access;
mod sample_content;
mod sample_fields;
mod sample_filter;
mod save;
mod services;
mod share;
mod started;
mod step;
mod subscribe;
mod subscriptions;
mod times;
mod user;
mod user_invite;

pub use beside::{BESIDE, BESIDE_NAMES, Draft, Stage, matchers_shape};
pub use capture::shape as capture_shape;
pub use error::{StepError, error_kinds, is_error_kind};
pub use planned::{PlannedStep, compile};
pub use services::Services;
pub use step::{Played, Step, StepKind};
pub use times::Times;
pub use user::VirtualUser;

use crate::language::{Read, Shape};

/// How steps are tried again.
pub fn retry_shape() -> Shape {
    beside::retry::Retry::shape()
}

/// Every kind of step. A further one is one file and two lines, its module and
/// its row: the dry run, schema, reference and messages take it from here.
pub const STEPS: &[StepKind] = &[
    register::KIND,
    login::KIND,
    reinstantiate::KIND,
    save::KIND,
    auth_start::KIND,
    otp_read::KIND,
    auth_validate::KIND,
    auth_complete::KIND,
    data_sample_create::KIND,
    data_sample_get::KIND,
    data_sample_modify::KIND,
    data_sample_delete::KIND,
    data_sample_create_many::KIND,
    data_sample_get_many::KIND,
    data_sample_filter::KIND,
    data_sample_match::KIND,
    data_sample_attach::KIND,
    data_sample_attachment::KIND,
    data_sample_share::KIND,
    patient_get::KIND,
    patient_modify::KIND,
    patient_share::KIND,
    health_element_create::KIND,
    health_element_get::KIND,
    health_element_filter::KIND,
    health_element_modify::KIND,
    share::SHARE,
    share::STOP_SHARING,
    request_access::KIND,
    give_access::KIND,
    notification_list::KIND,
    notification_create::KIND,
    notification_update::KIND,
    user_invite::KIND,
    subscribe::KIND,
    event_await::KIND,
    reload::KIND,
    http::KIND,
];
