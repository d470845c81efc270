//! What pages say that a test holds is held: each row of their tables names a
//! test, and there is one of that name.

use std::collections::BTreeSet;
use std::path::Path;

use regex::Regex;

/// Pages whose tables end with the tests of each row, and how many rows they have
/// at least.
const PAGES: &[(&str, usize)] = &[("docs/red-team.md", 25), ("docs/ceilings.md", 40)];

/// The head of that column.
const HELD: &str = "| held by |";

/// Adds the names of all tests below a folder.
fn add_tests(folder: &Path, names: &mut BTreeSet<String>) {
    let pattern =
        r"#\[(?:tokio::)?test(?:\([^)]*\))?\]\s*(?:(?:#\[[^\]]*\]|//.*)\s*)*(?:async )?fn (\w+)";
    let pattern = Regex::new(pattern).unwrap();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            add_tests(&path, names);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            names.extend(
                pattern
                    .captures_iter(&text)
                    .map(|found| found[1].to_owned()),
            );
        }
    }
}

/// The last cell of each row of the tables that have such a column.
fn cells(page: &str) -> Vec<&str> {
    let tables = page.split("\n\n").filter(|part| {
        let head = part.lines().next().unwrap_or_default();
        head.ends_with(HELD)
    });
    let rows = tables.flat_map(|table| table.lines().skip(2));
    rows.map(|row| row.trim_end_matches(" |").rsplit(" | ").next().unwrap())
        .collect()
}

#[test]
fn each_row_names_a_test_that_is_there() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tests = BTreeSet::new();
    for folder in ["src", "tests"] {
        add_tests(&repository.join(folder), &mut tests);
    }
    assert!(tests.len() > 1000, "{}", tests.len());
    let mut wrong = Vec::new();
    for (page, least) in PAGES {
        let text = std::fs::read_to_string(repository.join(page)).unwrap();
        let cells = cells(&text);
        assert!(cells.len() >= *least, "{page}: {}", cells.len());
        for cell in cells {
            let names: Vec<&str> = cell.split('`').skip(1).step_by(2).collect();
            let known = |name: &&str| tests.contains(*name);
            if names.is_empty() || !names.iter().all(known) {
                wrong.push(format!("{page}: {cell}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
