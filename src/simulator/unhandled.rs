//! The file that collects requests that nothing answers: they say what a client
//! needs that the simulator does not have.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use axum::http::{StatusCode, Uri};
use parking_lot::Mutex;
use serde::Serialize;

use super::SimulatorError;
use super::mask::word;
use crate::clock::Clock;
use crate::shown::{self, terminal::Stream};

/// The file, if one was asked for.
#[derive(Default)]
pub(super) struct UnhandledLog(Option<Log>);

struct Log {
    path: PathBuf,
    file: Mutex<File>,
}

/// A line of the file.
#[derive(Serialize)]
struct Occurrence<'a> {
    /// When, RFC 3339.
    time: String,
    method: &'a str,
    /// The template of a path that is served; else the path, with everything
    /// hidden that is not a word.
    path: String,
    /// Names of the query's parameters; their values are nobody's business.
    query: Vec<String>,
    /// How it was answered.
    status: u16,
}

impl UnhandledLog {
    /// Opens the file, which is made when it is not there.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn open(path: Option<&Path>) -> Result<Self, SimulatorError> {
        let Some(path) = path else {
            return Ok(Self::default());
        };
        let file = OpenOptions::new().create(true).append(true).open(path);
        let file = file.map_err(|reason| SimulatorError::UnknownLog {
            path: path.to_owned(),
            reason,
        })?;
        Ok(Self(Some(Log {
            path: path.to_owned(),
            file: Mutex::new(file),
        })))
    }

    /// Appends a line, before the request is answered: in one write and without
    /// a buffer of ours, so a killed process leaves every line that it owes.
    pub(super) fn record(
        &self,
        status: StatusCode,
        method: &str,
        path: String,
        uri: &Uri,
        clock: &Clock,
    ) {
        let Some(log) = &self.0 else {
            return;
        };
        let query = uri.query().unwrap_or_default().as_bytes();
        let occurrence = Occurrence {
            time: timestamp(clock.unix_millis()),
            method,
            path,
            query: url::form_urlencoded::parse(query)
                .map(|(name, _)| word(&name))
                .collect(),
            status: status.as_u16(),
        };
        log.append(&occurrence);
    }
}

impl Log {
    fn append(&self, occurrence: &Occurrence<'_>) {
        let Ok(line) = serde_json::to_string(occurrence) else {
            return;
        };
        let line = shown::json(line + "\n");
        let mut file = self.file.lock();
        if let Err(error) = file.write_all(line.as_bytes()) {
            // The request is answered all the same: its client did nothing wrong.
            let path = self.path.display();
            let text = format!("simulator: cannot write to {path}: {error}\n");
            let _ = Stream::Err.write(&text);
        }
    }
}

fn timestamp(millis: i64) -> String {
    jiff::Timestamp::from_millisecond(millis).map_or_else(|_| String::new(), |at| at.to_string())
}
