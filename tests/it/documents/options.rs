//! The options that documents name are there.

use std::collections::BTreeMap;

use super::fence::{blocks, documents};
use crate::shell::commands;
use crate::work::Work;

/// The help of each command, asked once.
struct Help {
    work: Work,
    asked: BTreeMap<String, Option<String>>,
}

impl Help {
    /// `None` when there is no such command.
    fn of(&mut self, command: &[&str]) -> Option<&str> {
        let work = &self.work;
        let help = self.asked.entry(command.join(" ")).or_insert_with(|| {
            let ended = work.run(&[command, &["--help"]].concat());
            (ended.code == Some(0)).then_some(ended.out)
        });
        help.as_deref()
    }

    /// What is wrong with a command line.
    fn look(&mut self, line: &str) -> Option<String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [command, rest @ ..] = &words[..] else {
            return None;
        };
        let word = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase());
        if !word(command) {
            return None;
        }
        if self.of(&[command]).is_none() {
            return Some(format!("there is no command `{command}`"));
        }
        let mut path = vec![*command];
        if ["vault", "keys"].contains(command) {
            path.extend(rest.first().filter(|below| word(below)));
        }
        let help = self.of(&path).map(str::to_owned);
        let Some(help) = help else {
            return Some(format!("there is no command `{}`", path.join(" ")));
        };
        for option in rest.iter().filter_map(|word| word.strip_prefix("--")) {
            let name: String = option
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '-')
                .collect();
            let there = help.match_indices(&format!("--{name}")).any(|(at, found)| {
                let after = help[at + found.len()..].chars().next();
                !after.is_some_and(|c| c.is_ascii_alphanumeric() || c == '-')
            });
            if !name.is_empty() && !there {
                return Some(format!("`{}` has no option `--{name}`", path.join(" ")));
            }
        }
        None
    }
}

/// The command lines of rehearse in a script, without what is piped on.
fn of_script(script: &str) -> Vec<String> {
    let script = script.replace("\\\n", " ");
    let lines = script.lines().filter_map(|line| {
        let line = line.split(" # ").next()?;
        let (before, line) = line.split_once("rehearse ")?;
        let begins = before.is_empty() || before.ends_with([' ', '(', '/', ';']);
        let is_ours = !before.contains("docker build") && !before.contains("init ");
        (begins && is_ours).then(|| {
            line.split(['|', '>', '<', ';', '&'])
                .next()
                .unwrap_or_default()
                .to_owned()
        })
    });
    lines.collect()
}

#[test]
fn documents_name_only_commands_and_options_that_are_there() {
    let mut help = Help {
        work: Work::new(),
        asked: BTreeMap::new(),
    };
    let mut wrong = Vec::new();
    let mut seen = 0;
    for document in documents() {
        let scripts = blocks(&document)
            .into_iter()
            .filter(|block| block.language == "sh")
            .map(|block| (block.place, block.text));
        let text = std::fs::read_to_string(&document).unwrap();
        let name = document.file_name().unwrap().to_string_lossy().into_owned();
        // `rehearse …` in a sentence or a table.
        let inline = text
            .split('`')
            .filter(|part| part.starts_with("rehearse ") && !part.contains('\n'))
            .map(|part| (name.clone(), part.to_owned()));
        for (place, script) in scripts.chain(inline.collect::<Vec<_>>()) {
            for line in of_script(&script) {
                seen += 1;
                wrong.extend(
                    help.look(&line)
                        .map(|why| format!("{place}: {line}: {why}")),
                );
            }
        }
    }
    assert!(seen > 100, "{seen}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_command_is_in_the_list_of_commands() {
    let list = std::fs::read_to_string(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/commands.md"),
    )
    .unwrap();
    let rows: Vec<&str> = list
        .lines()
        .filter_map(|line| {
            line.strip_prefix("| `")?
                .split_once(" | ")
                .map(|(row, _)| row)
        })
        .collect();
    for command in commands(&Work::new(), &[]) {
        let named = format!("`{command}`");
        let there = rows.iter().any(|row| format!("`{row}").contains(&named));
        assert!(there, "docs/commands.md does not name `{command}`");
    }
}

#[test]
fn what_is_not_there_is_found() {
    let mut help = Help {
        work: Work::new(),
        asked: BTreeMap::new(),
    };
    let mut look = |line: &str| help.look(line);
    assert_eq!(look("run mine.yaml --vus 3"), None);
    let option = look("run mine.yaml --vu 3").unwrap();
    assert_eq!(option, "`run` has no option `--vu`");
    assert!(look("vault lst").is_some());
    assert!(look("rum mine.yaml").is_some());
}
