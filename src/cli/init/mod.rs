//! `rehearse init`: a folder to begin with.
//!
//! To add a template: a scenario file in `templates`, one line in
//! [`TEMPLATES`].

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::help::{WRITES, after};
use super::schema::schema_text;
use super::{Exit, complain, say};
use crate::language::{Problem, SchemaOf};

/// Write commented scenarios, targets, and a CI job to start from
///
/// Existing files are kept: when one of them is there, nothing is written.
#[derive(Debug, Args)]
#[command(after_help = after(&[("rehearse init rehearsals", "write the tutorial to a new folder"), ("rehearse init --template http rehearsals", "start from plain HTTP requests"), ("rehearse init --list", "list the templates")], WRITES))]
pub(super) struct Arguments {
    /// The folder; created if missing
    #[arg(required_unless_present = "list")]
    dir: Option<PathBuf>,
    /// Template to start from; `--list` shows all
    #[arg(long, value_name = "NAME", default_value = TEMPLATES[0].name)]
    template: String,
    /// List the templates, and write nothing
    #[arg(long)]
    list: bool,
}

/// A scenario to begin with.
struct Template {
    name: &'static str,
    about: &'static str,
    scenario: &'static str,
}

/// The first one is the default.
const TEMPLATES: &[Template] = &[
    Template {
        name: "tutorial",
        about: "a person registers, writes encrypted data, comes back, logs in again",
        scenario: include_str!("templates/tutorial.yaml"),
    },
    Template {
        name: "login-storm",
        about: "accounts made beforehand, then more and more log-ins a second",
        scenario: include_str!("templates/login-storm.yaml"),
    },
    Template {
        name: "http",
        about: "requests of your own, with a user's credentials and without",
        scenario: include_str!("templates/http.yaml"),
    },
    Template {
        name: "soak",
        about: "people who come back, think, and read, for a long time",
        scenario: include_str!("templates/soak.yaml"),
    },
];

/// What is written beside the scenario.
const COMMON: &[(&str, &str)] = &[
    ("README.md", include_str!("templates/README.md")),
    (".gitignore", include_str!("templates/gitignore")),
    ("nightly.yaml", include_str!("templates/nightly.yaml")),
    ("ci.yml", include_str!("templates/ci.yml")),
    (
        "targets/staging.yaml",
        include_str!("templates/staging.yaml"),
    ),
    ("targets/mine.yaml", include_str!("templates/mine.yaml")),
];

/// What editors are told of the files.
const SCHEMAS: [(&str, SchemaOf); 2] = [
    ("schemas/scenario.json", SchemaOf::Scenario),
    ("schemas/target.json", SchemaOf::Target),
];

const SCENARIO: &str = "scenario.yaml";

pub(super) fn init(arguments: &Arguments) -> Exit {
    let Some(dir) = arguments.dir.as_deref().filter(|_| !arguments.list) else {
        let line = |template: &Template| format!("{:12} {}\n", template.name, template.about);
        say(&TEMPLATES.iter().map(line).collect::<String>());
        return Exit::Good;
    };
    let names: Vec<&str> = TEMPLATES.iter().map(|template| template.name).collect();
    let mut known = TEMPLATES.iter();
    let Some(template) = known.find(|template| template.name == arguments.template) else {
        complain(&format!(
            "there is no template `{}`: {}",
            arguments.template,
            Problem::suggest(&arguments.template, &names)
        ));
        return Exit::Wrong;
    };
    let schemas = SCHEMAS.map(|(name, of)| (name, schema_text(of)));
    let schemas = schemas.iter().map(|(name, text)| (*name, text.as_str()));
    let files: Vec<(PathBuf, &str)> = std::iter::once((SCENARIO, template.scenario))
        .chain(COMMON.iter().copied())
        .chain(schemas)
        .map(|(name, text)| (dir.join(name), text))
        .collect();
    let there: Vec<String> = files
        .iter()
        .filter(|(path, _)| path.symlink_metadata().is_ok())
        .map(|(path, _)| path.display().to_string())
        .collect();
    if !there.is_empty() {
        complain(&format!(
            "{} there already, and nothing is overwritten\nhint: choose another folder, or move what is there away",
            are(&there)
        ));
        return Exit::Wrong;
    }
    for (path, text) in &files {
        if let Err(error) = write_new(path, text) {
            complain(&format!("cannot write {}: {error}", path.display()));
            return Exit::Wrong;
        }
    }
    for (path, _) in &files {
        say(&format!("wrote {}\n", path.display()));
    }
    // Reports and the vault are where it is played: in the folder, whose `.gitignore` names them.
    let go = if dir == Path::new(".") {
        String::new()
    } else {
        format!("cd {} && ", dir.display())
    };
    say(&format!("\nnext: {go}rehearse run {SCENARIO}\n"));
    Exit::Good
}

/// A file that must not be there yet: not even one that came just now.
fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = std::fs::File::create_new(path)?;
    file.write_all(text.as_bytes())
}

/// `a is`, `a and b are`
fn are(names: &[String]) -> String {
    match names {
        [one] => format!("{one} is"),
        many => format!("{} are", many.join(", ")),
    }
}
