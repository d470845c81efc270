//! What was measured survives what happens to the report's folder and to the
//! terminal.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::server::Server;
use crate::work::{Ended, Work};

/// A run of some seconds.
fn plan(work: &Work, seconds: u32) -> Server {
    let server = Server::start();
    let url = &server.url;
    work.write(
        "t.yaml",
        &format!(
            "name: t\nscenarios:
  s: {{executor: constant_vus, vus: 2, pacing: 50ms, duration: {seconds}s, steps: [{{http: {{url: \"{url}/\"}}}}]}}
teardown: [{{http: {{url: \"{url}/teardown\"}}}}]\n"
        ),
    );
    server
}

fn spawn(mut command: Command) -> Child {
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn ended(child: Child) -> Ended {
    Ended::new(&child.wait_with_output().unwrap())
}

fn wait_for(server: &Server, requests: usize) {
    let began = Instant::now();
    while server.asked().len() < requests {
        assert!(began.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn signal(child: &Child, signal: &str) {
    let id = child.id().to_string();
    let sent = Command::new("kill").args([signal, &id]).status();
    assert!(sent.unwrap().success());
}

fn requests(report: &Path) -> u64 {
    let text = std::fs::read_to_string(report).unwrap();
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    report["totals"]["iterations_ok"].as_u64().unwrap()
}

#[test]
fn a_folder_that_was_removed_is_made_again() {
    let work = Work::new();
    let server = plan(&work, 3);
    let child = spawn(work.rehearse(&["run", "t.yaml", "-q"]));
    wait_for(&server, 20);
    std::fs::remove_dir_all(work.path().join("reports")).unwrap();
    let ended = ended(child).expect(0);
    assert!(
        ended
            .err
            .contains("was removed while the run went on; it was made again"),
        "{}",
        ended.err
    );
    assert!(requests(&work.report_path()) >= 20);
    assert!(work.report_path().with_file_name("report.html").is_file());
}

#[test]
fn a_folder_that_cannot_be_made_again_has_one_elsewhere() {
    let work = Work::new();
    let server = plan(&work, 3);
    std::fs::create_dir(work.path().join("tmp")).unwrap();
    let mut command = work.rehearse(&["run", "t.yaml", "-q"]);
    command.env("TMPDIR", work.path().join("tmp"));
    let child = spawn(command);
    wait_for(&server, 20);
    // A file is in the way, of the folder and of those beside it.
    std::fs::remove_dir_all(work.path().join("reports")).unwrap();
    work.write("reports", "");
    let ended = ended(child).expect(4);
    let report = one_below(&work.path().join("tmp"));
    assert!(requests(&report) >= 20);
    assert!(
        ended
            .err
            .contains("the report is not where it was asked for")
            && ended
                .err
                .contains(report.parent().unwrap().to_str().unwrap()),
        "{}",
        ended.err
    );
    assert!(ended.out.contains("t: passed"), "{}", ended.out);
}

/// The only report in a folder of this one.
fn one_below(folder: &Path) -> PathBuf {
    let entries = std::fs::read_dir(folder).unwrap();
    let found = entries.map(|entry| entry.unwrap().path().join("report.json"));
    let found: Vec<_> = found.filter(|path| path.is_file()).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].clone()
}

/// Plays on a disk of its own, to which `happens` in the middle. `None` where
/// there is no mount namespace.
fn on_a_disk(work: &Work, happens: &str) -> Option<Ended> {
    std::fs::create_dir(work.path().join("tmp")).unwrap();
    // Exit code 90 is the script's own.
    let script = format!(
        "mkdir disk; mount -t tmpfs -o size=256k none disk || exit 90
        \"$0\" run t.yaml -q --reports disk/reports & run=$!
        sleep 2; {happens}
        wait $run; code=$?; cp -r disk kept; exit $code"
    );
    let rehearse = work.rehearse(&[]);
    let output = Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", &script])
        .arg(rehearse.get_program())
        .env("TMPDIR", work.path().join("tmp"))
        .current_dir(work.path())
        .output();
    let ended = match output {
        Ok(output) => Ended::new(&output),
        Err(error) => {
            eprintln!("no unshare: {error}");
            return None;
        }
    };
    if ended.code == Some(90) || ended.err.starts_with("unshare: ") {
        eprintln!("no mount namespace here: {}", ended.err);
        return None;
    }
    Some(ended)
}

#[test]
fn a_full_disk_costs_no_report() {
    let work = Work::new();
    let _server = plan(&work, 4);
    let fill = "dd if=/dev/zero of=disk/fill bs=1k count=1k 2>/dev/null";
    let Some(ended) = on_a_disk(&work, fill) else {
        return;
    };
    let ended = ended.expect(4);
    assert!(
        ended.err.contains("the journal has gaps from here on")
            && ended.err.contains("No space left on device"),
        "{}",
        ended.err
    );
    assert_eq!(ended.err.matches("the journal").count(), 1, "{}", ended.err);
    assert!(requests(&one_below(&work.path().join("tmp"))) >= 20);
}

#[test]
fn a_folder_that_can_only_be_read_has_one_beside_it() {
    let work = Work::new();
    let _server = plan(&work, 4);
    let cover = "run_folder=$(ls -d disk/reports/2*); mount -t tmpfs -o ro none \"$run_folder\"";
    let Some(ended) = on_a_disk(&work, cover) else {
        return;
    };
    let ended = ended.expect(4);
    assert!(ended.err.contains("Read-only file system"), "{}", ended.err);
    let report = one_below(&work.path().join("kept/reports"));
    let folder = report.parent().unwrap().to_str().unwrap();
    assert!(folder.ends_with("-t-2"), "{folder}");
    assert!(requests(&report) >= 20);
}

#[test]
fn a_closed_terminal_ends_a_run_as_sigterm_does() {
    let work = Work::new();
    let server = plan(&work, 60);
    let child = spawn(work.rehearse(&["run", "t.yaml", "-q"]));
    wait_for(&server, 20);
    // By the system and by the shell: once is enough, and nothing is cut.
    signal(&child, "-HUP");
    signal(&child, "-HUP");
    let ended = ended(child).expect(130);
    assert!(ended.out.contains("stopped by a signal"), "{}", ended.out);
    assert!(requests(&work.report_path()) >= 18);
    assert_eq!(work.report()["totals"]["iterations_cut"], 0);
    let asked = server.asked();
    assert!(asked.iter().any(|asked| asked.line.contains("/teardown")));
}

#[test]
fn a_run_that_should_outlive_its_terminal_does() {
    let work = Work::new();
    let server = plan(&work, 3);
    let rehearse = work.rehearse(&[]);
    let mut command = Command::new("sh");
    command
        .args(["-c", "trap '' HUP; exec \"$0\" run t.yaml -q"])
        .arg(rehearse.get_program())
        .current_dir(work.path());
    let child = spawn(command);
    wait_for(&server, 20);
    signal(&child, "-HUP");
    ended(child).expect(0);
}

#[test]
fn a_run_whose_progress_nobody_reads_ends_with_its_report() {
    let work = Work::new();
    let _server = plan(&work, 60);
    let mut child = spawn(work.rehearse(&["run", "t.yaml"]));
    let began = Instant::now();
    drop((child.stdout.take(), child.stderr.take()));
    assert_eq!(child.wait().unwrap().code(), Some(130));
    // The first line of progress comes after ten seconds.
    assert!(began.elapsed() < Duration::from_secs(30));
    let stopped = &work.report()["run"]["stopped"];
    assert_eq!(stopped, "stopped because its terminal was closed");
}

#[test]
fn a_simulator_ends_with_its_terminal() {
    let work = Work::new();
    let mut child = work
        .rehearse(&["simulate", "--target-out", "target.yaml"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let began = Instant::now();
    while !work.path().join("target.yaml").is_file() {
        assert!(began.elapsed() < Duration::from_secs(30));
        std::thread::sleep(Duration::from_millis(20));
    }
    signal(&child, "-HUP");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
