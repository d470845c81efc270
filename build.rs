//! Tells the program with what it was built: the report names it.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=REHEARSE_COMMIT");
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    set("REHEARSE_RUSTC", said(&rustc, &["--version"]));
    let given = std::env::var("REHEARSE_COMMIT").ok();
    // A debug build is not built anew because of a commit, so it would tell an
    // old one.
    let release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let here = release && Path::new(".git").exists();
    if here {
        println!("cargo::rerun-if-changed=.git/HEAD");
        println!("cargo::rerun-if-changed=.git/logs/HEAD");
    }
    let commit = given.or_else(|| {
        here.then(|| said("git", &["rev-parse", "--short=12", "HEAD"]))
            .flatten()
    });
    set("REHEARSE_COMMIT", commit);
}

/// Not set when it is not known.
fn set(name: &str, value: Option<String>) {
    if let Some(value) = value {
        println!("cargo::rustc-env={name}={value}");
    }
}

fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let line = text.lines().next()?.trim();
    (output.status.success() && !line.is_empty()).then(|| line.to_owned())
}
