//! Words as the two shells of Windows take them.

use super::words::{Command, Fault, Reader, Word};
use crate::import::text::{expression, variable_of};

const OPEN_QUOTE: &str = "a quote is not closed";

/// Reads one command of `cmd.exe`: carets escape, and what comes of that is
/// taken apart as programs on Windows take their arguments.
pub(super) fn cmd(reader: &mut Reader) -> Result<(Command, Option<String>), Fault> {
    let line = reader.line();
    let mut text = String::new();
    let mut told = Vec::new();
    let mut in_quotes = false;
    let mut operator = None;
    while let Some(letter) = reader.next() {
        match letter {
            '^' if !in_quotes => {
                // The line goes on, with a character that is as it is.
                reader.take("\n");
                text.extend(reader.next());
            }
            '"' => {
                in_quotes = !in_quotes;
                text.push('"');
            }
            '\n' => break,
            '&' | '|' if !in_quotes => {
                let double = reader.take(&letter.to_string());
                operator = Some(letter.to_string().repeat(1 + usize::from(double)));
                break;
            }
            '>' | '<' if !in_quotes => {
                told.push(format!(
                    "`{letter}`: what is written to or read from a file"
                ));
                reader.take(">");
                drop(reader.take_while(|c| c == ' '));
                drop(reader.take_while(|c| !c.is_whitespace() && !matches!(c, '&' | '|')));
            }
            '%' => percent(reader, &mut text),
            letter => text.push(letter),
        }
    }
    let words = arguments(&text).ok_or_else(|| Fault {
        line,
        message: OPEN_QUOTE.to_owned(),
    })?;
    let command = Command {
        line,
        words,
        told,
        ..Command::default()
    };
    Ok((command, operator))
}

/// `%NAME%` is a variable, `%%` a percent sign of a file of commands.
fn percent(reader: &mut Reader, text: &mut String) {
    if reader.take("%") {
        text.push('%');
        return;
    }
    let place = reader.place();
    let name = reader.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
    let is_name = name
        .chars()
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic());
    if is_name && reader.take("%") {
        text.push_str(&expression(&variable_of(&name)));
    } else {
        reader.return_to(place);
        text.push('%');
    }
}

/// The arguments of a program: `\"` is a quote, and so is `""` inside of quotes.
fn arguments(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word = Word::default();
    let mut in_quotes = false;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => {
                let mut count = 1;
                while letters.next_if_eq(&'\\').is_some() {
                    count += 1;
                }
                let before_quote = letters.peek() == Some(&'"');
                let written = if before_quote { count / 2 } else { count };
                (0..written).for_each(|_| word.push('\\'));
                if before_quote && count % 2 == 1 {
                    letters.next();
                    word.push('"');
                }
            }
            '"' if in_quotes && letters.peek() == Some(&'"') => {
                letters.next();
                word.push('"');
            }
            '"' => {
                in_quotes = !in_quotes;
                word.begin();
            }
            letter if letter.is_ascii_whitespace() && !in_quotes => {
                words.extend(word.end().and_then(Result::ok));
            }
            letter => word.push(letter),
        }
    }
    words.extend(word.end().and_then(Result::ok));
    (!in_quotes).then_some(words)
}

/// Reads one command of PowerShell.
pub(super) fn powershell(reader: &mut Reader) -> Result<(Command, Option<String>), Fault> {
    let line = reader.line();
    let mut shell = PowerShell {
        reader,
        word: Word::default(),
        command: Command {
            line,
            ..Command::default()
        },
    };
    let read = shell.read();
    let operator = read.map_err(|message| Fault { line, message })?;
    Ok((shell.command, operator))
}

struct PowerShell<'a> {
    reader: &'a mut Reader,
    word: Word,
    command: Command,
}

