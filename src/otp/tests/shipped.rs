//! Target files and examples that this repository ships.

use std::path::Path;

use super::in_target;
use crate::language::Source;

/// `{env: NAME}` as a text, and without files of certificates: tests do not
/// depend on what is around them.
fn without_surroundings(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.contains("ca_file:"));
    let text = lines.collect::<Vec<_>>().join("\n");
    let mut parts = text.split("{env:");
    let mut written = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (_, rest) = part.split_once('}').unwrap();
        written.push_str("from-the-environment");
        written.push_str(rest);
    }
    written
}

#[test]
fn every_target_file_is_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/targets");
    let mut read = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        let text = without_surroundings(&std::fs::read_to_string(&path).unwrap());
        // Not a whole target; tests/it/targets.rs reads it with what it extends.
        if text.contains("\nextends:") {
            continue;
        }
        let source = in_target(&Source::new(path.display().to_string(), text));
        assert!(source.is_ok(), "{}", source.err().unwrap_or_default());
        read += 1;
    }
    assert!(read >= 2);
}
