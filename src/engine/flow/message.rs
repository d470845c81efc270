//! Texts for people that a scenario says by itself.

use super::block::Outline;
use super::compiler::Compiler;
use super::player::Player;
use crate::document::BlockDoc;
use crate::expression::TextTemplate;
use crate::language::Shape;
use crate::shown::clipped;
use crate::steps::StepError;

/// Longest message, in characters.
const LONGEST: usize = 2000;

/// A text with expressions, secrets in which are not shown.
pub(super) struct Message {
    text: TextTemplate,
    /// As in the file.
    written: String,
}

impl Message {
    /// Reads what stands after the name of a block.
    pub(super) fn read(document: &BlockDoc, compiler: &mut Compiler<'_>) -> Option<Self> {
        let node = &document.body;
        if node
            .scalar()
            .is_some_and(|text| text.text.trim().is_empty())
            || node.is_nothing()
        {
            let name = &document.kind.text;
            let help = format!("say it after the colon:\n  - {name}: … {{{{ vu }}}}");
            let message = format!("`{name}` needs a text");
            compiler.cx.problem(document.kind.span, message, help);
            return None;
        }
        let written = node.scalar().map(|text| text.text.trim().to_owned());
        Some(Self {
            text: TextTemplate::read_told(node, compiler.cx)?,
            written: written.unwrap_or_default(),
        })
    }

    /// What a block of this name does with it.
    pub(super) fn outline(&self, name: &str) -> Outline<'_> {
        Outline::Line(format!("{name}: {}", self.written))
    }

    /// What can stand there.
    pub(super) fn shape() -> Shape {
        Shape::Text
    }

    /// The text, without secrets, and cut when it is long.
    ///
    /// # Errors
    /// When an expression has no value.
    pub(super) fn render(
        &self,
        argument: &'static str,
        player: &Player<'_>,
    ) -> Result<String, StepError> {
        let cut = |text: &str| player.user.without_secrets(text);
        let told = self.text.told(&player.user.scope, &cut);
        let told = told.map_err(StepError::argument(argument))?;
        Ok(clipped(told, LONGEST))
    }
}
