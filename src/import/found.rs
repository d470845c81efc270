//! What a source gives, or why it gives nothing.

use std::collections::{HashMap, HashSet};

use super::request::Request;
use super::secrets::Secrets;
use super::text::shown;

/// Why something cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct ImportError {
    /// Line and column, or where in the document.
    pub place: String,
    /// What is wrong there, and what was expected.
    pub message: String,
    /// How to correct it.
    pub hint: &'static str,
}

/// A part that was not taken over.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Told {
    /// Line, or where in the document.
    pub place: String,
    /// What it is, and why.
    pub message: String,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// The requests, in their order.
    pub requests: Vec<Request>,
    /// What a person should know of all of them.
    pub notes: Vec<String>,
    /// What was not taken over, in the order of the source.
    pub told: Vec<Told>,
    /// The same, to be told once.
    known: HashSet<Told>,
    /// Values of variables that the source says, and that are no secrets.
    pub(super) given: HashMap<String, String>,
    /// Values that variables stand for.
    pub(super) secrets: Secrets,
}

impl Found {
    /// Takes a request that stands at this place.
    pub(super) fn take(&mut self, place: &str, mut request: Request) {
        if request.needs_file() {
            let message = "a file that it sends is looked for beside the scenario: until it is there, `check` refuses the step";
            self.tell(place, message);
        }
        place.clone_into(&mut request.place);
        self.requests.push(request);
    }

    /// Says that something was not taken over. The message repeats no value of
    /// the source, which may be a secret.
    pub(super) fn tell(&mut self, place: &str, message: impl Into<String>) {
        let told = Told {
            place: place.to_owned(),
            message: shown(&message.into()),
        };
        if self.known.insert(told.clone()) {
            self.told.push(told);
        }
    }
}
