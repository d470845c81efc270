//! Wherever somebody stands in a file, whole or cut off there, there is an answer.

use super::complete::complete;
use super::definition::definition;
use super::hover::hover;
use crate::engine::language;
use crate::language::{Environment, FileKind, Problems, Source, yaml};

/// Not each place, which would take minutes; the files are many.
const STEP: usize = 97;

#[test]
fn every_place_of_what_is_shipped_can_be_asked_about() {
    let language = language();
    let environment = Environment::default();
    let (mut offered, mut explained) = (0, 0);
    for file in std::fs::read_dir("scenarios").unwrap() {
        let Ok(whole) = Source::read(&file.unwrap().path()) else {
            continue;
        };
        let root = yaml::load(&whole, &mut Problems::default()).unwrap();
        let kind = FileKind::of(&whole);
        let places = whole.text().char_indices().map(|(at, _)| at);
        for at in places.step_by(STEP) {
            offered += complete(&whole, at, &language).len();
            let cut = Source::new("cut.yaml", &whole.text()[..at]);
            offered += complete(&cut, at, &language).len();
            explained += usize::from(hover(&root, whole.text(), at, kind, &language).is_some());
            let _ = definition(&root, &whole, at, kind, &language, &environment);
        }
    }
    assert!(offered > 1000 && explained > 50, "{offered}, {explained}");
}
