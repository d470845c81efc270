//! The benchmark of cryptography, and runs with another backend.

use serde_json::Value;

use crate::work::{Work, entry, shipped};

const BACKENDS: [&str; 2] = ["rustcrypto", "aws-lc"];

fn figures(work: &Work, arguments: &[&str]) -> (String, Value) {
    let all = [&["crypto", "--json", "figures.json"], arguments].concat();
    let out = work.run(&all).expect(0).out;
    let json = std::fs::read_to_string(work.path().join("figures.json")).unwrap();
    (out, serde_json::from_str(&json).unwrap())
}

/// Each figure follows from the others.
fn check_line(line: &Value) {
    let number = |key: &str| line[key].as_f64().unwrap();
    let threads = number("threads");
    // Operations follow one another without a gap, on each thread.
    let busy = number("operations_per_second") * number("mean_ns") / 1e9;
    assert!((0.9..=1.1).contains(&(busy / threads)), "{line:#}");
    assert_eq!(
        line["operations"].as_u64(),
        Some(line["batches"].as_u64().unwrap() * line["operations_per_batch"].as_u64().unwrap())
    );
    let rising = ["min_ns", "p50_ns", "p90_ns", "p99_ns", "max_ns"].map(number);
    assert!(rising.is_sorted() && rising[0] > 0.0, "{line:#}");
    // The histogram is right to three digits.
    let mean = number("mean_ns");
    assert!(
        mean >= rising[0] * 0.99 && mean <= rising[4] * 1.01,
        "{line:#}"
    );
    if let Some(payload) = line["payload_bytes"].as_f64() {
        let expected = number("operations_per_second") * payload / 1_048_576.0;
        let ratio = number("mib_per_second") / expected;
        assert!((0.999..1.001).contains(&ratio), "{line:#}");
    }
}

#[test]
fn every_operation_is_measured_with_every_backend() {
    let work = Work::new();
    // The search of long keys takes seconds in a debug build: it is in the
    // list of operations below, and done for the shortest only.
    let arguments = ["--seconds", "0.001", "--only"];
    let patterns = ["aes", "sha-256", "rsa*oaep", "rsa*pss", "rsa-2048 generate"];
    let patterns = patterns.join("\n--only\n");
    let patterns: Vec<&str> = patterns.split('\n').collect();
    let (out, json) = figures(&work, &[&arguments[..], &patterns].concat());
    assert_eq!(json["schema"], "rehearse/crypto/1");
    let lines = json["measured"].as_array().unwrap();
    assert_eq!(lines.len(), 43 * 2);
    lines.iter().for_each(check_line);
    // One of both is what a run takes unless told otherwise: it is in the table
    // too, and the last column names it.
    for (name, taken) in [
        ("RSA-2048 generate", "rustcrypto"),
        ("RSA-2048 OAEP-SHA256 decrypt", "aws-lc"),
        ("AES-256-CBC encrypt 1 KiB", "aws-lc"),
    ] {
        let of = lines.iter().filter(|line| line["operation"] == name);
        let by_auto: Vec<_> = of.filter(|line| line["taken_by_auto"] == true).collect();
        assert_eq!((by_auto.len(), &by_auto[0]["backend"]), (1, &taken.into()));
        let row = name.split_once(' ').unwrap().1;
        let mut rows = out.lines().filter(|line| line.trim().starts_with(row));
        assert!(rows.all(|line| line.ends_with(taken)), "{out}");
    }
    for backend in BACKENDS {
        let count = lines.iter().filter(|line| line["backend"] == backend);
        assert_eq!(count.count(), 43);
        assert!(out.contains(backend), "{out}");
    }
    for name in ["AES-256-GCM", "encrypt 1 MiB", "PSS verify", "generate"] {
        assert!(out.contains(name), "{out}");
    }
}

#[test]
fn a_pattern_chooses_and_threads_are_measured_beside_one() {
    let work = Work::new();
    let arguments = ["--seconds", "0.01", "--only", "gcm encrypt 1KiB"];
    let more = ["--threads", "2", "--backend", "aws-lc"];
    let (out, json) = figures(&work, &[&arguments[..], &more].concat());
    let lines = json["measured"].as_array().unwrap();
    let threads: Vec<_> = lines.iter().map(|line| line["threads"].as_u64()).collect();
    assert_eq!(threads, [Some(1), Some(2)]);
    lines.iter().for_each(check_line);
    let line = entry(&json["measured"], "operation", "AES-256-GCM encrypt 1 KiB");
    assert_eq!(line["backend"], "aws-lc");
    assert!(out.contains("2 threads together"), "{out}");
    assert!(!out.contains("rustcrypto") && !out.contains("RSA"), "{out}");
}

#[test]
fn a_pattern_that_nothing_matches_is_told_what_there_is() {
    let work = Work::new();
    let ended = work.run(&["crypto", "--only", "gmc"]).expect(2);
    assert_eq!(ended.out, "");
    assert!(
        ended
            .err
            .starts_with("rehearse: no operation has `gmc` in its name\nhint: there are\n"),
        "{}",
        ended.err
    );
    for name in ["AES-256-GCM encrypt 16 KiB", "RSA-4096 generate"] {
        assert!(ended.err.contains(name), "{}", ended.err);
    }
}

