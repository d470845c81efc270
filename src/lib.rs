//! A declarative scenario runner and load tester for the authentication flow
//! and the end-to-end-encrypted data access of iCure's MedTech platform.
//!
//! A folder imports only from floors below it: `cli`, `record`, `check`, `engine`, `steps`,
//! `icure`, then `otp`, `feeder`, `target`, `document`, `expression`, `language`, `http`
//! and what they stand on. `metrics`, `report`, `live` and `compare` know nothing of
//! iCure; `simulator` shares only [`wire`] with the client.

#![cfg_attr(
    test,
    allow(
        clippy::disallowed_methods,
        reason = "tests may look at the machine's time"
    )
)]

mod ceilings;
pub mod check;
pub mod cli;
pub mod clock;
mod compare;
pub mod crypto;
pub mod document;
pub mod engine;
pub mod expression;
pub mod feeder;
mod files;
mod glob;
pub mod http;
pub mod icure;
pub mod import;
pub mod keys;
pub mod language;
mod live;
mod lsp;
pub mod metrics;
pub mod numbers;
pub mod otp;
pub mod record;
pub mod report;
mod shown;
pub mod simulator;
pub mod steps;
pub mod target;
pub mod trace_context;
pub mod vault;
mod wiped;
pub mod wire;
