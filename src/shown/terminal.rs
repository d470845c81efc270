//! Standard output and standard error. Nothing else writes to them: `clippy.toml`
//! refuses it.
#![expect(clippy::disallowed_methods, reason = "this is the one place")]

use std::borrow::Cow;
use std::io::{IsTerminal, Result, Write};

use anstyle::{AnsiColor, Style};
use indicatif::TermLike;
use parking_lot::Mutex;

use super::{is_hidden, text};

/// Where a text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    /// Results.
    Out,
    /// The rest.
    Err,
}

/// Whether what is written is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// No control sequences.
    Plain,
    /// ANSI colours.
    Colour,
}

impl Look {
    /// A heading.
    pub(crate) fn strong(self, text: &str) -> String {
        self.painted(text, Style::new().bold())
    }

    /// What is of less weight.
    pub(crate) fn dim(self, text: &str) -> String {
        self.painted(text, Style::new().dimmed())
    }

    /// What is as it should be.
    pub(crate) fn good(self, text: &str) -> String {
        self.painted(text, AnsiColor::Green.on_default())
    }

    /// What somebody should know of.
    pub(crate) fn warn(self, text: &str) -> String {
        self.painted(text, AnsiColor::Yellow.on_default())
    }

    /// What has failed.
    pub(crate) fn bad(self, text: &str) -> String {
        self.painted(text, AnsiColor::Red.on_default())
    }

    /// In a style of its own.
    pub(crate) fn painted(self, text: &str, style: Style) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Colour => format!("{style}{text}{style:#}"),
        }
    }
}

impl Stream {
    /// Whether a person reads it.
    pub(crate) fn is_terminal(self) -> bool {
        match self {
            Self::Out => std::io::stdout().is_terminal(),
            Self::Err => std::io::stderr().is_terminal(),
        }
    }

    /// Columns of the terminal, if it is one.
    pub(crate) fn width(self) -> Option<usize> {
        self.size().map(|(width, _)| usize::from(width))
    }

    /// Columns and lines of the terminal, if it is one.
    pub(crate) fn size(self) -> Option<(u16, u16)> {
        let size = match self {
            Self::Out => terminal_size::terminal_size_of(std::io::stdout()),
            Self::Err => terminal_size::terminal_size_of(std::io::stderr()),
        };
        size.map(|(width, height)| (width.0, height.0))
    }

    /// Writes a text of any lines.
    pub(crate) fn write(self, said: &str) -> Result<()> {
        self.send(&text(said))
    }

    /// Writes a text that this program has coloured: its colours stay.
    pub(crate) fn write_coloured(self, said: &str) -> Result<()> {
        self.send(&coloured(said))
    }

    /// Clears the screen, and what has scrolled off it, if it is a terminal's.
    pub(crate) fn clear(self) {
        if self.is_terminal() {
            // A terminal that has gone away shows nothing anyway.
            let _ = self.send("\u{1b}[2J\u{1b}[3J\u{1b}[H");
        }
    }

    /// A message of a protocol for programs: JSON that `shown::json` has been through,
    /// with its length before it.
    pub(crate) fn write_message(self, json: &str) -> Result<()> {
        let json = text(json);
        self.send(&format!("Content-Length: {}\r\n\r\n{json}", json.len()))
    }

    fn send(self, shown: &str) -> Result<()> {
        fn all(mut stream: impl Write, text: &str) -> Result<()> {
            stream.write_all(text.as_bytes())?;
            stream.flush()
        }
        match self {
            Self::Out => all(std::io::stdout().lock(), shown),
            Self::Err => all(std::io::stderr().lock(), shown),
        }
    }
}

/// Standard error as a place where lines are drawn over those drawn before.
/// What moves the cursor is written here alone; a frame is one write.
#[derive(Debug, Default)]
pub(crate) struct Canvas {
    frame: Mutex<Frame>,
}

/// What is written at once.
#[derive(Debug, Default)]
struct Frame {
    text: String,
    /// Whether what comes next belongs to a further line.
    is_line_over: bool,
}

