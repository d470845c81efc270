//! `rehearse vault`, and what becomes of a vault that is not as it should be.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use crate::keys::{limited, shipped_pool};
use crate::work::{Ended, Simulator, Work};

const VAULT: &str = ".rehearse/credentials.vault";

/// A simulator where Ada and Bob are registered, both of them in the vault.
fn two_users() -> (Work, Simulator) {
    let work = Work::new();
    let simulator = work.simulate(&[]);
    let register = |name: &str| {
        format!(
            "      - register: {{email: {name}@example.org, responsible: \"{{{{ target.responsible }}}}\", save: {name}}}\n        name: {name}\n"
        )
    };
    let plan = format!(
        "name: two users\nscenarios:\n  s:\n    steps:\n{}{}",
        register("ada"),
        register("bob")
    );
    let file = work.write("register.yaml", &plan);
    let pool = shipped_pool();
    work.run(&["run", &file, "--target", "target.yaml", "--keys", &pool])
        .expect(0);
    fs::remove_dir_all(work.path().join("reports")).unwrap();
    (work, simulator)
}

/// Comes back as `name`, from the vault.
fn come_back(work: &Work, name: &str) -> Ended {
    let file = work.write(
        "back.yaml",
        &format!(
            "name: back\nscenarios: {{s: {{steps: [{{reinstantiate: {{from: {name:?}}}}}]}}}}\n"
        ),
    );
    let ended = work.run(&["run", &file, "--target", "target.yaml"]);
    let _ = fs::remove_dir_all(work.path().join("reports"));
    ended
}

fn exported(work: &Work) -> Value {
    let ended = work.run(&["vault", "export", "--reveal"]).expect(0);
    serde_json::from_str(&ended.out).unwrap()
}

fn import(work: &Work, document: &Value, options: &[&str]) -> Ended {
    work.write("import.json", &document.to_string());
    work.run(&[&["vault", "import", "import.json"], options].concat())
}

fn vault_path(work: &Work) -> PathBuf {
    work.path().join(VAULT)
}

#[test]
fn the_list_names_everybody_and_no_secret() {
    let (work, _simulator) = two_users();
    let out = work.run(&["vault", "list"]).expect(0).out;
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 3, "{out}");
    let heads = lines[0].split("  ").filter(|head| !head.is_empty());
    let heads: Vec<&str> = heads.map(str::trim).collect();
    assert_eq!(
        heads,
        [
            "name",
            "login",
            "user id",
            "saved",
            "token expires",
            "target"
        ]
    );
    let all = exported(&work);
    for (line, name, one) in [(lines[1], "ada", &all[0]), (lines[2], "bob", &all[1])] {
        let words: Vec<&str> = line.split_whitespace().collect();
        let login = format!("{name}@example.org");
        assert_eq!(
            words[..3],
            [name, &login, one["userId"].as_str().unwrap()],
            "{line}"
        );
        assert!(!out.contains(one["token"].as_str().unwrap()));
    }
}

#[test]
fn secrets_are_shown_only_when_asked_for() {
    let (work, _simulator) = two_users();
    let ada = exported(&work)[0].clone();
    let secrets = [&ada["token"], &ada["keyPairs"][0]["privateKey"]];
    let hidden = work.run(&["vault", "show", "ada"]).expect(0).out;
    let shown = work
        .run(&["vault", "show", "ada", "--reveal"])
        .expect(0)
        .out;
    for secret in secrets {
        let secret = secret.as_str().unwrap();
        assert!(!hidden.contains(secret) && shown.contains(secret));
    }
    assert_eq!(hidden.matches("[hidden]").count(), 2, "{hidden}");
    assert!(hidden.contains(ada["keyPairs"][0]["publicKey"].as_str().unwrap()));
    let refused = work.run(&["vault", "export"]).expect(2);
    assert_eq!(refused.out, "");
    assert!(refused.err.contains("add `--reveal`"), "{}", refused.err);
    let missing = work.run(&["vault", "show", "cy"]).expect(2);
    assert_eq!(
        missing.err,
        format!(
            "rehearse: the vault `{VAULT}` holds no credentials named `cy`: `rehearse vault list` \
             shows the names\n"
        )
    );
}