#[test]
fn a_file_that_cannot_be_written_and_an_unknown_backend_are_found_at_once() {
    let work = Work::new();
    let ended = work
        .run(&["crypto", "--json", "no/such/folder.json"])
        .expect(2);
    assert!(
        ended.err.contains("cannot write to no/such"),
        "{}",
        ended.err
    );
    let ended = work.run(&["crypto", "--backend", "nettle"]).expect(2);
    assert!(
        ended
            .err
            .contains("[possible values: auto, rustcrypto, aws-lc]"),
        "{}",
        ended.err
    );
}

#[test]
fn without_openssl_the_message_says_so() {
    let work = Work::new();
    let mut command = work.rehearse(&["crypto", "--openssl", "--only", "sha-256 digest 64 B"]);
    let output = command.env("PATH", work.path()).output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(err.contains("`openssl` is not installed"), "{err}");
    assert!(err.contains("hint: install it"), "{err}");
}

/// The backend that a summary names.
fn named(out: &str) -> Option<&str> {
    let mut lines = out.lines().map(str::trim);
    lines.find_map(|line| line.strip_prefix("crypto ").map(str::trim))
}

#[test]
fn a_run_takes_the_faster_library_for_each_operation_and_the_report_says_which() {
    let work = Work::new();
    let file = shipped("tutorial.yaml");
    let out = work.run(&["run", &file]).expect(0).out;
    let told = "auto: keys generated by rustcrypto, all else by aws-lc";
    assert_eq!(named(&out), Some(told), "{out}");
    let html = std::fs::read_to_string(work.report_path().with_file_name("report.html")).unwrap();
    assert!(html.contains(told));
    let report = work.report();
    assert_eq!(report["run"]["crypto_backend"], "auto");
    assert_eq!(report["crypto"]["backend"], "auto");
    let operations = report["crypto"]["operations"].as_array().unwrap();
    let by = |name: &str| {
        let mut of = operations.iter().filter(|line| line["operation"] == name);
        of.next().map(|line| line["backend"].as_str().unwrap())
    };
    assert_eq!(by("RSA-2048 generate"), Some("rustcrypto"));
    assert_eq!(by("RSA-OAEP decrypt"), Some("aws-lc"));
    assert_eq!(by("AES-CBC encrypt"), Some("aws-lc"));
}

#[test]
fn a_run_with_another_backend_passes_and_the_report_names_it() {
    let work = Work::new();
    let file = shipped("tutorial.yaml");
    let ended = work.run(&["run", &file, "--crypto-backend", "aws-lc"]);
    let out = ended.expect(0).out;
    assert_eq!(named(&out), Some("aws-lc"), "{out}");
    let report = work.report();
    assert_eq!(report["run"]["crypto_backend"], "aws-lc");
    let operations = report["crypto"]["operations"].as_array().unwrap();
    assert!(operations.iter().all(|line| line["backend"] == "aws-lc"));
}

#[test]
fn a_target_names_its_backend_and_credentials_work_with_the_other_one() {
    let work = Work::new();
    let simulator = work.simulate(&[]);
    let target = std::fs::read_to_string(work.path().join("target.yaml")).unwrap();
    work.write(
        "aws.yaml",
        &format!("{target}crypto: {{backend: aws-lc}}\n"),
    );
    let steps = |step: &str| format!("name: n\nscenarios:\n  one:\n    steps:\n      - {step}\n");
    work.write(
        "save.yaml",
        &steps(
            "register: {email: \"{{ fake.email() }}\", first_name: A, last_name: B, \
             responsible: \"{{ target.responsible }}\", save: ada}\n      \
             - data_sample.create: {content: {en: {stringValue: hello}}}\n        \
             as: sample\n      - data_sample.get: {id: \"{{ sample.id }}\"}",
        ),
    );
    work.write(
        "back.yaml",
        &steps(
            "reinstantiate: {from: ada}\n      \
             - data_sample.create: {content: {en: {stringValue: hello}}}",
        ),
    );
    work.run(&[
        "run",
        "save.yaml",
        "--target",
        "aws.yaml",
        "--reports",
        "first",
    ])
    .expect(0);
    work.write(
        "wrong.yaml",
        &format!("{target}crypto: {{backend: nettle}}\n"),
    );
    let ended = work.run(&["run", "save.yaml", "--target", "wrong.yaml"]);
    let err = ended.expect(2).err;
    assert!(
        err.contains("expected `auto`, `rustcrypto` or `aws-lc`, found `nettle`"),
        "{err}"
    );
    // Another process, the other backend, the key pair that the first one made.
    let out = work
        .run(&[
            "run",
            "back.yaml",
            "--target",
            "target.yaml",
            "--crypto-backend",
            "rustcrypto",
        ])
        .expect(0)
        .out;
    assert_eq!(named(&out), Some("rustcrypto"), "{out}");
    simulator.stop();
}
