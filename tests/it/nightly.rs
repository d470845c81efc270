//! What CI would do: the `run:` steps of the nightly workflow, and of the one that `init` writes, as they are.
//!
//! That the files have the form that GitHub wants is for `tests/packaging/run`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::cargo::cargo_bin;
use serde_json::Value;

use crate::documents::fence::blocks;
use crate::work::{Ended, Simulator, Work};

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn workflow(path: &str) -> Value {
    let text = std::fs::read_to_string(repository().join(path)).unwrap();
    serde_yaml::from_str(&text).unwrap()
}

const NIGHTLY: &str = ".github/workflows/nightly.yml";
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
        let _ = std::fs::remove_dir_all(self.work.path().join("smoke"));
        let _ = std::fs::remove_dir_all(self.work.path().join(".rehearse"));
        std::fs::remove_file(self.work.path().join("summary")).unwrap();
    }
}

const TARGET: &str =
    "matrix.target == 'staging' && (vars.REHEARSE_TARGET || 'fixtures/targets/staging.yaml') || ''";
const DURATION: &str = "inputs.duration || '2m'";

fn nightly(target: &str, secret: &str) -> Runner {
    Runner::new(&[
        ("matrix.target", "this leg"),
        (TARGET, target),
        // Long enough that each alternative of `choose` is drawn.
        (DURATION, "5s"),
        ("secrets.ICURE_CAPTCHA_TOKEN", secret),
        ("secrets.ICURE_MAILBOX_PASSWORD", secret),
        ("inputs.accept", ""),
    ])
}

#[test]
fn the_files_that_come_along_are_checked() {
    let runner = nightly("", "");
    runner.check_out();
    runner.job(&workflow(NIGHTLY), "check");
    let sarif = std::fs::read_to_string(runner.work.path().join("check.sarif")).unwrap();
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
}

#[test]
fn a_night_is_compared_with_those_before() {
    let workflow = workflow(NIGHTLY);
    let mut runner = nightly("", "");
    runner.check_out();
    runner.job(&workflow, "play");
    let summary = runner.summary();
    assert!(
        summary.contains("There is nothing to compare."),
        "{summary}"
    );
    for plan in ["smoke", "data mixed"] {
        assert!(summary.contains(plan), "{plan}\n{summary}");
    }
    let output = std::fs::read_to_string(runner.work.path().join("output")).unwrap();
    assert_eq!(output, "there=true\n");

    runner.next_night();
    runner.job(&workflow, "play");
    let summary = runner.summary();
    assert!(summary.contains("patients/prepare"), "{summary}");
    assert!(!summary.contains("nothing to compare"), "{summary}");
    assert_eq!(runner.folders("nights").len(), 2);
    let history = runner.work.path().join("reports/history.jsonl");
    let history = std::fs::read_to_string(history).unwrap();
    assert_eq!(history.lines().count(), 2, "{history}");

    runner.next_night();
    runner.expressions.insert("inputs.accept", "true".into());
    runner.job(&workflow, "play");
    assert_eq!(runner.folders("nights").len(), 1);
}

#[test]
fn a_slower_night_fails_and_says_so() {
    let workflow = workflow(NIGHTLY);
    let runner = nightly("", "");
    let job = &workflow["jobs"]["play"];
    let compare = steps(&workflow, "play")
        .iter()
        .find(|step| step["id"] == "compare")
        .unwrap();
    let server = crate::server::Server::start();
    runner.work.write(
        "ask.yaml",
        &format!(
            "vars: {{ms: 20}}\nscenarios: {{s: {{executor: constant_arrival_rate, rate: 20/s, duration: 22s, pre_allocated_vus: 9, steps: [{{http: {{url: '{}/pausing?{{{{ ms }}}}'}}, name: ask}}]}}}}\n",
            server.url
        ),
    );
    let play = |reports: &str, pause: &str| {
        let run = ["run", "ask.yaml", "--quiet", "--no-history"];
        let where_to = ["--reports", reports, "--var", pause];
        runner.work.run(&[run, where_to].concat()).expect(0);
    };
    std::thread::scope(|scope| {
        scope.spawn(|| play("nights", "ms=20"));
        scope.spawn(|| play("reports", "ms=60"));
    });
    let ended = runner.step(job, compare).expect(1);
    assert_eq!(ended.err, "");
    assert!(runner.summary().contains("slower"), "{}", runner.summary());
}

