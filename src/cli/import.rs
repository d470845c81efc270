//! `rehearse import`: what people already have, as a scenario.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::trust::own_target;
use super::{Exit, complain, say};
use crate::import::{self, ImportError, Told, Wanted};
use crate::language::Look;
use crate::{ceilings, files};

/// Turn a browser's HAR, an OpenAPI 3 document, or curl command lines into a scenario
///
/// Secrets are left behind: variables stand in their place. The scenario goes
/// to standard output.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// What the file is [default: what it looks like]
    #[arg(long, value_enum, value_name = "KIND")]
    from: Option<From>,
    /// The file; `-` is standard input
    file: PathBuf,
    /// The target file that the scenario is for: addresses below its `api_url` are written as paths
    #[arg(long, value_name = "FILE", conflicts_with = "api_url")]
    target: Option<PathBuf>,
    /// Addresses below this one are written as paths
    #[arg(long, value_name = "URL")]
    api_url: Option<url::Url>,
    /// Of a HAR: take images, scripts and requests to other sites over too
    #[arg(long)]
    all: bool,
    /// Of an OpenAPI document: take only parameters and fields over that must be there
    #[arg(long)]
    required_only: bool,
    /// What the scenario is called [default: the file's name]
    #[arg(long)]
    name: Option<String>,
    /// Write the scenario here; what is there already is not overwritten
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum From {
    /// What a browser has recorded
    Har,
    /// A description of an API
    Openapi,
    /// Command lines, one a line
    Curl,
}

impl std::convert::From<From> for import::From {
    fn from(from: From) -> Self {
        match from {
            From::Har => Self::Har,
            From::Openapi => Self::Openapi,
            From::Curl => Self::Curl,
        }
    }
}

pub(super) fn import(arguments: &Arguments, look: Look) -> Exit {
    match convert(arguments, look) {
        Ok(()) => Exit::Good,
        Err(exit) => exit,
    }
}

fn convert(arguments: &Arguments, look: Look) -> Result<(), Exit> {
    let wrong = |message: String| {
        complain(&message);
        Exit::Wrong
    };
    let file = &arguments.file;
    let is_input = file == Path::new("-");
    let shown = if is_input {
        "standard input".to_owned()
    } else {
        file.display().to_string()
    };
    let text =
        read(file, is_input).map_err(|error| wrong(format!("cannot read {shown}: {error}")))?;
    let refuse = |error: ImportError| {
        let ImportError {
            place,
            message,
            hint,
        } = error;
        wrong(format!("{shown}, {place}: {message}\nhint: {hint}"))
    };
    let from = arguments
        .from
        .map_or_else(|| import::guess(&text), Into::into);
    let wanted = Wanted {
        everything: arguments.all,
        required_only: arguments.required_only,
    };
    let mut found = import::requests(from, &text, wanted).map_err(refuse)?;
    let target = arguments.target.as_ref();
    let api_url = match target {
        None => arguments.api_url.as_ref().map(url::Url::to_string),
        Some(path) => {
            let target = own_target(path, look)?;
            Some(target.api_url.to_string())
        }
    };
    let stem = file.file_stem().filter(|_| !is_input);
    let stem = stem.map_or_else(
        || "imported".to_owned(),
        |stem| stem.to_string_lossy().into(),
    );
    let name = arguments.name.clone().unwrap_or(stem);
    let target = target.map(|path| path.display().to_string());
    let scenario = import::scenario(&mut found, &name, target.as_deref(), api_url.as_deref());
    let scenario = scenario.map_err(refuse)?;
    for Told { place, message } in &found.told {
        complain(&format!("{shown}, {place}: {message}"));
    }
    let Some(out) = &arguments.out else {
        say(&scenario);
        return Ok(());
    };
    let mut written = std::fs::File::create_new(out)
        .map_err(|error| wrong(format!("cannot write {}: {error}", out.display())))?;
    written
        .write_all(scenario.as_bytes())
        .map_err(|error| wrong(format!("cannot write {}: {error}", out.display())))?;
    say(&format!("wrote {}\n", out.display()));
    Ok(())
}

fn read(file: &Path, is_input: bool) -> std::io::Result<String> {
    let mut content = if is_input {
        files::read_stream(&mut std::io::stdin().lock(), ceilings::IMPORTED)?
    } else {
        files::read(file, ceilings::IMPORTED)?
    };
    files::text(&mut content)
}
