//! From lists of steps as they are written to what is played.

use std::path::PathBuf;
use std::sync::Arc;

use super::block::{Block, Flow, Item, each_step};
use crate::document::{
    BlockDoc, ItemDoc, Known, Library, ReadContext, StepDoc, begin_steps, read_items, steps_shape,
};
use crate::engine::selection::Selection;
use crate::expression::Captures;
use crate::language::{Fields, Key, Kind, Node, Problem, Shape, Table, Text, show_value};
use crate::steps::{self, PlannedStep};

/// A kind of block.
pub struct BlockKind {
    /// The name that a user writes.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub about: &'static str,
    /// What stands below its name, most often a [`Table`].
    pub body: Body,
    /// Reads it; problems go to the compiler's context.
    pub compile: Compile,
}

/// What stands below the name of a block.
pub enum Body {
    /// A mapping with these keys.
    Fields(Table),
    /// Something else.
    Other(fn() -> Shape),
}

impl BlockKind {
    /// What it is in the language.
    pub fn kind(&self) -> Kind {
        Kind {
            name: self.name,
            about: self.about,
            shape: match &self.body {
                Body::Fields(table) => table.shape(),
                Body::Other(shape) => shape(),
            },
        }
    }
}

/// `steps`, wherever there is a list of them.
pub(super) const STEPS: Key = list_of_steps("steps", "what is played").required();

/// A key with a list of steps.
pub(super) const fn list_of_steps(name: &'static str, about: &'static str) -> Key {
    Key::new(name, about, steps_shape).expecting("a list of steps")
}

/// Makes a block of what is written.
pub type Compile = fn(&BlockDoc, &mut Compiler<'_>) -> Option<Box<dyn Block>>;

/// Reads the steps of one scenario.
pub struct Compiler<'c> {
    /// Where problems go, and which variables there are.
    pub(in crate::engine) cx: &'c mut ReadContext,
    blocks: &'static [BlockKind],
    known: Known<'c>,
    selection: &'c Selection,
    labels: Vec<Arc<str>>,
    groups: Vec<Arc<str>>,
    choices: usize,
    logs: usize,
    /// `setup` or `teardown`, when the steps are theirs.
    pub(super) once: Option<&'static str>,
    /// Names of the groups and alternatives around.
    around: Vec<String>,
}

impl<'c> Compiler<'c> {
    /// For steps that see the names which `cx` has now, with these kinds of blocks.
    pub fn new(
        cx: &'c mut ReadContext,
        blocks: &'static [BlockKind],
        known: Known<'c>,
        selection: &'c Selection,
    ) -> Self {
        Self {
            cx,
            blocks,
            known,
            selection,
            labels: Vec::new(),
            groups: Vec::new(),
            choices: 0,
            logs: 0,
            once: None,
            around: Vec::new(),
        }
    }

    /// For the steps of `setup` or `teardown`, which are played once.
    #[must_use]
    pub fn once(mut self, part: &'static str) -> Self {
        self.once = Some(part);
        self
    }

    /// Reads all steps. Every one is read, so that all problems are told at
    /// once.
    pub fn flow(mut self, steps: &Node) -> Option<Flow> {
        begin_steps(steps, &self.known, self.cx);
        let items = self.list(steps)?;
        Some(Flow::new(items, self.labels, self.groups))
    }

    pub(super) fn list(&mut self, steps: &Node) -> Option<Vec<Item>> {
        let documents = read_items(steps, &self.known, self.cx);
        let items: Vec<Option<Item>> = documents.iter().map(|item| self.item(item)).collect();
        items.into_iter().collect()
    }

    /// Reads the list of steps under `steps`, which must be there.
    pub(super) fn steps(&mut self, fields: &mut Fields<'_>) -> Option<Vec<Item>> {
        let node = fields.demand(&STEPS, self.cx)?;
        self.list(node)
    }

    /// Reads a part of which it is not sure that it is played, or that what
    /// comes after it can see what it captures.
    pub(super) fn apart<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> (T, Captures) {
        self.cx.names.push_scope();
        let read = read(self);
        (read, self.cx.names.pop_scope())
    }

    /// Reads a library, which sees nothing of the file that includes it.
    pub(super) fn in_library<T>(
        &mut self,
        library: &Library,
        folder: PathBuf,
        read: impl FnOnce(&mut Self) -> T,
    ) -> (T, Captures) {
        let outside = self.cx.enter(library, folder);
        let read = read(self);
        (read, self.cx.leave(outside))
    }

    /// Begins to read the steps of a library.
    pub(super) fn begin(&mut self, steps: &Node) {
        begin_steps(steps, &self.known, self.cx);
    }