#[test]
fn another_target_is_played_when_its_secrets_are_there() {
    let workflow = workflow(NIGHTLY);
    let without = nightly("target.yaml", "");
    let job = &workflow["jobs"]["play"];
    let secrets = steps(&workflow, "play")
        .iter()
        .find(|step| step["id"] == "secrets")
        .unwrap();
    without.step(job, secrets).expect(0);
    assert!(!without.work.path().join("output").exists());
    assert_eq!(
        without.summary(),
        "Nothing was played against this leg: its secrets are not set.\n"
    );
    // What would be played otherwise waits for that output.
    for step in steps(&workflow, "play").iter().skip(4) {
        let condition = step["if"].as_str().unwrap();
        let waits = condition.contains("steps.secrets.outputs.there")
            || condition.contains("steps.measure.outcome == 'success'");
        assert!(waits, "{step:#}");
    }

    let with = nightly("target.yaml", "a-secret-value");
    with.check_out();
    let simulator = with.work.simulate(&[]);
    with.job(&workflow, "play");
    let registered = simulator.get("/_simulator/outbox");
    assert!(registered.contains('@'), "{registered}");
    assert!(!with.summary().contains("a-secret-value"));
}

#[test]
fn the_job_that_init_writes_can_be_run() {
    let written = workflow(TEMPLATE);
    let runner = Runner::new(&[
        ("vars.REHEARSE_GIT", "https://example.org/rehearse.git"),
        ("secrets.CAPTCHA_TOKEN", "x"),
        ("secrets.MAILBOX_PASSWORD", "y"),
        ("inputs.accept", ""),
    ]);
    runner.work.run(&["init", "."]).expect(0);
    let _simulator = runner.against_the_simulator();
    for night in 0..2 {
        runner.job(&written, "play");
        assert_eq!(runner.folders("nights").len(), night + 1);
        if night == 0 {
            runner.next_night();
        }
    }
    assert!(
        runner.summary().contains("daenerys/register"),
        "{}",
        runner.summary()
    );
}

/// The example of this kind in docs/ci.md.
fn example(kind: &str) -> Value {
    let blocks = blocks(&repository().join("docs/ci.md"));
    let block = blocks.iter().find(|block| block.kind == kind).unwrap();
    serde_yaml::from_str(&block.text).unwrap()
}

#[test]
fn the_job_for_gitlab_can_be_run() {
    let job = example("gitlab")["rehearse"].take();
    let lines = job["script"].as_array().unwrap();
    let script: Vec<&str> = lines.iter().map(|line| line.as_str().unwrap()).collect();
    let step = serde_json::json!({"run": script.join("\n"), "env": {
        "CARGO_HOME": "/nowhere",
        "REHEARSE_GIT": job["variables"]["REHEARSE_GIT"],
        "ACCEPT": job["variables"]["ACCEPT"],
        "CAPTCHA_TOKEN": "x",
        "MAILBOX_PASSWORD": "y",
    }});
    let runner = Runner::new(&[]);
    runner.work.run(&["init", "."]).expect(0);
    let _simulator = runner.against_the_simulator();
    runner.step(&Value::Null, &step).expect(0);
    for folder in runner.folders("reports") {
        std::fs::remove_dir_all(folder).unwrap();
    }
    let second = runner.step(&Value::Null, &step).expect(0);
    assert!(second.out.contains("daenerys/register"), "{}", second.out);
    assert!(second.out.contains("2 runs"), "{}", second.out);
    assert_eq!(runner.folders("nights").len(), 2);
}

#[test]
fn several_runners_are_joined() {
    let workflow = example("github");
    let mut runner = Runner::new(&[
        ("vars.REHEARSE_GIT", "https://example.org/rehearse.git"),
        ("secrets.CAPTCHA_TOKEN", "x"),
        ("secrets.MAILBOX_PASSWORD", "y"),
    ]);
    runner.work.run(&["init", "."]).expect(0);
    let _simulator = runner.against_the_simulator();
    let step = |job: &str, name: &str| {
        let mut steps = steps(&workflow, job).iter();
        steps.find(|step| step["name"] == name).unwrap().clone()
    };
    for number in ["1", "2"] {
        runner.expressions.insert("matrix.runner", number.into());
        let play = step("play", "Play");
        runner.step(&workflow["jobs"]["play"], &play).expect(0);
    }
    for name in ["Join", "Summary"] {
        let step = step("join", name);
        runner.step(&workflow["jobs"]["join"], &step).expect(0);
    }
    let joined = runner.work.path().join("joined/report.json");
    let joined: Value = serde_json::from_str(&std::fs::read_to_string(joined).unwrap()).unwrap();
    assert_eq!(joined["totals"]["iterations_ok"], 2);
    assert!(runner.summary().contains("register"));
}

