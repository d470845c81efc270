//! The commit of what is tested.

/// The commit of what is tested: as CI tells it, or that of this folder.
pub(super) fn commit() -> Option<String> {
    let told = ["GITHUB_SHA", "CI_COMMIT_SHA", "GIT_COMMIT"];
    let told = told.iter().find_map(|name| std::env::var(name).ok());
    let asked = || {
        let mut git = std::process::Command::new("git");
        let output = git.args(["rev-parse", "HEAD"]).output().ok()?;
        String::from_utf8(output.stdout).ok()
    };
    let commit = told.or_else(asked)?;
    let commit = commit.trim();
    let is_one = commit.len() >= 12 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_one.then(|| commit[..12].to_owned())
}
