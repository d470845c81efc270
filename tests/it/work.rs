//! A private folder, and the binary to run in it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::LazyLock;

use assert_cmd::assert::OutputAssertExt;
use assert_cmd::cargo::cargo_bin;
use jsonschema::Validator;
use serde_json::Value;

/// A folder that goes away with the test.
pub struct Work {
    folder: tempfile::TempDir,
}

impl Work {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file and returns its name.
    pub fn write(&self, name: &str, text: &str) -> String {
        std::fs::write(self.path().join(name), text).unwrap();
        name.to_owned()
    }

    /// The binary, in this folder, without settings of the machine.
    pub fn rehearse(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(cargo_bin!("rehearse"));
        command.args(arguments).current_dir(self.path());
        for name in [
            "REHEARSE_VAULT",
            "REHEARSE_PASSPHRASE",
            "REHEARSE_NEW_PASSPHRASE",
            "REHEARSE_KEYRING",
            "NO_COLOR",
            "CLICOLOR",
            "CLICOLOR_FORCE",
            "COLUMNS",
            "OTEL_EXPORTER_OTLP_HEADERS",
            "OTEL_EXPORTER_OTLP_METRICS_HEADERS",
        ] {
            command.env_remove(name);
        }
        command.env("RUST_BACKTRACE", "0").stdin(Stdio::null());
        command
    }

    /// Runs it to its end.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        let assert = self.rehearse(arguments).assert();
        Ended::new(assert.get_output())
    }

    /// The only report below `reports`.
    pub fn report(&self) -> Value {
        let text = std::fs::read_to_string(self.report_path()).unwrap();
        let report = serde_json::from_str(&text).unwrap();
        has_the_published_form(&report);
        report
    }

    pub fn report_path(&self) -> PathBuf {
        let folders = std::fs::read_dir(self.path().join("reports")).unwrap();
        let folders = folders.map(|entry| entry.unwrap().path());
        // The history is a file beside them.
        let folders: Vec<PathBuf> = folders.filter(|path| path.is_dir()).collect();
        let [folder] = &folders[..] else {
            panic!("expected one report, found {folders:?}");
        };
        folder.join("report.json")
    }

    /// Starts `rehearse simulate`; its target file is `target.yaml`.
    pub fn simulate(&self, arguments: &[&str]) -> Simulator {
        let all = [&["simulate", "--target-out", "target.yaml"], arguments].concat();
        let mut child = self
            .rehearse(&all)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut errors = BufReader::new(child.stderr.take().unwrap());
        // Written last, when the target file is there and the port is open.
        errors.read_line(&mut line).unwrap();
        let address = line
            .split_once("listening on http://")
            .and_then(|(_, rest)| rest.split(['/', ',']).next())
            .unwrap_or_else(|| panic!("the simulator says {line:?}"))
            .to_owned();
        Simulator { child, address }
    }
}

/// Panics with everything in which a report differs from docs/report.schema.json.
fn has_the_published_form(report: &Value) {
    static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
        let schema = include_str!("../../docs/report.schema.json");
        jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap()
    });
    let problems = SCHEMA.iter_errors(report);
    let problems: Vec<_> = problems
        .map(|problem| format!("{}: {problem}", problem.instance_path()))
        .collect();
    assert!(problems.is_empty(), "{problems:#?}");
}

/// What a command has left.
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ended {
    pub fn new(output: &Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Panics with everything the command said unless it ended with `code`.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "stdout:\n{}\nstderr:\n{}",
            self.out,
            self.err
        );
        self
    }
}

/// A simulator in a process of its own; ended with the test.
pub struct Simulator {
    child: Child,
    pub address: String,
}

impl Simulator {
    /// The body of `GET path`.
    pub fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let request = format!("GET {path} HTTP/1.0\r\nHost: {}\r\n\r\n", self.address);
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    }

    /// Asks it to end, as Ctrl-C does, and waits.
    pub fn stop(mut self) {
        interrupt(&self.child);
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends SIGINT.
pub fn interrupt(child: &Child) {
    let sent = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
}

/// Path of a scenario that this repository ships.
pub fn shipped(name: &str) -> String {
    format!("{}/scenarios/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// The entry of a list whose `key` is `value`.
#[track_caller]
pub fn entry<'a>(list: &'a Value, key: &str, value: &str) -> &'a Value {
    let found = list
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item[key] == value);
    found.unwrap_or_else(|| panic!("no {key} {value} in {list:#}"))
}