#[test]
fn an_export_is_for_its_owner_and_goes_into_another_vault() {
    let (work, _simulator) = two_users();
    let out = work.path().join("ada.json");
    work.run(&["vault", "export", "ada", "--reveal", "--out", "ada.json"])
        .expect(0);
    assert_eq!(
        fs::metadata(&out).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let other = ["--vault", "other.vault"];
    let ended = work
        .run(&[&["vault", "import", "ada.json"], &other[..]].concat())
        .expect(0);
    assert_eq!(ended.out, "1 credential in the vault `other.vault`: ada\n");
    let again = work
        .run(&[&["vault", "export", "--reveal"], &other[..]].concat())
        .expect(0);
    assert_eq!(again.out, fs::read_to_string(out).unwrap());
}

#[test]
fn credentials_of_the_javascript_sdk_work_here() {
    let (work, _simulator) = two_users();
    let ada = exported(&work)[0].clone();
    let pair = &ada["keyPairs"][0];
    // What the tutorial's `getBackCredentials` gives, in its two forms.
    let flat = json!({
        "login": ada["login"], "token": ada["token"],
        "pubKey": pair["publicKey"], "privKey": pair["privateKey"],
    });
    let keys = json!({
        "name": "listed", "login": ada["login"], "token": ada["token"],
        "userId": ada["userId"], "groupId": ada["groupId"], "keys": [pair],
    });
    let ended = import(&work, &json!([flat, keys]), &[]).expect(0);
    assert!(
        ended.err.contains("still holds the secrets"),
        "{}",
        ended.err
    );
    for name in ["ada@example.org", "listed"] {
        come_back(&work, name).expect(0);
    }
}

#[test]
fn an_import_that_is_wrong_in_one_place_changes_nothing() {
    let (work, _simulator) = two_users();
    let all = exported(&work);
    let before = fs::read(vault_path(&work)).unwrap();
    let renamed = |change: &dyn Fn(&mut Value)| {
        let mut document = json!([all[0], all[1]]);
        document[0]["name"] = "cy".into();
        document[1]["name"] = "dee".into();
        change(&mut document);
        document
    };
    let mixed = renamed(&|document| {
        document[1]["keyPairs"][0]["publicKey"] = all[0]["keyPairs"][0]["publicKey"].clone();
    });
    let ended = import(&work, &mixed, &[]).expect(2);
    assert!(
        ended.err.starts_with(
            "rehearse: `import.json`: $[1].keyPairs[0].publicKey: this public key is not that of \
             the private key beside it"
        ) && ended.err.ends_with("; nothing was imported\n"),
        "{}",
        ended.err
    );
    let no_token = renamed(&|document| document[0]["token"] = Value::Null);
    let ended = import(&work, &no_token, &[]).expect(2);
    assert!(ended.err.contains("$[0]: `token` or `password` is missing"));
    let taken = renamed(&|document| document[1]["name"] = "ada".into());
    let ended = import(&work, &taken, &[]).expect(2);
    assert!(
        ended
            .err
            .contains("has `ada` already: nothing was imported; `--force` replaces"),
        "{}",
        ended.err
    );
    work.write("import.json", "{\"login\": ");
    let ended = work.run(&["vault", "import", "import.json"]).expect(2);
    assert!(ended.err.contains("this is not JSON"), "{}", ended.err);
    assert_eq!(fs::read(vault_path(&work)).unwrap(), before);
    import(&work, &taken, &["--force"]).expect(0);
    let names: Vec<Value> = exported(&work)
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].clone())
        .collect();
    assert_eq!(names, ["ada", "bob", "cy"]);
}

