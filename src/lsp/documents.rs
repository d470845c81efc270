//! The texts that the editor has open: what they say counts, not what is on the disk.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lsp_types::Uri;
use url::Url;

use crate::ceilings;
use crate::language::Source;

/// A text that is open.
pub(super) struct Document {
    /// The editor's name of it.
    pub(super) uri: Uri,
    /// Its path; `None` for what is in no file yet.
    pub(super) path: Option<PathBuf>,
    pub(super) source: Source,
}

#[derive(Default)]
pub(super) struct Documents {
    all: BTreeMap<String, Document>,
    /// The texts by the paths that the file system gives.
    texts: Arc<HashMap<PathBuf, String>>,
}

impl Documents {
    /// Takes over what a text says now. One too many, or too long, is not taken.
    pub(super) fn put(&mut self, uri: Uri, text: String) {
        let name = uri.as_str().to_owned();
        let room = self.all.len() < ceilings::EDITOR_DOCUMENTS || self.all.contains_key(&name);
        if !room || text.len() as u64 > ceilings::YAML {
            self.remove(&uri);
            return;
        }
        let path = path_of(&uri);
        let shown = match &path {
            Some(path) => path.display().to_string(),
            None => name.clone(),
        };
        if let Some(real) = path.as_deref().and_then(real) {
            Arc::make_mut(&mut self.texts).insert(real, text.clone());
        }
        let source = Source::new(shown, text);
        self.all.insert(name, Document { uri, path, source });
    }

    pub(super) fn remove(&mut self, uri: &Uri) {
        let removed = self.all.remove(uri.as_str());
        let path = removed.and_then(|document| document.path);
        if let Some(real) = path.as_deref().and_then(real) {
            Arc::make_mut(&mut self.texts).remove(&real);
        }
    }

    pub(super) fn get(&self, uri: &Uri) -> Option<&Document> {
        self.all.get(uri.as_str())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Document> {
        self.all.values()
    }

    /// The texts, for whoever reads files.
    pub(super) fn texts(&self) -> Arc<HashMap<PathBuf, String>> {
        Arc::clone(&self.texts)
    }

    /// The editor's name of a file: the one under which it has opened it.
    pub(super) fn uri_of(&self, path: &Path) -> Option<Uri> {
        let known = real(path)?;
        let mut all = self.all.values();
        let opened =
            all.find(|document| document.path.as_deref().and_then(real).as_ref() == Some(&known));
        match opened {
            Some(document) => Some(document.uri.clone()),
            None => Url::from_file_path(known).ok()?.as_str().parse().ok(),
        }
    }
}

fn real(path: &Path) -> Option<PathBuf> {
    std::fs::canonicalize(path).ok()
}

fn path_of(uri: &Uri) -> Option<PathBuf> {
    let url = Url::parse(uri.as_str()).ok()?;
    (url.scheme() == "file").then(|| url.to_file_path().ok())?
}

#[cfg(test)]
mod tests {
    use super::Documents;
    use crate::ceilings;

    #[test]
    fn so_many_documents_are_open_and_no_more() {
        let mut documents = Documents::default();
        for number in 0..=ceilings::EDITOR_DOCUMENTS {
            let uri = format!("file:///nowhere/{number}.yaml").parse().unwrap();
            documents.put(uri, "a: 1".to_owned());
        }
        assert_eq!(documents.iter().count(), ceilings::EDITOR_DOCUMENTS);
        let uri: lsp_types::Uri = "file:///nowhere/1.yaml".parse().unwrap();
        let long = usize::try_from(ceilings::YAML).unwrap() + 1;
        documents.put(uri.clone(), " ".repeat(long));
        assert!(documents.get(&uri).is_none());
    }
}
