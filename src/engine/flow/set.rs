//! `set`: variables of the virtual user, for the steps that follow.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::block::{Block, Outline};
use super::compiler::{BlockKind, Body, Compiler};
use super::player::{EarlyEnd, Player};
use crate::document::BlockDoc;
use crate::expression::Template;
use crate::language::{Shape, entries};
use crate::steps::StepError;

pub(super) const KIND: BlockKind = BlockKind {
    name: "set",
    about: "set variables of the virtual user, for the rest of the iteration",
    body: Body::Other(|| Shape::Any.entries()),
    compile,
};

struct Set {
    label: Arc<str>,
    variables: Vec<(Arc<str>, Template)>,
}

fn compile(document: &BlockDoc, compiler: &mut Compiler<'_>) -> Option<Box<dyn Block>> {
    let label = compiler.label(KIND.name);
    let cx = &mut *compiler.cx;
    let found = entries(&document.body, "`set`", "greeting: hello {{ vu }}", cx)?;
    let mut variables = Vec::new();
    let mut good = true;
    for (name, node) in found {
        let template = cx.template(node);
        good &= cx.names.check(name, "a variable", &mut cx.problems) && template.is_some();
        // Declared in any case: one problem is enough.
        let of = template.as_ref().map(Template::of).unwrap_or_default();
        cx.names.capture(&name.text, of);
        variables.extend(template.map(|template| (name.text.as_str().into(), template)));
    }
    good.then(|| Box::new(Set { label, variables }) as Box<dyn Block>)
}

impl Block for Set {
    fn play<'a>(&'a self, player: &'a mut Player<'_>) -> BoxFuture<'a, Result<(), EarlyEnd>> {
        Box::pin(async move {
            for (name, template) in &self.variables {
                let value = template
                    .render(&player.user.scope)
                    .map_err(StepError::argument("set"))
                    .map_err(|error| player.fail(&self.label, &error))?;
                player.user.scope.set(name, value);
            }
            Ok(())
        })
    }

    fn outline(&self) -> Outline<'_> {
        let names: Vec<&str> = self.variables.iter().map(|(name, _)| &**name).collect();
        Outline::Line(format!("set {}", names.join(", ")))
    }
}
