//! Changes bytes at random.

use crate::dice::Dice;

/// Longest input, in bytes.
const LONGEST: usize = 64 * 1024;

const TOKENS: &[&[u8]] = &[
    b"\r\n",
    b"\n",
    b"\r",
    b"\r\n\r\n",
    b" ",
    b":",
    b"\0",
    b"\xff\xfe",
    b"{99999999999999999999}",
    b"{3}",
    b"{0+}\r\n",
    b"(",
    b")",
    b"[",
    b"]",
    b"<4294967295.4294967295>",
    b"1:*",
    b"4294967295",
    b"-1",
    b"%",
    b"*",
    b"\"",
    b"\\",
    b"BODY[",
    b"BODY[1.1.1.1.1]",
    b"OR NOT ",
    b"Transfer-Encoding: chunked\r\n",
    b"Content-Length: 99999999999999999999\r\n",
    b"Content-Length: 5\r\n",
    b"Expect: 100-continue\r\n",
    b"Upgrade: h2c\r\nConnection: Upgrade\r\n",
    b"Authorization: Basic ====\r\n",
    b"Authorization: Bearer a.b.c\r\n",
    b"ffffffffffffffff\r\n",
    b"0\r\n\r\n",
    b"/../",
    b"%00",
    b"%FF",
    b"?wait=1&after=18446744073709551615&",
    b"{\"a\":[[[[",
    b"250-",
    b"250 ",
    b"999 x\r\n",
    b"421 go\r\n",
];

pub fn input(corpus: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = dice.pick(corpus).clone();
    for _ in 0..dice.below(5) {
        change(&mut bytes, corpus, dice);
        bytes.truncate(LONGEST);
    }
    bytes
}

fn change(bytes: &mut Vec<u8>, corpus: &[Vec<u8>], dice: &mut Dice) {
    let at = dice.below(bytes.len() + 1);
    let end = at + dice.below((bytes.len() - at).min(40) + 1);
    match dice.below(7) {
        0 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << dice.below(8);
            }
        }
        1 => drop(bytes.drain(at..end)),
        2 | 3 => {
            let token = dice.pick(TOKENS).to_vec();
            bytes.splice(at..at, token);
        }
        4 => {
            let piece = bytes[at..end].repeat([1, 2, 30, 1000][dice.below(4)]);
            bytes.splice(at..at, piece);
        }
        5 => {
            let other = dice.pick(corpus);
            let from = dice.below(other.len());
            bytes.splice(at.., other[from..].iter().copied());
        }
        _ => {
            let token = dice.pick(TOKENS).to_vec();
            bytes.splice(at..end, token);
        }
    }
}
