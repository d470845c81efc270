//! The passphrase in the system's keyring.
//!
//! A container may forbid the kernel's; then it is that refusal which is
//! tested here, and each test says so.

use std::io::Write;
use std::process::Stdio;

use crate::keys::shipped_pool;
use crate::work::{Ended, Work};

/// A passphrase in the keyring, under a name of this test's own.
struct Remembered<'a> {
    work: &'a Work,
    name: String,
}

impl<'a> Remembered<'a> {
    /// `None`, after the refusal was looked at, where there is no keyring.
    fn new(work: &'a Work, purpose: &str, passphrase: &str) -> Option<Self> {
        let name = format!("test-{purpose}-{}", std::process::id());
        let ended = remember(work, &name, passphrase);
        if ended.code == Some(3) {
            assert!(
                ended.err.contains("cannot use the keyring")
                    && ended.err.contains("REHEARSE_PASSPHRASE"),
                "{}",
                ended.err
            );
            eprintln!("no keyring on this machine: {}", ended.err);
            return None;
        }
        let ended = ended.expect(0);
        assert!(ended.out.contains(&format!("`--keyring {name}`")));
        assert!(!ended.out.contains(passphrase) && !ended.err.contains(passphrase));
        Some(Self { work, name })
    }
}

impl Drop for Remembered<'_> {
    fn drop(&mut self) {
        self.work.run(&["vault", "forget", &self.name]);
    }
}

fn remember(work: &Work, name: &str, passphrase: &str) -> Ended {
    let mut command = work.rehearse(&["vault", "remember", name]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    writeln!(input, "{passphrase}").unwrap();
    drop(input);
    Ended::new(&child.wait_with_output().unwrap())
}

/// Registers Ada and saves her, with these options.
fn register(work: &Work, options: &[&str]) -> Ended {
    let file = work.write(
        "register.yaml",
        "name: register\nscenarios:\n  s:\n    steps:\n      - register: {email: ada@example.org, \
         responsible: \"{{ target.responsible }}\", save: ada}\n",
    );
    let pool = shipped_pool();
    work.run(&[&["run", &file, "--keys", &pool], options].concat())
}

#[test]
fn a_passphrase_in_the_keyring_opens_the_vault() {
    let work = Work::new();
    let Some(kept) = Remembered::new(&work, "opens", "open sesame 4711") else {
        return;
    };
    register(&work, &["--keyring", &kept.name]).expect(0);
    let by_flag = work
        .run(&["vault", "list", "--keyring", &kept.name])
        .expect(0);
    assert!(by_flag.out.contains("ada@example.org"), "{}", by_flag.out);
    let listed = |variable: &str, value: &str| {
        let mut command = work.rehearse(&["vault", "list"]);
        Ended::new(&command.env(variable, value).output().unwrap())
    };
    listed("REHEARSE_KEYRING", &kept.name).expect(0);
    // It is that passphrase and no key of another kind.
    listed("REHEARSE_PASSPHRASE", "open sesame 4711").expect(0);
    let wrong = listed("REHEARSE_PASSPHRASE", "open sesame 4712").expect(3);
    assert!(wrong.err.contains("REHEARSE_PASSPHRASE"), "{}", wrong.err);
    let neither = work.run(&["vault", "list"]).expect(3);
    assert!(neither.err.contains("`--keyring`"), "{}", neither.err);

    // Another passphrase in its place is a wrong one, and the keyring is named.
    remember(&work, &kept.name, "another one").expect(0);
    let wrong = work.run(&["vault", "list", "--keyring", &kept.name]);
    let wrong = wrong.expect(3);
    let named = format!("the keyring, under `{}`,", kept.name);
    assert!(wrong.err.contains(&named), "{}", wrong.err);
}

#[test]
fn a_passphrase_that_was_forgotten_says_how_to_put_it_back() {
    let work = Work::new();
    let Some(kept) = Remembered::new(&work, "forgotten", "open sesame") else {
        return;
    };
    work.run(&["vault", "forget", &kept.name]).expect(0);
    for arguments in [
        &["vault", "list", "--keyring", &kept.name][..],
        &["vault", "forget", &kept.name],
    ] {
        let ended = work.run(arguments).expect(2);
        let remedy = format!("put it there with `rehearse vault remember {}`", kept.name);
        assert!(ended.err.contains(&remedy), "{}", ended.err);
    }
}

#[test]
fn what_is_no_passphrase_or_no_name_is_refused() {
    let work = Work::new();
    let empty = remember(&work, "x", "").expect(2);
    assert!(
        empty.err.contains("passphrase on standard input is empty"),
        "{}",
        empty.err
    );
    let name = remember(&work, "two words", "open sesame").expect(2);
    assert!(name.err.contains("letters, digits"), "{}", name.err);
    work.write("open", "open sesame");
    let exposed = work.run(&["vault", "remember", "x", "--from", "open"]);
    let exposed = exposed.expect(3);
    assert!(exposed.err.contains("chmod 600 open"), "{}", exposed.err);
}
