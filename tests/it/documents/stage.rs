//! Where the blocks of one document are tried: a folder, a simulator, a server.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use assert_cmd::cargo::cargo_bin;

use super::fence::Block;
use super::shorten;
use crate::server::Server;
use crate::work::{Ended, Simulator, Work};

/// Who is saved in the vault beforehand.
const SAVED: &str = "
scenarios:
  s:
    steps:
      - register: {email: \"{{ fake.email() }}\", responsible: \"{{ target.responsible }}\", save: \"soak-{{ round }}\"}
        repeat: 2
";

/// What stands before a list of steps that takes a name from there.
fn given(name: &str) -> &'static str {
    match name {
        "sample" => {
            "      - data_sample.create: {content: {en: {stringValue: x}}}\n        as: sample\n"
        }
        // They are variables.
        "id" | "greeting" => "",
        other => panic!("give `{other}` a place in tests/it/documents/stage.rs"),
    }
}

pub struct Stage {
    pub work: Work,
    /// Ended with the document.
    _simulator: Simulator,
    server: Server,
    /// Where commands are run: where the last one went.
    folder: RefCell<PathBuf>,
    /// Commands that are for other programs than bash and rehearse.
    bin: tempfile::TempDir,
}

impl Stage {
    pub fn new() -> Self {
        use std::os::unix::fs::PermissionsExt;

        let work = Work::new();
        let simulator = work.simulate(&[]);
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        for (from, to) in [
            ("targets/staging.yaml", "staging.yaml"),
            ("keys/test-2048.pool", "load.pool"),
        ] {
            std::fs::copy(fixtures.join(from), work.path().join(to)).unwrap();
        }
        let pair = crate::tls::pair("localhost");
        std::fs::create_dir_all(work.path().join("fixtures/tls")).unwrap();
        work.write("fixtures/tls/ca.pem", &pair.certificate);
        work.write("company-ca.pem", &pair.certificate);
        work.write("me.pem", &pair.certificate);
        for (name, text) in [("me.key", &*pair.key), ("mailbox.secret", "x\n")] {
            let path = work.path().join(work.write(name, text));
            std::fs::set_permissions(path, PermissionsExt::from_mode(0o600)).unwrap();
        }
        work.write("ask.yaml", "scenarios: {s: {steps: [{http: {url: /}}]}}\n");
        work.write("saved.yaml", SAVED);
        for picture in ["photo.png", "other.jpg"] {
            work.write(picture, "not a picture");
        }
        let stage = Self {
            folder: RefCell::new(work.path().to_owned()),
            work,
            _simulator: simulator,
            server: Server::start(),
            bin: tempfile::tempdir().unwrap(),
        };
        stage.run(&["run", "saved.yaml", "--no-history", "--reports", "before"]);
        stage
    }

    /// A command that is only said to have been run.
    pub fn pretend(&self, program: &str) {
        use std::os::unix::fs::PermissionsExt;
        let path = self.bin.path().join(program);
        std::fs::write(&path, "#!/bin/sh\nexit 0\n").unwrap();
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
    }

    /// Runs rehearse against the simulator; the block's environment variables
    /// are set to something.
    fn run(&self, arguments: &[&str]) -> Ended {
        let target = ["--target", "target.yaml", "--quiet"];
        let arguments = [arguments, &target].concat();
        Ended::new(&self.work.rehearse(&arguments).output().unwrap())
    }

    /// Tries a block of YAML as its kind says.
    pub fn yaml(&self, block: &Block) {
        match &*block.kind {
            "" => self.scenario(block),
            "part" => {
                let all = format!(
                    "scenarios: {{main: {{steps: [{{register: {{email: a@example.org, responsible: r}}, check: 'true'}}, {{http: {{url: /contact}}}}]}}}}\n{}",
                    block.text
                );
                self.check(block, &all);
            }
            "steps" => self.check(block, &wrapped(block)),
            "library" => {
                let file = block.file.as_deref().expect("a library has a file's name");
                self.write(file, &block.text);
                let ended = Ended::new(&self.work.rehearse(&["check", file]).output().unwrap());
                assert_eq!(ended.code, Some(0), "{}\n{}", block.place, ended.out);
            }
            "target" => self.target(block, &block.text),
            "target part" => self.target(block, &completed(&block.text)),
            // Checked by their schemas, in tests/packaging/run.
            "github" | "gitlab" | "kubernetes" | "github steps" | "prometheus" => {}
            other => panic!(
                "{}: `yaml {other}` is no kind: see tests/it/documents/stage.rs",
                block.place
            ),
        }
    }

