//! The parts of a file that `###` stands between.

use super::definition;

/// A request as it is written.
#[derive(Debug, Default)]
pub(super) struct Block {
    /// Where its first line is.
    pub line: usize,
    /// By which others refer to it.
    pub name: Option<String>,
    /// What stands behind `###`.
    pub title: Option<String>,
    pub method: String,
    /// Empty, when there is no request.
    pub address: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
    /// The script that is played after the answer.
    pub handler: String,
    pub redirects: bool,
    pub timeout: Option<String>,
    /// What is left out, by line.
    pub told: Vec<(usize, String)>,
}

pub(super) fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut title = None;
    let mut lines: Vec<(usize, &str)> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if let Some(rest) = line.strip_prefix("###") {
            blocks.push(block(&lines, title.take()));
            let name = rest.trim_start_matches('#').trim();
            title = (!name.is_empty()).then(|| name.to_owned());
            lines.clear();
        } else {
            lines.push((index + 1, line));
        }
    }
    blocks.push(block(&lines, title));
    blocks
}

/// What is read of a block at a time.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Before,
    Address,
    Headers,
    Body,
    /// In a script, after the answer or before the request.
    Script {
        after: bool,
        then: bool,
    },
}

fn block(lines: &[(usize, &str)], title: Option<String>) -> Block {
    let mut block = Block {
        title,
        redirects: true,
        ..Block::default()
    };
    let mut state = State::Before;
    let mut body: Vec<&str> = Vec::new();
    for (number, line) in lines {
        state = match state {
            State::Script { after, then } => {
                let end = line.contains("%}");
                if after {
                    block
                        .handler
                        .extend([line.trim_end_matches("%}").trim_end(), "\n"]);
                }
                match (end, then) {
                    (false, _) => state,
                    (true, true) => State::Body,
                    (true, false) => State::Before,
                }
            }
            State::Before => before(*number, line, &mut block),
            State::Address
                if line.starts_with([' ', '\t', '?', '&']) && !line.trim().is_empty() =>
            {
                block.address.push_str(line.trim());
                state
            }
            State::Address | State::Headers => headers(*number, line, &mut block),
            State::Body => in_body(*number, line, &mut block, &mut body),
        };
    }
    let body = body.join("\n");
    (body.trim_matches('\n').trim_end()).clone_into(&mut block.body);
    block
}

fn before(number: usize, line: &str, block: &mut Block) -> State {
    let line = line.trim();
    let comment = line.strip_prefix('#').or_else(|| line.strip_prefix("//"));
    if let Some(comment) = comment {
        directive(number, comment.trim_start_matches(['#', '/']).trim(), block);
        return State::Before;
    }
    if line.is_empty() || definition(line).is_some() {
        return State::Before;
    }
    if let Some(script) = line.strip_prefix('<') {
        block
            .told
            .push((number, "its script before the request is left out".into()));
        let goes_on = script.contains("{%") && !script.contains("%}");
        return if goes_on {
            State::Script {
                after: false,
                then: false,
            }
        } else {
            State::Before
        };
    }
    let (method, address) = match line.split_once(char::is_whitespace) {
        Some((method, rest)) if is_method(method) => (method, rest.trim()),
        _ => ("GET", line),
    };
    if ["import", "run"]
        .iter()
        .any(|word| line.split(' ').next() == Some(word))
    {
        block.told.push((
            number,
            "another file is not read: import it by itself".into(),
        ));
        return State::Before;
    }
    if ["WEBSOCKET", "GRPC", "RSOCKET"].contains(&method) {
        block.told.push((
            number,
            format!("`{method}` is no request of HTTP, and is left out"),
        ));
        return State::Before;
    }
    let version = address.rsplit_once(" HTTP/").map(|(address, _)| address);
    version
        .unwrap_or(address)
        .trim()
        .clone_into(&mut block.address);
    method.clone_into(&mut block.method);
    block.line = number;
    State::Address
}

/// What a comment says of the request after it: `@name login`.
fn directive(number: usize, comment: &str, block: &mut Block) {
    let Some(said) = comment.strip_prefix('@') else {
        return;
    };
    let (word, rest) = said.split_once([' ', '=']).unwrap_or((said, ""));
    let rest = rest.trim_start_matches(['=', ' ']).trim();
    match word {
        "name" if !rest.is_empty() => block.name = Some(rest.to_owned()),
        "no-redirect" => block.redirects = false,
        "timeout" => {
            let digits = rest.trim_end_matches(|c: char| !c.is_ascii_digit());
            let unit = match rest[digits.len()..].trim() {
                "ms" => "ms",
                "m" => "m",
                _ => "s",
            };
            if digits.len() < 7
                && digits.bytes().all(|byte| byte.is_ascii_digit())
                && !digits.is_empty()
            {
                block.timeout = Some(format!("{digits}{unit}"));
            }
        }
        "no-cookie-jar" => {
            let message = "`@no-cookie-jar` is left out: say `cookies: false`";
            block.told.push((number, message.into()));
        }
        _ => {}
    }
}

fn headers(number: usize, line: &str, block: &mut Block) -> State {
    let line = line.trim();
    if line.is_empty() {
        return State::Body;
    }
    if line.starts_with('#') || line.starts_with("//") {
        directive(number, line.trim_start_matches(['#', '/']).trim(), block);
        return State::Headers;
    }
    if line.starts_with("> ") || line.starts_with("< ") {
        return in_body(number, line, block, &mut Vec::new());
    }
    match line.split_once(':') {
        Some((name, value)) => block
            .headers
            .push((name.trim().into(), value.trim().into())),
        None => block
            .told
            .push((number, "this is no header, and is left out".into())),
    }
    State::Headers
}

fn in_body<'t>(number: usize, line: &'t str, block: &mut Block, body: &mut Vec<&'t str>) -> State {
    if let Some(script) = line.strip_prefix("> {%") {
        block.handler.extend([script.trim_end_matches("%}"), "\n"]);
        return if script.contains("%}") {
            State::Body
        } else {
            State::Script {
                after: true,
                then: true,
            }
        };
    }
    if line.starts_with("> ") {
        block
            .told
            .push((number, "the script in another file is left out".into()));
    } else if !line.starts_with(">>") && !line.starts_with("<> ") {
        body.push(line);
    }
    State::Body
}

/// Whether a word is written as methods are.
pub(super) fn is_method(word: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_uppercase() || byte == b'-';
    word.len() > 1 && word.bytes().all(letter)
}
