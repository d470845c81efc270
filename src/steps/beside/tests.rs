//! What a further key beside a step costs.

use super::kind::{Beside, BesideKind, Draft, Next, Stage};
use crate::document::{ReadContext, StepDoc};
use crate::language::{Key, Node, Problem, Read, Shape, Source, Text, yaml};
use crate::steps::step::Played;
use crate::steps::user::VirtualUser;

const HUSH: BesideKind = BesideKind {
    key: Key::new("hush", "who is told to be quiet", || Shape::Text),
    read: &[(Stage::Play, |node, draft, cx| {
        if let Some(whom) = Text::read(node, cx) {
            draft.beside.push(Box::new(Hush(whom.text)));
        }
    })],
};

struct Hush(String);

impl Beside for Hush {
    fn remark(&self) -> Option<String> {
        Some(format!("{} is quiet", self.0))
    }

    fn play<'a>(&'a self, step: Next<'a>, user: &'a mut VirtualUser) -> Played<'a> {
        step.play(user)
    }
}

/// What is planned for a step with this beside it, and what is wrong with it.
fn read(text: &str) -> (Vec<String>, usize, Vec<String>) {
    let mut cx = ReadContext::default();
    let node = yaml::load(&Source::new("a", text), &mut cx.problems).unwrap();
    let mut document = StepDoc::bare(Text::bare("reload"), Node::empty(node.label()));
    document.beside.push((Text::bare("hush"), node));
    let mut draft = Draft::new(&document);
    draft.read(&[HUSH], Stage::Turns, &mut cx);
    assert_eq!(draft.beside.len(), 0, "it is read with the step");
    draft.read(&[HUSH], Stage::Play, &mut cx);
    let messages = cx.problems.iter().map(Problem::message).map(str::to_owned);
    let messages = messages.collect();
    let remarks = draft.beside.iter().filter_map(|key| key.remark());
    (remarks.collect(), draft.beside.len(), messages)
}

#[test]
fn a_key_is_one_row_that_is_read_and_that_the_step_is_played_through() {
    assert_eq!(
        read("Ada"),
        (vec!["Ada is quiet".to_owned()], 1, Vec::new())
    );
    assert_eq!(
        read("[Ada]"),
        (
            Vec::new(),
            0,
            vec!["expected a text, found a list".to_owned()]
        )
    );
}
