//! What is written passes `check`: a step that does not is left out, and told.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde_yaml::granit_parser::Parser;

use super::writer::{STEPS, Writer};
use crate::engine::inspect;
use crate::import::found::{Found, ImportError};
use crate::import::request::Request;
use crate::language::{Environment, Permissions, Problem, Severity};

/// Bytes of steps, of those that a file may have (`ceilings::YAML`).
const ROOM: usize = 15 * 1024 * 1024;
/// Values of all steps and variables, of those that a file may have.
const VALUES: usize = 99_000;
/// Expressions of the same.
const EXPRESSIONS: usize = 19_000;

/// A scenario file of these requests. Those to `api_url` are written as paths
/// below it; `target` is the target file that the scenario names. Steps that
/// `check` refuses are taken from the requests, and told.
///
/// # Errors
/// When no request is left.
pub fn scenario(
    found: &mut Found,
    name: &str,
    target: Option<&str>,
    api_url: Option<&str>,
) -> Result<String, ImportError> {
    loop {
        let mut writer = Writer::new(found, api_url);
        let steps = match steps(&mut writer, found) {
            Ok(steps) if steps.is_empty() => return Err(nothing_left(found)),
            Ok(steps) => steps,
            // Written again: what they have brought with them is not there then.
            Err(refused) => {
                leave_out(found, &refused);
                continue;
            }
        };
        // Writing to a string never fails.
        let head = |target| writer.head(found, name, target).unwrap_or_default();
        let checked = Checked {
            writer: &writer,
            requests: &found.requests,
            steps: &steps,
        };
        let mut refused = Refused::new();
        let all = checked.refused(&head(None), 0..steps.len(), &mut refused);
        all.map_err(|reason| ImportError {
            place: "the scenario".into(),
            message: format!("it cannot be checked: {reason}"),
            hint: "a temporary file is needed for that",
        })?;
        if refused.is_empty() {
            return Ok(head(target) + &steps.concat());
        }
        leave_out(found, &refused);
    }
}

/// Requests by their index, and why they are left out.
type Refused = BTreeMap<usize, String>;

fn leave_out(found: &mut Found, refused: &Refused) {
    let requests = std::mem::take(&mut found.requests);
    for (index, request) in requests.into_iter().enumerate() {
        match refused.get(&index) {
            Some(message) => found.tell(&request.place, message),
            None => found.requests.push(request),
        }
    }
}

fn nothing_left(found: &Found) -> ImportError {
    let told = found.told.first();
    ImportError {
        place: told.map_or_else(|| "the whole of it".into(), |told| told.place.clone()),
        message: told.map_or_else(|| "no request is left".into(), |told| told.message.clone()),
        hint: "a scenario cannot say this",
    }
}

/// The steps of the requests, or those that a file has no room for.
fn steps(writer: &mut Writer, found: &Found) -> Result<Vec<String>, Refused> {
    let mut steps: Vec<String> = Vec::new();
    let (mut bytes, mut values, mut expressions) = (0, 0, 0);
    let mut refused = Refused::new();
    for (index, request) in found.requests.iter().enumerate() {
        // Writing to a string never fails.
        let step = writer.step(request).unwrap_or_default();
        let Some(size) = values_of(&step) else {
            refused.insert(index, "it is left out: it is no YAML".into());
            continue;
        };
        let holes = step.matches("{{").count();
        let variables = writer.variables.len();
        let fits = bytes + step.len() <= ROOM
            && values + size + variables * 2 <= VALUES
            && expressions + holes + variables <= EXPRESSIONS;
        if !fits {
            refused.insert(
                index,
                "it is left out: a scenario has no room for it".into(),
            );
            continue;
        }
        bytes += step.len();
        values += size;
        expressions += holes;
        steps.push(step);
    }
    if refused.is_empty() {
        Ok(steps)
    } else {
        Err(refused)
    }
}

/// How many values a step has, as the reader of files counts them.
fn values_of(step: &str) -> Option<usize> {
    Parser::new_from_str(step).try_fold(0, |count, event| {
        let (event, _) = event.ok()?;
        Some(count + usize::from(event.is_node()))
    })
}

/// A scenario that is looked at.
struct Checked<'a> {
    writer: &'a Writer,
    requests: &'a [Request],
    steps: &'a [String],
}

impl Checked<'_> {
    /// The steps of a part that `check` refuses, each with what it says. When it
    /// says no more of so many, each half is looked at by itself.
    fn refused(&self, head: &str, part: Range<usize>, to: &mut Refused) -> Result<(), String> {
        let steps = &self.steps[part.clone()];
        let (problems, all) = problems(&(head.to_owned() + &steps.concat()))?;
        if !all && part.len() > 1 {
            let middle = part.start + part.len() / 2;
            for half in [part.start..middle, middle..part.end] {
                let head = head_of_part(self.writer, &self.requests[..half.start]);
                self.refused(&head, half, to)?;
            }
            return Ok(());
        }
        let start = head.lines().count();
        let mut end = start;
        let ends = steps.iter().map(|step| {
            end += step.lines().count();
            end
        });
        let ends: Vec<usize> = ends.collect();
        for (line, message) in problems {
            let index = part.start + ends.partition_point(|end| *end < line);
            if line > start && index < part.end {
                to.entry(index).or_insert(message);
            }
        }
        Ok(())
    }
}

/// What stands before a part of the steps: what those before it have captured is
/// there.
fn head_of_part(writer: &Writer, before: &[Request]) -> String {
    let captured = before.iter().flat_map(|request| &request.captures);
    let captured: BTreeSet<&String> = captured.map(|capture| &capture.name).collect();
    let mut head = "vars:\n".to_owned();
    for name in writer.variables.iter().chain(captured) {
        head.extend(["  ", name, ": \"\"\n"]);
    }
    head + STEPS
}

/// What `check` says of a file, by line, and whether that is all. Files that are
/// sent need not be there yet.
fn problems(text: &str) -> Result<(Vec<(usize, String)>, bool), String> {
    let reason = |error: std::io::Error| error.to_string();
    let folder = tempfile::tempdir().map_err(reason)?;
    let root = folder.path().canonicalize().map_err(reason)?;
    let path = root.join("imported.yaml");
    std::fs::write(&path, text).map_err(reason)?;
    // No other file is opened.
    let environment = Environment::of_process(Permissions {
        file_roots: Some(vec![root]),
        hosts: None,
        ..Permissions::default()
    });
    let inspected = inspect(&path, &environment).map_err(|error| error.to_string())?;
    let mut found = Vec::new();
    let all = !inspected.iter().any(|one| one.problems.are_too_many());
    for one in &inspected {
        for (severity, problem) in one.problems.all() {
            if severity == Severity::Error && !is_of_file(problem) {
                let line = one.file().position(problem.span().start).0;
                let message = match problem.help() {
                    Some(help) => format!("{}; {help}", problem.message()),
                    None => problem.message().to_owned(),
                };
                found.push((line, message));
            }
        }
    }
    Ok((found, all))
}

/// Whether a problem is that a file is not there, or lies elsewhere.
fn is_of_file(problem: &Problem) -> bool {
    problem.message().starts_with("cannot read ") || problem.rule() == "not-permitted"
}