#[test]
fn a_rotation_puts_everything_under_another_key() {
    let (work, _simulator) = two_users();
    let before = exported(&work);
    let old_key = fs::read(work.path().join(format!("{VAULT}.key"))).unwrap();
    work.run(&["vault", "rotate"]).expect(0);
    assert_eq!(exported(&work), before);
    let kept = fs::read(work.path().join(format!("{VAULT}.key.old"))).unwrap();
    assert_eq!(kept, old_key);

    work.write("secret", "open sesame\n");
    let secret = work.path().join("secret");
    let mode = |mode| fs::set_permissions(&secret, fs::Permissions::from_mode(mode)).unwrap();
    mode(0o644);
    let rotate = ["vault", "rotate", "--new-passphrase-file", "secret"];
    let ended = work.run(&rotate).expect(3);
    assert_eq!(
        ended.err,
        "rehearse: others can access the passphrase file `secret` (mode 0644): run `chmod 600 secret`\n"
    );
    mode(0o600);
    work.run(&rotate).expect(0);
    let with = ["--passphrase-file", "secret"];
    let export = [&["vault", "export", "--reveal"], &with[..]].concat();
    let after: Value = serde_json::from_str(&work.run(&export).expect(0).out).unwrap();
    assert_eq!(after, before);
    let back = "name: back\nscenarios: {s: {steps: [{reinstantiate: {from: ada}}]}}\n";
    let file = work.write("back.yaml", back);
    let run = [&["run", &file, "--target", "target.yaml"], &with[..]].concat();
    work.run(&run).expect(0);

    let without = work.run(&["vault", "list"]).expect(3);
    assert!(
        without.err.contains("is under a passphrase"),
        "{}",
        without.err
    );
    work.write("secret", "open barley");
    let wrong = work
        .run(&[&["vault", "list"], &with[..]].concat())
        .expect(3);
    assert_eq!(
        wrong.err,
        format!(
            "rehearse: the passphrase in `secret` does not open the vault `{VAULT}`: give the one \
             it was made with\n"
        )
    );
    work.write("secret", "open sesame");
    let unclear = work
        .run(&[&["vault", "rotate"], &with[..]].concat())
        .expect(2);
    assert!(unclear.err.contains("under which key?"), "{}", unclear.err);
}

/// As of `<(…)`, `/dev/stdin` and `mkfifo`; both vault and key pool are under it.
#[test]
fn a_passphrase_comes_through_a_pipe_of_the_command_line() {
    let work = Work::new();
    work.write(
        "s.yaml",
        "name: s\nkeys: {pool: a.pool}\nscenarios: {a: {steps: [{register: {email: ada@example.org, responsible: '{{ target.responsible }}', save: ada}}]}}\n",
    );
    let shell = |script: &str| {
        let mut shell = Command::new("bash");
        shell.args(["-c", script]).current_dir(work.path());
        shell.env("R", work.rehearse(&[]).get_program());
        for name in ["REHEARSE_VAULT", "REHEARSE_PASSPHRASE", "REHEARSE_KEYRING"] {
            shell.env_remove(name);
        }
        Ended::new(&shell.output().unwrap())
    };
    shell("$R keys generate --count 1 --out a.pool --passphrase-file <(printf sesame)").expect(0);
    shell("$R run s.yaml -q --passphrase-file <(printf sesame)").expect(0);
    for read in [
        "printf sesame | $R vault list --passphrase-file /dev/stdin",
        "mkfifo -m 600 p; { sleep 0.2; printf sesame > p; } & $R vault list --passphrase-file p",
    ] {
        let ended = shell(read).expect(0);
        assert!(
            ended.out.contains("ada@example.org"),
            "{read}: {}",
            ended.out
        );
    }
    for (read, expected) in [
        (
            "printf other | $R vault list --passphrase-file /dev/stdin",
            "does not open",
        ),
        ("$R vault list --passphrase-file <(:)", "is empty"),
        (
            "$R vault list --passphrase-file <(head -c 5000 /dev/zero)",
            "holds more than a passphrase",
        ),
        (
            "mkfifo -m 644 q; $R vault list --passphrase-file q",
            "others can access",
        ),
        (
            "$R vault list --passphrase-file /dev/zero",
            "it is a device, not a file",
        ),
    ] {
        let said = shell(read).expect(3).err;
        assert!(said.contains(expected), "{read}: {said}");
        assert!(!said.contains("sesame"), "{said}");
    }
}

#[test]
fn a_vault_that_is_not_there_is_not_made_to_be_looked_at() {
    let work = Work::new();
    for arguments in [
        &["list"][..],
        &["show", "ada"],
        &["export", "--reveal"],
        &["rotate"],
    ] {
        let ended = work.run(&[&["vault"], arguments].concat()).expect(2);
        assert!(
            ended.err.contains(&format!("there is no vault `{VAULT}`")),
            "{}",
            ended.err
        );
    }
    assert_eq!(fs::read_dir(work.path()).unwrap().count(), 0);
}

