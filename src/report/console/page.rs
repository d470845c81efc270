//! Lines of a summary, as wide as the terminal and in its colours.

use textwrap::core::display_width;

use crate::shown::terminal::Look;

/// How a summary looks.
#[derive(Clone, Copy, Debug)]
pub struct SummaryForm {
    /// How much of the run is told.
    pub size: SummarySize,
    /// With or without colours.
    pub look: Look,
    /// Columns of the terminal. Without one lines are as long as they are: a log is searched.
    pub width: Option<usize>,
}

/// How much of a run is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SummarySize {
    /// The verdict, a line for each scenario, and what is wrong.
    Verdict,
    /// Each step as a whole, thresholds, checks, errors.
    Steps,
    /// What each step consists of, too.
    Parts,
}

/// Columns before what continues a line, at least.
const FURTHER: usize = 4;

/// A summary while it is written.
pub(super) struct Page {
    pub(super) form: SummaryForm,
    text: String,
}

impl Page {
    pub(super) fn new(form: SummaryForm) -> Self {
        let text = String::new();
        Self { form, text }
    }

    pub(super) fn text(self) -> String {
        self.text
    }

    pub(super) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// A line that fits.
    pub(super) fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// A text of several words, broken where the terminal ends; further lines
    /// begin below `text`, which `before` is before, and never where lines of the
    /// summary do: a name could look like one. Colours take no room.
    pub(super) fn words(&mut self, before: &str, text: &str) {
        let Some(width) = self.form.width else {
            return self.line(&format!("{before}{text}"));
        };
        let further = " ".repeat(display_width(before).max(FURTHER));
        let options = textwrap::Options::new(width)
            .initial_indent(before)
            .subsequent_indent(&further)
            .word_splitter(textwrap::WordSplitter::NoHyphenation);
        for line in textwrap::wrap(text, options) {
            self.line(&line);
        }
    }

    /// A heading.
    pub(super) fn strong(&self, text: &str) -> String {
        self.form.look.strong(text)
    }

    /// What is of less weight.
    pub(super) fn dim(&self, text: &str) -> String {
        self.form.look.dim(text)
    }

    /// What is as it should be.
    pub(super) fn good(&self, text: &str) -> String {
        self.form.look.good(text)
    }

    /// What somebody should know of.
    pub(super) fn warn(&self, text: &str) -> String {
        self.form.look.warn(text)
    }

    /// What has failed.
    pub(super) fn bad(&self, text: &str) -> String {
        self.form.look.bad(text)
    }
}
