//! Key pools: made, continued, handed out, and refused when something is wrong.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rehearse::crypto::CryptoBackend;
use rehearse::keys::KeyPool;
use rehearse::vault::{KeySource, Vault};

use crate::server::Server;
use crate::work::{Ended, Work, interrupt};

/// The pool that this repository ships.
pub fn shipped_pool() -> String {
    format!(
        "{}/fixtures/keys/test-2048.pool",
        env!("CARGO_MANIFEST_DIR")
    )
}

fn public_keys(pool: &Path) -> Vec<String> {
    let pool = KeyPool::open(pool, KeySource::beside(pool)).unwrap();
    let public = |number| {
        pool.get(number, CryptoBackend::default())
            .unwrap()
            .public()
            .spki_hex()
            .to_owned()
    };
    (0..pool.len()).map(public).collect()
}

/// A plan of users who register, with these `keys`.
fn registering(keys: &str, vus: u64, iterations: u64) -> String {
    format!(
        "name: registering
{keys}
scenarios:
  s:
    vus: {vus}
    iterations: {iterations}
    steps:
      - register:
          email: \"{{{{ fake.email() }}}}\"
          responsible: \"{{{{ target.responsible }}}}\"
          save: \"user-{{{{ vu }}}}-{{{{ iteration }}}}\"
"
    )
}

/// What the report says of where keys came from: pool, again, generated.
fn origins(work: &Work) -> [u64; 3] {
    let report = work.report();
    let total = |name: &str| report["totals"][name].as_u64().unwrap();
    let series = |metric: &str| {
        let all = report["metrics"].as_array().unwrap().iter();
        let of_register =
            all.filter(|series| series["metric"] == metric && series["tags"]["step"] == "register");
        of_register
            .map(|series| series["sum"].as_u64().unwrap())
            .sum()
    };
    ["keys_from_pool", "keys_reused", "keys_generated"].map(|name| {
        let sum: u64 = series(name);
        assert_eq!(sum, total(name), "{name}");
        sum
    })
}

/// Key pairs of all users who were saved.
fn saved_keys(work: &Work) -> Vec<String> {
    let path = work.path().join(".rehearse/credentials.vault");
    let vault = Vault::open_existing(path.clone(), KeySource::beside(&path)).unwrap();
    let names = vault.names().unwrap().into_iter();
    let key = |name: String| {
        let saved = vault.get(&name, CryptoBackend::default()).unwrap().unwrap();
        saved.key_pairs[0].public().spki_hex().to_owned()
    };
    names.map(key).collect()
}

fn info(work: &Work, pool: &str) -> Ended {
    work.run(&["keys", "info", pool])
}

#[test]
fn a_pool_is_made_continued_and_whole() {
    let work = Work::new();
    let generate = |count: &str| {
        let arguments = ["keys", "generate", "--out", "a.pool", "--count", count];
        work.run(&arguments).expect(0).out
    };
    let out = generate("2");
    assert!(
        out.starts_with("a.pool: 2 key pairs of 2048 bits, 2 of them new, in "),
        "{out}"
    );
    let path = work.path().join("a.pool");
    let first = public_keys(&path);
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert!(generate("3").contains("3 key pairs of 2048 bits, 1 of them new"));
    assert!(generate("3").contains("3 key pairs, nothing to do"));
    let all = public_keys(&path);
    assert_eq!(all[..2], first);
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), 3);
    let said = info(&work, "a.pool").expect(0).out;
    assert_eq!(
        said,
        "a.pool: 3 key pairs of 2048 bits, all of them whole\nencrypted\n"
    );
}

#[test]
fn test_keys_say_that_they_are_and_need_no_passphrase() {
    let work = Work::new();
    let said = info(&work, &shipped_pool()).expect(0).out;
    assert!(
        said.contains("24 key pairs of 2048 bits") && said.contains("TEST KEYS, not encrypted"),
        "{said}"
    );
    let file = fs::read_to_string(shipped_pool()).unwrap();
    assert!(file.lines().nth(2).unwrap().starts_with("Never use them"));
}

#[test]
fn each_key_of_the_pool_is_handed_out_once_in_order_and_then_keys_are_generated() {
    let work = Work::new();
    let keys = format!("keys: {{pool: {:?}}}", shipped_pool());
    let file = work.write("a.yaml", &registering(&keys, 13, 2));
    let out = work.run(&["run", &file, "--trust"]).expect(0).out;
    assert_eq!(origins(&work), [24, 0, 2]);
    // How many of them were searched ahead depends on who was idle.
    assert!(out.contains("generated 2"), "{out}");
    assert!(out.contains(", from the pool 24\n"), "{out}");
    let saved = saved_keys(&work);
    let distinct: HashSet<_> = saved.iter().collect();
    assert_eq!(distinct.len(), 26, "a key twice");
    let pool = public_keys(Path::new(&shipped_pool()));
    assert!(pool.iter().all(|key| distinct.contains(key)));
}

