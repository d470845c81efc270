//! What holds for workflows as a whole, and how a release is made.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use assert_cmd::cargo::cargo_bin;

use super::{NIGHTLY, PULL_REQUEST, Runner, SUPPLY, TEMPLATE, repository, script, steps, workflow};
use crate::work::Ended;

#[test]
fn it_is_built_as_the_readme_says_when_it_is_not_there() {
    let runner = Runner::new(&[]);
    let bin = runner.work.path().join("bin");
    std::fs::create_dir(&bin).unwrap();
    let cargo = bin.join("cargo");
    std::fs::write(&cargo, "#!/bin/sh\necho \"$@\"\n").unwrap();
    std::fs::set_permissions(&cargo, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    for (path, job, expected) in [
        (NIGHTLY, "check", "install --path . --locked\n"),
        (NIGHTLY, "play", "install --path . --locked\n"),
        (TEMPLATE, "play", "install --git here --locked\n"),
    ] {
        let workflow = workflow(path);
        let mut bash = Command::new("/bin/bash");
        bash.args(["--norc", "-euc", script(&workflow, job, "Install")])
            .env("PATH", &bin)
            .env("REHEARSE_GIT", "here");
        let ended = Ended::new(&bash.output().unwrap()).expect(0);
        assert_eq!(ended.out, expected, "{path}");
    }
}

/// What the job finds: files, a built program, and stand-ins for what writes others.
fn release_checkout(folder: &Path) {
    use std::os::unix::fs::{PermissionsExt, symlink};

    for name in [
        ".github",
        "Cargo.toml",
        "CHANGELOG.md",
        "README.md",
        "LICENSE",
        "docs",
        "scenarios",
    ] {
        symlink(repository().join(name), folder.join(name)).unwrap();
    }
    std::fs::create_dir_all(folder.join("target/dist")).unwrap();
    symlink(cargo_bin!("rehearse"), folder.join("target/dist/rehearse")).unwrap();
    // What cargo-cyclonedx, cargo-deb and npm write; tests/packaging/run has the real ones.
    let cargo = "#!/bin/sh\nif [ $1 = deb ]; then echo deb > rehearse.deb; exit; fi\n\
                 while [ $# -gt 1 ]; do shift; done\n[ $1 = --locked ] || echo '{}' > $1.json\n";
    for (name, program) in [
        ("gh", "#!/bin/sh\necho \"$@\"\n"),
        ("cargo", cargo),
        ("npm", "#!/bin/sh\necho npm > rehearse.tgz\n"),
    ] {
        std::fs::write(folder.join(name), program).unwrap();
        std::fs::set_permissions(folder.join(name), PermissionsExt::from_mode(0o755)).unwrap();
    }
}

#[test]
fn a_release_has_the_binary_and_what_belongs_to_it() {
    let release = workflow(".github/workflows/release.yml");
    let runner = Runner::new(&[("github.token", "a-token")]);
    let folder = runner.work.path();
    release_checkout(folder);
    let tag = concat!("v", env!("CARGO_PKG_VERSION"));
    let run = |name: &str, tag: &str| {
        let mut bash = Command::new("bash");
        bash.args([
            "--norc",
            "-eo",
            "pipefail",
            "-c",
            script(&release, "linux", name),
        ])
        .current_dir(folder)
        .env(
            "PATH",
            format!("{}:{}", folder.display(), std::env::var("PATH").unwrap()),
        )
        .env("GITHUB_REF_NAME", tag)
        .env("GITHUB_REPOSITORY", "icure/rehearse");
        Ended::new(&bash.output().unwrap())
    };
    run("Are version and address those of Cargo.toml?", tag).expect(0);
    run("Are version and address those of Cargo.toml?", "v9.9.9").expect(1);
    run("List the crates", tag).expect(0);
    run("Pack", tag).expect(0);
    run("Pack for Debian, Homebrew, npm and PyPI", tag).expect(0);
    run("Sum up", tag).expect(0);
    let said = run("Publish a draft", tag).expect(0).out;
    assert!(
        said.starts_with(&format!("release create {tag} --draft ")),
        "{said}"
    );
    let archive = said
        .split(' ')
        .find(|word| word.ends_with(".tar.gz"))
        .unwrap();
    let list = Command::new("tar")
        .args(["-tf", archive])
        .current_dir(folder)
        .output();
    let list = Ended::new(&list.unwrap()).expect(0).out;
    for part in [
        "/rehearse\n",
        "/man/rehearse-run.1\n",
        "/completions/rehearse.zsh\n",
        "/LICENSE\n",
    ] {
        assert!(list.contains(part), "{part}\n{list}");
    }
    let crates = archive.replace(".tar.gz", ".cdx.json");
    let others = ["./rehearse.deb", "./rehearse.tgz", "rehearse.rb"];
    for file in [archive, crates.as_str()].into_iter().chain(others) {
        let sums = format!("{file}.sha256");
        assert!(said.contains(&format!(" {file}")), "{said}");
        assert!(said.contains(&sums), "{said}");
        let mut check = Command::new("sha256sum");
        check.args(["--check", &sums]).current_dir(folder);
        Ended::new(&check.output().unwrap()).expect(0);
    }
    // What is published is what the provenance is of.
    let [attest, publish] = ["Attest", "Publish a draft"].map(|name| {
        let steps = steps(&release, "linux").iter();
        steps
            .enumerate()
            .find(|(_, step)| step["name"] == name)
            .unwrap()
    });
    assert!(attest.0 < publish.0);
    let subjects = attest.1["with"]["subject-path"].as_str().unwrap();
    let kinds = "rehearse-*.tar.gz\nrehearse-*.cdx.json\n*.deb\n*.whl\n*.tgz\nrehearse.rb";
    assert_eq!(subjects.trim(), kinds);
}

#[test]
fn files_of_pull_requests_need_no_secret_and_no_flag() {
    let text = std::fs::read_to_string(repository().join(PULL_REQUEST)).unwrap();
    assert!(!text.contains("secrets."), "{text}");
    for flag in ["--trust", "--env", "--allow", "--file-root", "--yes-load"] {
        assert!(!text.contains(flag), "{flag}");
    }
    let workflow = workflow(PULL_REQUEST);
    assert_eq!(workflow["on"], "pull_request");
    let runner = Runner::new(&[]);
    runner.check_out();
    for name in ["Check the files", "Smoke", "Summary"] {
        let job = &workflow["jobs"]["play"];
        let mut steps = steps(&workflow, "play").iter();
        let step = steps.find(|step| step["name"] == name).unwrap();
        runner.step(job, step).expect(0);
    }
    assert!(runner.summary().contains("smoke"), "{}", runner.summary());
}

#[test]
fn workflows_are_careful_and_alike() {
    let [nightly, template, supply] = [NIGHTLY, TEMPLATE, SUPPLY].map(workflow);
    for name in [
        "Compare with the nights before",
        "Summary",
        "Keep tonight for the nights to come",
    ] {
        let same = script(&template, "play", name);
        assert_eq!(script(&nightly, "play", name), same, "{name}");
    }
    let mut pins: BTreeMap<String, String> = BTreeMap::new();
    let pull_request = workflow(PULL_REQUEST);
    for workflow in [&nightly, &template, &supply, &pull_request] {
        assert_eq!(workflow["permissions"], serde_json::json!({}));
        assert!(workflow["concurrency"]["group"].is_string());
        let scheduled = workflow["on"] != "pull_request";
        assert!(!scheduled || workflow["on"]["schedule"][0]["cron"].is_string());
        for (name, job) in workflow["jobs"].as_object().unwrap() {
            assert!(job["timeout-minutes"].as_u64().unwrap() <= 60, "{name}");
            assert_eq!(job["permissions"]["contents"], "read", "{name}");
            assert!(!job["env"].to_string().contains("secrets."), "{name}");
            for step in job["steps"].as_array().unwrap() {
                // Whatever an expression holds would be a part of the script.
                let script = step["run"].as_str().unwrap_or_default();
                assert!(!script.contains("${{"), "{script}");
                let Some(uses) = step["uses"].as_str() else {
                    continue;
                };
                let (action, pin) = uses.split_once('@').unwrap();
                let is_commit = pin.len() == 40 && pin.bytes().all(|byte| byte.is_ascii_hexdigit());
                assert!(is_commit, "{uses}");
                let action = action.splitn(3, '/').take(2).collect::<Vec<_>>().join("/");
                let known = pins.entry(action).or_insert_with(|| pin.to_owned());
                assert_eq!(known, pin, "{uses}");
            }
        }
    }
}
