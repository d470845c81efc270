//! Command lines of curl, as people keep them and browsers copy them.

use url::Url;

use super::{Found, ImportError, Request};

pub(super) fn read(text: &str) -> Result<Found, ImportError> {
    let mut found = Found::default();
    for (line, command) in commands(text) {
        let fail = |message: String| ImportError {
            place: format!("line {line}, column 1"),
            message,
            hint: "expected one `curl …` a line; a line that ends with `\\` goes on",
        };
        let words = shell_words::split(&plain_quotes(&command))
            .map_err(|error| fail(format!("this is no command line: {error}")))?;
        match words.first().map(String::as_str) {
            Some("curl") => found.requests.push(request(&words[1..]).map_err(fail)?),
            Some(word) => return Err(fail(format!("expected `curl`, found `{word}`"))),
            None => {}
        }
    }
    Ok(found)
}

/// Commands with their lines; comments and empty lines are none. A quote that
/// is open goes on in the next line.
fn commands(text: &str) -> Vec<(usize, String)> {
    let mut commands: Vec<(usize, String)> = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_end_matches('\r');
        let (first, mut command) = match open.take() {
            Some(open) => open,
            None if line.trim().is_empty() || line.trim_start().starts_with('#') => continue,
            None => (number + 1, String::new()),
        };
        if let Some(start) = line.strip_suffix('\\') {
            command.push_str(start);
            open = Some((first, command));
            continue;
        }
        command.push_str(line);
        if shell_words::split(&plain_quotes(&command)).is_err() {
            command.push('\n');
            open = Some((first, command));
            continue;
        }
        let command = command
            .trim()
            .trim_end_matches([';', '&'])
            .trim()
            .to_owned();
        commands.push((first, command));
    }
    commands.extend(open);
    commands
}

/// `$'a\nb'`, which browsers copy, as a quote that every shell knows.
fn plain_quotes(command: &str) -> String {
    let mut out = String::new();
    let mut quote: Option<char> = None;
    let mut letters = command.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, quote) {
            ('$', None) if letters.peek() == Some(&'\'') => {
                letters.next();
                out.push('\'');
                while let Some(letter) = letters.next() {
                    match letter {
                        '\'' => break,
                        '\\' => escape(&mut letters, &mut out),
                        letter => out.push(letter),
                    }
                }
                out.push('\'');
            }
            ('\\', None | Some('"')) => {
                out.push(letter);
                out.extend(letters.next());
            }
            ('\'' | '"', None) => {
                quote = Some(letter);
                out.push(letter);
            }
            (letter, Some(open)) if letter == open => {
                quote = None;
                out.push(letter);
            }
            (letter, _) => out.push(letter),
        }
    }
    out
}

/// What comes after `\` in `$'…'`.
fn escape(letters: &mut std::iter::Peekable<std::str::Chars<'_>>, out: &mut String) {
    let digits = |letters: &mut std::iter::Peekable<std::str::Chars<'_>>, most| {
        let mut code = 0;
        for _ in 0..most {
            let Some(digit) = letters.peek().and_then(|letter| letter.to_digit(16)) else {
                break;
            };
            letters.next();
            code = code * 16 + digit;
        }
        char::from_u32(code)
    };
    match letters.next() {
        Some('n') => out.push('\n'),
        Some('t') => out.push('\t'),
        Some('r') => out.push('\r'),
        Some('x') => out.extend(digits(letters, 2)),
        Some('u') => out.extend(digits(letters, 4)),
        // A quote ends the plain quotes: it is put between two of them.
        Some('\'') => out.push_str("'\\''"),
        Some(letter) => out.push(letter),
        None => {}
    }
}

/// Options that take a value and change nothing that a scenario says.
const IGNORED_WITH_VALUE: &[&str] = &[
    "-o",
    "--output",
    "-w",
    "--write-out",
    "-c",
    "--cookie-jar",
    "-A",
    "--user-agent",
    "-e",
    "--referer",
    "--connect-timeout",
    "--retry",
    "-D",
    "--dump-header",
    "--resolve",
    "-x",
    "--proxy",
];
/// Options that change nothing that a scenario says.
const IGNORED: &[&str] = &[
    "-s",
    "--silent",
    "-S",
    "--show-error",
    "-v",
    "--verbose",
    "-i",
    "--include",
    "-f",
    "--fail",
    "--compressed",
    "-sS",
    "-#",
    "--progress-bar",
    "-g",
    "--globoff",
    "--http1.1",
    "--http2",
    "-N",
    "--no-buffer",
    "-O",
    "--remote-name",
    "--fail-with-body",
];

/// What the words of a command say.
#[derive(Default)]
struct Said {
    method: Option<String>,
    url: Option<String>,
    headers: Vec<(String, String)>,
    data: Vec<String>,
    as_query: bool,
    follow: bool,
    timeout: Option<String>,
    notes: Vec<String>,
}

