//! The simulator through HTTP, as a client sees it. The table of refusals in
//! `docs/simulator.md` is the `refused_…` modules in words.

mod accounts;
mod attachments;
mod crowded;
mod described;
mod events;
mod exchange;
mod flow;
mod found;
#[cfg(unix)]
mod killed;
#[cfg(target_os = "linux")]
mod large;
mod mailbox;
mod odd_requests;
mod persistence;
mod refused_codes;
mod refused_credentials;
mod refused_documents;
mod refused_requests;
mod refused_sharing;
mod retained;
mod secure;
mod sharing;
mod strangers;
mod transcripts;
mod unhandled;
mod world;
