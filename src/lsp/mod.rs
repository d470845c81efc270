//! A language server: what an editor asks of scenarios, targets and libraries while they
//! are written. What is wrong comes from the code of `check`, what can be written from the
//! tables of fields.

mod choices;
mod complete;
mod cursor;
mod definition;
mod documents;
mod hover;
mod message;
mod names;
mod position;
mod problems;
mod server;
#[cfg(test)]
mod tests;

pub use server::serve;
