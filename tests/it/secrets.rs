//! Nothing that a run prints or writes reveals a secret that it has made.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rehearse::crypto::CryptoBackend;
use rehearse::vault::{KeySource, SavedCredentials, Vault};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::tap::Tap;
use crate::work::{Ended, Work, shipped};

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
    let vault = Vault::open(path.clone(), KeySource::from_environment(&path).unwrap()).unwrap();
    let mut secrets = Vec::new();
    for name in vault.names().unwrap() {
        secrets.extend(private_parts(
            &vault.get(&name, CryptoBackend::default()).unwrap().unwrap(),
        ));
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
pub fn assert_no_code(text: &str, codes: &[String]) {
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
        let vault = Vault::open(path.clone(), KeySource::from_environment(&path).unwrap()).unwrap();
        let token = vault
            .get("ada", CryptoBackend::default())
            .unwrap()
            .unwrap()
            .token;
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

const PASSPHRASE: &str = "correct horse battery staple";

/// A simulator behind a tap: `target.yaml` points at the tap.
fn tapped(work: &Work) -> (crate::work::Simulator, Tap) {
    let simulator = work.simulate(&["--data", "data"]);
    let tap = Tap::to(&simulator.address);
    let path = work.path().join("target.yaml");
    let target = fs::read_to_string(&path).unwrap();
    assert!(target.contains(&simulator.address), "{target}");
    fs::write(path, target.replace(&simulator.address, &tap.address)).unwrap();
    (simulator, tap)
}

/// The tutorial's steps, with codes that no number of a report can be.
fn plan(settings: &str) -> String {
    format!(
        "name: secrets
scenarios:
  s:
{settings}
    steps:
      - register:
          email: \"{{{{ fake.email() }}}}\"
          responsible: \"{{{{ target.responsible }}}}\"
          code_length: 12
          save: \"user-{{{{ vu }}}}-{{{{ iteration }}}}\"
        as: me
      - data_sample.create: {{content: {{en: {{stringValue: hello}}}}}}
        as: sample
      - reinstantiate: {{from: \"user-{{{{ vu }}}}-{{{{ iteration }}}}\"}}
      - login: {{email: \"{{{{ me.login }}}}\", code_length: 12}}
      - data_sample.get: {{id: \"{{{{ sample.id }}}}\"}}
      - http: {{url: /rest/v2/user/current, auth: user}}
"
    )
}

/// Makes a pool of two keys and starts `rehearse run` on a plan, with
/// everything that could make a program talkative.
fn start(work: &Work, settings: &str) -> std::process::Child {
    let mut command = work.rehearse(&["keys", "generate", "--count", "2", "--out", "a.pool"]);
    let made = command.env("REHEARSE_PASSPHRASE", PASSPHRASE).output();
    Ended::new(&made.unwrap()).expect(0);
    let file = work.write("a.yaml", &plan(settings));
    let arguments = ["run", &file, "--target", "target.yaml", "--keys", "a.pool"];
    let mut command = work.rehearse(&arguments);
    command
        .env("REHEARSE_PASSPHRASE", PASSPHRASE)
        .env("RUST_LOG", "trace")
        .env("RUST_BACKTRACE", "full")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Every secret of a run: those that passed the tap, those in the vault, and
/// the passphrase.
fn all_secrets(work: &Work, tap: &Tap) -> Vec<String> {
    let seen = tap.secrets();
    assert!(!seen.codes.is_empty() && seen.codes.iter().all(|code| code.len() == 12));
    assert!(
        seen.jwts
            .iter()
            .filter(|jwt| jwt.starts_with("eyJ"))
            .count()
            >= 2
    );
    assert!(!seen.passwords.is_empty());
    let mut secrets = seen.all();
    secrets.push(PASSPHRASE.to_owned());
    let path = work.path().join(".rehearse/credentials.vault");
    let key = KeySource::passphrase(&SecretString::from(PASSPHRASE));
    let vault = Vault::open_existing(path, key).unwrap();
    let names = vault.names().unwrap();
    assert!(!names.is_empty());
    for name in names {
        secrets.extend(private_parts(
            &vault.get(&name, CryptoBackend::default()).unwrap().unwrap(),
        ));
    }
    secrets
}

/// Panics when one of `secrets` is in a file below `folder`.
#[track_caller]
fn assert_absent_below(folder: &Path, secrets: &[String]) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            assert_absent_below(&path, secrets);
        } else {
            assert_absent(&fs::read(&path).unwrap(), secrets);
        }
    }
}

#[test]
fn no_output_of_a_talkative_run_reveals_a_secret() {
    let work = Work::new();
    let (simulator, tap) = tapped(&work);
    let child = start(&work, "    vus: 3");
    let ended = Ended::new(&child.wait_with_output().unwrap()).expect(0);
    let secrets = all_secrets(&work, &tap);
    for output in [&ended.out, &ended.err] {
        assert_absent(output.as_bytes(), &secrets);
    }
    // What no dependency says, none can reveal.
    for word in ["TRACE", "DEBUG", "hyper", "rustls"] {
        assert!(!ended.err.contains(word), "{}", ended.err);
    }
    let list = work
        .rehearse(&["vault", "list"])
        .env("REHEARSE_PASSPHRASE", PASSPHRASE)
        .output();
    let list = Ended::new(&list.unwrap()).expect(0);
    assert_absent(list.out.as_bytes(), &secrets);
    simulator.stop();
    // Vault, pool, report, and what the simulator stores.
    assert!(work.path().join("a.pool").exists() && work.report_path().exists());
    assert_absent_below(work.path(), &secrets);
}

#[test]
fn the_journal_of_a_killed_run_reveals_no_secret() {
    let work = Work::new();
    let (simulator, tap) = tapped(&work);
    let mut child = start(
        &work,
        "    executor: constant_vus\n    vus: 2\n    duration: 2m",
    );
    let journal = || {
        let folder = fs::read_dir(work.path().join("reports")).ok()?.next()?;
        fs::read_to_string(folder.unwrap().path().join("journal.jsonl")).ok()
    };
    let began = Instant::now();
    // The head, and two seconds of measurements.
    while journal().is_none_or(|text| text.lines().count() < 3) {
        assert!(began.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(20));
    }
    // On Unix, this is SIGKILL.
    child.kill().unwrap();
    let ended = Ended::new(&child.wait_with_output().unwrap());
    simulator.stop();
    let secrets = all_secrets(&work, &tap);
    for output in [&ended.out, &ended.err] {
        assert_absent(output.as_bytes(), &secrets);
    }
    assert_absent_below(work.path(), &secrets);
}

/// Holds when the type implements the trait only if it does not: two blanket
/// implementations would otherwise fit, and the compiler could not choose.
macro_rules! assert_lacks {
    ($trait:path: $($type:ty),+ $(,)?) => {$(
        const _: fn() = || {
            trait Ambiguous<A> {
                fn either() {}
            }
            impl<T: ?Sized> Ambiguous<()> for T {}
            struct Lacking;
            impl<T: ?Sized + $trait> Ambiguous<Lacking> for T {}
            <$type as Ambiguous<_>>::either();
        };
    )+};
}

assert_lacks!(std::fmt::Debug:
    rehearse::http::Call,
    rehearse::http::Response,
    rehearse::icure::Authenticator,
    rehearse::icure::Captcha,
    rehearse::icure::KeySupply,
    rehearse::icure::ProcessStart,
    rehearse::icure::Session,
    rehearse::otp::Message,
    rehearse::wire::AuthenticationResponse,
    rehearse::wire::LoginCredentials,
    rehearse::wire::OutboxMessage,
    rehearse::wire::OutboxPage,
    rehearse::wire::ProcessRequest,
);
// What travels has to be written as JSON; nothing else that holds a secret does.
assert_lacks!(serde::Serialize:
    rehearse::crypto::AesKey,
    rehearse::crypto::KeyPair,
    rehearse::icure::Captcha,
    rehearse::icure::Session,
    rehearse::keys::KeyPool,
    rehearse::otp::Message,
    rehearse::target::Target,
    rehearse::vault::KeySource,
    rehearse::vault::SavedCredentials,
);

#[test]
fn no_debug_of_a_type_that_holds_a_secret_shows_it() {
    use rehearse::crypto::{AesKey, KeyPair};
    use rehearse::expression::secret_value;
    use rehearse::keys::{KeyPool, KeyProvider, OnExhausted};
    use rehearse::vault::NewKey;

    const SECRET: &str = "open sesame, please";
    let path = crate::keys::shipped_pool();
    let pool = KeyPool::open(Path::new(&path), KeySource::beside(Path::new(&path))).unwrap();
    let pair: KeyPair = pool.get(0, CryptoBackend::default()).unwrap();
    let aes = AesKey::from_bytes(CryptoBackend::default(), &[0xab; 32]).unwrap();
    let saved = SavedCredentials {
        login: "ada@example.org".into(),
        token: SecretString::from(SECRET),
        user_id: "user".into(),
        group_id: None,
        data_owner_id: None,
        key_pairs: vec![pair.clone()],
        token_expires_at: None,
        saved_at: 0,
        target: None,
        ids: rehearse::vault::Ids::new(),
    };
    let passphrase = || KeySource::passphrase(&SecretString::from(SECRET));
    let private = pair.to_pkcs8_hex().unwrap().expose_secret().to_owned();
    let private = &private[private.len() - 64..];
    // As a text, and as the numbers in which bytes are shown.
    let numbers = |bytes: &[u8]| format!("{bytes:?}")[1..20].to_owned();
    let secrets = [
        SECRET.to_owned(),
        numbers(SECRET.as_bytes()),
        private.to_owned(),
        numbers(&hex::decode(private).unwrap()),
        "abababab".to_owned(),
        numbers(&[0xab; 32]),
    ];
    for shown in [
        format!("{saved:?}"),
        format!("{pair:?}"),
        format!("{aes:?}"),
        format!("{:?}", passphrase()),
        format!("{:?}", NewKey::Passphrase(passphrase())),
        format!("{:?}", KeyProvider::from_pool(pool, OnExhausted::Fail)),
        format!("{:?}", secret_value(SecretString::from(SECRET))),
    ] {
        assert_absent(shown.as_bytes(), &secrets);
    }
}

/// Fails to compile when a secret is in a type that is not wiped.
const _: fn() = || {
    use rehearse::wire::{AuthenticationResponse, LoginCredentials, OutboxMessage, ProcessRequest};
    use zeroize::ZeroizeOnDrop;

    fn wiped<T: ZeroizeOnDrop>(_: &T) {}
    let _: fn(&LoginCredentials) = |it| wiped(&it.password);
    let _: fn(&OutboxMessage) = |it| wiped(&it.body);
    let _: fn(&AuthenticationResponse) = |it| {
        it.token.iter().for_each(wiped);
        it.refresh_token.iter().for_each(wiped);
    };
    let _: fn(&ProcessRequest) = |it| {
        it.recaptcha.iter().for_each(wiped);
        it.friendly_captcha.iter().for_each(wiped);
    };
    let _: fn(&SavedCredentials) = |it| wiped(&it.token);
    let _: fn(&rehearse::otp::Content) = |it| match it {
        rehearse::otp::Content::Text { plain, html } => plain.iter().chain(html).for_each(wiped),
        rehearse::otp::Content::Code(code) => wiped(code),
        rehearse::otp::Content::Automatic { .. } => {}
    };
    let _: fn(&rehearse::icure::Captcha) = |it| wiped(&it.token);
};
