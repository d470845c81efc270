//! The scenarios that come with the tool.

use std::path::Path;

use crate::document::{Known, parse};
use crate::engine::BLOCKS;
use crate::engine::executor::EXECUTORS;
use crate::language::{Environment, Look, Permissions, Source};
use crate::steps::STEPS;

#[test]
fn shipped_scenarios_are_well_formed() {
    // Not those of the other tests: what is shipped may use everything.
    let steps: Vec<&str> = STEPS.iter().map(|kind| kind.name).collect();
    let executors: Vec<&str> = EXECUTORS.iter().map(|kind| kind.name).collect();
    let blocks: Vec<&str> = BLOCKS.iter().map(|kind| kind.name).collect();
    let known = Known {
        beside: crate::steps::BESIDE_NAMES,
        executors: &executors,
        blocks: &blocks,
        steps: &steps,
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut seen = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let source = Source::read(&file.unwrap().path()).unwrap();
        let (document, cx) = parse(
            &source,
            &known,
            &Environment::default().with(Permissions::all()),
        );
        let shown = cx.problems.render(&cx.files.sources, Look::Plain);
        assert!(cx.problems.is_empty(), "{shown}");
        seen += document.unwrap().scenarios.len();
    }
    assert!(seen >= 2);
}
