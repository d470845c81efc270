//! The simulator in one process, runs in others.

use crate::work::{Ended, Work, entry, shipped};

#[test]
fn a_run_plays_against_a_simulator_of_its_own_process() {
    let work = Work::new();
    let simulator = work.simulate(&[]);
    let file = shipped("tutorial.yaml");
    work.run(&["run", &file, "--target", "target.yaml", "--vus", "3"])
        .expect(0);
    assert_eq!(work.report()["totals"]["users"], 3);
    simulator.stop();
}

#[test]
fn credentials_and_data_outlive_both_processes() {
    let work = Work::new();
    let simulator = work.simulate(&["--data", "data"]);
    let first = work.write(
        "first.yaml",
        "name: first
scenarios:
  ada:
    steps:
      - register:
          email: ada@example.org
          first_name: Ada
          last_name: Lovelace
          responsible: \"{{ target.responsible }}\"
          save: ada
      - data_sample.create:
          content: {en: {stringValue: a secret of the heart}}
        as: sample
        expect: sample.id == 'unknown'
",
    );
    // The expectation is there to learn the id.
    let ended = work
        .run(&["run", &first, "--target", "target.yaml"])
        .expect(1);
    let id = id_in(&ended.out);
    simulator.stop();
    std::fs::remove_dir_all(work.path().join("reports")).unwrap();

    let simulator = work.simulate(&["--data", "data"]);
    let later = work.write(
        "later.yaml",
        "name: later
vars: {sample: none}
scenarios:
  ada:
    steps:
      - reinstantiate: {from: ada}
        as: back
        expect: back.login == 'ada@example.org'
      - data_sample.get: {id: \"{{ sample }}\"}
        as: found
        expect: found.content.en.stringValue == 'a secret of the heart'
",
    );
    let id = format!("sample={id}");
    work.run(&["run", &later, "--target", "target.yaml", "--var", &id])
        .expect(0);
    let report = work.report();
    assert_eq!(
        entry(&report["steps"], "name", "data_sample.get")["ok"]["count"],
        1
    );
    simulator.stop();
    what_the_simulator_stored_is_unreadable(&work);
}

/// The UUID after `but sample.id is`.
fn id_in(text: &str) -> String {
    let mut words = text.split(|c: char| !(c.is_ascii_hexdigit() || c == '-'));
    let id = words.rfind(|word| word.len() == 36);
    id.unwrap_or_else(|| panic!("no id in {text}")).to_owned()
}

fn what_the_simulator_stored_is_unreadable(work: &Work) {
    let vault = work.path().join(".rehearse/credentials.vault");
    let key = rehearse::vault::KeySource::from_environment(&vault).unwrap();
    let vault = rehearse::vault::Vault::open(vault, key).unwrap();
    let saved = vault
        .get("ada", rehearse::crypto::CryptoBackend::default())
        .unwrap()
        .unwrap();
    let private = crate::secrets::private_parts(&saved);
    let mut files = 0;
    for entry in std::fs::read_dir(work.path().join("data")).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        crate::secrets::assert_absent(&bytes, &["a secret of the heart", "stringValue"]);
        crate::secrets::assert_absent(&bytes, &private);
        files += 1;
    }
    assert!(files > 0);
}

#[test]
fn credentials_that_were_never_saved_are_named() {
    let work = Work::new();
    let file = work.write(
        "a.yaml",
        "name: nothing saved
scenarios:
  one:
    steps:
      - reinstantiate: {from: ada}
",
    );
    let ended = work.run(&["run", &file]).expect(1);
    assert!(
        ended.out.contains("holds no credentials named `ada`"),
        "{}",
        ended.out
    );
}

#[test]
fn a_simulator_on_a_taken_port_says_so() {
    let work = Work::new();
    let simulator = work.simulate(&[]);
    let port = simulator.address.rsplit(':').next().unwrap().to_owned();
    let ended = work.run(&["simulate", "--port", &port]).expect(3);
    assert!(ended.err.contains(&port), "{}", ended.err);
    simulator.stop();
}

