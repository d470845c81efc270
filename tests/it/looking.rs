//! Looking at a scenario: its plan, its requests, itself at each save.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;

use rehearse::crypto::CryptoBackend;
use rehearse::vault::{KeySource, Vault};
use serde_json::Value;

use crate::secrets::{assert_absent, private_parts};
use crate::tap::Tap;
use crate::work::{Work, interrupt, shipped};

#[test]
fn a_dry_run_tells_the_plan_and_does_nothing() {
    let work = Work::new();
    std::fs::copy(shipped("login-storm.yaml"), work.path().join("storm.yaml")).unwrap();
    let ended = work
        .run(&[
            "run",
            "storm.yaml",
            "--dry-run",
            "--rps",
            "50",
            "--seed",
            "7",
        ])
        .expect(0);
    insta::assert_snapshot!(ended.out, @r"
      login storm, from storm.yaml

      target      simulator, in this process
      seed        7
      crypto      rustcrypto
      keys        each generated when it is needed
      limit       50/s for all requests, 1 at once

      setup: once, one user
         1. register, repeated

      everybody: from 1/s, to 10/s in 2s, to 10/s in 2s, to 0/s in 1s, at random moments (Poisson), 10 to 50 virtual users
        open model: iterations start when they are due, however slow the target is
        as many iterations as there is time for in 5s, at most 50 users at once
         1. login

      it fails unless
        step_duration{step=login} p95 < 2s
        step_duration{step=login} error_rate < 1%
        otp_wait p95 < 1s
        dropped_iterations count == 0

      it would write
        reports/<time>-login-storm/report.json
        reports/<time>-login-storm/series.csv
        reports/<time>-login-storm/latency.hlog
        reports/<time>-login-storm/report.html
        reports/<time>-login-storm/junit.xml
        reports/<time>-login-storm/summary.md
        reports/<time>-login-storm/metrics.prom
        reports/<time>-login-storm/measurements.json
        .rehearse/credentials.vault

      nothing was sent, and nothing was written
    ");
    assert!(std::fs::read_dir(work.path()).unwrap().count() == 1);
    let json = work
        .run(&["run", "storm.yaml", "--dry-run", "--format", "json"])
        .expect(0);
    let json: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["parts"][1]["steps"][0]["kind"], "login");
    assert_eq!(json["target"]["name"], "simulator");
}

#[test]
fn a_dry_run_needs_no_server() {
    let work = Work::new();
    work.write(
        "target.yaml",
        "name: nowhere\napi_url: http://127.0.0.1:1\ngateway_url: http://127.0.0.1:1\nspec_id: ic\notp: {source: static, code: '123456'}\n",
    );
    work.write("rows.csv", "name\nada\n");
    work.write(
        "mine.yaml",
        "name: mine
target: target.yaml
feeders: {people: {csv: rows.csv, order: once}}
keys: {pool: a.pool}
scenarios:
  s:
    executor: constant_vus
    vus: 3
    duration: 5m
    start_time: 2s
    feed: people
    steps:
      - http: {url: /x}
        name: look
        when: vu == 1
",
    );
    let ended = work.run(&["run", "mine.yaml", "--dry-run"]).expect(0);
    for part in [
        "target      nowhere at http://127.0.0.1:1/",
        "codes       from static",
        "keys        from a.pool",
        "feeder      people: csv rows.csv, order once",
        "s: 3 virtual users for 5m",
        "starts after 2s",
        "1. look (http), when vu == 1",
    ] {
        assert!(ended.out.contains(part), "{part}\n{}", ended.out);
    }
    let wrong = work.run(&["run", "mine.yaml", "--dry-run", "--set", "x=1"]);
    assert!(wrong.expect(2).err.contains("unknown key `x`"));
}

