//! What CI would do: the `run:` steps of workflows, as they are.
//!
//! That the files have the form that GitHub wants is for `tests/packaging/run`.

mod examples;
mod nightly;
mod whole;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::cargo::cargo_bin;
use serde_json::Value;

use crate::work::{Ended, Simulator, Work};

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn workflow(path: &str) -> Value {
    let text = std::fs::read_to_string(repository().join(path)).unwrap();
    serde_yaml::from_str(&text).unwrap()
}

const NIGHTLY: &str = ".github/workflows/nightly.yml";
const SUPPLY: &str = ".github/workflows/supply.yml";
const PULL_REQUEST: &str = ".github/workflows/pull-request.yml";
const TEMPLATE: &str = "src/cli/init/templates/ci.yml";

fn steps<'a>(workflow: &'a Value, job: &str) -> &'a [Value] {
    workflow["jobs"][job]["steps"].as_array().unwrap()
}

/// The script of the step with this name.
#[track_caller]
fn script<'a>(workflow: &'a Value, job: &str, name: &str) -> &'a str {
    let step = steps(workflow, job)
        .iter()
        .find(|step| step["name"] == name);
    let script = step.and_then(|step| step["run"].as_str());
    script.unwrap_or_else(|| panic!("no script `{name}` in {job}"))
}

/// A runner: a checkout, and what expressions stand for.
struct Runner {
    work: Work,
    expressions: BTreeMap<&'static str, String>,
}

impl Runner {
    fn new(expressions: &[(&'static str, &str)]) -> Self {
        let given = expressions
            .iter()
            .map(|&(key, value)| (key, value.to_owned()));
        Self {
            work: Work::new(),
            expressions: given.collect(),
        }
    }

    /// The files of the repository that a checkout has.
    fn check_out(&self) {
        for name in ["scenarios", "fixtures"] {
            let link = self.work.path().join(name);
            std::os::unix::fs::symlink(repository().join(name), link).unwrap();
        }
    }

    /// What an `env:` says, with expressions filled in. One that the test does
    /// not know is a panic: it would be another thing on GitHub than here.
    fn environment(&self, env: &Value) -> Vec<(String, String)> {
        let pairs = env.as_object().into_iter().flatten();
        let filled = pairs.map(|(name, value)| {
            let text = value.as_str().unwrap();
            let inner = text
                .strip_prefix("${{ ")
                .and_then(|rest| rest.strip_suffix(" }}"));
            let value = match inner {
                None => text.to_owned(),
                Some(inner) => self
                    .expressions
                    .get(inner)
                    .unwrap_or_else(|| panic!("what is `{inner}` here?"))
                    .clone(),
            };
            (name.clone(), value)
        });
        filled.collect()
    }

    /// Runs a step as GitHub does with `shell: bash`.
    fn step(&self, job: &Value, step: &Value) -> Ended {
        let binary = cargo_bin!("rehearse");
        let path = format!(
            "{}:{}",
            binary.parent().unwrap().display(),
            std::env::var("PATH").unwrap()
        );
        let mut bash = Command::new("bash");
        bash.args(["--noprofile", "--norc", "-eo", "pipefail", "-c"])
            .arg(step["run"].as_str().unwrap())
            .current_dir(self.work.path())
            .env("PATH", path)
            .env("GITHUB_OUTPUT", self.work.path().join("output"))
            .env("GITHUB_STEP_SUMMARY", self.work.path().join("summary"))
            .env_remove("REHEARSE_VAULT")
            .env_remove("REHEARSE_PASSPHRASE")
            .envs(self.environment(&job["env"]))
            .envs(self.environment(&step["env"]));
        Ended::new(&bash.output().unwrap())
    }

    /// Runs all scripts of a job, one after the other.
    fn job(&self, workflow: &Value, name: &str) {
        let job = &workflow["jobs"][name];
        for step in steps(workflow, name)
            .iter()
            .filter(|step| step["run"].is_string())
        {
            let ended = self.step(job, step);
            assert_eq!(
                ended.code,
                Some(0),
                "{}\n{}{}\n{}",
                step["name"],
                ended.out,
                ended.err,
                self.summary()
            );
        }
    }

    /// Puts a simulator in the place of what `init` calls staging.
    fn against_the_simulator(&self) -> Simulator {
        let simulator = self.work.simulate(&[]);
        let folder = self.work.path();
        let target = folder.join("targets/staging.yaml");
        std::fs::copy(folder.join("target.yaml"), target).unwrap();
        simulator
    }

    fn summary(&self) -> String {
        std::fs::read_to_string(self.work.path().join("summary")).unwrap_or_default()
    }

    fn folders(&self, below: &str) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.work.path().join(below)).into_iter();
        let paths = entries.flatten().map(|entry| entry.unwrap().path());
        paths.filter(|path| path.is_dir()).collect()
    }

    /// The next night begins with what the cache has kept, and nothing else.
    fn next_night(&self) {
        for folder in self.folders("reports") {
            std::fs::remove_dir_all(folder).unwrap();
        }
        for other in ["smoke", "once"] {
            let _ = std::fs::remove_dir_all(self.work.path().join(other));
        }
        let _ = std::fs::remove_dir_all(self.work.path().join(".rehearse"));
        let _ = std::fs::remove_file(self.work.path().join("summary"));
        // A folder is named by its second, and two nights have different ones.
        std::thread::sleep(std::time::Duration::from_millis(1100));
    }
}
