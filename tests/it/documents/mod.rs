//! What documents show is tried: each block of YAML, and each command of the tutorial and the how-tos.
//!
//! A fence says what its block is:
//!
//! | fence | what happens |
//! | --- | --- |
//! | `yaml` | a whole scenario: it is played |
//! | `yaml steps` | a list of steps: a scenario is put around it, and checked; `given=sample` puts a step before it |
//! | `yaml part` | other parts of a scenario file: the same |
//! | `yaml library file=NAME` | a library: it is checked, and can be included further down |
//! | `yaml target`, `yaml target part` | a target, or some keys of one: a dry run is made with it |
//! | `yaml github`, `yaml github steps`, `yaml gitlab`, `yaml kubernetes` | checked by `tests/packaging/run` |
//! | `yaml prometheus` | checked by `tests/reports/run` |
//! | `sh` | commands: run, in the tutorial and the how-tos; `exit=1` says how they end |
//! | `sh not-run` | commands that cannot be run here; their options are looked at all the same |
//!
//! `file=NAME` writes a block, of whatever language, for the blocks after it.

pub mod fence;
mod held;
mod links;
mod options;
mod shorten;
mod stage;

use std::path::{Path, PathBuf};

use fence::{blocks, documents};
use stage::Stage;

/// Whether it is read from its beginning to its end, and done on the way.
fn is_followed(document: &Path) -> bool {
    document.ends_with("docs/tutorial.md")
        || document
            .parent()
            .is_some_and(|folder| folder.ends_with("docs/howto"))
}

/// Tries all blocks of a document, in their order.
fn try_out(document: &Path) {
    let blocks = blocks(document);
    if blocks
        .iter()
        .all(|block| block.language != "yaml" && !is_followed(document))
    {
        return;
    }
    let stage = Stage::new();
    // Nothing is built once more.
    stage.pretend("cargo");
    for block in &blocks {
        match &*block.language {
            "yaml" => stage.yaml(block),
            "sh" if is_followed(document) => stage.shell(block),
            _ => {
                if let Some(file) = &block.file {
                    stage.write(file, &block.text);
                }
            }
        }
    }
}

/// Two at a time: they wait more than they work. With `DOCUMENT=part-of-a-path`
/// in the environment, only those.
fn try_all(documents: &[PathBuf]) {
    let only = std::env::var("DOCUMENT").unwrap_or_default();
    let asked = |path: &&PathBuf| path.to_string_lossy().contains(&only);
    let documents: Vec<&PathBuf> = documents.iter().filter(asked).collect();
    for pair in documents.chunks(2) {
        std::thread::scope(|scope| {
            for document in pair {
                scope.spawn(|| try_out(document));
            }
        });
    }
}

#[test]
fn every_block_of_yaml_in_the_reference_is_right() {
    let (_, reference): (Vec<_>, Vec<_>) =
        documents().into_iter().partition(|path| is_followed(path));
    assert!(reference.len() > 10, "{reference:?}");
    try_all(&reference);
}

#[test]
fn the_tutorial_and_the_how_tos_can_be_followed() {
    let (followed, _): (Vec<_>, Vec<_>) =
        documents().into_iter().partition(|path| is_followed(path));
    try_all(&followed);
}

#[test]
fn a_fence_is_of_a_language_that_is_known() {
    let known = ["yaml", "sh", "text", "json", "csv", "lua", "rust", "toml"];
    let mut yaml = 0;
    for document in documents() {
        for block in blocks(&document) {
            let language = &*block.language;
            // No block of YAML escapes under another name.
            assert!(known.contains(&language), "{}: `{language}`", block.place);
            yaml += usize::from(language == "yaml");
        }
    }
    assert!(yaml > 40, "{yaml}");
}
