//! Changes a file at random, with some idea of what it is.

use crate::dice::Dice;

/// Longest input, in bytes.
const LONGEST: usize = 200_000;

/// A changed file.
pub fn input(corpus: &[String], dice: &mut Dice) -> String {
    let mut text = dice.pick(corpus).clone();
    let most = 1 + dice.below(6);
    for _ in 0..=dice.below(most) {
        text = change(&text, corpus, dice);
        if text.len() > LONGEST {
            let mut end = LONGEST;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            text.truncate(end);
        }
    }
    text
}

fn change(text: &str, corpus: &[String], dice: &mut Dice) -> String {
    match dice.below(16) {
        0 => letters(text, dice),
        1 | 2 => {
            let token = *dice.pick(TOKENS);
            insert(text, token, dice)
        }
        3 => replace_word(text, dice),
        4 => replace_value(text, dice),
        5 => expression(text, dice),
        6 => of_lines(text, dice, |lines, dice| {
            let (a, b) = (dice.below(lines.len()), dice.below(lines.len()));
            lines.swap(a, b);
        }),
        7 => of_lines(text, dice, |lines, dice| {
            lines.remove(dice.below(lines.len()));
        }),
        8 => of_lines(text, dice, |lines, dice| indent(lines, dice)),
        9 => duplicate(text, dice),
        10 => of_lines(text, dice, |lines, dice| {
            let other = dice.pick(corpus);
            let all: Vec<&str> = other.lines().collect();
            let line = (*dice.pick(&all)).to_owned();
            lines.insert(dice.below(lines.len() + 1), line);
        }),
        11 => alias(text, dice),
        12 => nest(text, dice),
        13 => repeat(text, dice),
        14 => whole(text, dice),
        _ => {
            let other = dice.pick(corpus);
            let (head, tail) = (boundary(text, dice), boundary(other, dice));
            format!("{}{}", &text[..head], &other[tail..])
        }
    }
}

/// Tokens of YAML, of the language and of expressions; numbers, letters and
/// spaces that are none.
const TOKENS: &[&str] = &[
    "{{",
    "}}",
    "{%",
    "%}",
    "{{ ",
    " }}",
    "{",
    "}",
    "[",
    "]",
    "- ",
    ": ",
    ":",
    ",",
    "\"",
    "'",
    "\\",
    "|",
    ">",
    "|-",
    "&a ",
    "*a",
    "*a ",
    "<<: *a",
    "!!str ",
    "!x ",
    "# ",
    "---\n",
    "...\n",
    "? ",
    "@",
    "`",
    "%",
    "~",
    "null",
    "true",
    "\t",
    "\r",
    "\r\n",
    "\u{feff}",
    "\u{0}",
    "\u{85}",
    "\u{2028}",
    "\u{202e}",
    "\u{1f468}\u{200d}\u{1f469}",
    "e\u{301}",
    "\u{fffd}",
    "𝔘",
    "ß",
    "İ",
    "\u{a0}",
    "0",
    "-1",
    "1e999",
    "1e-999",
    "99999999999999999999999999",
    "0.0000000000000000000001",
    "18446744073709551615",
    "9223372036854775808",
    "1s",
    "1000000000000d",
    "0ms",
    "100/s",
    "0/s",
    "1000000000/s",
    "100%",
    "-0",
    "00",
    "NaN",
    ".inf",
    "vu",
    "iteration",
    "target.captcha_token",
    "fake.email()",
    "now()",
    "env.HOME",
    "range(99999999)",
    "a if b else c",
    "x[0][1]",
    "x.y.z",
    "|default(1)",
    "|map(attribute='a')|list",
    "|jsonpath('$..*')",
    "|regex('(((a*)*)*)*')",
    " is defined",
    " is matching('(')",
    " and ",
    " not ",
    " == ",
    " = ",
    " && ",
    "((((",
    "))))",
    "**",
    "//",
    "~",
    "$..*",
    "$[?@.a == 'b']",
    "$[-1:0:0]",
    "(a+)+$",
    "(?<n>x",
    "[[:alpha:]",
    "\\u{110000}",
    "file: input.yaml",
    "file: library.yaml",
    "file: .",
    "extends: input.yaml",
    "csv: people.csv",
    "include: ",
    "http: ",
    "capture: ",
    "schema: ",
    "multipart: ",
    "steps: ",
    "parallel: ",
    "choose: ",
    "while: ",
    "repeat: ",
    "if: ",
    "as: a",
    "as: vu",
    "when: ",
    "{$ref: \"#\"}",
    "{type: [a, 1]}",
    "{pattern: \"(a+)+(b\"}",
];

