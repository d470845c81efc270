//! The files of a report, besides report.json. Strangers read them in
//! tests/reports.

use std::path::PathBuf;

use crate::work::{Work, entry, shipped};

const FILES: [&str; 8] = [
    "junit.xml",
    "latency.hlog",
    "measurements.json",
    "metrics.prom",
    "report.html",
    "report.json",
    "series.csv",
    "summary.md",
];

fn folder(work: &Work) -> PathBuf {
    work.report_path().parent().unwrap().to_owned()
}

fn read(work: &Work, name: &str) -> String {
    std::fs::read_to_string(folder(work).join(name)).unwrap()
}

fn files(work: &Work) -> Vec<String> {
    let entries = std::fs::read_dir(folder(work)).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_run_leaves_every_file_and_they_are_made_again_the_same() {
    let work = Work::new();
    let ended = work.run(&["run", &shipped("tutorial.yaml")]).expect(0);
    assert_eq!(files(&work), FILES);
    for name in FILES {
        assert!(ended.out.contains(name), "{name}: {}", ended.out);
    }
    let before: Vec<String> = FILES.iter().map(|name| read(&work, name)).collect();
    for name in FILES.iter().filter(|name| **name != "measurements.json") {
        std::fs::remove_file(folder(&work).join(name)).unwrap();
    }
    work.run(&["report", folder(&work).to_str().unwrap()])
        .expect(0);
    for (name, before) in FILES.iter().zip(before) {
        assert!(read(&work, name) == before, "{name} differs");
    }
}

#[test]
fn the_report_tells_where_with_what_and_what_took_long() {
    let work = Work::new();
    work.run(&["run", &shipped("tutorial.yaml")]).expect(0);
    let report = work.report();
    let run = &report["run"];
    assert!(run["machine"]["threads"].as_u64().unwrap() > 0, "{run}");
    assert_eq!(run["versions"]["rehearse"], env!("CARGO_PKG_VERSION"));
    let rustc = run["versions"]["rustc"].as_str().unwrap();
    assert!(rustc.starts_with("rustc 1."), "{rustc}");
    // Every code of the run is one that somebody waited for.
    let read = report["otp"]["read"].as_u64().unwrap();
    assert!(read > 0);
    assert_eq!(report["otp"]["wait"]["count"].as_u64(), Some(read));
    let operations = &report["crypto"]["operations"];
    let sealed = entry(operations, "operation", "AES-CBC encrypt");
    assert!(sealed["bytes"].as_u64().unwrap() > 0, "{sealed}");
    assert!(sealed["mib_per_second"].as_f64().unwrap() > 0.0, "{sealed}");

    let slow = &report["slowest"][0];
    let took = slow["took_ms"].as_f64().unwrap();
    let spans = slow["spans"].as_array().unwrap();
    for kind in ["step", "request", "otp", "crypto"] {
        assert!(spans.iter().any(|span| span["kind"] == kind), "{kind}");
    }
    for span in spans {
        let [start, length] = ["start_ms", "took_ms"].map(|key| span[key].as_f64().unwrap());
        assert!(start + length <= took + 1.0, "{span} of {took}");
    }
    // Its steps are all that it consists of.
    let steps = spans.iter().filter(|span| span["kind"] == "step");
    let sum: f64 = steps.map(|span| span["took_ms"].as_f64().unwrap()).sum();
    assert!(sum <= took && sum > took * 0.5, "{sum} of {took}");
}

#[test]
fn what_is_called_like_markup_is_no_markup() {
    let work = Work::new();
    let name = r#"<script>alert(1)</script> & "co""#;
    let file = work.write(
        "hostile.yaml",
        &format!(
            "name: '{name}'
scenarios:
  s:
    steps:
      - register: {{email: \"{{{{ fake.email() }}}}\", responsible: \"{{{{ target.responsible }}}}\"}}
        name: '{name}'
        check: \"'<b>' == '<i>'\"
thresholds:
  checks: [rate >= 0%]
"
        ),
    );
    work.run(&["run", &file]).expect(0);
    for name in ["report.html", "junit.xml", "summary.md"] {
        let text = read(&work, name);
        assert!(!text.contains("<script>alert"), "{name}: {text}");
        assert!(!text.contains("<b>"), "{name}: {text}");
    }
    assert!(read(&work, "report.html").contains("&lt;script&gt;alert(1)"));
}

#[test]
fn figures_of_the_crypto_benchmark_are_shown_and_others_are_refused() {
    let work = Work::new();
    let only = ["--only", "gcm*16KiB", "--seconds", "0.01"];
    let all = [&["crypto", "--json", "crypto.json"][..], &only].concat();
    work.run(&all).expect(0);
    let file = shipped("tutorial.yaml");
    work.run(&["run", &file, "--crypto-figures", "crypto.json"])
        .expect(0);
    let figures = &work.report()["crypto"]["figures"]["measured"];
    let backends: Vec<_> = figures.as_array().unwrap().iter().collect();
    assert!(
        backends.iter().any(|figure| figure["backend"] == "aws-lc"),
        "{figures}"
    );
    assert!(read(&work, "report.html").contains("AES-256-GCM encrypt 16 KiB"));

    for (name, text) in [("no.json", "{}"), ("other.json", "[1]")] {
        let name = work.write(name, text);
        let ended = work
            .run(&["run", &file, "--crypto-figures", &name])
            .expect(2);
        assert!(ended.err.contains(&name), "{}", ended.err);
        assert!(
            ended.err.contains("rehearse crypto --json"),
            "{}",
            ended.err
        );
    }
    let ended = work.run(&["run", &file, "--crypto-figures", "absent.json"]);
    assert!(ended.expect(2).err.contains("absent.json"));
}
