//! A comparison as people and programs read it.
//!
//! To add a format: one file with a function, one line in [`Format`].

mod json;
mod markdown;
mod page;
mod terminal;

pub use page::{Page, show};

/// How it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For the terminal.
    #[default]
    Text,
    /// For programs.
    Json,
    /// For job summaries and comments.
    Markdown,
}

impl Page<'_> {
    /// The page as text.
    ///
    /// # Errors
    /// Never, but a serializer says so.
    pub fn render(&self, format: Format) -> Result<String, String> {
        match format {
            Format::Text => Ok(terminal::render(self)),
            Format::Markdown => Ok(markdown::render(self)),
            Format::Json => json::render(self).map_err(|error| error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests;