#[test]
fn keys_are_searched_ahead_while_users_do_other_things_and_the_report_says_how_many() {
    let work = Work::new();
    let several = std::thread::available_parallelism().unwrap().get() > 1;
    // While the machine is busy with other things, the search gets little of it.
    for pause in [1, 5, 20] {
        let plan = registering("", 1, 3) + &format!("      - sleep: {pause}s\n");
        let file = work.write("a.yaml", &plan);
        let out = work.run(&["run", &file]).expect(0).out;
        assert_eq!(origins(&work), [0, 0, 3]);
        let report = work.report();
        let ahead = report["totals"]["keys_ahead"].as_u64().unwrap();
        let operations = report["crypto"]["operations"].as_array().unwrap().iter();
        let late = operations.filter(|line| line["operation"] == "RSA-2048 generate");
        let late: u64 = late.map(|line| line["count"].as_u64().unwrap()).sum();
        assert_eq!(ahead + late, 3, "{out}");
        if ahead > 0 {
            assert!(several, "there is no core to spare");
            let told = format!("generated 3 ({ahead} ahead)\n");
            assert!(out.contains(&told), "{out}");
            let keys = saved_keys(&work);
            assert_eq!(keys.iter().collect::<HashSet<_>>().len(), 3, "a key twice");
            return;
        }
    }
    assert!(!several, "no key was ready in time");
}

#[test]
fn an_exhausted_pool_is_used_again_or_fails_the_step_as_the_scenario_says() {
    for (choice, code, expected) in [("reuse", 0, [24, 26, 0]), ("fail", 1, [24, 0, 0])] {
        let work = Work::new();
        fs::copy(shipped_pool(), work.path().join("mine.pool")).unwrap();
        fs::create_dir(work.path().join("plans")).unwrap();
        // The path counts from the folder of the file.
        let keys = format!("keys: {{pool: ../mine.pool, on_exhausted: {choice}}}");
        let file = work.write("plans/a.yaml", &registering(&keys, 5, 10));
        let out = work.run(&["run", &file]).expect(code).out;
        assert_eq!(origins(&work), expected, "{choice}");
        assert_eq!(
            out.contains("is exhausted: its 24 key pairs are handed out"),
            choice == "fail",
            "{out}"
        );
    }
}

#[test]
fn the_command_line_may_name_another_pool() {
    let work = Work::new();
    let file = work.write("a.yaml", &registering("keys: {pool: not-there.pool}", 2, 1));
    work.run(&["run", &file, "--keys", &shipped_pool()])
        .expect(0);
    assert_eq!(origins(&work), [2, 0, 0]);
}

#[test]
fn a_pool_that_is_not_there_is_told_before_anything_is_sent() {
    let (work, server) = (Work::new(), Server::start());
    work.write(
        "target.yaml",
        &format!(
            "api_url: {0}\ngateway_url: {0}\nspec_id: abc\notp: {{source: simulator, url: \"{0}/outbox\"}}\n",
            server.url
        ),
    );
    let file = work.write("a.yaml", &registering("keys: {pool: gone.pool}", 1, 1));
    for arguments in [&[][..], &["--keys", "gone.pool"]] {
        let all = [&["run", &file, "--target", "target.yaml"], arguments].concat();
        let ended = work.run(&all).expect(2);
        assert_eq!(
            ended.err,
            "rehearse: there is no key pool `gone.pool`: make one with `rehearse keys generate`\n"
        );
    }
    assert!(server.asked().is_empty(), "{:?}", server.asked());
    assert_eq!(
        fs::read_dir(work.path().join("reports")).unwrap().count(),
        0
    );
    info(&work, "gone.pool").expect(2);
    assert!(!work.path().join("gone.pool.key").exists());
}