    /// Reads something in which `round` is there.
    pub(super) fn in_rounds<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.cx.names.set_rounds(true);
        let read = read(self);
        self.cx.names.set_rounds(before);
        read
    }

    /// Reads something whose steps have this name before their own.
    pub(super) fn named<T>(&mut self, name: Option<&str>, read: impl FnOnce(&mut Self) -> T) -> T {
        self.around.extend(name.map(str::to_owned));
        let read = read(self);
        if name.is_some() {
            self.around.pop();
        }
        read
    }

    /// How reports call something of this name here.
    pub(super) fn label(&self, own: &str) -> Arc<str> {
        let mut words: Vec<&str> = self.around.iter().map(String::as_str).collect();
        words.push(own);
        words.join(" ").into()
    }

    pub(super) fn group(&mut self, name: &Arc<str>) {
        self.groups.push(Arc::clone(name));
    }

    /// What a further `log` is called.
    pub(super) fn next_log(&mut self) -> String {
        self.logs += 1;
        match self.logs {
            1 => "log".to_owned(),
            number => format!("log {number}"),
        }
    }

    pub(super) fn next_choice(&mut self) -> usize {
        self.choices += 1;
        self.choices - 1
    }

    fn item(&mut self, document: &ItemDoc) -> Option<Item> {
        let marks = match document {
            ItemDoc::Step(step) => &step.marks,
            ItemDoc::Block(block) => &block.marks,
        };
        let played = self.selection.plays_step(marks);
        let read = |compiler: &mut Self| match document {
            ItemDoc::Step(step) => compiler.step(step),
            ItemDoc::Block(block) => compiler.block(block),
        };
        if played {
            return read(self);
        }
        // It must make sense all the same, and leaves no trace in reports.
        let (labels, groups) = (self.labels.len(), self.groups.len());
        let (item, captures) = self.apart(read);
        self.cx.names.commit(&captures.maybe());
        self.labels.truncate(labels);
        self.groups.truncate(groups);
        let kind = match document {
            ItemDoc::Step(step) => &step.kind.text,
            ItemDoc::Block(block) => &block.kind.text,
        };
        Some(Item::Skipped(match item? {
            Item::Step(step, _) => step.label.to_string(),
            _ => kind.clone(),
        }))
    }

    fn step(&mut self, document: &StepDoc) -> Option<Item> {
        let sometimes = document.beside("when").is_some();
        let (step, captures) = self.apart(|compiler| steps::compile(document, compiler.cx));
        let captures = if sometimes {
            captures.maybe()
        } else {
            captures
        };
        self.cx.names.commit(&captures);
        let mut step: PlannedStep = step?;
        step.label = self.label(&step.label);
        let number = self.labels.len();
        self.labels.push(Arc::clone(&step.label));
        Some(Item::Step(Box::new(step), number))
    }

    fn block(&mut self, document: &BlockDoc) -> Option<Item> {
        let name = document.kind.text.as_str();
        // The reader of the file knows the same table.
        let kind = self.blocks.iter().find(|kind| kind.name == name)?;
        if document.is_with_a_step(&self.known) {
            document.refuse_strays(&self.known, self.cx);
            return None;
        }
        let indented = self.indented(document, kind);
        let meant = indented.as_ref().map(|(document, _)| document);
        let document = meant.unwrap_or(document);
        let block = (kind.compile)(document, self);
        if let Some((_, problem)) = &indented {
            // The form tells what else is needed.
            self.cx.problems.replace_at(problem.span(), problem.clone());
        }
        if block.is_none() {
            let shape = kind.kind().shape;
            let line = |value: &str| format!("- {name}: {value}");
            let example = Some(line(&shape.example()));
            show_value(&shape, &document.body, line, example, self.cx);
        }
        Some(Item::Block(block?))
    }

    /// The block that was meant where its keys stand beside its name, and not
    /// below it: one mistake.
    fn indented(&mut self, document: &BlockDoc, kind: &BlockKind) -> Option<(BlockDoc, Problem)> {
        document.strays.first()?;
        let table = match &kind.body {
            Body::Fields(table) if !document.body.is_mapping() => table,
            _ => {
                document.refuse_strays(&self.known, self.cx);
                return None;
            }
        };
        let keys = table.keys();
        let is_key = |(name, _): &(Text, Node)| keys.iter().any(|key| key.name == name.text);
        if !document.strays.iter().all(is_key) {
            document.refuse_strays(&self.known, self.cx);
            return None;
        }
        let name = &document.kind.text;
        let mut entries = document.strays.clone();
        if let (Some(key), Some(word)) = (table.key_of(&document.body), document.body.scalar()) {
            let text = Text {
                text: key.name.to_owned(),
                ..word.clone()
            };
            entries.insert(0, (text, document.body.clone()));
        }
        let message = format!("the keys of `{name}` stand below it, not beside it");
        let lines = table.form_of(&entries).join("\n      ");
        let help = format!("indent them\n  - {name}:\n      {lines}");
        let problem = Problem::new(document.kind.span, message, help);
        Some((document.holding(entries), problem))
    }

    /// Checks that nobody else can be logged in after these steps.
    pub(super) fn same_session(&mut self, items: &[Item], at: crate::language::Span) {
        let mut changing = None;
        each_step(items, &mut |step| {
            if step.changes_session() {
                changing.get_or_insert_with(|| Arc::clone(&step.label));
            }
        });
        if let Some(label) = changing {
            let message = format!("`{label}` cannot be played beside other steps");
            let help = "a virtual user has one session, which all branches use: \
                        log in before the block";
            self.cx.push(Problem::new(at, message, help));
        }
    }
}