#[test]
fn what_is_unknown_is_collected_and_outlives_a_kill() {
    let work = Work::new();
    let simulator = work.simulate(&["--log-unknown", "unknown.jsonl"]);
    for path in ["/rest/v2/tarification/42?ts=1", "/rest/v2/contact"] {
        assert!(simulator.get(path).contains("does not serve"));
    }
    // Killed without notice.
    drop(simulator);
    let text = std::fs::read_to_string(work.path().join("unknown.jsonl")).unwrap();
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert_eq!(lines[0]["path"], "/rest/v2/tarification/{number}");
    assert_eq!(lines[0]["status"], 501);
    assert_eq!(lines[1]["path"], "/rest/v2/contact");
    assert_eq!(lines[1]["status"], 405);
}

#[test]
fn a_log_that_cannot_be_written_is_named() {
    let work = Work::new();
    let ended = work
        .run(&["simulate", "--log-unknown", "missing/unknown.jsonl"])
        .expect(3);
    assert!(ended.err.contains("missing/unknown.jsonl"), "{}", ended.err);
}

/// Plays one of the two visits; gives what it ended with.
fn visit(work: &Work, name: &str, more: &[&str]) -> Ended {
    let file = shipped(name);
    let ended = work.run(&[&["run", &file, "--quiet"], more].concat());
    let _ = std::fs::remove_dir_all(work.path().join("reports"));
    ended
}

const AT_TARGET: &[&str] = &["--target", "target.yaml"];

#[test]
fn a_second_visit_finds_what_the_first_has_left() {
    // Against a simulator that stays.
    let work = Work::new();
    let simulator = work.simulate(&[]);
    visit(&work, "first-visit.yaml", AT_TARGET).expect(0);
    visit(&work, "second-visit.yaml", AT_TARGET).expect(0);
    // A third time: what the first has kept is still beside the credentials.
    visit(&work, "second-visit.yaml", AT_TARGET).expect(0);
    let shown = work.run(&["vault", "show", "visitor"]).expect(0).out;
    for id in ["sample: \"", "note: \"My first note\"", "second_sample: \""] {
        assert!(shown.contains(&format!("id              {id}")), "{shown}");
    }
    simulator.stop();
    // And one that ends in between: its port is another one, its identity is not.
    let work = Work::new();
    let simulator = work.simulate(&["--data", "data"]);
    visit(&work, "first-visit.yaml", AT_TARGET).expect(0);
    simulator.stop();
    let simulator = work.simulate(&["--data", "data"]);
    visit(&work, "second-visit.yaml", AT_TARGET).expect(0);
    simulator.stop();
}

#[test]
fn a_simulator_that_is_gone_is_told_before_anything_is_sent_to_another() {
    let work = Work::new();
    let first = work.simulate(&[]);
    visit(&work, "first-visit.yaml", AT_TARGET).expect(0);
    first.stop();
    let second = work.simulate(&[]);
    for (target, more, remedy) in [
        (
            "another simulator",
            AT_TARGET,
            "a simulator that is gone: this is another one, which does not know them. \
             Keep one for several runs with `rehearse simulate --data DIR > target.yaml`",
        ),
        (
            "the one in this process",
            &[],
            "and this run plays a simulator of its own, as no `--target FILE` was given",
        ),
    ] {
        let file = shipped("second-visit.yaml");
        let arguments = [&["run", &file], more].concat();
        let ended = work.run(&arguments).expect(1);
        let told = "nothing was sent: the credentials `visitor` were saved at http://127.0.0.1:";
        assert!(ended.out.contains(told), "{target}: {}", ended.out);
        assert!(ended.out.contains(remedy), "{target}: {}", ended.out);
        let report = work.report();
        assert_eq!(report["errors"][0]["kind"], "another target", "{target}");
        let requests = entry(&report["steps"], "name", "reinstantiate")["parts"].as_array();
        let sent = requests.into_iter().flatten().filter(|part| {
            let name = part["name"].as_str().unwrap();
            name.contains(" /")
        });
        assert_eq!(sent.count(), 0, "{target}: {report:#}");
        std::fs::remove_dir_all(work.path().join("reports")).unwrap();
    }
    second.stop();
}