#[test]
fn keys_of_a_scenario_are_checked_where_they_are_written() {
    let work = Work::new();
    let keys = "keys: {pol: a.pool, on_exhausted: sometimes}";
    let file = work.write("a.yaml", &registering(keys, 1, 1));
    insta::assert_snapshot!(work.run(&["run", &file]).expect(2).err, @r#"
 × unknown key `pol` in `keys`
  ╭─[a.yaml:2:8]
2 │ keys: {pol: a.pool, on_exhausted: sometimes}
  ·        ─┬─
  ·         ╰── no such key
  ╰────
 help: did you mean `pool`?

 × expected `reuse`, `generate` or `fail`, found `sometimes`
  ╭─[a.yaml:2:35]
2 │ keys: {pol: a.pool, on_exhausted: sometimes}
  ·                                   ─────────
  ╰────
 help: write one of
         on_exhausted: reuse
         on_exhausted: generate
         on_exhausted: fail
"#);
}

/// A folder with an encrypted pool of one key, and a plan that uses it.
fn with_pool() -> (Work, PathBuf) {
    let work = Work::new();
    work.run(&["keys", "generate", "--count", "1", "--out", "a.pool"])
        .expect(0);
    work.write("a.yaml", &registering("keys: {pool: a.pool}", 1, 1));
    let path = work.path().join("a.pool");
    (work, path)
}

/// Both commands that read a pool refuse this one, with this message.
#[track_caller]
fn assert_refused(work: &Work, message: &str) {
    for arguments in [&["keys", "info", "a.pool"][..], &["run", "a.yaml"]] {
        let ended = work.run(arguments).expect(3);
        assert_eq!(ended.err, format!("rehearse: {message}\n"), "{arguments:?}");
    }
}

#[test]
fn a_pool_that_was_cut_off_or_altered_is_damaged() {
    const MEND: &str =
        "restore it from a copy, or remove it and make another with `rehearse keys generate`";
    let (work, path) = with_pool();
    let whole = fs::read(&path).unwrap();
    let cut = "the key pool `a.pool` is damaged: it is longer or shorter than its header says";
    for length in [200, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        assert_refused(&work, &format!("{cut}; {MEND}"));
    }
    let flipped = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        fs::write(&path, bytes).unwrap();
    };
    flipped(40);
    let header = "the key pool `a.pool` is damaged: its header does not fit its digest";
    assert_refused(&work, &format!("{header}; {MEND}"));
    flipped(whole.len() - 20);
    let index = "the key pool `a.pool` is damaged: its index does not decrypt";
    assert_refused(&work, &format!("{index}; {MEND}"));
    // A record: found when it is read, and then it costs one step.
    flipped(500);
    let ended = info(&work, "a.pool").expect(3);
    assert!(
        ended
            .err
            .contains("the record `2048/000000000` does not decrypt"),
        "{}",
        ended.err
    );
    let ended = work.run(&["run", "a.yaml"]).expect(1);
    assert!(ended.out.contains("does not decrypt"), "{}", ended.out);
    // Nothing was repaired in silence, and nothing was lost.
    fs::write(&path, &whole).unwrap();
    info(&work, "a.pool").expect(0);
}

#[test]
fn a_test_pool_that_was_cut_off_or_altered_is_damaged() {
    let work = Work::new();
    let whole = fs::read_to_string(shipped_pool()).unwrap();
    work.write("a.yaml", &registering("keys: {pool: a.pool}", 1, 1));
    for changed in [&whole[..whole.len() / 2], &whole.replacen("0a", "0b", 1)] {
        work.write("a.pool", changed);
        assert_refused(
            &work,
            "the key pool `a.pool` is damaged: what it holds does not fit its digest; restore it \
             from a copy, or remove it and make another with `rehearse keys generate`",
        );
    }
}

#[test]
fn a_file_that_is_no_pool_is_left_alone() {
    let work = Work::new();
    work.write("a.yaml", &registering("keys: {pool: a.pool}", 1, 1));
    // Also a vault, which is made of the same parts.
    work.run(&[
        "run",
        "a.yaml",
        "--keys",
        &shipped_pool(),
        "--vault",
        "v.vault",
    ])
    .expect(0);
    let vault = fs::read(work.path().join("v.vault")).unwrap();
    for foreign in [&b"{}"[..], b"", &vault] {
        let path = work.path().join("a.pool");
        fs::write(&path, foreign).unwrap();
        assert_refused(
            &work,
            "`a.pool` is not a key pool: give another path for the key pool, or move that file away",
        );
        work.run(&["keys", "generate", "--count", "1", "--out", "a.pool"])
            .expect(3);
        assert_eq!(fs::read(&path).unwrap(), foreign);
    }
}

#[test]
fn a_wrong_passphrase_and_a_missing_key_file_are_told_with_the_mend() {
    let (work, path) = with_pool();
    fs::remove_file(work.path().join("a.pool.key")).unwrap();
    assert_refused(
        &work,
        "the key file `a.pool.key` of the key pool `a.pool` is missing: bring it back, or remove it \
         and make another with `rehearse keys generate`",
    );
    fs::remove_file(&path).unwrap();
    let with = |passphrase: &str, arguments: &[&str]| {
        let mut command = work.rehearse(arguments);
        let output = command.env("REHEARSE_PASSPHRASE", passphrase).output();
        Ended::new(&output.unwrap())
    };
    with(
        "sesame",
        &["keys", "generate", "--count", "1", "--out", "a.pool"],
    )
    .expect(0);
    with("sesame", &["keys", "info", "a.pool"]).expect(0);
    let ended = with("barley", &["keys", "info", "a.pool"]).expect(3);
    assert_eq!(
        ended.err,
        "rehearse: the passphrase in REHEARSE_PASSPHRASE does not open the key pool `a.pool`: give \
         the one it was made with\n"
    );
    assert_refused(
        &work,
        "the key pool `a.pool` is under a passphrase: set REHEARSE_PASSPHRASE, or give \
         `--passphrase-file` or `--keyring`",
    );
}

