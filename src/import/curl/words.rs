//! What all shells have in common: characters with their lines, and the words of
//! a command.

/// A command, as a shell takes it apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Command {
    pub line: usize,
    pub words: Vec<String>,
    /// What it reads from its standard input.
    pub input: Option<Input>,
    /// What stands between it and the command before: `&&`, `|`.
    pub after: Option<String>,
    /// Parts of it that were left out, and why.
    pub told: Vec<String>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Input {
    Text(String),
    File(String),
}

/// Why a command is none, and on which line it begins.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub line: usize,
    pub message: String,
}

/// The text of a file, read character by character.
pub(super) struct Reader {
    letters: Vec<char>,
    at: usize,
    line: usize,
}

impl Reader {
    pub fn new(text: &str) -> Self {
        let text = super::super::text::without_expressions(text);
        Self {
            letters: text.replace("\r\n", "\n").chars().collect(),
            at: 0,
            line: 1,
        }
    }

    pub fn line(&self) -> usize {
        self.line
    }

    pub fn peek(&self) -> Option<char> {
        self.letters.get(self.at).copied()
    }

    pub fn peek_at(&self, after: usize) -> Option<char> {
        self.letters.get(self.at + after).copied()
    }

    pub fn next(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += 1;
        self.line += usize::from(letter == '\n');
        Some(letter)
    }

    /// Takes a text if it comes next.
    pub fn take(&mut self, text: &str) -> bool {
        let comes = text
            .chars()
            .enumerate()
            .all(|(place, letter)| self.peek_at(place) == Some(letter));
        if comes {
            for _ in text.chars() {
                self.next();
            }
        }
        comes
    }

    /// As many as there are of those that are wanted.
    pub fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let mut taken = String::new();
        while let Some(letter) = self.peek().filter(|letter| wanted(*letter)) {
            self.next();
            taken.push(letter);
        }
        taken
    }

    /// The rest of the line, which is left where it is.
    pub fn rest_of_line(&self) -> String {
        let rest = self.letters[self.at..].iter();
        rest.take_while(|letter| **letter != '\n').collect()
    }

    /// Goes to the line after this one.
    pub fn skip_line(&mut self) {
        while self.next().is_some_and(|letter| letter != '\n') {}
    }

    pub fn place(&self) -> (usize, usize) {
        (self.at, self.line)
    }

    pub fn return_to(&mut self, (at, line): (usize, usize)) {
        (self.at, self.line) = (at, line);
    }
}

/// A word that is being read. Bytes, since `$'\xff'` is one.
#[derive(Default)]
pub(super) struct Word {
    bytes: Vec<u8>,
    /// A quote makes a word even of nothing.
    begun: bool,
}

impl Word {
    pub fn push(&mut self, letter: char) {
        self.text(letter.encode_utf8(&mut [0; 4]));
    }

    pub fn text(&mut self, text: &str) {
        self.begun = true;
        self.bytes.extend(text.as_bytes());
    }

    pub fn byte(&mut self, byte: u8) {
        self.begun = true;
        self.bytes.push(byte);
    }

    pub fn begin(&mut self) {
        self.begun = true;
    }

    pub fn is_begun(&self) -> bool {
        self.begun
    }

    /// The word, if there is one, and what wrong with it if it is no text.
    pub fn end(&mut self) -> Option<Result<String, String>> {
        let word = std::mem::take(self);
        word.begun.then(|| {
            String::from_utf8(word.bytes).map_err(|_| {
                "it has bytes that are no text, which a scenario cannot write: put them into a file, and say `--data-binary @FILE`".to_owned()
            })
        })
    }
}