fn boundary(text: &str, dice: &mut Dice) -> usize {
    let mut at = dice.below(text.len() + 1);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Letters that change places with others, or are gone.
fn letters(text: &str, dice: &mut Dice) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for _ in 0..=dice.below(4) {
        if letters.is_empty() {
            break;
        }
        let at = dice.below(letters.len());
        match dice.below(4) {
            0 => drop(letters.remove(at)),
            1 => letters.insert(at, char::from(u8::try_from(dice.below(128)).unwrap())),
            2 => {
                let code = u32::try_from(dice.below(0x11_0000)).unwrap();
                letters[at] = char::from_u32(code).unwrap_or(' ');
            }
            _ => {
                let other = dice.below(letters.len());
                letters.swap(at, other);
            }
        }
    }
    letters.into_iter().collect()
}

/// A token somewhere, most often where one can begin.
fn insert(text: &str, token: &str, dice: &mut Dice) -> String {
    let begins = text.match_indices([' ', '[', '{', '(', '"', '\n', '|', '.']);
    let begins: Vec<usize> = begins.map(|(at, _)| at + 1).collect();
    let at = if begins.is_empty() || dice.once_in(4) {
        boundary(text, dice)
    } else {
        *dice.pick(&begins)
    };
    format!("{}{token}{}", &text[..at], &text[at..])
}

/// A word becomes another one of the same file, or a token.
fn replace_word(text: &str, dice: &mut Dice) -> String {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let words: Vec<&str> = text
        .split(|c| !is_word(c))
        .filter(|word| !word.is_empty())
        .collect();
    if words.is_empty() {
        return text.to_owned();
    }
    let word = *dice.pick(&words);
    let new = if dice.once_in(2) {
        *dice.pick(&words)
    } else {
        *dice.pick(TOKENS)
    };
    text.replacen(word, new, 1 + dice.below(3))
}

/// What stands after a colon becomes something else.
fn replace_value(text: &str, dice: &mut Dice) -> String {
    let value = match dice.below(5) {
        0 => (*dice.pick(TOKENS)).to_owned(),
        1 => format!("\"{{{{ {} }}}}\"", dice.pick(TOKENS)),
        2 => format!("{{{}: {}}}", dice.pick(TOKENS), dice.pick(TOKENS)),
        3 => format!("[{}, {}]", dice.pick(TOKENS), dice.pick(TOKENS)),
        _ => String::new(),
    };
    of_lines(text, dice, |lines, dice| {
        let at = dice.below(lines.len());
        if let Some(colon) = lines[at].find(": ") {
            lines[at].truncate(colon + 2);
            lines[at].push_str(&value);
        }
    })
}

/// An expression becomes a longer or a stranger one.
fn expression(text: &str, dice: &mut Dice) -> String {
    let places: Vec<usize> = text.match_indices("{{").map(|(at, _)| at + 2).collect();
    if places.is_empty() {
        return insert(text, "{{ vu }}", dice);
    }
    let at = *dice.pick(&places);
    let mut more = String::new();
    for _ in 0..=dice.below(5) {
        let token: &&str = dice.pick(TOKENS);
        more.push_str(token);
    }
    format!("{}{more}{}", &text[..at], &text[at..])
}

