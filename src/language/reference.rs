//! The language as a page of documentation.

use std::fmt::Write;

use super::schema::sentence;
use super::shape::{Key, Keyed, Kind, Language, Shape, Tagged};

/// What there is no other word for.
const MUST: &str = "must be there";

/// Every key of every kind of file, in Markdown.
pub fn reference(language: &Language) -> String {
    let mut page = Page::default();
    page.line(
        "# Reference\n\n\
         Every key of scenario files, libraries and target files. This page is made by \
         `rehearse schema --markdown` from what reads them, as the JSON Schemas beside it are; \
         [scenario.md](scenario.md), [target.md](target.md) and [otp.md](otp.md) explain.",
    );
    page.part("A scenario file", &language.scenario);
    for named in &language.named {
        page.part(named.title, &named.shape);
    }
    page.part("A library of steps", &language.library);
    page.part("A target file", &language.target);
    page.0
}

#[derive(Default)]
struct Page(String);

impl Page {
    /// Writing to a text does not fail.
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.0, "{text}");
    }

    fn part(&mut self, title: &str, shape: &Shape) {
        match shape {
            // What it is a list of has a part of its own.
            Shape::List(_) => {}
            Shape::Keyed(keyed) => self.keyed(keyed),
            Shape::Tagged(tagged) => self.tagged(title, tagged),
            Shape::Layer(keys, layer) => {
                self.line(&format!("\n## {title}\n"));
                self.line(&format!(
                    "With `{}`, nothing else must be there.\n",
                    layer.name
                ));
                let keys: Vec<Key> = keys.iter().chain([layer]).copied().collect();
                self.table(&keys);
            }
            _ => {
                self.line(&format!("\n## {title}\n"));
                self.body(shape);
            }
        }
    }

    /// What stands below a name: keys, or something else.
    fn body(&mut self, shape: &Shape) {
        let keys = keys_of(shape);
        if !matches!(shape, Shape::Mapping(_)) {
            self.line(&format!("Written as {}.", words(shape)));
            if !keys.is_empty() {
                self.line("");
            }
        }
        if keys.is_empty() && matches!(shape, Shape::Mapping(_)) {
            self.line("It takes no arguments.");
        } else if !keys.is_empty() {
            self.table(&keys);
        }
    }

    fn table(&mut self, keys: &[Key]) {
        self.head();
        for key in keys {
            self.row("", key);
        }
    }

    fn head(&mut self) {
        self.line("| key | what | value | if left out |\n| --- | --- | --- | --- |");
    }

    fn row(&mut self, before: &str, key: &Key) {
        let name = format!("{before}{}", key.name);
        let shape = key.shape();
        let left_out = match key.default() {
            Some(default) => format!("`{}`", plain(&default)),
            None if key.is_required() => MUST.to_owned(),
            None => String::new(),
        };
        let example = key.example_of_its_own();
        let example = example.map_or_else(String::new, |it| format!(", for example `{it}`"));
        self.line(&format!(
            "| `{name}` | {} | {}{} | {left_out} |",
            cell(key.about),
            cell(&words(&shape)),
            cell(&example)
        ));
        for inner in keys_of(&shape) {
            self.row(&format!("{name}."), &inner);
        }
    }

    fn kinds(&mut self, kinds: &[Kind]) {
        for kind in kinds {
            self.line(&format!(
                "\n### `{}`\n\n{}\n",
                kind.name,
                sentence(kind.about)
            ));
            self.body(&kind.shape);
        }
    }

    fn keyed(&mut self, keyed: &Keyed) {
        self.line("\n## Steps\n\nAn item of a list of steps is one of these, with");
        self.line("what stands beside it, or a block.");
        self.kinds(&keyed.steps);
        self.line("\n## Beside a step\n");
        self.table(&keyed.beside);
        self.line("\n## Blocks");
        self.kinds(&keyed.blocks);
        self.line("\n## Beside a block\n");
        self.table(&keyed.beside_blocks);
    }

    fn tagged(&mut self, title: &str, tagged: &Tagged) {
        self.line(&format!("\n## {title}\n"));
        let tag = tagged.tag.name;
        let kinds = tagged.kinds.iter().map(|kind| kind.name);
        let left_out = tagged.default.map(|word| format!("`{word}`"));
        self.head();
        self.line(&format!(
            "| `{tag}` | {} | {} | {} |",
            tagged.tag.about,
            words(&Shape::Words(kinds.collect())),
            left_out.as_deref().unwrap_or(MUST),
        ));
        tagged.common.iter().for_each(|key| self.row("", key));
        for kind in &tagged.kinds {
            self.line(&format!(
                "\n### `{tag}: {}`\n\n{}\n",
                kind.name,
                sentence(kind.about)
            ));
            self.body(&kind.shape);
        }
    }
}

/// The keys of a mapping, also where it is one of several forms.
fn keys_of(shape: &Shape) -> Vec<Key> {
    match shape {
        Shape::Mapping(keys) => keys.clone(),
        Shape::List(item) => keys_of(item),
        Shape::Either(shapes) => shapes
            .iter()
            .map(keys_of)
            .find(|keys| !keys.is_empty())
            .unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// What can be written, in words.
fn words(shape: &Shape) -> String {
    match shape {
        Shape::Any => "any value".to_owned(),
        Shape::Text => "text".to_owned(),
        Shape::Condition => "condition".to_owned(),
        Shape::Whole(0) => "whole number".to_owned(),
        Shape::Whole(least) => format!("whole number from {least}"),
        Shape::Number => "number".to_owned(),
        Shape::Bool => "`true` or `false`".to_owned(),
        Shape::Form(_, expected, _) => (*expected).to_owned(),
        Shape::Expression => "expression".to_owned(),
        Shape::Words(words) => {
            let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
            words.join(", ")
        }
        Shape::List(item) => match &**item {
            Shape::Named("step") => "list of steps".to_owned(),
            Shape::Either(_) => format!("list of ({})", words(item)),
            item => format!("list of {}", plural(&words(item))),
        },
        Shape::Entries(value) => match &**value {
            Shape::Any => "mapping".to_owned(),
            value => format!("mapping from a name to {}", words(value)),
        },
        Shape::Mapping(_) | Shape::Tagged(_) | Shape::Keyed(_) | Shape::Layer(..) => {
            "mapping".to_owned()
        }
        Shape::Either(shapes) => {
            let each: Vec<String> = shapes.iter().map(words).collect();
            each.join(", or ")
        }
        Shape::Nothing => "nothing".to_owned(),
        Shape::Named("steps") => "list of steps".to_owned(),
        Shape::Named(name) => format!("[{}](#{})", name.replace('_', " "), anchor(name)),
    }
}

/// Where on the page something with a name is.
fn anchor(name: &str) -> &'static str {
    match name {
        "scenario" => "a-scenario",
        "feeder" => "a-feeder",
        "rate_limit" => "a-rate-limit",
        "condition" => "a-condition-of-a-threshold",
        "capture" => "capture",
        "retry" => "retry",
        "matchers" => "a-matcher",
        "keys" => "keys",
        "otp" => "otp",
        "think_time" => "think_time",
        "secret" => "a-secret",
        _ => "steps",
    }
}

/// One or several.
fn plural(words: &str) -> String {
    match words {
        "mapping" | "text" | "condition" => format!("{words}s"),
        "list of steps" => "lists of steps".to_owned(),
        _ => words.to_owned(),
    }
}

fn plain(value: &serde_json::Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// In a table, a bar would end the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