impl PowerShell<'_> {
    fn read(&mut self) -> Result<Option<String>, String> {
        while let Some(letter) = self.reader.next() {
            match letter {
                '\n' => break,
                ' ' | '\t' | '\r' => self.end_word(),
                '#' if !self.word.is_begun() => drop(self.reader.take_while(|c| c != '\n')),
                '`' => match self.reader.next() {
                    Some('\n') | None => {}
                    Some(letter) => self.word.push(escaped(letter)),
                },
                // Before a command, it says to run it.
                '&' if self.command.words.is_empty() && !self.word.is_begun() => {}
                ';' | '|' | '&' => {
                    self.end_word();
                    let double = letter != ';' && self.reader.take(&letter.to_string());
                    return Ok(Some(letter.to_string().repeat(1 + usize::from(double))));
                }
                '>' => {
                    self.end_word();
                    self.reader.take(">");
                    drop(self.reader.take_while(|c| c == ' '));
                    drop(self.reader.take_while(|c| !c.is_whitespace() && c != ';'));
                    let what = "`>`: what is written to a file";
                    self.command.told.push(what.into());
                }
                '@' if !self.word.is_begun() && self.here_string() => {}
                '\'' => self.single()?,
                '"' => self.double()?,
                '$' => self.dollar()?,
                letter => self.word.push(letter),
            }
        }
        self.end_word();
        Ok(None)
    }

    fn end_word(&mut self) {
        if let Some(Ok(word)) = self.word.end() {
            // Before version 7.3, quotes inside of arguments had to be escaped
            // for the program too.
            self.command.words.push(word.replace("\\\"", "\""));
        }
    }

    /// `@'`, lines, `'@`
    fn here_string(&mut self) -> bool {
        let Some(quote @ ('\'' | '"')) = self.reader.peek() else {
            return false;
        };
        if self.reader.rest_of_line().trim_end().chars().count() != 1 {
            return false;
        }
        self.reader.skip_line();
        self.word.begin();
        let mut lines = Vec::new();
        while self.reader.peek().is_some() {
            if self.reader.take(&format!("{quote}@")) {
                break;
            }
            lines.push(self.reader.rest_of_line());
            self.reader.skip_line();
        }
        self.word.text(&lines.join("\n"));
        true
    }

    fn single(&mut self) -> Result<(), String> {
        self.word.begin();
        loop {
            match self.reader.next() {
                Some('\'') if self.reader.take("'") => self.word.push('\''),
                Some('\'') => return Ok(()),
                Some(letter) => self.word.push(letter),
                None => return Err(OPEN_QUOTE.into()),
            }
        }
    }

    fn double(&mut self) -> Result<(), String> {
        self.word.begin();
        loop {
            match self.reader.next() {
                Some('"') if self.reader.take("\"") => self.word.push('"'),
                // Of the older form: a backslash for the program, a backtick for the shell.
                Some('\\') if self.reader.take("`\"") => self.word.push('"'),
                Some('"') => return Ok(()),
                Some('`') => match self.reader.next() {
                    Some('\n') | None => {}
                    Some(letter) => self.word.push(escaped(letter)),
                },
                Some('$') => self.dollar()?,
                Some(letter) => self.word.push(letter),
                None => return Err(OPEN_QUOTE.into()),
            }
        }
    }

    /// `$name`, `${name}`, `$env:NAME`
    fn dollar(&mut self) -> Result<(), String> {
        let place = self.reader.place();
        let braced = self.reader.take("{");
        self.reader.take("env:");
        let name = self
            .reader
            .take_while(|c| c.is_ascii_alphanumeric() || c == '_');
        let closed = !braced || self.reader.take("}");
        if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && closed {
            let variable = variable_of(&name);
            self.word.text(&expression(&variable));
            return Ok(());
        }
        self.reader.return_to(place);
        if self.reader.peek() == Some('(') {
            return Err(
                "it runs another command (`$(…)`): write what that says in its place".into(),
            );
        }
        self.word.push('$');
        Ok(())
    }
}

/// What comes after a backtick.
fn escaped(letter: char) -> char {
    match letter {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        '0' => '\0',
        other => other,
    }
}