#[test]
fn a_vault_that_was_cut_off_altered_or_is_none_is_told_and_left_alone() {
    let (work, _simulator) = two_users();
    let whole = fs::read(vault_path(&work)).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() - 20] ^= 1;
    let damaged = |what: &str| {
        format!(
            "the vault `{VAULT}` is damaged: {what}; restore it from a copy, or remove it and \
             register the users again"
        )
    };
    for (bytes, message) in [
        (
            &whole[..1000],
            damaged("it is longer or shorter than its header says"),
        ),
        (&flipped, damaged("its index does not decrypt")),
        (
            b"{}",
            format!(
                "`{VAULT}` is not a vault: give another path for the vault, or move that file away"
            ),
        ),
    ] {
        fs::write(vault_path(&work), bytes).unwrap();
        for ended in [
            work.run(&["vault", "list"]),
            work.run(&["vault", "rotate"]),
            come_back(&work, "ada"),
        ] {
            assert_eq!(ended.expect(3).err, format!("rehearse: {message}\n"));
        }
        assert_eq!(fs::read(vault_path(&work)).unwrap(), bytes);
    }
    // One damaged record: the others are listed.
    let mut flipped = whole.clone();
    flipped[500] ^= 1;
    fs::write(vault_path(&work), flipped).unwrap();
    let ended = work.run(&["vault", "list"]).expect(3);
    assert!(
        ended.err.contains("the record `ada` does not decrypt"),
        "{}",
        ended.err
    );
    assert!(ended.out.contains("bob@example.org"), "{}", ended.out);
    fs::write(vault_path(&work), whole).unwrap();
    come_back(&work, "ada").expect(0);
}

