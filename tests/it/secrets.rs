//! Nothing that a run prints or writes reveals a secret that it has made.

use rehearse::vault::{KeySource, SavedCredentials, Vault};
use secrecy::ExposeSecret;
use serde_json::Value;

use crate::work::{Work, shipped};

/// Parts of the private keys, long enough to be theirs alone: the private
/// exponent and the primes follow the public half of a PKCS#8 document.
pub fn private_parts(saved: &SavedCredentials) -> Vec<String> {
    let mut parts = vec![saved.token.expose_secret().to_owned()];
    for pair in &saved.key_pairs {
        let hex = pair.to_pkcs8_hex().unwrap().expose_secret().to_owned();
        let tail = &hex[hex.len() - 64..];
        parts.push(tail.to_owned());
        parts.push(String::from_utf8_lossy(&hex::decode(tail).unwrap()).into_owned());
    }
    parts
}

/// Panics when one of `secrets` is in `bytes`; does not repeat the secret.
#[track_caller]
pub fn assert_absent<S: AsRef<str>>(bytes: &[u8], secrets: &[S]) {
    let text = String::from_utf8_lossy(bytes);
    for (index, secret) in secrets.iter().enumerate() {
        let secret = secret.as_ref();
        assert!(secret.len() >= 6, "secret {index} is too short to look for");
        assert!(!text.contains(secret), "secret {index} is there");
    }
}

#[test]
fn neither_terminal_nor_report_nor_vault_reveals_a_secret() {
    let work = Work::new();
    let simulator = work.simulate(&["--data", "data"]);
    let file = shipped("tutorial.yaml");
    let ended = work
        .run(&["run", &file, "--target", "target.yaml", "--vus", "2"])
        .expect(0);
    let page: Value =
        serde_json::from_str(&simulator.get("/_simulator/outbox?after=0&wait=0")).unwrap();
    let codes: Vec<String> = page["messages"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|message| {
            message["body"]
                .as_str()
                .unwrap()
                .split(|c: char| !c.is_ascii_digit())
        })
        .filter(|run| run.len() == 6)
        .map(str::to_owned)
        .collect();
    assert_eq!(codes.len(), 4);
    simulator.stop();
    let path = work.path().join(".rehearse/credentials.vault");
    let vault = Vault::open(path.clone(), KeySource::from_environment(&path)).unwrap();
    let mut secrets = Vec::new();
    for name in vault.names().unwrap() {
        secrets.extend(private_parts(&vault.get(&name).unwrap().unwrap()));
    }
    assert_eq!(secrets.len(), 2 * 3);
    let report = std::fs::read(work.report_path()).unwrap();
    for output in [ended.out.as_bytes(), ended.err.as_bytes(), &report] {
        assert_absent(output, &secrets);
        assert_no_code(&String::from_utf8_lossy(output), &codes);
    }
    assert_absent(&std::fs::read(&path).unwrap(), &secrets);
    for entry in std::fs::read_dir(work.path().join("data")).unwrap() {
        assert_absent(&std::fs::read(entry.unwrap().path()).unwrap(), &secrets);
    }
}

/// Panics when a code is in `text` as a number of its own. Measured times have
/// six decimals, so that a code can be the end of one by chance: what follows a
/// decimal point is left out.
#[track_caller]
fn assert_no_code(text: &str, codes: &[String]) {
    let mut before = ' ';
    for run in text.split_inclusive(|c: char| !c.is_ascii_digit()) {
        let digits = run.trim_end_matches(|c: char| !c.is_ascii_digit());
        let found = codes.iter().any(|code| code == digits);
        assert!(before == '.' || !found, "a one-time password is there");
        before = run.chars().next_back().unwrap_or(' ');
    }
}

#[test]
fn a_scenario_cannot_print_a_secret() {
    for attempt in [
        "registered.token == 'x'",
        "registered.token ~ '' == 'x'",
        "registered.token|upper == 'x'",
        "registered|string == 'x'",
        "registered.token|list == 'x'",
        "registered == 'x'",
    ] {
        let work = Work::new();
        let file = work.write(
            "a.yaml",
            &format!(
                "name: thief
scenarios:
  one:
    steps:
      - register:
          email: \"{{{{ fake.email() }}}}\"
          responsible: \"{{{{ target.responsible }}}}\"
          save: ada
        as: registered
        expect: {attempt:?}
"
            ),
        );
        let ended = work.run(&["run", &file]).expect(1);
        let path = work.path().join(".rehearse/credentials.vault");
        let vault = Vault::open(path.clone(), KeySource::from_environment(&path)).unwrap();
        let token = vault.get("ada").unwrap().unwrap().token;
        let token = token.expose_secret().to_owned();
        let report = std::fs::read(work.report_path()).unwrap();
        for output in [ended.out.as_bytes(), ended.err.as_bytes(), &report] {
            assert_absent(output, &[&token, &token.to_uppercase()]);
        }
    }
}

#[test]
fn files_with_secrets_are_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let work = Work::new();
    work.run(&["run", &shipped("tutorial.yaml")]).expect(0);
    let folder = work.path().join(".rehearse");
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&folder) & 0o777, 0o700);
    for name in ["credentials.vault", "credentials.vault.key"] {
        assert_eq!(mode(&folder.join(name)) & 0o777, 0o600, "{name}");
    }
}
