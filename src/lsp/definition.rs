//! Where a name is given, or the file that is named.

use std::path::{Path, PathBuf};

use super::choices::at as shapes_at;
use super::cursor::Cursor;
use super::hover::is_expression;
use super::names::{lists, names_at, path_at};
use crate::document::sites::capture_sites;
use crate::engine::KNOWN;
use crate::language::node::Value;
use crate::language::{Environment, FileKind, Language, Node, Problems, Source, Span, Text, yaml};

/// How deep libraries that include others are looked into, and how many.
const MOST: (usize, usize) = (16, 500);

/// Where something is.
pub(super) struct Place {
    pub(super) source: Source,
    pub(super) span: Span,
}

/// Where what is at a place of a file comes from.
pub(super) fn definition(
    root: &Node,
    source: &Source,
    at: usize,
    kind: FileKind,
    language: &Language,
    environment: &Environment,
) -> Option<Place> {
    let cursor = Cursor::at(root, at);
    let written = cursor.scalar()?;
    let file = Path::new(source.name());
    if let Some(named) = named_file(&cursor, written, file) {
        let found = open(&named, environment)?;
        let span = Span::default();
        return Some(Place {
            source: found,
            span,
        });
    }
    let shapes = shapes_at(language, kind, &cursor.trail);
    if !is_expression(&shapes, source.text(), written.span, at) {
        return None;
    }
    let name = path_at(source.text(), at)?.split('.').next()?;
    let mut here = names_at(root, at).into_iter();
    if let Some(span) = here.find(|known| known.text == name).map(|known| known.at) {
        let source = source.clone();
        return span.map(|span| Place { source, span });
    }
    let mut libraries = Libraries {
        environment,
        seen: Vec::new(),
    };
    libraries.find(name, root, file, 0)
}

/// The file that a value names: of a library, a target, or a target below it.
fn named_file(cursor: &Cursor<'_>, written: &Text, file: &Path) -> Option<PathBuf> {
    let keys: Vec<&str> = cursor.keys().take(2).collect();
    let names_one = matches!(keys[..], ["file", "include"])
        || (cursor.trail.len() == 1 && matches!(keys[..], ["target" | "extends"]));
    let folder = file.parent().unwrap_or(Path::new(""));
    names_one.then(|| folder.join(written.as_str()))
}

/// A file that may be read.
fn open(path: &Path, environment: &Environment) -> Option<Source> {
    let permitted = environment.permissions().has_file(path);
    permitted.then(|| environment.read(path).ok())?
}

/// The libraries that a file includes.
struct Libraries<'e> {
    environment: &'e Environment,
    seen: Vec<PathBuf>,
}

impl Libraries<'_> {
    /// Where a library captures something under a name.
    fn find(&mut self, name: &str, root: &Node, file: &Path, depth: usize) -> Option<Place> {
        let folder = file.parent().unwrap_or(Path::new(""));
        for library in included(root) {
            let path = folder.join(library.as_str());
            if depth >= MOST.0 || self.seen.len() >= MOST.1 || self.seen.contains(&path) {
                continue;
            }
            self.seen.push(path.clone());
            let Some(source) = open(&path, self.environment) else {
                continue;
            };
            let Some(root) = yaml::load(&source, &mut Problems::default()) else {
                continue;
            };
            let lists = lists(&root).into_iter();
            let mut sites = lists.flat_map(|(_, steps)| capture_sites(steps, &KNOWN));
            if let Some(site) = sites.find(|site| site.name == name) {
                let span = site.at;
                return Some(Place { source, span });
            }
            if let Some(found) = self.find(name, &root, &path, depth + 1) {
                return Some(found);
            }
        }
        None
    }
}

/// The files of all `include` of a file.
fn included(node: &Node) -> Vec<&Text> {
    match &node.value {
        Value::List(items) => items.iter().flat_map(included).collect(),
        Value::Map(map) => {
            let entries = map.entries.iter();
            let below = entries.flat_map(|(key, value)| match key.as_str() {
                "include" => value
                    .entry("file")
                    .and_then(Node::scalar)
                    .into_iter()
                    .collect(),
                _ => included(value),
            });
            below.collect()
        }
        Value::Nothing | Value::Scalar(_) => Vec::new(),
    }
}
