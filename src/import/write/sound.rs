//! What is written passes `check`: a step that does not is left out, and told.

use super::writer::Writer;
use crate::engine::inspect;
use crate::import::found::{Found, ImportError};
use crate::language::{Environment, Permissions, Problem, Severity};

/// Bytes of steps, of those that a file may have (`ceilings::YAML`).
const ROOM: usize = 15 * 1024 * 1024;
/// Values of all steps, of those that a file may have.
const VALUES: usize = 90_000;

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
        let steps = steps(&mut writer, found);
        if steps.is_empty() {
            return Err(nothing_left(found));
        }
        // Writing to a string never fails.
        let head = |target| writer.head(found, name, target).unwrap_or_default();
        let checked = head(None) + &steps.concat();
        let refused = refused(&checked, &steps).map_err(|reason| ImportError {
            place: "the scenario".into(),
            message: format!("it cannot be checked: {reason}"),
            hint: "a temporary file is needed for that",
        })?;
        if refused.is_empty() {
            return Ok(head(target) + &steps.concat());
        }
        for (index, message) in refused.into_iter().rev() {
            let request = found.requests.remove(index);
            found.tell(&request.place, message);
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

/// The steps of the requests, as many as a file has room for. The others are
/// taken from the requests, and told.
fn steps(writer: &mut Writer, found: &mut Found) -> Vec<String> {
    let mut steps: Vec<String> = Vec::new();
    let (mut bytes, mut values) = (0, 0);
    let mut left = Vec::new();
    found.requests.retain(|request| {
        let in_bodies = writer.room;
        // Writing to a string never fails.
        let step = writer.step(request).unwrap_or_default();
        let size = step.lines().count() * 2 + (in_bodies - writer.room);
        let fits = bytes + step.len() <= ROOM && values + size <= VALUES;
        if fits {
            bytes += step.len();
            values += size;
            steps.push(step);
        } else {
            left.push(request.place.clone());
        }
        fits
    });
    for place in left {
        found.tell(&place, "it is left out: a scenario has no room for it");
    }
    steps
}

/// The steps that `check` refuses, by their index, with what it says.
fn refused(text: &str, steps: &[String]) -> Result<Vec<(usize, String)>, String> {
    let total = text.lines().count();
    let of_steps: usize = steps.iter().map(|step| step.lines().count()).sum();
    let mut refused: Vec<(usize, String)> = Vec::new();
    for (line, message) in problems(text)? {
        let Some(mut line) = line.checked_sub(total - of_steps + 1) else {
            continue;
        };
        let index = steps.iter().position(|step| {
            let lines = step.lines().count();
            let inside = line < lines;
            line = line.saturating_sub(lines);
            inside
        });
        if let Some(index) = index
            && refused.iter().all(|(known, _)| *known != index)
        {
            refused.push((index, message));
        }
    }
    refused.sort_unstable();
    Ok(refused)
}

/// What `check` says of a file, by line. Files that are sent need not be there
/// yet.
fn problems(text: &str) -> Result<Vec<(usize, String)>, String> {
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
    Ok(found)
}

/// Whether a problem is that a file is not there, or lies elsewhere.
fn is_of_file(problem: &Problem) -> bool {
    problem.message().starts_with("cannot read ") || problem.rule() == "not-permitted"
}