#[test]
fn a_trace_shows_requests_and_no_secret_of_the_run() {
    let work = Work::new();
    let simulator = work.simulate(&[]);
    let tap = Tap::to(&simulator.address);
    let path = work.path().join("target.yaml");
    let target = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, target.replace(&simulator.address, &tap.address)).unwrap();
    let file = shipped("tutorial.yaml");
    let ended = work
        .run(&["run", &file, "--target", "target.yaml", "--trace", "*"])
        .expect(0);
    let mut secrets = tap.secrets().all();
    assert!(secrets.len() >= 8, "{}", secrets.len());
    let path = work.path().join(".rehearse/credentials.vault");
    let vault = Vault::open(path.clone(), KeySource::from_environment(&path).unwrap()).unwrap();
    for name in vault.names().unwrap() {
        secrets.extend(private_parts(
            &vault.get(&name, CryptoBackend::default()).unwrap().unwrap(),
        ));
    }
    assert_absent(ended.out.as_bytes(), &secrets);
    assert_absent(ended.err.as_bytes(), &secrets);
    for part in [
        "\nregister\n",
        "\ndata_sample.create\n",
        "/process/validate/",
        "-[secret]",
        "\"password\": \"[secret]\"",
        "authorization: Bearer [secret]",
        "← 200 OK after",
        "\"g-recaptcha-response\": \"[secret]\"",
    ] {
        assert!(ended.out.contains(part), "{part}\n{}", ended.out);
    }
    assert!(!work.path().join("reports").exists());
    let one = ["run", &file, "--trace", "data_sample.get"];
    let ended = work.run(&one).expect(0);
    assert!(!ended.out.contains("→ POST"), "{}", ended.out);
    assert!(ended.out.contains("→ GET"), "{}", ended.out);
    let wrong = work.run(&["run", &file, "--trace", "regster"]).expect(2);
    assert!(
        wrong.err.contains("did you mean `register`?"),
        "{}",
        wrong.err
    );
}

#[test]
fn a_trace_is_of_one_iteration_whatever_the_executor() {
    let work = Work::new();
    let server = crate::server::Server::start();
    let url = &server.url;
    let file = work.write(
        "a.yaml",
        &format!(
            "scenarios:
  many:
    executor: constant_arrival_rate
    rate: 100/s
    duration: 1m
    pre_allocated_vus: 5
    steps:
      - http: {{url: \"{url}/echo?token=s3cr3t-thing\", json: {{password: hunter22, name: ada}}}}
  others:
    steps:
      - http: {{url: \"{url}/other\"}}
        name: other
"
        ),
    );
    let ended = work.run(&["run", &file, "--trace", "http"]).expect(0);
    assert_eq!(server.asked().len(), 1);
    assert!(ended.out.contains("\"name\": \"ada\""), "{}", ended.out);
    assert_absent(ended.out.as_bytes(), &["hunter22", "s3cr3t-thing"]);
}

/// Waits for a line that holds `part`.
#[track_caller]
fn wait_for(lines: &mpsc::Receiver<String>, part: &str) {
    loop {
        let line = lines.recv_timeout(Duration::from_secs(60));
        if line.expect(part).contains(part) {
            return;
        }
    }
}

#[test]
fn watching_plays_at_each_save() {
    let work = Work::new();
    let server = crate::server::Server::start();
    let text = |path: &str| {
        format!(
            "target: targets/t.yaml\nscenarios: {{s: {{steps: [{{http: {{url: {path}}}}}]}}}}\n"
        )
    };
    std::fs::create_dir(work.path().join("targets")).unwrap();
    let target = format!(
        "api_url: {0}\ngateway_url: {0}\nspec_id: ic\notp: {{source: static, code: '123456'}}\n",
        server.url
    );
    work.write("targets/t.yaml", &target);
    work.write("a.yaml", &text("/json"));
    let mut child = work
        .rehearse(&["watch", "a.yaml"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let errors = BufReader::new(child.stderr.take().unwrap());
    let (send, lines) = mpsc::channel();
    std::thread::spawn(move || {
        errors
            .lines()
            .map_while(Result::ok)
            .for_each(|line| drop(send.send(line)));
    });
    let waiting = "waiting for a change";
    let asked = |path: &str| {
        let asked = server.asked();
        asked
            .iter()
            .filter(|it| it.line == format!("GET {path}"))
            .count()
    };
    wait_for(&lines, waiting);
    assert_eq!(asked("/json"), 1);
    work.write("a.yaml", &text("/echo"));
    wait_for(&lines, waiting);
    assert_eq!(asked("/echo"), 1);
    // A mistake is shown, and can be mended.
    work.write("a.yaml", &text("/echo").replace("http", "htpt"));
    wait_for(&lines, "did you mean `http`?");
    wait_for(&lines, waiting);
    // As many editors save: another file in its place.
    std::fs::write(work.path().join("new"), text("/status/204")).unwrap();
    std::fs::rename(work.path().join("new"), work.path().join("a.yaml")).unwrap();
    wait_for(&lines, waiting);
    assert_eq!(asked("/status/204"), 1);
    // So does the target's file.
    work.write("targets/t.yaml", &format!("{target}name: other\n"));
    wait_for(&lines, waiting);
    assert_eq!(asked("/status/204"), 2);
    interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(!Path::new(&work.path().join("reports")).exists());
}