impl Canvas {
    fn push(&self, part: &str) {
        self.frame.lock().text.push_str(part);
    }

    fn move_cursor(&self, by: usize, direction: char) {
        if by > 0 {
            self.push(&format!("\u{1b}[{by}{direction}"));
        }
    }
}

impl TermLike for Canvas {
    fn width(&self) -> u16 {
        Stream::Err.size().map_or(80, |(width, _)| width)
    }

    fn height(&self) -> u16 {
        Stream::Err.size().map_or(24, |(_, height)| height)
    }

    fn move_cursor_up(&self, by: usize) -> Result<()> {
        self.move_cursor(by, 'A');
        Ok(())
    }

    fn move_cursor_down(&self, by: usize) -> Result<()> {
        self.move_cursor(by, 'B');
        Ok(())
    }

    fn move_cursor_right(&self, by: usize) -> Result<()> {
        self.move_cursor(by, 'C');
        Ok(())
    }

    fn move_cursor_left(&self, by: usize) -> Result<()> {
        self.move_cursor(by, 'D');
        Ok(())
    }

    fn write_line(&self, line: &str) -> Result<()> {
        self.push(&coloured(line));
        self.push("\r\n");
        Ok(())
    }

    /// A line, or the blanks with which one is filled up to the last column so
    /// that the next one begins. A terminal would take all of them for one line,
    /// and break it anew when its size changes: what is left of the line is
    /// cleared, and the next one begins with a line end of its own.
    fn write_str(&self, text: &str) -> Result<()> {
        let frame = &mut *self.frame.lock();
        if text.trim_start_matches(' ').is_empty() {
            frame.text.push_str("\u{1b}[K");
            frame.is_line_over = true;
            return Ok(());
        }
        if std::mem::take(&mut frame.is_line_over) {
            frame.text.push_str("\r\n");
        }
        frame.text.push_str(&coloured(text));
        Ok(())
    }

    fn clear_line(&self) -> Result<()> {
        self.push("\r\u{1b}[2K");
        Ok(())
    }

    fn flush(&self) -> Result<()> {
        let mut text = std::mem::take(&mut *self.frame.lock()).text;
        // Where somebody types, what the terminal shows of it is drawn over.
        text.push('\r');
        Stream::Err.send(&text)
    }
}

/// Colours (`ESC [ numbers m`) as they are, the rest as by [`text`].
fn coloured(said: &str) -> Cow<'_, str> {
    if !said.contains(|c| is_hidden(c) && c != '\n') {
        return said.into();
    }
    let mut parts = said.split("\u{1b}[");
    let mut out = text(parts.next().unwrap_or_default()).into_owned();
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_digit() && c != ';');
        let is_colour = end.is_some_and(|end| part[end..].starts_with('m'));
        out.push_str(if is_colour { "\u{1b}[" } else { r"\u{1b}[" });
        out.push_str(&text(part));
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use indicatif::TermLike;

    use super::{Canvas, coloured};

    #[test]
    fn a_frame_has_lines_of_their_own_and_is_one_write() {
        let canvas = Canvas::default();
        canvas.move_cursor_up(1).unwrap();
        for text in ["one", "   ", "t\u{7}wo", " "] {
            canvas.write_str(text).unwrap();
        }
        let frame = &canvas.frame.lock().text;
        assert_eq!(frame, "\u{1b}[1Aone\u{1b}[K\r\nt\\u{7}wo\u{1b}[K");
    }

    #[test]
    fn colours_are_all_that_a_terminal_is_told() {
        let red = "a \u{1b}[1;31mred\u{1b}[0m\n";
        assert_eq!(coloured(red), red);
        assert_eq!(
            coloured("\u{1b}[2J\u{1b}[31m\u{1b}]0;t\u{7}\u{1b}["),
            "\\u{1b}[2J\u{1b}[31m\\u{1b}]0;t\\u{7}\\u{1b}["
        );
    }
}
