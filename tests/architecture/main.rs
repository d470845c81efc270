//! Walls that hold: which folder may import which, and no circles of files.
//! `docs/architecture.md` says the same in words.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test reads the source, and panics when something is not as it should be"
)]

mod floors;
mod graph;

use std::path::Path;

use floors::{CRATES, FLOORS, STRANGERS};
use graph::{Files, Graph};

/// What the largest circle may have: two files that belong together.
const MOST: usize = 2;

/// The files of this crate that are not for tests.
fn files() -> Files {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Files::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path
                .strip_prefix(&root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            let last = path.file_name().unwrap();
            if path.is_dir() && last != "tests" {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs")
                && last != "tests.rs"
                && name != "main.rs"
            {
                files.insert(name, std::fs::read_to_string(path).unwrap());
            }
        }
    }
    files
}

/// Arrows that run up, or between folders that must not know each other.
fn forbidden(graph: &Graph) -> Vec<String> {
    let floor = |folder: &str| FLOORS.iter().position(|floor| *floor == folder);
    let mut found = Vec::new();
    for ((from, to), shown) in graph.between_folders() {
        let mut strangers = STRANGERS.iter();
        let strange = strangers.any(|(one, others)| *one == from && others.contains(&to.as_str()));
        found.extend(match (floor(&from), floor(&to)) {
            (Some(_), Some(_)) if strange => {
                Some(format!("`{from}` must not know `{to}`: {shown}"))
            }
            (Some(above), Some(below)) if above < below => None,
            (Some(_), Some(_)) => Some(format!("`{to}` stands above `{from}`: {shown}")),
            _ => Some(format!("`{from}` or `{to}` stands on no floor: {shown}")),
        });
    }
    found
}

#[test]
fn a_folder_imports_only_from_floors_below_it() {
    let found = forbidden(&Graph::read(&files()));
    assert!(
        found.is_empty(),
        "{}\nsee docs/architecture.md",
        found.join("\n")
    );
}

#[test]
fn no_more_than_two_files_import_each_other_in_a_circle() {
    let graph = Graph::read(&files());
    let circles: Vec<String> = graph
        .circles(MOST)
        .iter()
        .map(|circle| {
            let arrow = |from: &String| {
                let inside = graph.arrows[from].intersection(circle);
                let to: Vec<&str> = inside.map(String::as_str).collect();
                format!("  {from} -> {}", to.join(", "))
            };
            let arrows: Vec<String> = circle.iter().map(arrow).collect();
            format!("{} files:\n{}", circle.len(), arrows.join("\n"))
        })
        .collect();
    assert!(
        circles.is_empty(),
        "{} circles: {}",
        circles.len(),
        circles.join("\n")
    );
}

/// What stands on these floors can be used without network and runtime.
#[test]
fn the_language_knows_no_network() {
    for (name, text) in files() {
        let folder = name.split('/').next().unwrap();
        for (floors, crates) in CRATES {
            for word in crates.iter().filter(|_| floors.contains(&folder)) {
                assert!(
                    !text.contains(&format!("{word}::")),
                    "src/{name} names `{word}`"
                );
            }
        }
    }
}

#[test]
fn every_floor_is_there() {
    let files = files();
    for floor in FLOORS {
        let there = |name: &String| {
            name.strip_prefix(floor)
                .is_some_and(|rest| rest.starts_with('/') || rest == ".rs")
        };
        assert!(files.keys().any(there), "no folder `src/{floor}`");
    }
}

fn graph_of(files: &[(&str, &str)]) -> Graph {
    let files = files
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    Graph::read(&files.collect())
}

#[test]
fn an_arrow_that_runs_up_is_found() {
    let upward = [
        ("lib.rs", "pub mod language; pub mod cli;"),
        ("language/mod.rs", "mod yaml;"),
        (
            "language/yaml.rs",
            "fn f() { println!(\"{}\", crate::cli::NAME); }",
        ),
        ("cli/mod.rs", "pub use name::NAME; mod name;"),
        ("cli/name.rs", "pub const NAME: &str = \"\";"),
    ];
    let found = forbidden(&graph_of(&upward));
    assert_eq!(
        found,
        ["`cli` stands above `language`: language/yaml.rs imports cli/name.rs"]
    );
}

#[test]
fn a_circle_is_found_through_re_exports_globs_and_macros() {
    let three = [
        ("lib.rs", "mod a;"),
        (
            "a/mod.rs",
            "mod b; mod c; mod d; pub use b::B; pub use self::c::*;",
        ),
        ("a/b.rs", "use super::C; pub struct B(C);"),
        ("a/c.rs", "pub struct C; fn f() { vec![super::d::D]; }"),
        ("a/d.rs", "pub struct D; impl D { fn f(_: crate::a::B) {} }"),
    ];
    let circles = graph_of(&three).circles(MOST);
    assert_eq!(circles.len(), 1);
    assert_eq!(circles[0].len(), 3);
    // What is only for tests is no import.
    let cut = three.map(|(name, text)| match name {
        "a/d.rs" => (
            name,
            "pub struct D; #[cfg(test)] mod tests { use crate::a::B; }",
        ),
        _ => (name, text),
    });
    assert!(graph_of(&cut).circles(MOST).is_empty());
}
