//! What files may do beyond themselves, as flags.

use std::path::{Path, PathBuf};

use clap::Args;

use super::env_files::FileVariables;
use super::messages::refuse;
use super::{Exit, complain};
use crate::language::{Environment, Look, Permissions};
use crate::target::{Layers, Target};

/// Shared by all commands that read a scenario. What a file of the command line
/// itself may do, such as that of `--target`, is not limited here.
#[derive(Clone, Debug, Args)]
pub(super) struct TrustFlags {
    /// Folder below which files may name others [default: the Git worktree around the scenario, the
    /// current directory if the scenario is below it, or the scenario's folder]
    #[arg(long, value_name = "DIR", help_heading = HEADING)]
    file_root: Option<PathBuf>,
    /// File with variables, a line `NAME=value` each, that files may read; the environment takes
    /// precedence; repeatable, later files override earlier ones
    #[arg(long, value_name = "FILE", help_heading = HEADING)]
    env_file: Vec<PathBuf>,
    /// Variable of the environment, or of `.env` in the current directory, that files may read;
    /// repeatable
    #[arg(long, value_name = "NAME", help_heading = HEADING)]
    env: Vec<String>,
    /// Let targets that the scenario names start programs (`source: command`)
    #[arg(long, help_heading = HEADING)]
    allow_command: bool,
    /// Host that may be asked besides those of the target and this machine; repeatable
    #[arg(long, value_name = "HOST", value_parser = host, help_heading = HEADING)]
    allow_host: Vec<String>,
    /// Host that load may be sent to although its target has no `load_test_allowed: true`;
    /// repeatable
    #[arg(long, value_name = "HOST", value_parser = host, help_heading = HEADING)]
    yes_load_test: Vec<String>,
    /// Trust the files: permit all of the above, except load
    #[arg(long, help_heading = HEADING)]
    trust: bool,
}

const HEADING: &str = "What files may do";

impl TrustFlags {
    /// What the files with variables hold: read once, however many scenarios may see it.
    pub(super) fn variables(&self) -> Result<FileVariables, Exit> {
        FileVariables::read(&self.env_file).map_err(|message| {
            complain(&message);
            Exit::Wrong
        })
    }

    /// What the process has in its environment and files with variables hold, and
    /// what a file may do with it and beside it.
    pub(super) fn environment(&self, file: &Path, files: &FileVariables) -> Environment {
        let mut permissions = self.permissions(file);
        // A file of variables that the command line names is there to be read.
        if let Some(variables) = &mut permissions.variables {
            variables.extend(files.named.iter().map(|(name, _)| name.clone()));
        }
        let environment = Environment::of_process(permissions);
        environment.or(files.named.clone()).or(files.found.clone())
    }

    fn permissions(&self, file: &Path) -> Permissions {
        let load = Some(self.yes_load_test.clone());
        if self.trust {
            return Permissions {
                load,
                ..Permissions::all()
            };
        }
        let root = self.file_root.as_deref();
        Permissions {
            file_roots: Some(vec![root.map_or_else(|| file_root(file), real)]),
            variables: Some(self.env.clone()),
            programs: self.allow_command,
            hosts: Some(self.allow_host.clone()),
            load,
        }
    }
}

/// A target of the command line, the user's own, without where its codes are read.
pub(super) fn own_target(path: &Path, look: Look) -> Result<Target, Exit> {
    let environment = Environment::of_process(Permissions::all());
    Layers::without_otp(path, &environment).map_err(|error| refuse(&error.into(), look))
}

/// A host by name or address, as URLs write it, without scheme and port.
fn host(text: &str) -> Result<String, String> {
    match url::Host::parse(text) {
        Ok(host) => Ok(host.to_string()),
        Err(error) => Err(format!("{error}; expected a host such as api.example.org")),
    }
}

/// The folder below which a file may name others, when no flag says so. A home
/// and what is above it are too much, unless the file lies in it itself.
fn file_root(file: &Path) -> PathBuf {
    let folder = match file.parent() {
        Some(folder) if folder != Path::new("") => real(folder),
        _ => real(Path::new(".")),
    };
    let home = std::env::home_dir().map(|home| real(&home));
    let is_narrow = |root: &Path| {
        let of_home = home.as_ref().is_some_and(|home| home.starts_with(root));
        !of_home && root.parent().is_some()
    };
    let worktree = folder.ancestors().find(|root| root.join(".git").exists());
    let current = real(Path::new("."));
    let current = folder.starts_with(&current).then_some(current);
    let mut roots = worktree.map(Path::to_owned).into_iter().chain(current);
    roots.find(|root| is_narrow(root)).unwrap_or(folder)
}

/// Where a folder is; as given when it is not there, which nothing is below then.
fn real(folder: &Path) -> PathBuf {
    std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned())
}