    /// Plays a whole scenario. Its thresholds on time are not asked for: this
    /// machine may be busy.
    fn scenario(&self, block: &Block) {
        let text = block
            .text
            .replace("http://127.0.0.1:8080", &self.server.url);
        let text = shorten::scenario(&text);
        if let Some(file) = &block.file {
            self.write(file, &text);
        }
        self.work.write("block.yaml", &text);
        let reports = format!("blocks/{}", block.place.replace([':', '/'], "-"));
        let ended = self.run(&["run", "block.yaml", "--no-history", "--reports", &reports]);
        let place = &block.place;
        assert!(
            matches!(ended.code, Some(0 | 1)),
            "{place}\n{}{}",
            ended.out,
            ended.err
        );
        let folder = std::fs::read_dir(self.work.path().join(reports)).unwrap();
        let folder = folder.last().unwrap().unwrap().path();
        let report = std::fs::read_to_string(folder.join("report.json")).unwrap();
        let report: serde_json::Value = serde_json::from_str(&report).unwrap();
        let good = report["totals"]["iterations_ok"].as_u64().unwrap();
        let errors = report["errors"].as_array().unwrap();
        assert!(good > 0, "{place}\n{}", ended.out);
        assert_eq!(errors.len(), 0, "{place}\n{errors:#?}");
        for check in report["checks"].as_array().unwrap() {
            assert_eq!(check["held"], check["total"], "{place}\n{check:#}");
        }
    }

    /// What is only a part is checked, not played.
    fn check(&self, block: &Block, all: &str) {
        self.work.write("block.yaml", all);
        let ended = Ended::new(
            &self
                .work
                .rehearse(&["check", "block.yaml"])
                .output()
                .unwrap(),
        );
        assert_eq!(ended.code, Some(0), "{}\n{}", block.place, ended.out);
    }

    fn target(&self, block: &Block, text: &str) {
        self.work.write("block.yaml", text);
        let arguments = ["run", "ask.yaml", "--dry-run", "--target", "block.yaml"];
        let mut command = self.work.rehearse(&arguments);
        // Of the staging target that is extended.
        command.envs([
            ("ICURE_CAPTCHA_TOKEN", "x"),
            ("ICURE_MAILBOX_PASSWORD", "x"),
        ]);
        for name in text.split(['{', '[', ' ', ',', ']', '}', '$']) {
            if !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_') {
                command.env(name, "x");
            }
        }
        let ended = Ended::new(&command.output().unwrap());
        assert_eq!(ended.code, Some(0), "{}\n{}", block.place, ended.err);
        if let Some(file) = &block.file {
            // What is played there from now on is played against the simulator.
            let there = std::fs::read_to_string(self.work.path().join("target.yaml")).unwrap();
            self.write(file, &there);
        }
    }

    /// Runs the commands of a block, as one script.
    pub fn shell(&self, block: &Block) {
        if block.kind == "not-run" {
            return;
        }
        assert_eq!(block.kind, "", "{}: `sh`, or `sh not-run`", block.place);
        let commands = shorten::commands(&block.text);
        let script = format!("trap 'pwd > \"$LAST_FOLDER\"' EXIT\n{commands}");
        let last = self.bin.path().join("folder");
        let path = format!(
            "{}:{}:{}",
            self.bin.path().display(),
            cargo_bin!("rehearse").parent().unwrap().display(),
            std::env::var("PATH").unwrap()
        );
        // What goes on in the background ends with it.
        let mut bash = Command::new("timeout");
        bash.args(["120", "bash", "--norc", "-euo", "pipefail", "-c", &script])
            .current_dir(&*self.folder.borrow())
            .env("PATH", path)
            .env("LAST_FOLDER", &last)
            .env("HOME", self.work.path())
            .env_remove("REHEARSE_VAULT")
            .env_remove("REHEARSE_PASSPHRASE")
            .envs([("CAPTCHA_TOKEN", "x"), ("MAILBOX_PASSWORD", "x")])
            .stdin(Stdio::null());
        let ended = Ended::new(&bash.output().unwrap());
        assert_eq!(
            ended.code,
            Some(block.exit),
            "{}\n{commands}\n{}{}",
            block.place,
            ended.out,
            ended.err
        );
        let folder = std::fs::read_to_string(last).unwrap();
        self.folder.replace(PathBuf::from(folder.trim_end()));
    }

    /// Writes a file that a document shows, and the folders above it.
    pub fn write(&self, file: &str, text: &str) {
        let path = self.folder.borrow().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

/// The staging target with these keys in the place of its own.
fn completed(text: &str) -> String {
    let staging = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/targets/staging.yaml");
    let staging = std::fs::read_to_string(staging).unwrap();
    let key = |line: &str| line.split_once(':').map(|(key, _)| key.to_owned());
    let begins = |line: &&str| line.starts_with(|first: char| first.is_ascii_lowercase());
    let given: Vec<_> = text.lines().filter(begins).map(key).collect();
    let mut all = text.to_owned();
    let mut taken = true;
    for line in staging.lines() {
        if begins(&line) {
            taken = !given.contains(&key(line));
        }
        if taken {
            all.extend([line, "\n"]);
        }
    }
    all
}

/// A scenario of a block's steps.
fn wrapped(block: &Block) -> String {
    let mut all = "vars: {id: x, greeting: x}\nscenarios:\n  s:\n    steps:\n".to_owned();
    let login = "      - register: {email: \"{{ fake.email() }}\", responsible: \"{{ target.responsible }}\"}\n";
    all.push_str(login);
    all.extend(block.given.iter().map(|name| given(name)));
    for line in block.text.lines() {
        all.extend(["      ", line, "\n"]);
    }
    all
}
