//! `keys` of a scenario file, and the supply of keys that comes of it.

use std::path::{Path, PathBuf};

use crate::document::{Document, ReadContext, Record, record};
use crate::keys::{KeyPool, KeyProvider, OnExhausted};
use crate::language::{Choice, Shape, Text};
use crate::vault::{KeySource, VaultError};

/// Where the key pairs of those who register come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlannedKeys {
    /// The pool; every key is generated when there is none.
    pub pool: Option<PathBuf>,
    /// What becomes of those who come when all keys are handed out.
    pub on_exhausted: OnExhausted,
}

impl Choice for OnExhausted {
    const EXPECTED: &'static str = "`reuse`, `generate` or `fail`";
    const CHOICES: &'static [(&'static str, Self)] = &[
        ("reuse", Self::Reuse),
        ("generate", Self::Generate),
        ("fail", Self::Fail),
    ];
}

record! {
    struct KeysDoc of "`keys`" {
        /// path of a file of `rehearse keys generate`, relative to this file
        pool: Text, required, example("keys.pool");
        /// what those get who come when all key pairs are handed out
        on_exhausted: OnExhausted = OnExhausted::Generate;
    }
}

/// Reads `keys` of a document whose file is in `folder`.
pub(super) fn read(document: &Document, folder: &Path, cx: &mut ReadContext) -> PlannedKeys {
    let keys = document.keys.as_ref();
    let keys = keys.and_then(|node| KeysDoc::read_only(node, cx));
    keys.map_or_else(PlannedKeys::default, |keys| {
        let pool = folder.join(keys.pool.text);
        let permitted = (cx.files).may_open(&pool, keys.pool.span, &mut cx.problems);
        PlannedKeys {
            pool: permitted.then_some(pool),
            on_exhausted: keys.on_exhausted,
        }
    })
}

pub(super) fn shape() -> Shape {
    KeysDoc::TABLE.shape()
}

impl PlannedKeys {
    /// Opens the pool; the secret behind it is that of `secret`, which gets
    /// its path.
    pub(super) fn open(
        &self,
        secret: impl FnOnce(&Path) -> Result<KeySource, VaultError>,
    ) -> Result<KeyProvider, VaultError> {
        let Some(path) = &self.pool else {
            return Ok(KeyProvider::generating());
        };
        let pool = KeyPool::open(path, secret(path)?)?;
        Ok(KeyProvider::from_pool(pool, self.on_exhausted))
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::{OnExhausted, PlannedKeys, read};
    use crate::document::{Known, parse};
    use crate::language::{Problem, Problems, Source};

    fn read_text(keys: &str) -> (PlannedKeys, Problems) {
        let text = format!("{keys}\nscenarios: {{s: {{steps: [{{x: }}]}}}}\n");
        let source = Source::new("test.yaml", text.as_str());
        let known = Known {
            beside: &[],
            steps: &["x"],
            blocks: &[],
            executors: &["e"],
        };
        let (document, mut cx) = parse(
            &source,
            &known,
            &crate::language::Environment::default().with(crate::language::Permissions::all()),
        );
        let keys = read(&document.unwrap(), Path::new("folder"), &mut cx);
        (keys, cx.problems)
    }

    #[test]
    fn a_pool_is_found_from_the_folder_of_the_file() {
        let (keys, problems) = read_text("keys: {pool: a.pool, on_exhausted: reuse}");
        assert!(problems.is_empty(), "{problems}");
        assert_eq!(keys.pool, Some(PathBuf::from("folder/a.pool")));
        assert_eq!(keys.on_exhausted, OnExhausted::Reuse);
        let (keys, _) = read_text("keys: {pool: /a.pool}");
        assert_eq!(keys.pool, Some(PathBuf::from("/a.pool")));
        assert_eq!(keys.on_exhausted, OnExhausted::Generate);
        let (keys, problems) = read_text("");
        assert!(problems.is_empty() && keys == PlannedKeys::default());
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (text, messages) in [
            ("keys: a.pool", &["expected a mapping, found a text"][..]),
            ("keys: {}", &["`keys` needs `pool`"]),
            (
                "keys: {pool: a.pool, on_exausted: fail}",
                &["unknown key `on_exausted` in `keys`"],
            ),
            (
                "keys: {pool: a.pool, on_exhausted: wait}",
                &["expected `reuse`, `generate` or `fail`, found `wait`"],
            ),
        ] {
            let (_, problems) = read_text(text);
            let found: Vec<_> = problems.iter().map(Problem::message).collect();
            assert_eq!(found, messages);
        }
    }
}
