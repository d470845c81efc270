//! The names that expressions of a file can use, and where they come from.

use crate::document::sites::capture_sites;
use crate::engine::KNOWN;
use crate::expression::built_ins::{FUNCTIONS, ROUND, VARIABLES};
use crate::language::{Node, Span, Text};

use super::cursor::has;

/// A name, what it is, and where it is given; what is built in has no place.
pub(super) struct Name {
    pub(super) text: String,
    pub(super) about: String,
    pub(super) at: Option<Span>,
    /// The kind of the step whose whole result it is.
    pub(super) step: Option<String>,
}

/// Names that can be used at a place: the nearest before it come first, those that are
/// built in last.
pub(super) fn names_at(root: &Node, at: usize) -> Vec<Name> {
    let mut names = captured(root, at);
    for scenario in root.entry("scenarios").into_iter().flat_map(Node::entries) {
        names.extend(fed(root, scenario.1, at));
    }
    for (key, what) in [("params", "parameter"), ("vars", "variable")] {
        let entries = root.entry(key).into_iter().flat_map(Node::entries);
        names.extend(entries.map(|(name, value)| {
            let value = value.scalar().map(|text| format!(": `{}`", text.as_str()));
            named(
                name,
                format!("{what} of `{key}`{}", value.unwrap_or_default()),
            )
        }));
    }
    let built_in = |name: &&str| Name {
        text: (*name).to_owned(),
        about: "built in".to_owned(),
        at: None,
        step: None,
    };
    let built_ins = VARIABLES.iter().chain([&ROUND]).chain(FUNCTIONS);
    names.extend(built_ins.map(built_in));
    names
}

fn named(name: &Text, about: String) -> Name {
    Name {
        text: name.text.clone(),
        about,
        at: Some(name.span),
        step: None,
    }
}

/// What steps of the same list capture, and those of setup.
fn captured(root: &Node, at: usize) -> Vec<Name> {
    let lists = lists(root).into_iter();
    let lists = lists.filter(|(of_setup, steps)| *of_setup || has(steps.span, at));
    let mut sites: Vec<(bool, Name)> = Vec::new();
    for (of_setup, steps) in lists {
        for site in capture_sites(steps, &KNOWN) {
            let kind = &site.kind;
            let name = Name {
                // With `fails` it is a failure, with `repeat` a list.
                step: (!site.part && site.form.ends_with("false false")).then(|| kind.clone()),
                about: match (site.part, of_setup) {
                    (true, _) => "captured of a result by `capture`".to_owned(),
                    (false, true) => format!("result of `{kind}` in setup"),
                    (false, false) => format!("result of `{kind}`"),
                },
                text: site.name,
                at: Some(site.at),
            };
            sites.push((site.at.start <= at, name));
        }
    }
    // What comes later in the file is captured in a loop at most.
    let (mut before, after): (Vec<_>, Vec<_>) = sites.into_iter().partition(|(before, _)| *before);
    before.reverse();
    before
        .into_iter()
        .chain(after)
        .map(|(_, name)| name)
        .collect()
}

/// Every list of steps of a file, and whether it is that of setup.
pub(super) fn lists(root: &Node) -> Vec<(bool, &Node)> {
    let mut lists = Vec::new();
    for (key, node) in root.entries() {
        match key.as_str() {
            "setup" => lists.push((true, node)),
            "teardown" | "steps" => lists.push((false, node)),
            "scenarios" => {
                let scenarios = node.entries();
                lists.extend(scenarios.filter_map(|(_, it)| Some((false, it.entry("steps")?))));
            }
            _ => {}
        }
    }
    lists
}

/// Feeders of which the scenario around the place has a row.
fn fed(root: &Node, scenario: &Node, at: usize) -> Vec<Name> {
    let feed = scenario.entry("feed").filter(|_| has(scenario.span, at));
    let feeders = || root.entry("feeders").into_iter().flat_map(Node::entries);
    let rows = feed.into_iter().flat_map(Node::items);
    rows.filter_map(Node::scalar)
        .map(|name| {
            let mut feeders = feeders();
            let given = feeders.find(|(known, _)| known.text == name.text);
            named(
                given.map_or(name, |(known, _)| known),
                "row of a feeder".to_owned(),
            )
        })
        .collect()
}

/// The path `a.b.c` that a place of a text is in, as far as the place, and where its name
/// begins.
pub(super) fn path_at(text: &str, at: usize) -> Option<&str> {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    let start = text.get(..at)?.trim_end_matches(part).len();
    let end = text[at..].find(|c| !part(c) || c == '.');
    let path = &text[start..end.map_or(text.len(), |end| at + end)];
    (!path.is_empty()).then_some(path)
}

/// Whether a place of a text is between `{{` and `}}`.
pub(super) fn in_braces(text: &str, at: usize) -> bool {
    let before = &text[..at];
    let opened = before.rfind("{{");
    opened.is_some_and(|open| before.rfind("}}").is_none_or(|close| close < open))
}