fn of_lines(
    text: &str,
    dice: &mut Dice,
    change: impl FnOnce(&mut Vec<String>, &mut Dice),
) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    if lines.is_empty() {
        return text.to_owned();
    }
    change(&mut lines, dice);
    lines.join("\n") + "\n"
}

fn indent(lines: &mut [String], dice: &mut Dice) {
    let at = dice.below(lines.len());
    let length = 1 + dice.below(6);
    let step = [-4_i8, -2, -1, 1, 2, 4, 9][dice.below(7)];
    for line in lines.iter_mut().skip(at).take(length) {
        if step > 0 {
            line.insert_str(0, &" ".repeat(step.unsigned_abs().into()));
        } else {
            let blanks = line.len() - line.trim_start_matches(' ').len();
            line.drain(..blanks.min(step.unsigned_abs().into()));
        }
    }
}

/// A part of the file, by its indentation, once more, there or elsewhere, often
/// deeper.
fn duplicate(text: &str, dice: &mut Dice) -> String {
    of_lines(text, dice, |lines, dice| {
        let depth = |line: &str| line.len() - line.trim_start().len();
        let at = dice.below(lines.len());
        let top = depth(&lines[at]);
        let inside = lines
            .iter()
            .skip(at + 1)
            .take_while(|line| depth(line) > top);
        let end = at + 1 + inside.count();
        let blanks = " ".repeat(2 * dice.below(4));
        let copy = lines[at..end].iter().map(|line| blanks.clone() + line);
        let copy: Vec<String> = copy.collect();
        let place = if dice.once_in(2) {
            end
        } else {
            dice.below(lines.len())
        };
        lines.splice(place..place, copy);
    })
}

/// An anchor somewhere, and aliases of it further down.
fn alias(text: &str, dice: &mut Dice) -> String {
    of_lines(text, dice, |lines, dice| {
        let at = dice.below(lines.len());
        if let Some(colon) = lines[at].find(':') {
            lines[at].insert_str(colon + 1, " &a");
        }
        for _ in 0..=dice.below(4) {
            let below = at + dice.below(lines.len() - at);
            if let Some(colon) = lines[below].find(": ") {
                let merge = dice.once_in(3);
                lines[below].truncate(colon + 2);
                lines[below].push_str(if merge { "{<<: [*a, *a]}" } else { "*a" });
            }
        }
    })
}

/// Brackets around something, many of them.
fn nest(text: &str, dice: &mut Dice) -> String {
    let times = [3, 60, 70, 200, 2000, 20_000][dice.below(6)];
    let (open, close) = *dice.pick(&[
        ("[", "]"),
        ("{a: ", "}"),
        ("(", ")"),
        ("{{", "}}"),
        ("- ", ""),
        ("not ", ""),
        ("-", ""),
    ]);
    let at = boundary(text, dice);
    let (open, close) = (open.repeat(times), close.repeat(times));
    format!("{}{open}x{close}{}", &text[..at], &text[at..])
}

/// A piece of the text, many times.
fn repeat(text: &str, dice: &mut Dice) -> String {
    let (a, b) = (boundary(text, dice), boundary(text, dice));
    let piece = &text[a.min(b)..a.max(b)];
    let times = [2, 10, 100, 1000][dice.below(4)];
    if piece.len() * times > LONGEST {
        return text.to_owned();
    }
    let at = a.max(b);
    format!("{}{}{}", &text[..at], piece.repeat(times), &text[at..])
}

/// Line ends, byte order marks, other blanks.
fn whole(text: &str, dice: &mut Dice) -> String {
    match dice.below(5) {
        0 => text.replace('\n', "\r\n"),
        1 => format!("\u{feff}{text}"),
        2 => text.replace('\n', "\r"),
        3 => text.replacen("  ", "\t", 1 + dice.below(5)),
        _ => text.trim_end().to_owned(),
    }
}