#[test]
fn other_keys_do_not_go_into_a_pool() {
    let (work, path) = with_pool();
    let before = fs::read(&path).unwrap();
    let generate = ["keys", "generate", "--count", "2", "--out", "a.pool"];
    for (option, mend) in [
        (&["--bits", "3072"][..], "give `--bits 2048`"),
        (&["--test-keys"], "leave out `--test-keys`"),
    ] {
        let ended = work.run(&[&generate, option].concat()).expect(2);
        assert!(ended.err.contains(mend), "{}", ended.err);
    }
    assert_eq!(fs::read(&path).unwrap(), before);
    let ended = work
        .run(&[&generate[..], &["--bits", "1024"]].concat())
        .expect(2);
    assert!(
        ended.err.contains("expected 2048, 3072 or 4096"),
        "{}",
        ended.err
    );
}

#[test]
fn a_full_disk_costs_nothing_that_was_there() {
    let work = Work::new();
    work.run(&["keys", "generate", "--count", "2", "--out", "a.pool"])
        .expect(0);
    let before = public_keys(&work.path().join("a.pool"));
    // No file may be longer than 4 KiB, which is three keys.
    let ended = limited(
        &work,
        &["keys", "generate", "--count", "20", "--out", "a.pool"],
    )
    .expect(3);
    let beginning = "rehearse: cannot write the key pool `a.pool`: ";
    assert!(
        ended.err.starts_with(beginning)
            && ended
                .err
                .ends_with("what it held before is still there: make room, then do it again\n"),
        "{}",
        ended.err
    );
    let after = public_keys(&work.path().join("a.pool"));
    assert_eq!(after[..2], before);
    info(&work, "a.pool").expect(0);
    assert!(!work.path().join(".new.a.pool").exists(), "a draft is left");
    // With room again, it goes on.
    work.run(&["keys", "generate", "--count", "4", "--out", "a.pool"])
        .expect(0);
}

/// Runs it with a limit of 4 KiB on the length of files: what a full disk is to
/// a program, without one.
pub fn limited(work: &Work, arguments: &[&str]) -> Ended {
    let rehearse = work.rehearse(arguments);
    let script = "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\"";
    let mut command = Command::new("sh");
    command.args(["-c", script]).arg(rehearse.get_program());
    command.args(rehearse.get_args()).current_dir(work.path());
    for (name, value) in rehearse.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    Ended::new(&command.stdin(Stdio::null()).output().unwrap())
}

/// Starts to make more keys than anybody waits for, and waits for the first
/// batch on the disk.
fn making(work: &Work) -> Child {
    let arguments = ["keys", "generate", "--count", "100000", "--out", "a.pool"];
    let mut command = work.rehearse(&arguments);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let began = Instant::now();
    // Without a key it is shorter than 300 bytes.
    while fs::metadata(work.path().join("a.pool")).map_or(0, |file| file.len()) < 1000 {
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "no key in a minute"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    child
}

#[test]
fn ctrl_c_keeps_what_was_made_and_the_same_command_goes_on() {
    let work = Work::new();
    let child = making(&work);
    interrupt(&child);
    let ended = Ended::new(&child.wait_with_output().unwrap()).expect(130);
    let kept = public_keys(&work.path().join("a.pool"));
    let said = format!(
        "rehearse: stopped with {} of 100000; the same command goes on from there\n",
        kept.len()
    );
    assert_eq!(ended.err, said);
    let one_more = (kept.len() + 1).to_string();
    work.run(&["keys", "generate", "--count", &one_more, "--out", "a.pool"])
        .expect(0);
    let all = public_keys(&work.path().join("a.pool"));
    assert_eq!((&all[..kept.len()], all.len()), (&kept[..], kept.len() + 1));
}

#[test]
fn a_kill_loses_the_last_batch_at_most() {
    let work = Work::new();
    let mut child = making(&work);
    let batch = public_keys(&work.path().join("a.pool"));
    // On Unix, this is SIGKILL.
    child.kill().unwrap();
    child.wait().unwrap();
    let kept = public_keys(&work.path().join("a.pool"));
    assert_eq!(kept[..batch.len()], batch);
    info(&work, "a.pool").expect(0);
}
