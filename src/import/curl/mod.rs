//! Command lines of curl, as people keep them and browsers copy them: for bash,
//! for the command line of Windows, for PowerShell.

mod bash;
mod command;
mod form;
mod globs;
mod options;
mod windows;
mod words;

use super::found::{Found, ImportError};
use words::{Command, Fault, Reader};

/// Reads the commands of a file. One that cannot be taken over costs its line.
pub(super) fn read(text: &str) -> Result<Found, ImportError> {
    let mut found = Found::default();
    let mut reader = Reader::new(text);
    // What stands between a command and the one before it on the same line.
    let mut after: Option<String> = None;
    while reader.peek().is_some() {
        if after.is_none() && skip_line(&mut reader) {
            continue;
        }
        let shell = shell(&mut reader, after.is_none());
        let place = reader.place();
        let is_value = after.is_none() && skip_assignment(&mut reader);
        match shell(&mut reader) {
            Ok((mut command, mut operator)) => {
                if is_value {
                    let message = "what it says was the value of a variable of the shell: `capture` takes parts of an answer";
                    found.tell(&format!("line {}", command.line), message);
                    operator = operator.filter(|operator| operator != ")");
                    if reader.peek() == Some('"') {
                        reader.next();
                    }
                }
                command.after = after.take();
                after = operator.filter(|_| reader.peek() != Some('\n'));
                if after.is_none() && reader.peek() == Some('\n') {
                    reader.skip_line();
                }
                take(&command, &mut found);
            }
            Err(Fault { line, message }) => {
                found.tell(&format!("line {line}"), message);
                after = None;
                if reader.place().0 == place.0 || reader.peek().is_none() {
                    reader.return_to(place);
                    reader.skip_line();
                    skip_rest(&mut reader);
                }
            }
        }
    }
    match (found.requests.is_empty(), found.told.first()) {
        (true, Some(told)) => Err(ImportError {
            place: told.place.clone(),
            message: told.message.clone(),
            hint: "expected one `curl …` a line; a line that ends with `\\` goes on",
        }),
        _ => Ok(found),
    }
}

/// `NAME=$(`, before a command whose output a variable takes.
fn skip_assignment(reader: &mut Reader) -> bool {
    let line = reader.rest_of_line();
    let begun = line.trim_start();
    let words = ["export ", "local ", "declare ", "readonly "];
    let named = words.iter().find_map(|word| begun.strip_prefix(word));
    let named = named.unwrap_or(begun);
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let value = named.trim_start_matches(letter).strip_prefix('=');
    let value = value.map(|value| value.strip_prefix('"').unwrap_or(value));
    let command = value.and_then(|value| value.strip_prefix("$("));
    let Some(command) = command.filter(|command| command.trim_start().starts_with("curl")) else {
        return false;
    };
    let before = line.chars().count() - command.chars().count();
    for _ in 0..before {
        reader.next();
    }
    true
}

type Shell = fn(&mut Reader) -> Result<(Command, Option<String>), Fault>;

/// Comments, empty lines and what surrounds code in documents.
fn skip_line(reader: &mut Reader) -> bool {
    let line = reader.rest_of_line();
    let line = line.trim();
    let nothing = line.is_empty() || line.starts_with('#') || line.starts_with("```");
    let remark = ["REM ", "rem ", "@echo off", "::"];
    if nothing || remark.iter().any(|start| line.starts_with(start)) {
        reader.skip_line();
        return true;
    }
    false
}

/// What is left of a command that was not understood: lines that go on with it.
fn skip_rest(reader: &mut Reader) {
    while reader
        .peek()
        .is_some_and(|letter| matches!(letter, ' ' | '\t' | '-'))
    {
        reader.skip_line();
    }
}

/// The shell that a command was written for. What it says before a command, and
/// `sudo` and the like, are passed over.
fn shell(reader: &mut Reader, at_start: bool) -> Shell {
    let line = reader.rest_of_line();
    let begun = line.trim_start();
    let mut shell: Option<Shell> = None;
    if at_start {
        let prompt = prompt(begun);
        if begun.starts_with("PS ") && prompt > 0 {
            shell = Some(windows::powershell);
        } else if prompt > 0 && begun[..prompt].contains(":\\") {
            shell = Some(windows::cmd);
        }
        let indent = line.chars().count() - begun.chars().count();
        for _ in 0..indent + begun[..prompt].chars().count() {
            reader.next();
        }
    }
    let end = line.trim_end();
    // PowerShell would end the quotes there.
    let is_for_cmd =
        line.contains("curl.exe") && line.contains("\\\"") && !line.contains(['\'', '`']);
    let program = begun.split_whitespace().find(|word| word.contains("curl"));
    shell.unwrap_or(
        if end.ends_with('^') || line.contains("^\"") || is_for_cmd {
            windows::cmd
        } else if end.ends_with('`') || line.contains("$env:") || program == Some("curl.exe") {
            windows::powershell
        } else {
            bash::command
        },
    )
}

/// How long what a shell says before a command is: `$ `, `C:\>`, `ada@host:~$ `.
fn prompt(line: &str) -> usize {
    let Some(at) = line.find("curl") else {
        return 0;
    };
    let before = &line[..at];
    let ends = ["$ ", "> ", "% ", "# ", "❯ ", "➜ "];
    let end = ends
        .iter()
        .filter_map(|end| Some(before.find(end)? + end.len()))
        .min();
    let windows = before.find(":\\").and_then(|_| Some(before.find('>')? + 1));
    let end = end.or(windows).unwrap_or(0);
    // A quote before it is of a command, and no prompt has one.
    if before[..end].contains(['\'', '"', '=']) {
        0
    } else {
        end
    }
}

/// Words that run the command which follows them.
const RUNNERS: &[&str] = &[
    "if",
    "while",
    "until",
    "time",
    "sudo",
    "env",
    "nohup",
    "exec",
    "command",
    "builtin",
    "nice",
    "do",
    "then",
    "{",
    "!",
    "winpty",
    "proxychains",
    "call",
    "&",
    "else",
    "stdbuf",
];

/// Where the arguments of curl begin, if it is curl that is run.
fn arguments(words: &[String]) -> Option<usize> {
    let mut runner = false;
    for (place, word) in words.iter().enumerate() {
        let program = word.rsplit(['/', '\\']).next().unwrap_or(word);
        if program == "curl" || program.eq_ignore_ascii_case("curl.exe") {
            return Some(place + 1);
        }
        let is_assignment = word.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        });
        let of_runner = runner && (word.starts_with('-') || words.len() > place + 1);
        runner |= RUNNERS.contains(&word.as_str());
        if !(is_assignment || runner || of_runner) {
            return None;
        }
    }
    None
}

fn take(command: &Command, found: &mut Found) {
    let place = format!("line {}", command.line);
    for what in &command.told {
        found.tell(&place, format!("{what} is left out"));
    }
    let Some(first) = command.words.first() else {
        return;
    };
    let Some(start) = arguments(&command.words) else {
        found.tell(
            &place,
            match &command.after {
                Some(after) => format!("what follows `{after}` is left out"),
                None => format!("expected `curl`, found `{first}`"),
            },
        );
        return;
    };
    if let Some(after) = &command.after {
        let message = format!("the command after `{after}` is a step as any other");
        found.tell(&place, message);
    }
    match command::requests(command, &command.words[start..], &mut found.secrets) {
        Ok(requests) => {
            for told in requests.told {
                found.tell(&place, told);
            }
            for request in requests.requests {
                found.take(&place, request);
            }
        }
        Err(message) => found.tell(&place, message),
    }
}