#[test]
fn what_kubernetes_is_told_to_run_can_be_run() {
    let runner = Runner::new(&[]);
    runner.work.run(&["init", "."]).expect(0);
    let _simulator = runner.against_the_simulator();
    let blocks = blocks(&repository().join("docs/ci.md"));
    let mut seen = 0;
    for block in blocks.iter().filter(|block| block.kind == "kubernetes") {
        let resource: Value = serde_yaml::from_str(&block.text).unwrap();
        let scheduled = resource["kind"] == "CronJob";
        let job = if scheduled { &resource["spec"]["jobTemplate"] } else { &resource };
        let container = &job["spec"]["template"]["spec"]["containers"][0];
        let arguments = container["args"].as_array().unwrap().iter();
        let arguments: Vec<String> = arguments
            .map(|argument| {
                let argument = argument.as_str().unwrap().replace("$(RUNNER)", "3");
                let argument = argument.replace("/plan/staging.yaml", "targets/staging.yaml");
                argument.replace("/plan/", "").replace("/tmp/", "")
            })
            .collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        runner.work.run(&arguments).expect(0);
        seen += 1;
    }
    assert_eq!(seen, 2);
    assert_eq!(runner.folders("reports").len(), 1);
    assert_eq!(runner.folders("runner-3").len(), 1);
    assert!(runner.work.path().join("credentials.vault").exists());
}

#[test]
fn only_the_last_eight_nights_are_kept() {
    let workflow = workflow(NIGHTLY);
    let runner = nightly("", "");
    for night in 10..20 {
        let folder = format!("nights/202603{night}T030000Z-data-mixed");
        std::fs::create_dir_all(runner.work.path().join(folder)).unwrap();
    }
    let tonight = runner
        .work
        .path()
        .join("reports/20260320T030000Z-data-mixed");
    std::fs::create_dir_all(&tonight).unwrap();
    std::fs::write(tonight.join("measurements.json"), "{}").unwrap();
    std::fs::write(tonight.join("report.html"), "").unwrap();
    let name = "Keep tonight for the nights to come";
    let keep = steps(&workflow, "play")
        .iter()
        .find(|step| step["name"] == name);
    runner
        .step(&workflow["jobs"]["play"], keep.unwrap())
        .expect(0);
    let mut kept = runner.folders("nights");
    kept.sort();
    assert_eq!(kept.len(), 8, "{kept:?}");
    assert!(kept[0].ends_with("20260313T030000Z-data-mixed"));
    let tonight: Vec<_> = std::fs::read_dir(&kept[7]).unwrap().collect();
    assert_eq!(tonight.len(), 1, "{tonight:?}");
}

#[test]
fn it_is_built_as_the_readme_says_when_it_is_not_there() {
    let runner = nightly("", "");
    let bin = runner.work.path().join("bin");
    std::fs::create_dir(&bin).unwrap();
    let cargo = bin.join("cargo");
    std::fs::write(&cargo, "#!/bin/sh\necho \"$@\"\n").unwrap();
    std::fs::set_permissions(&cargo, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    for (path, job, expected) in [
        (NIGHTLY, "check", "install --path . --locked\n"),
        (NIGHTLY, "play", "install --path . --locked\n"),
        (TEMPLATE, "play", "install --git here --locked\n"),
    ] {
        let workflow = workflow(path);
        let mut bash = Command::new("/bin/bash");
        bash.args(["--norc", "-euc", script(&workflow, job, "Install")])
            .env("PATH", &bin)
            .env("REHEARSE_GIT", "here");
        let ended = Ended::new(&bash.output().unwrap()).expect(0);
        assert_eq!(ended.out, expected, "{path}");
    }
}

#[test]
fn both_workflows_are_careful_and_alike() {
    let [nightly, template] = [NIGHTLY, TEMPLATE].map(workflow);
    for name in [
        "Compare with the nights before",
        "Summary",
        "Keep tonight for the nights to come",
    ] {
        let same = script(&template, "play", name);
        assert_eq!(script(&nightly, "play", name), same, "{name}");
    }
    let mut pins: BTreeMap<String, String> = BTreeMap::new();
    for workflow in [&nightly, &template] {
        assert_eq!(workflow["permissions"], serde_json::json!({}));
        assert!(workflow["concurrency"]["group"].is_string());
        assert!(workflow["on"]["schedule"][0]["cron"].is_string());
        for (name, job) in workflow["jobs"].as_object().unwrap() {
            assert!(job["timeout-minutes"].as_u64().unwrap() <= 60, "{name}");
            assert_eq!(job["permissions"]["contents"], "read", "{name}");
            assert!(!job["env"].to_string().contains("secrets."), "{name}");
            for step in job["steps"].as_array().unwrap() {
                // Whatever an expression holds would be a part of the script.
                let script = step["run"].as_str().unwrap_or_default();
                assert!(!script.contains("${{"), "{script}");
                let Some(uses) = step["uses"].as_str() else {
                    continue;
                };
                let (action, pin) = uses.split_once('@').unwrap();
                let is_commit = pin.len() == 40 && pin.bytes().all(|byte| byte.is_ascii_hexdigit());
                assert!(is_commit, "{uses}");
                let action = action.splitn(3, '/').take(2).collect::<Vec<_>>().join("/");
                let known = pins.entry(action).or_insert_with(|| pin.to_owned());
                assert_eq!(known, pin, "{uses}");
            }
        }
    }
}
