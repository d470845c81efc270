//! One-time passwords: handed in once to end a process, and then, for a short
//! time, a password. They live in memory only.

mod passwords;
mod process;

pub(super) use passwords::Passwords;
pub(super) use process::{CodeLength, Processes};
