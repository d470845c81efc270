//! Links: what an answer has for a later operation.

use super::document::References;
use super::tree::Tree;
use crate::import::request::Capture;
use crate::import::text::word;

/// An operation, and where it is.
pub(super) struct Operation<'a> {
    pub path: &'a str,
    pub method: &'a str,
    pub item: &'a Tree,
    pub tree: &'a Tree,
}

/// A parameter of an operation that an earlier answer gives.
pub(super) struct Link {
    /// Places among the operations.
    from: usize,
    to: usize,
    /// `id`, or `path.id`.
    parameter: String,
    pub capture: Capture,
}

impl Link {
    pub fn is_for(&self, to: usize, name: &str, place: &str) -> bool {
        let qualified = self.parameter.split_once('.');
        let named = match qualified {
            Some((of, rest)) if of == place => rest == name,
            _ => self.parameter == name,
        };
        self.to == to && named
    }

    pub fn is_from(&self, from: usize) -> bool {
        self.from == from
    }
}

/// All links from an operation to one after it.
pub(super) fn links<'a>(references: &References<'a>, operations: &[Operation<'a>]) -> Vec<Link> {
    let mut found: Vec<Link> = Vec::new();
    for (from, operation) in operations.iter().enumerate() {
        let answers = operation
            .tree
            .get("responses")
            .map(Tree::entries)
            .unwrap_or_default();
        let good = answers.iter().filter(|(status, _)| status.starts_with('2'));
        let links = good.flat_map(|(_, answer)| {
            let answer = references.resolve(answer);
            answer.get("links").map(Tree::entries).unwrap_or_default()
        });
        for (_, link) in links {
            let link = references.resolve(link);
            let Some(to) = target(operations, link).filter(|to| *to > from) else {
                continue;
            };
            for (parameter, source) in link
                .get("parameters")
                .map(Tree::entries)
                .unwrap_or_default()
            {
                let bare = parameter.rsplit('.').next().unwrap_or_default();
                let name = format!("link_{}_{}", from + 1, word(bare));
                let Some(capture) = source.text().and_then(|source| capture(name, source)) else {
                    continue;
                };
                found.push(Link {
                    from,
                    to,
                    parameter: parameter.clone(),
                    capture,
                });
            }
        }
    }
    found
}

fn target(operations: &[Operation<'_>], link: &Tree) -> Option<usize> {
    if let Some(id) = link.text_of("operationId") {
        let known = |operation: &Operation<'_>| operation.tree.text_of("operationId") == Some(id);
        return operations.iter().position(known);
    }
    let reference = link.text_of("operationRef")?;
    let (path, method) = reference.strip_prefix("#/paths/")?.rsplit_once('/')?;
    let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    let path = path.replace("~1", "/").replace("~0", "~");
    operations
        .iter()
        .position(|operation| operation.path == path && operation.method == method)
}

/// `$response.body#/a/0/b`, `$response.header.Location`
fn capture(name: String, source: &str) -> Option<Capture> {
    if let Some(header) = source.strip_prefix("$response.header.") {
        return Some(Capture {
            name,
            kind: "header",
            path: header.to_owned(),
        });
    }
    let pointer = source.strip_prefix("$response.body#")?;
    let mut path = "$".to_owned();
    for part in pointer.split('/').skip(1) {
        let part = part.replace("~1", "/").replace("~0", "~");
        if part.contains(['\'', '\\']) {
            return None;
        }
        let index = part.bytes().all(|byte| byte.is_ascii_digit());
        let (open, close) = if index { ("[", "]") } else { ("['", "']") };
        path.extend([open, &part, close]);
    }
    Some(Capture {
        name,
        kind: "jsonpath",
        path,
    })
}
