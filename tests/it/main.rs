//! End-to-end tests: the real binary, a scenario in, a report out.
//!
//! Each test has a folder of its own ([`work::Work`]); nothing is shared, all
//! traffic stays on loopback.

#![allow(
    clippy::unwrap_used,
    reason = "a test panics when something is not as it should be"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "tests look at the machine's time and serve answers of their own"
)]

mod abort;
mod answers;
mod arguments;
mod asserts;
mod blame;
mod bodies;
mod books;
mod captures;
mod cases;
mod ceilings;
mod check;
mod ci;
mod comparing;
mod crypto;
mod curl_lines;
mod dashboard;
mod data_access;
mod documents;
mod echoed;
mod entities;
mod events;
mod exporting;
mod feeders;
mod flow;
mod fmt;
mod hostile;
mod http;
mod image;
mod inviting;
mod journal;
mod keyring;
mod keys;
mod language;
mod library;
mod live;
mod load;
mod looking;
mod lsp;
mod mail;
mod merging;
mod messages;
mod misbehaving;
mod mistakes;
mod not_started;
mod otp;
mod outcome;
mod output;
mod parts;
mod processes;
mod rates;
mod reports;
mod running;
mod schema;
mod screen;
mod secrets;
mod server;
mod shell;
mod shipped;
mod skipping;
mod starting;
mod steps;
mod stopping;
mod surviving;
mod tap;
mod targets;
mod tls;
mod traces;
mod trust;
mod tutorial;
mod types;
mod unfinished;
mod vault;
mod verdicts;
mod watchdog;
mod work;
