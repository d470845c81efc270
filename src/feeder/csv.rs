//! `csv`: a file with a head line, read row by row.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use csv::{ErrorKind, Reader, ReaderBuilder, StringRecord};
use minijinja::Value;

use super::chunks::{Chunks, Survey};
use super::{FeederError, FeederKind, Rows, Source};
use crate::document::ReadContext;
use crate::expression::{Type, row_value};
use crate::language::{Key, Node, Read, Shape, Text, file_help};
use crate::vault::Vault;
use crate::{ceilings, files};

pub(super) const KIND: FeederKind = FeederKind {
    key: Key::new(
        "csv",
        "path of a CSV file (RFC 4180) whose first line names the columns",
        || Shape::Text,
    )
    .also(&["file", "path"])
    .example("people.csv")
    .shown(),
    compile,
};

#[derive(Debug)]
struct Table {
    columns: Vec<String>,
    chunks: Chunks,
}

#[derive(Debug)]
struct Csv(Arc<Table>);

fn compile(node: &Node, folder: &Path, cx: &mut ReadContext) -> Option<Box<dyn Source>> {
    let path = Text::read(node, cx)?;
    let file = folder.join(&path.text);
    if !cx.files.may_open(&file, path.span, &mut cx.problems) {
        return None;
    }
    match survey(&file) {
        Ok(table) => Some(Box::new(Csv(Arc::new(table)))),
        Err((message, help)) => {
            cx.problem(path.span, message, help);
            None
        }
    }
}

/// Reads all of the file once: what is wrong in it is found before the run.
fn survey(path: &Path) -> Result<Table, (String, String)> {
    let shown = path.display();
    let unreadable =
        |reason: &dyn std::fmt::Display| (format!("`{shown}`: {reason}"), file_help(path));
    let file = files::open(path).map_err(|error| unreadable(&error))?;
    let again = file.try_clone().map_err(|error| unreadable(&error))?;
    let mut reader = Reader::from_reader(Bounded::new(file));
    let told = |error: csv::Error| (format!("`{shown}`: {}", explain(&error)), String::new());
    let columns = reader.headers().map_err(told)?.clone();
    let columns: Vec<String> = columns.iter().map(str::to_owned).collect();
    if let Some(problem) = wrong_columns(&columns) {
        return Err((
            format!("`{shown}`: {problem}"),
            "the first line names the columns: letters, digits and `_`".to_owned(),
        ));
    }
    let mut survey = Survey::default();
    let mut record = StringRecord::new();
    loop {
        let at = reader.position().byte();
        reader.get_mut().begin_row();
        if !reader.read_record(&mut record).map_err(told)? {
            break;
        }
        // Empty lines may be before it.
        let at = record.position().map_or(at, csv::Position::byte);
        survey.row(at).map_err(|error| unreadable(&error))?;
    }
    let end = reader.position().byte();
    let chunks = survey.finish(path.to_owned(), again, end);
    if chunks.count() == 0 {
        return Err((
            format!("`{shown}` has no rows"),
            "add one below the columns".to_owned(),
        ));
    }
    Ok(Table { columns, chunks })
}

fn wrong_columns(columns: &[String]) -> Option<String> {
    let named = |name: &&String| {
        let first = name.chars().next();
        let rest = |c: char| c.is_ascii_alphanumeric() || c == '_';
        first.is_some_and(|c| c.is_ascii_alphabetic() || c == '_') && name.chars().all(rest)
    };
    if let Some(name) = columns.iter().find(|name| !named(name)) {
        return Some(format!("`{name}` cannot name a column"));
    }
    let mut known = HashSet::new();
    let twice = columns.iter().find(|name| !known.insert(*name));
    twice.map(|name| format!("there are two columns `{name}`"))
}

/// A file of which no row is longer than it may be.
struct Bounded {
    file: File,
    left: u64,
}

impl Bounded {
    fn new(file: File) -> Self {
        let mut bounded = Self { file, left: 0 };
        bounded.begin_row();
        bounded
    }

    /// A row begins somewhere in what the reader has asked for last.
    fn begin_row(&mut self) {
        self.left = ceilings::ROW;
    }
}

impl io::Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = io::Read::read(&mut self.file, buffer)?;
        let left = self.left.checked_sub(read as u64);
        self.left = left.ok_or_else(|| files::line_too_long(ceilings::ROW))?;
        Ok(read)
    }
}

/// What is wrong, without what is in the file.
fn explain(error: &csv::Error) -> String {
    let line = |position: &Option<csv::Position>| {
        position.as_ref().map_or_else(String::new, |position| {
            format!("line {}: ", position.line())
        })
    };
    match error.kind() {
        ErrorKind::UnequalLengths {
            pos,
            expected_len,
            len,
        } => format!(
            "{}there are {expected_len} columns, and {len} values",
            line(pos)
        ),
        ErrorKind::Utf8 { pos, .. } => format!("{}this is not UTF-8", line(pos)),
        ErrorKind::Io(error) => error.to_string(),
        _ => "this is not CSV".to_owned(),
    }
}

impl Source for Csv {
    fn row_type(&self) -> Type {
        let columns = self.0.columns.iter().cloned();
        Type::row(columns.map(|name| (name, Type::Text)))
    }

    fn rows(&self, _: Option<&Vault>) -> Result<Arc<dyn Rows>, FeederError> {
        Ok(Arc::clone(&self.0) as Arc<dyn Rows>)
    }
}

impl Rows for Table {
    fn count(&self) -> u64 {
        self.chunks.count()
    }

    fn row(&self, number: u64) -> Result<Value, FeederError> {
        self.chunks.row(number, |bytes, before| {
            let mut reader = ReaderBuilder::new().has_headers(false).from_reader(bytes);
            let record = match reader.records().nth(before) {
                Some(Ok(record)) if record.len() == self.columns.len() => record,
                Some(Err(error)) => return Err(explain(&error)),
                _ => return Err("it is not what it was".to_owned()),
            };
            let values = record.iter().map(Value::from);
            let entries = self.columns.iter().cloned().zip(values);
            Ok(row_value(&entries.collect::<Vec<_>>()))
        })
    }
}
