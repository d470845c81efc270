//! A stand-in for the platform: message gateway, API and mailbox behind one
//! address.
//!
//! It shares [`crate::wire`] with the client and nothing else, keeps documents
//! as they are sent, and never sees what is encrypted in them. What it serves
//! and what it refuses is in `docs/simulator.md`.

mod access;
mod accounts;
mod address;
mod api;
mod auth;
mod challenge;
mod config;
mod connection;
mod crowd;
mod digest;
mod document;
mod door;
mod endpoint;
mod entity;
mod error;
mod events;
mod failure;
mod fallback;
mod gateway;
mod heard;
mod identity;
mod jwt;
mod long_poll;
mod mail;
mod mask;
mod message;
mod openapi;
mod otp;
mod outbox;
mod own_machine;
mod request;
mod server;
mod shape;
mod share;
mod state;
mod store;
#[cfg(test)]
mod tests;
mod tickets;
mod token;
mod unhandled;

pub use config::Config;
pub use error::SimulatorError;
pub use identity::Identity;
pub use mail::{ImapAccess, SmtpServer};
pub use server::Simulator;
pub use store::Retain;

use failure::Failure;
