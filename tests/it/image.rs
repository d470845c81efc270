//! The Dockerfile, as far as it can be looked at without building an image.

use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::cargo::cargo_bin;

use crate::work::Ended;

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    std::fs::read_to_string(repository().join(name)).unwrap()
}

/// The instructions of the Dockerfile, each on one line.
fn instructions() -> Vec<String> {
    let text = read("Dockerfile").replace("\\\n", " ");
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

/// What is copied out of the build context.
fn copied() -> Vec<String> {
    let copies = instructions();
    let copies = copies.iter().filter_map(|line| line.strip_prefix("COPY "));
    let copies = copies.filter(|arguments| !arguments.contains("--from="));
    let sources = copies.flat_map(|arguments| {
        let mut words: Vec<&str> = arguments.split_whitespace().collect();
        words.pop();
        words.into_iter().map(str::to_owned).collect::<Vec<_>>()
    });
    sources.collect()
}

#[test]
fn what_is_copied_is_there_and_not_ignored() {
    let ignore = read(".dockerignore");
    let mut lines = ignore.lines().filter(|line| !line.starts_with('#'));
    assert_eq!(lines.next(), Some("*"), "nothing but what is named");
    let mut allowed: Vec<&str> = lines.map(|line| line.strip_prefix('!').unwrap()).collect();
    let mut copied = copied();
    copied.sort();
    allowed.sort_unstable();
    assert_eq!(copied, allowed);
    for name in copied {
        assert!(repository().join(&name).exists(), "{name}");
    }
}

#[test]
fn what_is_copied_is_all_that_cargo_needs() {
    let context = tempfile::tempdir().unwrap();
    for name in copied() {
        std::os::unix::fs::symlink(repository().join(&name), context.path().join(&name)).unwrap();
    }
    // Cargo looks at the manifest and all that it names before it looks for what
    // is to be built. Nothing is.
    let build = Command::new(env!("CARGO"))
        .args(["check", "--offline", "--locked", "--bin", "no-such-binary"])
        .current_dir(context.path())
        .output()
        .unwrap();
    let ended = Ended::new(&build);
    assert!(ended.err.contains("no bin target named"), "{}", ended.err);
    // Files that the sources include are among the sources.
    for path in sources(&repository().join("src")) {
        let text = std::fs::read_to_string(&path).unwrap();
        let tests = path.components().any(|part| part.as_os_str() == "tests")
            || path.ends_with("tests.rs")
            || path.ends_with("known.rs");
        for part in text.split("include_").skip(1).filter(|_| !tests) {
            let Some(file) = part.split('"').nth(1).filter(|_| part.contains("!(")) else {
                continue;
            };
            let file = path.parent().unwrap().join(file);
            let file = file.canonicalize().unwrap_or(file);
            let inside = file.starts_with(repository().join("src"));
            assert!(inside, "{} includes {}", path.display(), file.display());
        }
    }
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let all = paths.flat_map(|path| {
        if path.is_dir() {
            sources(&path)
        } else {
            vec![path]
        }
    });
    all.filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

#[test]
fn it_is_built_with_the_oldest_toolchain_that_is_promised() {
    let manifest = read("Cargo.toml");
    let promised = manifest
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = "))
        .unwrap()
        .trim_matches('"');
    let from: Vec<String> = instructions()
        .iter()
        .filter_map(|line| line.strip_prefix("FROM ").map(str::to_owned))
        .collect();
    assert_eq!(from[0], format!("rust:{promised}-bookworm AS build"));
    assert_eq!(from[1], "gcr.io/distroless/cc-debian12:nonroot");
    let readme = read("README.md");
    let words: Vec<&str> = readme.split_whitespace().collect();
    assert!(words.join(" ").contains(&format!("({promised} or newer)")));
}

/// The libraries of Debian's packages libc6 and libgcc-s1, which
/// `distroless/cc` has.
const IN_THE_IMAGE: &[&str] = &[
    "linux-vdso.so.1",
    "ld-linux-x86-64.so.2",
    "ld-linux-aarch64.so.1",
    "libc.so.6",
    "libm.so.6",
    "libdl.so.2",
    "librt.so.1",
    "libpthread.so.0",
    "libgcc_s.so.1",
];

#[test]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn the_image_has_the_libraries_of_the_binary() {
    let ldd = Command::new("ldd").arg(cargo_bin!("rehearse")).output();
    let wanted = Ended::new(&ldd.unwrap()).expect(0).out;
    let mut seen = 0;
    for line in wanted.lines() {
        let name = line.split_whitespace().next().unwrap();
        let name = Path::new(name).file_name().unwrap().to_str().unwrap();
        assert!(IN_THE_IMAGE.contains(&name), "{name} is not in the image");
        seen += 1;
    }
    assert!(seen >= 3, "{wanted}");
}

#[test]
fn it_runs_as_a_user_without_rights_and_without_a_shell() {
    let instructions = instructions();
    let last = |name: &str| {
        let mut lines = instructions.iter().rev();
        lines
            .find_map(|line| line.strip_prefix(name))
            .unwrap()
            .to_owned()
    };
    assert_eq!(last("USER "), "65532:65532");
    assert_eq!(last("ENTRYPOINT "), r#"["/usr/local/bin/rehearse"]"#);
    let secrets = instructions.iter().any(|line| {
        let line = line.to_lowercase();
        (line.starts_with("arg ") || line.starts_with("env "))
            && ["passphrase", "token", "password", "secret"]
                .iter()
                .any(|word| line.contains(word))
    });
    assert!(!secrets, "a secret would stay in the image");
}
