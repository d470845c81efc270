//! The words that commands are made of.

use super::frame::announced;

/// Why a command is not understood. Shown to the client; it repeats nothing of
/// what the client sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed(pub(super) &'static str);

pub(super) type Parsed<T> = Result<T, Malformed>;

/// Reads one command from its beginning to its end.
#[derive(Clone)]
pub(super) struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    /// A command without its line break.
    pub(super) fn new(command: &'a [u8]) -> Self {
        Self { rest: command }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    pub(super) fn take(&mut self, byte: u8) -> bool {
        match self.rest.split_first() {
            Some((first, rest)) if *first == byte => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    pub(super) fn expect(&mut self, byte: u8, otherwise: &'static str) -> Parsed<()> {
        self.take(byte).then_some(()).ok_or(Malformed(otherwise))
    }

    pub(super) fn space(&mut self) -> Parsed<()> {
        self.expect(b' ', "expected a space")
    }

    pub(super) fn end(&self) -> Parsed<()> {
        let done = self.rest.is_empty();
        done.then_some(()).ok_or(Malformed("too many arguments"))
    }

    pub(super) fn take_while(&mut self, good: impl Fn(u8) -> bool) -> &'a [u8] {
        let length = self.rest.iter().position(|byte| !good(*byte));
        let (taken, rest) = self.rest.split_at(length.unwrap_or(self.rest.len()));
        self.rest = rest;
        taken
    }

    /// Letters, digits, dots and dashes in upper case: a keyword.
    pub(super) fn word(&mut self) -> String {
        let word = self.take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
        String::from_utf8_lossy(word).to_ascii_uppercase()
    }

    pub(super) fn atom(&mut self) -> Parsed<String> {
        self.chars(is_atom)
    }

    /// An atom, a quoted text or a literal.
    pub(super) fn astring(&mut self) -> Parsed<String> {
        match self.peek() {
            Some(b'"') => self.quoted(),
            Some(b'{') => self.literal(),
            _ => self.chars(|b| is_atom(b) || b == b']'),
        }
    }

    /// The same, with wildcards.
    pub(super) fn pattern(&mut self) -> Parsed<String> {
        match self.peek() {
            Some(b'"' | b'{') => self.astring(),
            _ => self.chars(|b| is_atom(b) || matches!(b, b']' | b'%' | b'*')),
        }
    }

    pub(super) fn number(&mut self) -> Parsed<u32> {
        let digits = self.take_while(|byte| byte.is_ascii_digit());
        let number = std::str::from_utf8(digits)
            .ok()
            .and_then(|n| n.parse().ok());
        number.ok_or(Malformed("expected a number"))
    }

    /// Items in parentheses with spaces between them.
    pub(super) fn list<T>(
        &mut self,
        most: usize,
        mut item: impl FnMut(&mut Self) -> Parsed<T>,
    ) -> Parsed<Vec<T>> {
        self.expect(b'(', "expected `(`")?;
        let mut items = Vec::new();
        if self.take(b')') {
            return Ok(items);
        }
        loop {
            if items.len() == most {
                return Err(Malformed("the list is too long"));
            }
            items.push(item(self)?);
            if self.take(b')') {
                return Ok(items);
            }
            self.space()?;
        }
    }

    fn chars(&mut self, good: impl Fn(u8) -> bool) -> Parsed<String> {
        let taken = self.take_while(good);
        if taken.is_empty() {
            return Err(Malformed("expected a word"));
        }
        Ok(String::from_utf8_lossy(taken).into_owned())
    }

    fn quoted(&mut self) -> Parsed<String> {
        const OPEN: Malformed = Malformed("the quotes are not closed");
        self.expect(b'"', "expected quotes")?;
        let mut text = Vec::new();
        loop {
            text.extend(self.take_while(|b| !matches!(b, b'"' | b'\\' | b'\r' | b'\n' | 0)));
            if self.take(b'"') {
                return into_text(text);
            }
            if !self.take(b'\\') {
                return Err(OPEN);
            }
            let escaped = self
                .peek()
                .filter(|b| matches!(b, b'"' | b'\\'))
                .ok_or(OPEN)?;
            self.take(escaped);
            text.push(escaped);
        }
    }

    fn literal(&mut self) -> Parsed<String> {
        const BAD: Malformed = Malformed("the literal is malformed");
        let line = self.take_while(|byte| byte != b'\n');
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        // Only this literal: the braces are all that the line has left.
        let literal =
            announced(line).filter(|_| line.iter().rposition(|byte| *byte == b'{') == Some(0));
        let length = literal.ok_or(BAD)?.length;
        self.expect(b'\n', BAD.0)?;
        let (text, rest) = self.rest.split_at_checked(length).ok_or(BAD)?;
        self.rest = rest;
        into_text(text.to_vec())
    }
}

fn into_text(bytes: Vec<u8>) -> Parsed<String> {
    if bytes.contains(&0) {
        return Err(Malformed("a text holds no NUL"));
    }
    String::from_utf8(bytes).map_err(|_| Malformed("the text is not UTF-8"))
}

fn is_atom(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(byte, b'(' | b')' | b'{' | b'%' | b'*' | b'"' | b'\\' | b']')
}

#[cfg(test)]
mod tests {
    use super::Cursor;

    fn astring(text: &str) -> Option<String> {
        let mut cursor = Cursor::new(text.as_bytes());
        let read = cursor.astring().ok()?;
        cursor.end().ok().map(|()| read)
    }

    #[test]
    fn texts_are_written_in_three_ways() {
        for text in ["ada", "\"ada\"", "{3}\r\nada", "{3+}\r\nada", "{3}\nada"] {
            assert_eq!(astring(text).as_deref(), Some("ada"), "{text}");
        }
        assert_eq!(astring("\"a\\\"b\\\\c é\"").as_deref(), Some("a\"b\\c é"));
        assert_eq!(astring("{4}\r\na\r\nb").as_deref(), Some("a\r\nb"));
        assert_eq!(astring("\"\"").as_deref(), Some(""));
    }

    #[test]
    fn malformed_texts_are_refused() {
        for text in [
            "",
            "\"a",
            "\"a\\",
            "\"a\\n\"",
            "\"a\r\n\"",
            "{3}\r\nab",
            "{3",
            "{}\r\n",
            "a b",
            "a\"b",
        ] {
            assert_eq!(astring(text), None, "{text}");
        }
    }

    #[test]
    fn lists_have_single_spaces_and_an_end() {
        let list = |text: &str| Cursor::new(text.as_bytes()).list(3, Cursor::atom).ok();
        assert_eq!(list("()"), Some(vec![]));
        assert_eq!(list("(a b)"), Some(vec!["a".to_owned(), "b".to_owned()]));
        for text in ["", "(", "(a", "(a b", "(a  b)", "(a b c d)", "a"] {
            assert_eq!(list(text), None, "{text}");
        }
    }
}
