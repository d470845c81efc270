//! `include`: the steps of a library, with parameters.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::block::{Block, Item, Outline};
use super::compiler::{BlockKind, Body, Compiler, STEPS};
use super::player::{EarlyEnd, Player};
use crate::document::{BlockDoc, Field, Library};
use crate::expression::{Parameters, Template};
use crate::language::{ANCHORS, Key, Node, Problem, Shape, Table, Text, entries};
use crate::steps::StepError;

pub(super) const KIND: BlockKind = BlockKind {
    name: "include",
    about: "play the steps of a library, a file of its own, with parameters",
    body: Body::Fields(FIELDS),
    compile,
};

const FILE: Field<Text> = Field::new("file", "path of the library, relative to this file")
    .required()
    .example("login.yaml");
const NAME: Field<Text> = Field::new("name", "is put before what reports call its steps");
const WITH: Key = Key::new("with", "values of the parameters", || Shape::Any.entries());

const FIELDS: Table = Table {
    what: "`include`",
    keys: &[&[FILE.key(), NAME.key(), WITH]],
};

const PARAMS: Key = Key::new(
    "params",
    "parameters, each with its value unless another one is given; one with nothing \
     after the colon must be given",
    || Shape::Any.entries(),
);

const LIBRARY: Table = Table {
    what: "a library",
    keys: &[&[PARAMS, STEPS, ANCHORS]],
};

struct Include {
    label: Arc<str>,
    /// As it is named in the file.
    file: String,
    given: Vec<(Arc<str>, Template)>,
    /// Made in the library, of what is given.
    defaults: Vec<(Arc<str>, Template)>,
    items: Vec<Item>,
}

fn compile(document: &BlockDoc, compiler: &mut Compiler<'_>) -> Option<Box<dyn Block>> {
    let mut fields = FIELDS.open(&document.body, compiler.cx)?;
    let label = compiler.label(KIND.name);
    let file = fields.get(&FILE, compiler.cx);
    let name = fields.get(&NAME, compiler.cx);
    let with = fields.look("with");
    let with = with.and_then(|node| entries(node, "`with`", "email: ada@example.org", compiler.cx));
    fields.finish(compiler.cx);
    let given: Vec<(&Text, Option<Template>)> = with
        .into_iter()
        .flatten()
        .map(|(name, node)| (name, compiler.cx.template(node)))
        .collect();
    let file = file?;
    let cx = &mut *compiler.cx;
    let path = cx.files.folder.join(&file.text);
    let library = cx.files.library(&path, file.span, &mut cx.problems)?;
    let folder = path.parent().unwrap_or(&path).to_owned();
    let name = name.as_ref().map(Text::as_str);
    let (read, captures) = compiler.in_library(&library, folder, |compiler| {
        compiler.named(name, |c| c.library(&library.root))
    });
    let cx = &mut *compiler.cx;
    cx.names
        .commit_library(&captures, document.kind.span, &mut cx.problems);
    let (parameters, items) = read?;
    check(&parameters, &given, &file, compiler);
    let given = given
        .into_iter()
        .map(|(name, template)| Some((name.text.as_str().into(), template?)));
    let defaults = parameters
        .into_iter()
        .filter_map(|(name, default)| Some((name.text.as_str().into(), default?)));
    Some(Box::new(Include {
        label,
        file: file.text,
        given: given.collect::<Option<_>>()?,
        defaults: defaults.collect(),
        items: items?,
    }))
}

/// A parameter, and what it is unless it is given.
type Parameter = (Text, Option<Template>);

impl Compiler<'_> {
    /// Reads a library by itself.
    pub fn check_library(&mut self, library: &Library) {
        let folder = self.cx.files.folder.clone();
        self.in_library(library, folder, |compiler| compiler.library(&library.root));
    }

    /// Reads a library, in its own context.
    fn library(&mut self, root: &Node) -> Option<(Vec<Parameter>, Option<Vec<Item>>)> {
        let mut fields = LIBRARY.open(root, self.cx)?;
        let parameters = fields.look("params").map(|node| self.parameters(node));
        let steps = fields.demand(&STEPS, self.cx);
        fields.finish(self.cx);
        let items = steps.and_then(|steps| {
            self.begin(steps);
            self.list(steps)
        });
        Some((parameters.unwrap_or_default(), items))
    }

    /// `params: {email: , greeting: Hello}`
    fn parameters(&mut self, node: &Node) -> Vec<Parameter> {
        let Some(entries) = entries(node, "`params`", "email:", self.cx) else {
            return Vec::new();
        };
        let read = entries.map(|(name, node)| {
            // Each can use those above it.
            let default = (!node.is_nothing()).then(|| self.cx.template(node));
            self.cx.names.parameter(name, &mut self.cx.problems);
            (name.clone(), default.flatten())
        });
        read.collect()
    }
}

/// Keys of a library.
pub fn library_shape() -> Shape {
    LIBRARY.shape()
}

/// Holds what is given against what is asked for.
fn check(
    parameters: &[Parameter],
    given: &[(&Text, Option<Template>)],
    file: &Text,
    compiler: &mut Compiler<'_>,
) {
    let known: Vec<&str> = parameters.iter().map(|(name, _)| name.as_str()).collect();
    for (name, _) in given {
        if !known.contains(&name.as_str()) {
            let mut problem = Problem::unknown(name, "parameter", &known);
            if known.is_empty() {
                problem = problem.labelled("the library has no `params`");
            }
            compiler.cx.push(problem);
        }
    }
    for (name, default) in parameters {
        let is_given = given.iter().any(|(other, _)| other.text == name.text);
        if default.is_none() && !is_given {
            let message = format!("`{}` needs the parameter `{}`", file.text, name.text);
            let help = format!("add it below `with:`, as in `with: {{{}: …}}`", name.text);
            compiler.cx.problem(file.span, message, help);
        }
    }
}

impl Include {
    /// Sets the parameters, and gives those of the library around.
    fn enter(&self, player: &mut Player<'_>) -> Result<Parameters, StepError> {
        let scope = &mut player.user.scope;
        let mut parameters = Parameters::new();
        for (name, template) in &self.given {
            let value = template
                .render(scope)
                .map_err(StepError::argument("with"))?;
            parameters.push((Arc::clone(name), value));
        }
        let outer = scope.set_parameters(parameters.clone());
        for (name, template) in &self.defaults {
            if parameters.iter().any(|(known, _)| known == name) {
                continue;
            }
            let value = template
                .render(scope)
                .map_err(StepError::argument("params"))?;
            parameters.push((Arc::clone(name), value));
            scope.set_parameters(parameters.clone());
        }
        Ok(outer)
    }
}

impl Block for Include {
    fn play<'a>(&'a self, player: &'a mut Player<'_>) -> BoxFuture<'a, Result<(), EarlyEnd>> {
        Box::pin(async move {
            let outer = self
                .enter(player)
                .map_err(|error| player.fail(&self.label, &error))?;
            let outcome = player.play(&self.items).await;
            player.user.scope.set_parameters(outer);
            outcome
        })
    }

    fn outline(&self) -> Outline<'_> {
        Outline::Lists(vec![(format!("include {}", self.file), &self.items)])
    }
}
