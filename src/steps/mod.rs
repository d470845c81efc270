//! What a virtual user can do. One file per kind of step; its name is the word
//! that a user writes.
//!
//! To add a step: one file with a [`Step`] and its `KIND`, one line in
//! [`STEPS`].

mod arguments;
mod authentication;
mod capture;
mod data_sample_create;
mod data_sample_get;
mod data_sample_share;
mod error;
mod fails;
mod forms;
mod give_access;
mod http;
mod login;
mod planned;
mod register;
mod reinstantiate;
mod reload;
mod request_access;
mod retry;
mod services;
mod share;
mod user;

use std::future::Future;
use std::pin::Pin;

use minijinja::Value;

pub use capture::shape as capture_shape;
pub use error::{StepError, error_kinds, is_error_kind};
pub use planned::{PlannedStep, compile, read_times, times};
pub use services::Services;
pub use user::VirtualUser;

use crate::document::StepDoc;
use crate::expression::{Context, Type};
use crate::http::Asked;
use crate::language::{Read, Shape};
use crate::metrics::Metric;

/// A boxed future, so that steps can be chosen at run time.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One action of a virtual user, read and checked, ready to be played.
pub trait Step: Send + Sync {
    /// Whether the step saves or reads credentials.
    fn needs_vault(&self) -> bool {
        false
    }

    /// Whether the step decides who acts from here on. There is one session, so
    /// such a step cannot be played beside others.
    fn enters(&self) -> bool {
        false
    }

    /// Whether its result is the answer to a request of the scenario's own.
    fn answers(&self) -> bool {
        false
    }

    /// The requests that it may send; those of the platform's client, unless it
    /// says otherwise.
    fn requests(&self) -> Vec<Asked> {
        crate::icure::requests()
    }

    /// Whether this is never measured with the step.
    fn never_measures(&self, _metric: Metric) -> bool {
        false
    }

    /// Plays the step; its result can be captured with `as`.
    fn play<'a>(&'a self, user: &'a mut VirtualUser) -> BoxFuture<'a, Result<Value, StepError>>;
}

/// What only steps with a one-time password are measured by.
const OF_OTPS: &[Metric] = &[Metric::OtpWait, Metric::OtpDelivery, Metric::OtpsRead];
/// What only steps with cryptography are measured by.
const OF_CRYPTO: &[Metric] = &[Metric::CryptoDuration, Metric::CryptoWait];

/// A kind of step.
pub struct StepKind {
    /// The name that a user writes.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub about: &'static str,
    /// What is known of its result before it is played.
    pub result: fn() -> Type,
    /// Reads its arguments; problems go to the context.
    pub compile: fn(&StepDoc, &mut Context<'_>) -> Option<Box<dyn Step>>,
}

impl StepKind {
    /// The arguments that it reads.
    pub fn shape(&self) -> Shape {
        Shape::asked_for(|node, cx| (self.compile)(&StepDoc::bare(self.name, node), cx))
    }
}

/// How steps are tried again.
pub fn retry_shape() -> Shape {
    retry::Retry::shape()
}

/// Every kind of step.
pub const STEPS: &[StepKind] = &[
    register::KIND,
    login::KIND,
    reinstantiate::KIND,
    data_sample_create::KIND,
    data_sample_get::KIND,
    data_sample_share::KIND,
    share::SHARE,
    share::STOP_SHARING,
    request_access::KIND,
    give_access::KIND,
    reload::KIND,
    http::KIND,
];
