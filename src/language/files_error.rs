//! Why files cannot be used.

use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::problem::Problems;
use super::source::Source;
use super::source_map::SourceMap;

/// Why files cannot be used.
#[derive(Clone, Debug, thiserror::Error)]
pub enum FilesError {
    /// A file cannot be read.
    #[error("cannot read {}: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// Files, or what the command line sets, say things that cannot be.
    #[error("{} has problems", sources.first().name())]
    Problems {
        /// The file that was asked for, and those that it names.
        sources: Box<SourceMap>,
        /// All of them.
        problems: Box<Problems>,
    },
}

impl FilesError {
    pub(crate) fn problems(sources: SourceMap, problems: Problems) -> Self {
        Self::Problems {
            sources: Box::new(sources),
            problems: Box::new(problems),
        }
    }

    /// Reads a file without which nothing goes on.
    pub(crate) fn read(path: &Path, environment: &Environment) -> Result<Source, Self> {
        environment.read(path).map_err(|error| Self::Unreadable {
            path: path.to_owned(),
            reason: error.to_string(),
        })
    }
}
