//! Writes requests as a scenario file.

mod body;
mod headers;
mod sound;
mod writer;
mod yaml;

pub use sound::scenario;
