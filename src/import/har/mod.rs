//! What a browser or a proxy has recorded (HAR 1.2, and what they make of it).

mod correlate;
mod entry;
mod furniture;
mod pause;

use serde_json::Value;

use super::found::{Found, ImportError};
use super::wanted::Wanted;
use entry::Answer;

const HINT: &str = "expected what a browser saves: `{\"log\": {\"entries\": […]}}`";

pub(super) fn read(text: &str, wanted: &Wanted) -> Result<Found, ImportError> {
    let har: Value = serde_json::from_str(text).map_err(|error| ImportError {
        place: format!("line {}, column {}", error.line(), error.column()),
        message: format!("this is no HAR: {}", reason(&error)),
        hint: HINT,
    })?;
    let log = har.get("log").unwrap_or(&har);
    let entries = log.get("entries").unwrap_or(log);
    let Some(entries) = entries.as_array() else {
        return Err(ImportError {
            place: "log.entries".to_owned(),
            message: "this is no HAR: there is no list of entries".to_owned(),
            hint: HINT,
        });
    };
    let mut found = Found::default();
    let site = furniture::site(entries);
    let mut left = furniture::LeftOut::default();
    let mut pauses = pause::Pauses::default();
    let mut answers: Vec<Answer> = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let place = format!("log.entries[{index}]");
        pauses.see(entry);
        if left.takes(entry, site.as_deref(), wanted.everything) {
            continue;
        }
        match entry::request(entry) {
            Ok(mut request) => {
                request.place = place;
                request.pause = pauses.take().filter(|_| wanted.think_time);
                found.requests.push(request);
                answers.push(Answer::of(entry.get("response")));
            }
            Err(message) => found.tell(&place, message),
        }
    }
    correlate::correlate(&mut found.requests, &answers);
    left.tell(&mut found);
    if wanted.think_time {
        pauses.tell(&mut found);
    }
    match (found.requests.is_empty(), found.told.first()) {
        (true, Some(told)) => Err(ImportError {
            place: told.place.clone(),
            message: told.message.clone(),
            hint: HINT,
        }),
        _ => Ok(found),
    }
}

/// The reason alone: the place is told on its own.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text
        .rfind(" at line ")
        .map_or(text.as_str(), |at| &text[..at]);
    text.to_owned()
}
