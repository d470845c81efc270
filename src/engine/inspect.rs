//! Everything that is wrong with a file, without playing it.

use std::path::Path;

use super::executor::Overrides;
use super::parsed_plan::{ParsedPlan, check_hosts, check_library};
use super::selection::Selection;
use crate::language::{Environment, FileKind, FilesError, Problems, Source, SourceMap, file_help};
use crate::target::{Layers, TargetArguments, TargetChoice};

/// A file, and what is wrong with it and those that it includes.
pub struct Inspected {
    /// The files, of which the first one was asked for.
    pub sources: SourceMap,
    /// Errors and warnings.
    pub problems: Problems,
}

impl Inspected {
    fn new(sources: SourceMap, problems: Problems) -> Self {
        Self { sources, problems }
    }

    /// The file that was asked for.
    pub fn file(&self) -> &Source {
        self.sources.first()
    }
}

/// Looks at a scenario, a target or a library, and at the target that a scenario
/// names. They are only checked, maybe on another machine: what the environment
/// lacks is a warning.
///
/// # Errors
/// When the file cannot be read, or is a symbolic link out of the file root.
pub fn inspect(file: &Path, environment: &Environment) -> Result<Vec<Inspected>, FilesError> {
    let environment = &environment.to_check();
    let permissions = environment.permissions();
    // A pattern such as `*.yaml` may have brought it, and its lines will be shown.
    if !permissions.has_file(file) {
        return Err(FilesError::Unreadable {
            path: file.to_owned(),
            reason: permissions.link_out(),
        });
    }
    let file = FilesError::read(file, environment)?;
    match FileKind::of(&file) {
        FileKind::Target => Ok(inspect_target(file, true, environment)),
        FileKind::Library => {
            let cx = check_library(&file, environment);
            Ok(vec![Inspected::new(cx.files.sources, cx.problems)])
        }
        FileKind::Scenario => {
            let overrides = Overrides::default();
            let all = Selection::default();
            let given = TargetArguments::default();
            let (parsed, mut cx) = ParsedPlan::read(&file, None, overrides, &all, environment);
            if let Some(parsed) = &parsed
                && cx.problems.is_empty()
                && let Ok((target, _)) = given.load(&parsed.choice, environment)
            {
                check_hosts(target.preview(), &mut cx);
            }
            let target = parsed.and_then(|parsed| match parsed.choice {
                TargetChoice::File(path) if environment.permissions().has_file(&path) => {
                    Some((path, parsed.document.target?))
                }
                _ => None,
            });
            let target =
                target.and_then(
                    |(path, written)| match FilesError::read(&path, environment) {
                        Ok(target) => Some(inspect_target(target, false, environment)),
                        Err(error) => {
                            cx.problem(written.span, error.to_string(), file_help(&path));
                            None
                        }
                    },
                );
            let scenario = Inspected::new(cx.files.sources, cx.problems);
            let targets = target.into_iter().flatten();
            Ok(std::iter::once(scenario).chain(targets).collect())
        }
    }
}

/// A target, and those files that it extends that have problems.
fn inspect_target(file: Source, is_own: bool, environment: &Environment) -> Vec<Inspected> {
    let found = Layers::check(&file, is_own, environment).into_iter();
    let mut all: Vec<Inspected> = found
        .map(|(file, problems)| Inspected::new(SourceMap::new(file), problems))
        .collect();
    if all.is_empty() {
        let problems = Problems::default();
        all.push(Inspected::new(SourceMap::new(file), problems));
    }
    all
}
