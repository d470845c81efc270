//! A description of an API (`OpenAPI` 3.0 and 3.1), as JSON or YAML.

mod document;
mod links;
mod operation;
mod schema;
mod style;
mod tree;

use super::found::{Found, ImportError};
use super::text::without_expressions;
use super::wanted::Wanted;
use document::{Document, References};
use links::Operation;
use operation::Reader;
use tree::{NoYaml, Tree};

const METHODS: &[&str] = &["get", "post", "put", "patch", "delete", "head", "options"];
const HINT: &str = "expected an OpenAPI 3 document, as JSON or YAML";

pub(super) fn read(text: &str, wanted: &Wanted) -> Result<Found, ImportError> {
    let root = parse(&without_expressions(text))?;
    if !root
        .text_of("openapi")
        .is_some_and(|version| version.starts_with("3."))
    {
        let message = match root.text_of("swagger") {
            Some(version) => format!("this is Swagger {version}, and `openapi: 3…` is expected"),
            None => "`openapi` must be a text such as `3.1.0`".to_owned(),
        };
        return Err(fail("openapi", message));
    }
    let document = Document { root };
    let references = References::new(&document);
    let root = &document.root;
    let paths = root.get("paths").filter(|paths| paths.is_map());
    let paths = paths.ok_or_else(|| fail("paths", "there must be a mapping from paths".into()))?;
    let mut found = Found::default();
    let operations = operations(paths, &references, &mut found);
    let links = links::links(&references, &operations);
    let reader = Reader {
        references: &references,
        root,
        links: &links,
        required_only: wanted.required_only,
    };
    for (index, operation) in operations.iter().enumerate() {
        let (mut request, notes) = reader.request(index, operation);
        request.place = format!("paths.{}.{}", operation.path, operation.method);
        for note in notes {
            if !found.notes.contains(&note) {
                found.notes.push(note);
            }
        }
        found.requests.push(request);
    }
    if found.requests.is_empty()
        && let Some(told) = found.told.first()
    {
        return Err(fail(&told.place, told.message.clone()));
    }
    found.notes.push(
        "Bodies and values are made from the description: read them before you play them".into(),
    );
    Ok(found)
}

/// All operations, in their order. What is none is told.
fn operations<'a>(
    paths: &'a Tree,
    references: &References<'a>,
    found: &mut Found,
) -> Vec<Operation<'a>> {
    let mut all = Vec::new();
    for (path, item) in paths.entries() {
        if !path.starts_with('/') {
            continue;
        }
        let item = references.resolve(item);
        if !item.is_map() {
            let message = format!("expected a mapping from methods, found {}", item.kind());
            found.tell(&format!("paths.{path}"), message);
        }
        for (method, tree) in item.entries() {
            if !METHODS.contains(&method.as_str()) {
                if method == "trace" {
                    found.tell(
                        &format!("paths.{path}.{method}"),
                        "`http` has no method `TRACE`",
                    );
                }
                continue;
            }
            if !tree.is_map() {
                let message = format!("expected an operation, found {}", tree.kind());
                found.tell(&format!("paths.{path}.{method}"), message);
                continue;
            }
            all.push(Operation {
                path,
                method,
                item,
                tree,
            });
        }
    }
    all
}

fn parse(text: &str) -> Result<Tree, ImportError> {
    if text.trim_start().starts_with('{')
        && let Ok(json) = serde_json::from_str::<serde_json::Value>(text)
    {
        return Ok(json.into());
    }
    // JSON is YAML, and a mapping of YAML can begin with a brace too.
    tree::yaml(text).map_err(|NoYaml(line, column, reason)| ImportError {
        place: format!("line {line}, column {column}"),
        message: format!("this is not YAML: {reason}"),
        hint: HINT,
    })
}

fn fail(place: &str, message: String) -> ImportError {
    ImportError {
        place: place.to_owned(),
        message,
        hint: HINT,
    }
}
