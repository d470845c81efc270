//! `sleep`: a wait between two steps. It is no step, and measured with none.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::block::{Block, Outline};
use super::compiler::{BlockKind, Body, Compiler};
use super::player::{EarlyEnd, Player};
use crate::document::{BlockDoc, ReadContext};
use crate::expression::Template;
use crate::language::{Node, Read, Shape, duration_shape, parse_duration};
use crate::steps::StepError;

pub(super) const KIND: BlockKind = BlockKind {
    name: "sleep",
    about: "wait, without being measured with any step",
    body: Body::Other(|| duration_shape().or(Shape::Expression)),
    compile,
};

struct Sleep {
    label: Arc<str>,
    time: Time,
    /// As in the file.
    written: String,
}

enum Time {
    Fixed(Duration),
    Computed(Template),
}

fn compile(document: &BlockDoc, compiler: &mut Compiler<'_>) -> Option<Box<dyn Block>> {
    let node: &Node = &document.body;
    let computed = node.scalar().is_some_and(|text| text.text.contains("{{"));
    let time = if computed {
        Template::read(node, compiler.cx).map(Time::Computed)
    } else {
        Duration::read(node, compiler.cx).map(Time::Fixed)
    };
    Some(Box::new(Sleep {
        label: compiler.label(KIND.name),
        time: time?,
        written: node
            .scalar()
            .map(|text| text.text.clone())
            .unwrap_or_default(),
    }))
}

impl Time {
    fn get(&self, player: &Player<'_>) -> Result<Duration, StepError> {
        let template = match self {
            Self::Fixed(time) => return Ok(*time),
            Self::Computed(template) => template,
        };
        let value = template
            .render_open(&player.user.scope)
            .map_err(StepError::argument("sleep"))?;
        let written = value.as_str().unwrap_or_default();
        parse_duration(written).map_err(|error| StepError::Argument {
            argument: "sleep",
            reason: format!(
                "expected {}, got {value}: {error}",
                <Duration as Read<ReadContext>>::EXPECTED
            ),
        })
    }
}

impl Block for Sleep {
    fn play<'a>(&'a self, player: &'a mut Player<'_>) -> BoxFuture<'a, Result<(), EarlyEnd>> {
        Box::pin(async move {
            let time = self
                .time
                .get(player)
                .map_err(|error| player.fail(&self.label, &error))?;
            let waiting = player.waiting(&self.label, None, player.clock.now());
            tokio::time::sleep(time).await;
            waiting.end();
            // A first step that was due is still late by as much as before.
            player.due = player.due.and_then(|due| due.checked_add(time));
            Ok(())
        })
    }

    fn outline(&self) -> Outline<'_> {
        Outline::Line(format!("sleep {}", self.written))
    }
}
