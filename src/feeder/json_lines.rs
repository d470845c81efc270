//! `json_lines`: a file with a JSON object in each line.

use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::Serde;
use serde_json::{Map, Value as Json};

use super::chunks::{Chunks, Survey};
use super::{FeederError, FeederKind, Rows, Source};
use crate::document::ReadContext;
use crate::expression::{Type, row_value};
use crate::language::{Key, Node, Read, Shape, Text, file_help};
use crate::vault::Vault;
use crate::{ceilings, files};

pub(super) const KIND: FeederKind = FeederKind {
    key: Key::new(
        "json_lines",
        "path of a file with a JSON object in each line",
        || Shape::Text,
    )
    .example("people.jsonl"),
    compile,
};

#[derive(Debug)]
struct Lines {
    chunks: Chunks,
    /// What is known of each row.
    row: Type,
}

#[derive(Debug)]
struct JsonLines(Arc<Lines>);

fn compile(node: &Node, folder: &Path, cx: &mut ReadContext) -> Option<Box<dyn Source>> {
    let path = Text::read(node, cx)?;
    let file = folder.join(&path.text);
    if !cx.files.may_open(&file, path.span, &mut cx.problems) {
        return None;
    }
    match survey(&file) {
        Ok(lines) => Some(Box::new(JsonLines(Arc::new(lines)))),
        Err((message, help)) => {
            cx.problem(path.span, message, help);
            None
        }
    }
}

const EACH_LINE: &str = "each line is one object, such as `{\"email\": \"ada@example.org\"}`";

/// Reads all of the file once: what is wrong in it is found before the run.
fn survey(path: &Path) -> Result<Lines, (String, String)> {
    let shown = path.display();
    let unreadable = |error: std::io::Error| (format!("`{shown}`: {error}"), file_help(path));
    let told = |message: String| (message, EACH_LINE.to_owned());
    let file = files::open(path).map_err(unreadable)?;
    let again = file.try_clone().map_err(unreadable)?;
    let mut reader = BufReader::new(file);
    let (mut survey, mut row) = (Survey::default(), Type::Null);
    let (mut line, mut number, mut offset) = (Vec::new(), 0_u64, 0_u64);
    let mut blank = 0;
    loop {
        let length = files::read_line(&mut reader, &mut line, ceilings::ROW);
        let length = length.map_err(unreadable)?;
        if length == 0 {
            break;
        }
        number += 1;
        if line.trim_ascii().is_empty() {
            // What is between two rows is read with them.
            blank += length as u64;
            if blank > ceilings::ROW {
                return Err(unreadable(files::line_too_long(ceilings::ROW)));
            }
        } else {
            blank = 0;
            let object = object(&line)
                .map_err(|reason| told(format!("`{shown}`: line {number}: {reason}")))?;
            // Most rows are like those before them.
            if object
                .iter()
                .any(|(name, value)| !row.has(name, &kind(value)))
            {
                let known = object.into_iter().map(|(name, value)| (name, kind(&value)));
                row = row.or(Type::row(known));
            }
            survey.row(offset).map_err(unreadable)?;
        }
        offset += length as u64;
    }
    let chunks = survey.finish(path.to_owned(), again, offset);
    if chunks.count() == 0 {
        return Err(told(format!("`{shown}` has no rows")));
    }
    Ok(Lines { chunks, row })
}

/// What a value of a row is; what is in lists and mappings is left open.
fn kind(value: &Json) -> Type {
    match value {
        Json::Null => Type::Null,
        Json::Bool(_) => Type::Bool,
        Json::Number(_) => Type::Number,
        Json::String(_) => Type::Text,
        Json::Array(_) => Type::Any.list(),
        Json::Object(_) => Type::Any.entries(),
    }
}

/// The object in a line; what is wrong is told without what is in it.
fn object(line: &[u8]) -> Result<Map<String, Json>, String> {
    match serde_json::from_slice(line) {
        Ok(Json::Object(object)) => Ok(object),
        Ok(_) => Err("this is JSON, but no object".to_owned()),
        Err(error) => Err(format!("column {}: this is not JSON", error.column())),
    }
}

impl Source for JsonLines {
    fn row_type(&self) -> Type {
        self.0.row.clone()
    }

    fn rows(&self, _: Option<&Vault>) -> Result<Arc<dyn Rows>, FeederError> {
        Ok(Arc::clone(&self.0) as Arc<dyn Rows>)
    }
}

impl Rows for Lines {
    fn count(&self) -> u64 {
        self.chunks.count()
    }

    fn row(&self, number: u64) -> Result<Value, FeederError> {
        self.chunks.row(number, |bytes, before| {
            let mut lines = bytes
                .split(|byte| *byte == b'\n')
                .filter(|line| !line.trim_ascii().is_empty());
            let line = lines.nth(before).ok_or("it is not what it was")?;
            let entries: Vec<(String, Value)> = object(line)?
                .into_iter()
                .map(|(key, value)| (key, Value::from(Serde(value))))
                .collect();
            Ok(row_value(&entries))
        })
    }
}
