//! An IMAP server for one account with one mailbox: `IMAP4rev1` (RFC 3501)
//! with IDLE, LITERAL+, SASL-IR, UIDPLUS, UNSELECT, ID and ENABLE.
//!
//! Bytes become commands in [`frame`] and [`parse`]; [`session`] decides what
//! a command does and writes answers to a buffer; [`server`] alone knows of
//! sockets.

mod cursor;
mod date;
mod fetch;
mod frame;
mod items;
mod keys;
mod parse;
mod search;
mod server;
mod session;
mod set;
mod structure;
#[cfg(test)]
mod tests;
mod view;
mod wildcard;
mod work;
mod write;

pub(in crate::simulator) use server::ImapServer;