#[test]
fn a_full_disk_costs_nothing_that_was_saved() {
    let (work, _simulator) = two_users();
    let all = exported(&work);
    let before = fs::read(vault_path(&work)).unwrap();
    let more = |name: &str| {
        let mut one = all[0].clone();
        one["name"] = name.into();
        one
    };
    work.write("import.json", &json!([more("cy"), more("dee")]).to_string());
    // Two credentials are some three of the four KiB that a file may have.
    let ended = limited(&work, &["vault", "import", "import.json"]).expect(3);
    assert!(
        ended
            .err
            .contains(&format!("cannot write the vault `{VAULT}`: "))
            && ended
                .err
                .contains("what it held before is still there: make room"),
        "{}",
        ended.err
    );
    assert_eq!(fs::read(vault_path(&work)).unwrap(), before);
    let left: Vec<_> = fs::read_dir(work.path().join(".rehearse"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with(".new."))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(exported(&work), all);
}

/// A disk of 64 KiB, in a mount namespace of its own; not every container
/// allows one, and then the limit of the test above has to do.
#[test]
fn a_disk_that_is_really_full_costs_nothing_that_was_saved() {
    let (work, _simulator) = two_users();
    let all = exported(&work);
    let many: Vec<Value> = (0..100)
        .map(|number| {
            let mut one = all[0].clone();
            one["name"] = format!("more-{number}").into();
            one
        })
        .collect();
    work.write("import.json", &Value::from(many).to_string());
    // Exit codes 90 and 91 are the script's own.
    let script = "set -e; mkdir disk; mount -t tmpfs -o size=64k none disk || exit 90
        cp .rehearse/credentials.vault .rehearse/credentials.vault.key disk
        \"$0\" vault import import.json --vault disk/credentials.vault && exit 91 || code=$?
        cmp disk/credentials.vault .rehearse/credentials.vault
        ls -A disk
        \"$0\" vault list --vault disk/credentials.vault
        exit $code";
    let rehearse = work.rehearse(&[]);
    let output = Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", script])
        .arg(rehearse.get_program())
        .current_dir(work.path())
        .output();
    let ended = match output {
        Ok(output) => Ended::new(&output),
        Err(error) => return eprintln!("no unshare: {error}"),
    };
    if ended.code == Some(90) || ended.err.starts_with("unshare: ") {
        return eprintln!("no mount namespace here: {}", ended.err);
    }
    let ended = ended.expect(3);
    assert!(
        ended.err.contains("No space left on device")
            && ended
                .err
                .contains("what it held before is still there: make room"),
        "{}",
        ended.err
    );
    assert!(
        !ended.out.contains(".new."),
        "a draft is left: {}",
        ended.out
    );
    assert!(ended.out.contains("ada@example.org"), "{}", ended.out);
}

#[test]
fn a_token_of_another_user_does_not_make_somebody_go_on_as_that_user() {
    let (work, _simulator) = two_users();
    let all = exported(&work);
    // Everything is Ada's but login and token: the platform knows Bob.
    let mut mixed = all[0].clone();
    mixed["name"] = "mixed".into();
    mixed["login"] = all[1]["login"].clone();
    mixed["token"] = all[1]["token"].clone();
    // Ada's login with Bob's token: the platform knows nobody.
    let mut refused = all[0].clone();
    refused["name"] = "refused".into();
    refused["token"] = all[1]["token"].clone();
    import(&work, &json!([mixed, refused]), &[]).expect(0);
    let ended = come_back(&work, "mixed").expect(1);
    let message = format!(
        "the credentials of `bob@example.org` belong to another user: they were saved for user \
         `{}`, the platform says `{}`",
        all[0]["userId"].as_str().unwrap(),
        all[1]["userId"].as_str().unwrap()
    );
    assert!(ended.out.contains(&message), "{}", ended.out);
    let ended = come_back(&work, "refused").expect(1);
    let message = "the platform refuses the credentials of `ada@example.org`";
    assert!(ended.out.contains(message), "{}", ended.out);
}

#[test]
fn an_expired_token_is_told_with_its_time() {
    let (work, _simulator) = two_users();
    let mut old = exported(&work)[0].clone();
    old["name"] = "old".into();
    old["token"] = "a token that the platform has forgotten".into();
    old["tokenExpiresAt"] = 86_400_000.into();
    import(&work, &old, &[]).expect(0);
    let ended = come_back(&work, "old").expect(1);
    assert!(
        ended.out.contains(
            "the token of `ada@example.org` expired at 1970-01-02 00:00:00 UTC, and the platform \
             refuses it: get another one with `login`"
        ),
        "{}",
        ended.out
    );
    let list = work.run(&["vault", "list"]).expect(0).out;
    assert!(list.contains("1970-01-02 00:00 UTC, expired"), "{list}");
}

/// Written by a rehearse before credentials had a target: `ada`, of a simulator.
fn of_format_1() -> Work {
    let work = Work::new();
    let from = format!("{}/fixtures/vault/format-1", env!("CARGO_MANIFEST_DIR"));
    let vault = fs::read(from).unwrap();
    assert_eq!(vault[16], 1);
    fs::write(work.path().join("old.vault"), vault).unwrap();
    work
}

#[test]
fn a_vault_of_an_earlier_rehearse_is_read_and_added_to() {
    let work = of_format_1();
    let rehearse = |arguments: &[&str]| {
        let mut command = work.rehearse(&[arguments, &["--vault", "old.vault"]].concat());
        command.env("REHEARSE_PASSPHRASE", "format 1");
        Ended::new(&command.output().unwrap())
    };
    let list = |expected: usize| {
        let out = rehearse(&["vault", "list"]).expect(0).out;
        assert_eq!(out.lines().count(), expected + 1, "{out}");
        out
    };
    assert!(list(1).lines().nth(1).unwrap().ends_with("  -"));
    let out = rehearse(&["vault", "export", "--reveal"]).expect(0).out;
    let mut old: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(old[0]["login"], "ada@example.org");
    assert!(old[0].get("target").is_none() && old[0].get("ids").is_none());
    // Beside one with all that there is now, it stays as it is.
    let mut new = old[0].clone();
    new["name"] = "bob".into();
    new["ids"] = json!({"sample": "s-1", "count": 2});
    new["target"] = json!({
        "apiUrl": "https://api.example.org",
        "gatewayUrl": "https://gw.example.org",
        "specId": "ic",
    });
    work.write("bob.json", &new.to_string());
    rehearse(&["vault", "import", "bob.json"]).expect(0);
    assert_eq!(fs::read(work.path().join("old.vault")).unwrap()[16], 2);
    let out = list(2);
    assert!(out.lines().nth(1).unwrap().ends_with("  -"), "{out}");
    assert!(
        out.lines()
            .nth(2)
            .unwrap()
            .ends_with("  https://api.example.org"),
        "{out}"
    );
    old.as_array_mut().unwrap().push(new);
    let out = rehearse(&["vault", "export", "--reveal"]).expect(0).out;
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap(), old);
}
