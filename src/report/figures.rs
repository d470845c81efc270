//! What `rehearse crypto --json` has measured, as a report shows it.

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::file_error::FileError;
use crate::{ceilings, files};

/// Name of the layout that is read.
const SCHEMA: &str = "rehearse/crypto/1";

/// How fast a machine does the cryptography.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CryptoFigures {
    schema: String,
    /// When it was measured.
    pub at: String,
    /// Where.
    pub machine: FiguresMachine,
    /// Every operation with every backend.
    pub measured: Vec<Figure>,
}

/// Where it was measured.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct FiguresMachine {
    /// What the processor calls itself.
    pub processor: String,
    /// False when the figures are those of a build without optimisation.
    pub optimised: bool,
}

/// One operation, with one backend, on so many threads.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Figure {
    /// What was done.
    pub operation: String,
    /// By whom.
    pub backend: String,
    /// How many did it together.
    pub threads: u64,
    /// How often in a second.
    pub operations_per_second: f64,
    /// How much of the payload in a second, where there is any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mib_per_second: Option<f64>,
    /// Median, in nanoseconds.
    pub p50_ns: f64,
    /// 99th percentile, in nanoseconds.
    pub p99_ns: f64,
}

impl CryptoFigures {
    /// Reads the file that `rehearse crypto --json` has written.
    ///
    /// # Errors
    /// When it cannot be read, or is something else.
    pub fn read(path: &Path) -> Result<Self, FileError> {
        let failure = |reason: String| FileError::new(path, reason);
        let text = files::read_text(path, ceilings::MEASURED);
        let text = text.map_err(|error| failure(error.to_string()))?;
        let figures: Self = serde_json::from_str(&text).map_err(|error| {
            failure(format!(
                "expected figures of `rehearse crypto --json`: {error}"
            ))
        })?;
        if figures.schema != SCHEMA {
            let found = &figures.schema;
            return Err(failure(format!("expected `{SCHEMA}`, found `{found}`")));
        }
        Ok(figures)
    }
}
