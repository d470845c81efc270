//! `rehearse man`: manual pages, made from the same descriptions as `--help`.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use super::help::{EXITS, WRITES, after};
use super::{Exit, complain, say};

/// Write the manual pages to a folder, or print the first one
#[derive(Debug, Args)]
#[command(after_help = after(&[("rehearse man ~/.local/share/man/man1", "install a page for each command"), ("rehearse man | man -l -", "show the page of rehearse itself")], WRITES))]
pub(super) struct Arguments {
    /// Folder for the pages; created if missing, existing pages are replaced
    dir: Option<PathBuf>,
}

pub(super) fn man(arguments: &Arguments, command: Command) -> Exit {
    let root = root(command);
    let Some(dir) = &arguments.dir else {
        return match page(&root) {
            Ok(page) => {
                say(&String::from_utf8_lossy(&page));
                Exit::Good
            }
            Err(error) => refuse(Path::new("the manual page"), &error),
        };
    };
    if let Err(error) = std::fs::create_dir_all(dir) {
        return refuse(dir, &error);
    }
    let mut commands = VecDeque::from([root]);
    while let Some(command) = commands.pop_front() {
        let path = dir.join(Man::new(command.clone()).get_filename());
        if let Err(error) = page(&command).and_then(|page| std::fs::write(&path, page)) {
            return refuse(&path, &error);
        }
        say(&format!("wrote {}\n", path.display()));
        let below = command
            .get_subcommands()
            .filter(|command| !command.is_hide_set());
        commands.extend(below.cloned());
    }
    Exit::Good
}

/// Our command line without `help`, which has no page.
fn root(command: Command) -> Command {
    let mut root = command.disable_help_subcommand(true);
    root.build();
    root
}

fn refuse(path: &Path, error: &io::Error) -> Exit {
    complain(&format!(
        "cannot write {}: {error}\nhint: name a folder that you may write to",
        path.display()
    ));
    Exit::Wrong
}

/// A page, with the exit codes at its end.
fn page(command: &Command) -> io::Result<Vec<u8>> {
    let version = env!("CARGO_PKG_VERSION");
    let after = command.get_after_help().map(ToString::to_string);
    let after = after.unwrap_or_default();
    let (examples, exits) = after.split_once(EXITS).unwrap_or((&after, ""));
    let mut page = Vec::new();
    Man::new(command.clone().after_help(examples.to_owned()))
        .source(format!("rehearse {version}"))
        .manual("Manual of rehearse")
        .render(&mut page)?;
    let mut end = Roff::default();
    end.control("SH", ["EXIT STATUS"]);
    for line in exits.lines() {
        let (code, meaning) = line.trim().split_once(' ').unwrap_or((line, ""));
        end.control("TP", []);
        end.text([roman(code)]);
        end.text([roman(meaning.trim())]);
    }
    end.to_writer(&mut page)?;
    page.flush()?;
    Ok(page)
}
