//! A description as a whole: references, servers, security.

use std::cell::RefCell;
use std::collections::HashMap;

use super::tree::Tree;

/// References to references, and no further.
const MAX_REFERENCES: usize = 16;

pub(super) struct Document {
    pub root: Tree,
}

/// What references lead to.
pub(super) struct References<'a> {
    root: &'a Tree,
    known: RefCell<HashMap<&'a str, Option<&'a Tree>>>,
}

impl<'a> References<'a> {
    pub fn new(document: &'a Document) -> Self {
        Self {
            root: &document.root,
            known: RefCell::default(),
        }
    }

    /// What is referred to, or the value itself.
    pub fn resolve(&self, tree: &'a Tree) -> &'a Tree {
        let mut tree = tree;
        for _ in 0..MAX_REFERENCES {
            let Some(reference) = tree.text_of("$ref") else {
                break;
            };
            let known = self.known.borrow().get(reference).copied();
            let found = known.unwrap_or_else(|| self.pointer(reference));
            self.known.borrow_mut().insert(reference, found);
            match found {
                Some(found) => tree = found,
                None => break,
            }
        }
        tree
    }

    /// The value of a JSON Pointer in this document, such as `#/components/x`.
    pub fn pointer(&self, reference: &str) -> Option<&'a Tree> {
        let pointer = reference.strip_prefix('#')?;
        let mut tree = self.root;
        for part in pointer.split('/').skip(1) {
            let part = percent_encoding::percent_decode_str(part).decode_utf8_lossy();
            let part = part.replace("~1", "/").replace("~0", "~");
            tree = match tree {
                Tree::List(items) => items.get(part.parse::<usize>().ok()?)?,
                tree => tree.get(&part)?,
            };
        }
        Some(tree)
    }

    /// The address before the paths: of an operation, else of its path, else of
    /// the document, with its variables filled in, and what a person should know.
    pub fn server(places: &[&'a Tree]) -> (String, Vec<String>) {
        let servers = places
            .iter()
            .find_map(|place| place.get("servers").filter(|list| !list.items().is_empty()));
        let Some(server) = servers.and_then(|servers| servers.items().first()) else {
            return (String::new(), Vec::new());
        };
        let mut notes = Vec::new();
        let mut url = server.text_of("url").unwrap_or_default().trim().to_owned();
        for (name, variable) in server
            .get("variables")
            .map(Tree::entries)
            .unwrap_or_default()
        {
            let first = || variable.get("enum")?.items().first()?.text();
            let value = variable
                .text_of("default")
                .or_else(first)
                .unwrap_or_default();
            let place = format!("{{{name}}}");
            if url.contains(&place) {
                notes.push(format!("`{name}` of the server is `{value}`"));
                url = url.replace(&place, value);
            }
        }
        if url.contains(['{', '}']) {
            notes.push(
                "the server has a variable without a value: paths are below the target".into(),
            );
            return (String::new(), notes);
        }
        if let Some(rest) = url.strip_prefix("//") {
            url = format!("https://{rest}");
        } else if !url.is_empty() && !url.contains("://") && !url.starts_with('/') {
            // Relative to where the description is, or a host without a scheme.
            let host = url.split('/').next().unwrap_or_default();
            let is_host = host.contains('.') && !host.starts_with('.');
            url = if is_host {
                format!("https://{url}")
            } else {
                format!("/{}", url.trim_start_matches("./"))
            };
        }
        (url.trim_end_matches('/').to_owned(), notes)
    }

    /// The ways to identify oneself that an operation asks for: the first of the
    /// choices, by name. `None` when it asks for nothing.
    pub fn security(&self, operation: &'a Tree) -> Vec<(&'a str, Option<&'a Tree>)> {
        let asked = operation.get("security").or(self.root.get("security"));
        let choices = asked.map(Tree::items).unwrap_or_default();
        let first = choices.iter().find(|choice| !choice.entries().is_empty());
        let schemes = self
            .root
            .get("components")
            .and_then(|all| all.get("securitySchemes"));
        let names = first.map(Tree::entries).unwrap_or_default().iter();
        names
            .map(|(name, _)| {
                let scheme = schemes.and_then(|schemes| schemes.get(name));
                (name.as_str(), scheme.map(|scheme| self.resolve(scheme)))
            })
            .collect()
    }
}