fn request(words: &[String]) -> Result<Request, String> {
    let mut said = Said::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let (name, joined) = split(word);
        let mut value = || {
            let value = joined.map(str::to_owned).or_else(|| words.next().cloned());
            value.ok_or_else(|| format!("`{name}` needs a value"))
        };
        said.take(name, &mut value)?;
    }
    said.request()
}

/// `-XPOST` and `--request=POST` have their value in the same word.
fn split(word: &str) -> (&str, Option<&str>) {
    if word.starts_with("--") {
        return match word.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (word, None),
        };
    }
    let short = ["-X", "-H", "-d", "-u", "-b", "-m", "-F"];
    match word.split_at_checked(2) {
        Some((name, value)) if short.contains(&name) && !value.is_empty() => (name, Some(value)),
        _ => (word, None),
    }
}

impl Said {
    fn take(
        &mut self,
        name: &str,
        value: &mut dyn FnMut() -> Result<String, String>,
    ) -> Result<(), String> {
        match name {
            "-X" | "--request" => self.method = Some(value()?),
            "--url" => self.url = Some(value()?),
            "-H" | "--header" => {
                let header = value()?;
                let (name, value) = header.split_once(':').unwrap_or((&header, ""));
                self.headers.push((name.trim().into(), value.trim().into()));
            }
            "-d" | "--data" | "--data-raw" | "--data-binary" | "--data-ascii" => {
                let data = value()?;
                if data.starts_with('@') && name != "--data-raw" {
                    self.notes.push(format!(
                        "the body was in the file {}: put it here",
                        &data[1..]
                    ));
                } else {
                    self.data.push(data);
                }
            }
            "--data-urlencode" => {
                let data = value()?;
                let (name, text) = data.split_once('=').unwrap_or(("", &data));
                let text: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
                self.data.push(format!("{name}={text}"));
            }
            "--json" => {
                self.data.push(value()?);
                self.headers
                    .push(("Content-Type".into(), "application/json".into()));
            }
            "-F" | "--form" => {
                value()?;
                let note = "the body was in several parts, and is not copied";
                if !self.notes.iter().any(|known| known == note) {
                    self.notes.push(note.into());
                }
                self.method.get_or_insert_with(|| "POST".into());
            }
            "-u" | "--user" => {
                value()?;
                self.headers.push(("Authorization".into(), "Basic".into()));
                let note =
                    "it had a login and a password: after `Basic` comes `LOGIN:PASSWORD` in base64";
                self.notes.push(note.into());
            }
            "-b" | "--cookie" => {
                let cookies = value()?;
                self.headers.push(("Cookie".into(), cookies));
            }
            "-G" | "--get" => self.as_query = true,
            "-I" | "--head" => self.method = Some("HEAD".into()),
            "-L" | "--location" => self.follow = true,
            "-m" | "--max-time" => {
                let seconds = value()?;
                let seconds: f64 = seconds
                    .parse()
                    .map_err(|_| format!("`{name}` needs seconds"))?;
                let time = std::time::Duration::try_from_secs_f64(seconds);
                let time = time.map_err(|_| format!("`{name}` needs seconds"))?;
                self.timeout = Some(format!("{}ms", time.as_millis().max(1)));
            }
            "-k" | "--insecure" => {
                self.notes.push("certificates were not checked: if they must not be, the target says `tls: {insecure: true}`".into());
            }
            name if IGNORED.contains(&name) => {}
            name if IGNORED_WITH_VALUE.contains(&name) => drop(value()?),
            name if name.starts_with('-') && name.len() > 1 => {
                return Err(format!(
                    "the option `{name}` has no counterpart here: remove it, or write the step by hand"
                ));
            }
            url => self.url = Some(url.to_owned()),
        }
        Ok(())
    }

    fn request(self) -> Result<Request, String> {
        let text = self.url.ok_or("there is no address")?;
        // As curl does.
        let text = if text.contains("://") {
            text
        } else {
            format!("http://{text}")
        };
        // The address is not repeated: it may hold a secret.
        let url = Url::parse(&text).map_err(|error| format!("the address is none: {error}"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(format!("`{}` is not `http` or `https`", url.scheme()));
        }
        let has_data = !self.data.is_empty() && !self.as_query;
        let method = self
            .method
            .unwrap_or_else(|| if has_data { "POST" } else { "GET" }.into());
        let mut request = Request::to(&method, url);
        request.headers = self.headers;
        request.follow = self.follow;
        request.timeout = self.timeout;
        request.notes = self.notes;
        let data = self.data.join("&");
        if self.as_query {
            let pairs = url::form_urlencoded::parse(data.as_bytes());
            request.query.extend(pairs.into_owned());
        } else if has_data {
            if request.header("content-type").is_none() {
                let form = "application/x-www-form-urlencoded";
                request.headers.push(("Content-Type".into(), form.into()));
            }
            request.set_body(&data);
        }
        Ok(request)
    }
}
