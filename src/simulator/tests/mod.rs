//! The simulator through HTTP, as a client sees it. The table of refusals in
//! `docs/simulator.md` is the `refused_…` modules in words.

mod crowded;
mod described;
mod exchange;
mod flow;
#[cfg(unix)]
mod killed;
mod mailbox;
mod odd_requests;
mod persistence;
mod refused_codes;
mod refused_credentials;
mod refused_documents;
mod refused_requests;
mod refused_sharing;
mod secure;
mod sharing;
mod strangers;
mod unhandled;
mod world;
