//! `rehearse import`: what people already have, as a scenario.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::help::after;
use super::trust::own_target;
use super::{Exit, complain, say};
use crate::import::{self, ImportError, Told, Wanted};
use crate::language::Look;
use crate::{ceilings, files};

/// Convert a HAR, OpenAPI, Postman, Bruno, `.http` or curl file to a scenario
///
/// Secrets are not copied: variables stand in their place. The scenario goes to standard output.
#[derive(Debug, Args)]
#[command(after_help = after(&[("rehearse import session.har --out mine.yaml", "from what a browser's network tab saved"), ("rehearse import --from openapi api.yaml --required-only", "from an OpenAPI document, required fields only"), ("rehearse import --from curl - --target staging.yaml < commands.txt", "from curl commands on standard input")], &[(Exit::Good, "the scenario was written"), (Exit::Wrong, "nothing could be imported, or the command line is wrong")]))]
pub(super) struct Arguments {
    /// Format of the file [default: detected]
    #[arg(long, value_enum, value_name = "KIND")]
    from: Option<From>,
    /// The file, or a Bruno folder; `-` is standard input
    file: PathBuf,
    /// Target file that the scenario is for: addresses below its `api_url` are written as paths
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "api_url",
        help_heading = "The scenario"
    )]
    target: Option<PathBuf>,
    /// Write addresses below this one as paths
    #[arg(long, value_name = "URL", help_heading = "The scenario")]
    api_url: Option<url::Url>,
    /// HAR: include images, scripts and requests to other sites
    #[arg(long, help_heading = "What is imported")]
    all: bool,
    /// HAR: keep the pauses between requests as `sleep`, up to a minute each
    #[arg(long, help_heading = "What is imported")]
    think_time: bool,
    /// OpenAPI: include only required parameters and fields
    #[arg(long, help_heading = "What is imported")]
    required_only: bool,
    /// Collections and `.http` files: variables of an environment; `FILE#NAME` of a JSON file with
    /// several; repeatable
    #[arg(long, value_name = "FILE", help_heading = "What is imported")]
    environment: Vec<String>,
    /// Name of the scenario [default: the file's name]
    #[arg(long, help_heading = "The scenario")]
    name: Option<String>,
    /// Write the scenario to this file; an existing file is kept
    #[arg(long, value_name = "FILE", help_heading = "The scenario")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum From {
    /// What a browser has recorded
    Har,
    /// A description of an API
    Openapi,
    /// A collection of Postman, 2.0 or 2.1
    Postman,
    /// An `.http` or `.rest` file of an editor's HTTP client
    Http,
    /// A `.bru` file of Bruno, or a folder of them
    Bruno,
    /// Command lines, one a line
    Curl,
}

impl std::convert::From<From> for import::From {
    fn from(from: From) -> Self {
        match from {
            From::Har => Self::Har,
            From::Openapi => Self::Openapi,
            From::Postman => Self::Postman,
            From::Http => Self::Http,
            From::Bruno => Self::Bruno,
            From::Curl => Self::Curl,
        }
    }
}

/// Folders in folders, and files, of a collection.
const MOST_FOLDERS: usize = 32;
const MOST_FILES: usize = 20_000;

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
    let refuse = |error: ImportError| {
        let ImportError {
            place,
            message,
            hint,
        } = error;
        wrong(format!("{shown}, {place}: {message}\nhint: {hint}"))
    };
    let unreadable = |error: std::io::Error| wrong(format!("cannot read {shown}: {error}"));
    let wanted = Wanted {
        everything: arguments.all,
        think_time: arguments.think_time,
        required_only: arguments.required_only,
        variables: environments(&arguments.environment)?,
    };
    let mut found = if file.is_dir() {
        let files = bru_files(file).map_err(unreadable)?;
        import::folder(&files, &wanted).map_err(refuse)?
    } else {
        let text = read(file, is_input).map_err(unreadable)?;
        let from = arguments
            .from
            .map_or_else(|| import::guess(&text), Into::into);
        import::requests(from, &text, &wanted).map_err(refuse)?
    };
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

/// The files of a folder of Bruno, by their paths in it. Links lead nowhere.
fn bru_files(folder: &Path) -> std::io::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    let mut folders = vec![(folder.to_owned(), String::new())];
    let mut room = ceilings::IMPORTED;
    while let Some((folder, shown)) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let (kind, name) = (entry.file_type()?, entry.file_name());
            let name = format!("{shown}{}", name.to_string_lossy());
            let depth = name.matches('/').count();
            if kind.is_dir() && depth < MOST_FOLDERS && !name.ends_with("node_modules") {
                folders.push((entry.path(), format!("{name}/")));
            } else if kind.is_file() && entry.path().extension().is_some_and(|end| end == "bru") {
                if files.len() >= MOST_FILES {
                    let message = format!("it has more than {MOST_FILES} files");
                    return Err(std::io::Error::other(message));
                }
                let mut content = files::read(&entry.path(), room)?;
                room -= content.len() as u64;
                files.push((name, files::text(&mut content)?));
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The variables of all environments; what an earlier one says counts.
fn environments(files: &[String]) -> Result<Vec<(String, String)>, Exit> {
    let mut all = Vec::new();
    for file in files {
        let (path, name) = match file.rsplit_once('#') {
            Some((path, name)) => (path, Some(name)),
            None => (file.as_str(), None),
        };
        let wrong = |message: String| {
            complain(&message);
            Exit::Wrong
        };
        let text = read(Path::new(path), false)
            .map_err(|error| wrong(format!("cannot read {path}: {error}")))?;
        let variables = import::environment(&text, name);
        let variables = variables.map_err(
            |ImportError {
                 place,
                 message,
                 hint,
             }| { wrong(format!("{path}, {place}: {message}\nhint: {hint}")) },
        )?;
        all.extend(variables);
    }
    Ok(all)
}

fn read(file: &Path, is_input: bool) -> std::io::Result<String> {
    let mut content = if is_input {
        files::read_stream(&mut std::io::stdin().lock(), ceilings::IMPORTED)?
    } else {
        files::read(file, ceilings::IMPORTED)?
    };
    files::text(&mut content)
}
