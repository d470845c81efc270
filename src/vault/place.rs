//! What a sealed file holds and where it is.

use std::fmt;
use std::path::{Path, PathBuf};

/// What a sealed file holds. It decides over the file's first bytes and over
/// the words of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Saved credentials: a vault.
    Credentials,
    /// Key pairs made in advance: a key pool.
    KeyPairs,
}

impl Content {
    /// How the file begins. The line end shows a transfer that changed line
    /// ends.
    pub(super) fn magic(self) -> [u8; 16] {
        match self {
            Self::Credentials => *b"rehearse vault\r\n",
            Self::KeyPairs => *b"rehearse  pool\r\n",
        }
    }

    /// The format that is written, and the newest one that is read. Since 2, records
    /// of a vault may have a target; those of format 1 are read as well.
    pub(super) fn format(self) -> u16 {
        match self {
            Self::Credentials => 2,
            Self::KeyPairs => 1,
        }
    }

    /// What such a file is called.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::Credentials => "vault",
            Self::KeyPairs => "key pool",
        }
    }

    /// What to do when the file, or the key to it, is lost.
    pub(super) fn replacement(self) -> &'static str {
        match self {
            Self::Credentials => "remove it and register the users again",
            Self::KeyPairs => "remove it and make another with `rehearse keys generate`",
        }
    }

    /// How to have one, for whoever named a file that is not there.
    pub(super) fn origin(self) -> &'static str {
        match self {
            Self::Credentials => {
                "give the path of one with `--vault`, or make one: a step with `save` does, and \
                 `rehearse vault import`"
            }
            Self::KeyPairs => "make one with `rehearse keys generate`",
        }
    }
}

/// A sealed file: what it is, and its path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// What it holds.
    pub content: Content,
    /// Where it is.
    pub path: PathBuf,
}

impl Place {
    /// The vault at this path.
    pub fn vault(path: impl Into<PathBuf>) -> Self {
        Self {
            content: Content::Credentials,
            path: path.into(),
        }
    }

    /// The key pool at this path.
    pub fn key_pool(path: impl Into<PathBuf>) -> Self {
        Self {
            content: Content::KeyPairs,
            path: path.into(),
        }
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// As it stands in a sentence, without an article.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.content.noun(), self.path.display())
    }
}
