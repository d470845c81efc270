//! What a file is, told by what it says.

use super::problem::Problems;
use super::source::Source;
use super::yaml;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// What is played.
    Scenario,
    /// Where the traffic goes.
    Target,
    /// Steps that scenarios include.
    Library,
}

/// Whether a file of a folder is played with the others: it has `scenarios`, or
/// would have if its YAML were right.
pub fn has_scenarios(source: &Source) -> bool {
    match yaml::load(source, &mut Problems::default()) {
        Some(root) => root.entries().any(|(key, _)| key.text == "scenarios"),
        None => source
            .text()
            .lines()
            .any(|line| line.starts_with("scenarios:")),
    }
}

impl FileKind {
    /// Tells it by the keys at the top; a file with none of them is taken for a
    /// scenario.
    pub fn of(source: &Source) -> Self {
        Self::told(source).unwrap_or(Self::Scenario)
    }

    /// The same, where a file in YAML with none of those keys is something else.
    pub fn told(source: &Source) -> Option<Self> {
        let root = yaml::load(source, &mut Problems::default());
        let has = |keys: &[&str]| match &root {
            Some(root) => root
                .entries()
                .any(|(key, _)| keys.contains(&key.text.as_str())),
            // What cannot be read is told by its lines.
            None => source.text().lines().any(|line| {
                let key = line.split_once(':').map_or("", |(key, _)| key.trim_end());
                keys.contains(&key)
            }),
        };
        if has(&["scenarios"]) {
            Some(Self::Scenario)
        } else if has(&["api_url", "gateway_url", "spec_id", "otp", "extends"]) {
            Some(Self::Target)
        } else if has(&["steps", "params"]) {
            Some(Self::Library)
        } else {
            None
        }
    }
}
