//! Words as bash takes them: quotes, `$'…'`, comments, operators, redirections,
//! documents that follow.

use super::words::{Command, Fault, Input, Reader, Word};
use crate::import::text::{expression, variable_of};

/// Reads one command, up to the operator or the end of the line behind it. The
/// operator is given back, if another command can follow on it.
pub(super) fn command(reader: &mut Reader) -> Result<(Command, Option<String>), Fault> {
    let line = reader.line();
    let mut bash = Bash {
        reader,
        word: Word::default(),
        command: Command {
            line,
            ..Command::default()
        },
        fault: None,
        documents: Vec::new(),
    };
    let read = bash.read();
    let fault = bash.fault.take();
    let operator = read.map_err(|message| Fault { line, message })?;
    match fault {
        Some(message) => Err(Fault { line, message }),
        None => Ok((bash.command, operator)),
    }
}

struct Bash<'a> {
    reader: &'a mut Reader,
    word: Word,
    command: Command,
    /// Something that cannot be taken over; the command is read to its end.
    fault: Option<String>,
    /// The words that end documents which begin on the next line, and whether
    /// tabs are taken off.
    documents: Vec<(String, bool)>,
}

const OPEN_QUOTE: &str = "a quote is not closed";

impl Bash<'_> {
    fn read(&mut self) -> Result<Option<String>, String> {
        while let Some(letter) = self.reader.peek() {
            match letter {
                '\n' => {
                    self.reader.next();
                    self.end_word();
                    self.read_documents();
                    return Ok(None);
                }
                ' ' | '\t' | '\r' => {
                    self.reader.next();
                    self.end_word();
                }
                '#' if !self.word.is_begun() => drop(self.reader.take_while(|c| c != '\n')),
                ';' | '&' | '|' | '(' | ')' if !self.redirects_both() => {
                    self.end_word();
                    let operator = self.operator();
                    if !self.documents.is_empty() {
                        self.reader.skip_line();
                        self.read_documents();
                    }
                    return Ok(Some(operator));
                }
                '<' | '>' | '&' => self.redirection()?,
                _ => self.part()?,
            }
        }
        self.end_word();
        Ok(None)
    }

    /// `&>` and `&>>` are redirections, not an operator.
    fn redirects_both(&self) -> bool {
        self.reader.peek() == Some('&') && self.reader.peek_at(1) == Some('>')
    }

    fn operator(&mut self) -> String {
        for operator in ["&&", "||", "|&", ";;"] {
            if self.reader.take(operator) {
                return operator.to_owned();
            }
        }
        self.reader.next().map(String::from).unwrap_or_default()
    }

    fn end_word(&mut self) {
        match self.word.end() {
            Some(Ok(word)) => self.command.words.push(word),
            Some(Err(message)) => drop(self.fault.get_or_insert(message)),
            None => {}
        }
    }

    /// One quote, escape or character of a word.
    fn part(&mut self) -> Result<(), String> {
        match self.reader.next() {
            Some('\'') => self.single(),
            Some('"') => self.double(),
            Some('\\') => {
                match self.reader.next() {
                    Some('\n') => self.continue_line(),
                    Some(letter) => self.word.push(letter),
                    None => {}
                }
                Ok(())
            }
            Some('$') => self.dollar(false),
            Some('`') => self.substitution('`'),
            Some(letter) => {
                self.word.push(letter);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// In what is copied from a terminal, lines that go on begin with `> `.
    fn continue_line(&mut self) {
        let rest = self.reader.rest_of_line();
        let begun = rest.trim_start();
        if begun.starts_with("> -") || begun.starts_with("> '") || begun.starts_with("> \"") {
            drop(self.reader.take_while(|c| c == ' ' || c == '\t'));
            self.reader.next();
        }
    }

    fn single(&mut self) -> Result<(), String> {
        self.word.begin();
        loop {
            match self.reader.next() {
                Some('\'') => return Ok(()),
                Some(letter) => self.quoted(letter)?,
                None => return Err(OPEN_QUOTE.into()),
            }
        }
    }

    /// A character in quotes. A command that begins a line there is a sign that
    /// a quote was forgotten.
    fn quoted(&mut self, letter: char) -> Result<(), String> {
        if letter == '\n' && self.reader.rest_of_line().starts_with("curl ") {
            return Err(OPEN_QUOTE.into());
        }
        self.word.push(letter);
        Ok(())
    }

    fn double(&mut self) -> Result<(), String> {
        self.word.begin();
        loop {
            match self.reader.next() {
                Some('"') => return Ok(()),
                Some('\\') => match self.reader.next() {
                    Some('\n') => {}
                    Some(letter @ ('"' | '\\' | '$' | '`')) => self.word.push(letter),
                    Some(letter) => {
                        self.word.push('\\');
                        self.word.push(letter);
                    }
                    None => return Err(OPEN_QUOTE.into()),
                },
                Some('$') => self.dollar(true)?,
                Some('`') => self.substitution('`')?,
                Some(letter) => self.quoted(letter)?,
                None => return Err(OPEN_QUOTE.into()),
            }
        }
    }

    /// What comes after `$`: a quote, a variable, a command.
    fn dollar(&mut self, in_quotes: bool) -> Result<(), String> {
        match self.reader.peek() {
            Some('\'') if !in_quotes => {
                self.reader.next();
                self.ansi()
            }
            Some('"') if !in_quotes => {
                self.reader.next();
                self.double()
            }
            Some('(') => {
                self.reader.next();
                self.substitution(')')
            }
            Some('{') => {
                self.reader.next();
                let inside = self.reader.take_while(|c| c != '}' && c != '\n');
                if !self.reader.take("}") {
                    return Err("`${` is not closed".into());
                }
                let name = inside.split([':', '-', '#', '%', '/', '^', ',']).next();
                self.variable(name.unwrap_or_default());
                Ok(())
            }
            Some(letter) if letter.is_ascii_alphabetic() || letter == '_' => {
                let name = self
                    .reader
                    .take_while(|c| c.is_ascii_alphanumeric() || c == '_');
                self.variable(&name);
                Ok(())
            }
            _ => {
                self.word.push('$');
                Ok(())
            }
        }
    }

    fn variable(&mut self, name: &str) {
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            let message = "it has an expression of the shell (`${…}`)";
            self.fault.get_or_insert(message.into());
            return;
        }
        self.word.text(&expression(&variable_of(name)));
    }

    /// `$(…)` and its older form: what it says is not known here.
    fn substitution(&mut self, end: char) -> Result<(), String> {
        self.word.begin();
        let message = "it runs another command (`$(…)`): write what that says in its place";
        self.fault.get_or_insert(message.into());
        let mut depth = 1;
        while let Some(letter) = self.reader.next() {
            match letter {
                _ if letter == end => depth -= 1,
                '(' if end == ')' => depth += 1,
                '\\' => drop(self.reader.next()),
                _ => {}
            }
            if depth == 0 {
                return Ok(());
            }
        }
        Err("`$(` is not closed".into())
    }

    /// `$'…'`
    fn ansi(&mut self) -> Result<(), String> {
        self.word.begin();
        loop {
            match self.reader.next() {
                Some('\'') => return Ok(()),
                Some('\\') => self.escape()?,
                Some(letter) => self.quoted(letter)?,
                None => return Err(OPEN_QUOTE.into()),
            }
        }
    }

    fn escape(&mut self) -> Result<(), String> {
        let letter = self.reader.next().ok_or(OPEN_QUOTE)?;
        match letter {
            'n' => self.word.push('\n'),
            't' => self.word.push('\t'),
            'r' => self.word.push('\r'),
            'a' => self.word.push('\u{7}'),
            'b' => self.word.push('\u{8}'),
            'e' | 'E' => self.word.push('\u{1b}'),
            'f' => self.word.push('\u{c}'),
            'v' => self.word.push('\u{b}'),
            'c' => {
                let control = self.reader.next().ok_or(OPEN_QUOTE)?;
                self.word.byte(u8::try_from(control).unwrap_or(0) & 0x1f);
            }
            'x' => match self.code(16, 2, 0) {
                Some(code) => self.word.byte(code.to_le_bytes()[0]),
                None => self.word.text("\\x"),
            },
            'u' | 'U' => {
                let most = if letter == 'u' { 4 } else { 8 };
                match self.code(16, most, 0) {
                    Some(code) => self.code_point(code),
                    None => self.word.text(&format!("\\{letter}")),
                }
            }
            '0'..='7' => {
                let first = letter.to_digit(8).unwrap_or(0);
                let code = self.code(8, 2, first).unwrap_or(first);
                self.word.byte(code.to_le_bytes()[0]);
            }
            '\\' | '\'' | '"' | '?' => self.word.push(letter),
            other => {
                self.word.push('\\');
                self.word.push(other);
            }
        }
        Ok(())
    }

    /// Browsers write characters beyond four digits as two halves.
    fn code_point(&mut self, code: u32) {
        if let 0xd800..=0xdbff = code {
            let place = self.reader.place();
            if self.reader.take("\\u")
                && let Some(low @ 0xdc00..=0xdfff) = self.code(16, 4, 0)
            {
                let both = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                self.word.push(char::from_u32(both).unwrap_or('\u{fffd}'));
                return;
            }
            self.reader.return_to(place);
        }
        self.word.push(char::from_u32(code).unwrap_or('\u{fffd}'));
    }

    /// Up to `most` digits that come next.
    fn code(&mut self, radix: u32, most: usize, before: u32) -> Option<u32> {
        let mut code = None;
        for _ in 0..most {
            let Some(digit) = self.reader.peek().and_then(|c| c.to_digit(radix)) else {
                break;
            };
            self.reader.next();
            code = Some(code.unwrap_or(before) * radix + digit);
        }
        code
    }

    /// `> file`, `2>&1`, `< file`, `<<< text`, `<<END`.
    fn redirection(&mut self) -> Result<(), String> {
        // A number just before it says which stream.
        let stream = self.word.end().and_then(Result::ok);
        match stream {
            Some(word) if !word.chars().all(|c| c.is_ascii_digit()) => {
                self.command.words.push(word);
            }
            _ => {}
        }
        let operator = self
            .reader
            .take_while(|c| matches!(c, '<' | '>' | '&' | '|'));
        let dash = operator == "<<" && self.reader.take("-");
        drop(self.reader.take_while(|c| c == ' ' || c == '\t'));
        let before = self.command.words.len();
        while let Some(letter) = self.reader.peek() {
            if letter.is_whitespace() || matches!(letter, ';' | '&' | '|' | '<' | '>' | '(' | ')') {
                break;
            }
            self.part()?;
        }
        self.end_word();
        let has_word = self.command.words.len() > before;
        let file = has_word.then(|| self.command.words.pop()).flatten();
        let file = file.unwrap_or_default();
        match operator.as_str() {
            "<<" => self.documents.push((file, dash)),
            "<<<" => self.command.input = Some(Input::Text(file + "\n")),
            "<" => self.command.input = Some(Input::File(file)),
            _ => {
                let what = format!("`{operator}`: what is written to a file or another stream");
                self.command.told.push(what);
            }
        }
        Ok(())
    }

    fn read_documents(&mut self) {
        for (end, without_tabs) in std::mem::take(&mut self.documents) {
            let mut text = String::new();
            while self.reader.peek().is_some() {
                let line = self.reader.rest_of_line();
                self.reader.skip_line();
                let line = if without_tabs {
                    line.trim_start_matches('\t')
                } else {
                    &line
                };
                if line == end {
                    break;
                }
                text.push_str(line);
                text.push('\n');
            }
            self.command.input = Some(Input::Text(text));
        }
    }
}
