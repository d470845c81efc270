//! The one way out to people. What servers, files and mails say may hold
//! characters that command a terminal, turn the direction of a line, or are not
//! seen at all: those are shown, as Rust writes them (`\u{1b}`), never sent. And
//! they may repeat secrets, which are cut out.

mod hidden;
mod secrets;
pub(crate) mod terminal;

pub(crate) use hidden::{clipped, is_hidden, json, line, text};
pub(crate) use secrets::{SHOWN, Secrets, is_secret_name, may_lead_to_secret};
