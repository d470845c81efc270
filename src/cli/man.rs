//! `rehearse man`: manual pages, made from the same descriptions as `--help`.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use super::{Exit, complain, say};

/// Write the manual page, or all of them into a folder
///
/// `rehearse man | man -l -` shows the one of `rehearse` itself;
/// `rehearse man ~/.local/share/man/man1` installs one for each command.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The folder, made when it is not there; pages in it are replaced
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
    let mut page = Vec::new();
    Man::new(command.clone())
        .source(format!("rehearse {version}"))
        .manual("Manual of rehearse")
        .render(&mut page)?;
    let mut end = Roff::default();
    end.control("SH", ["EXIT STATUS"]);
    for exit in Exit::ALL {
        end.control("TP", []);
        end.text([roman(exit.code().to_string())]);
        end.text([roman(exit.meaning())]);
    }
    end.to_writer(&mut page)?;
    page.flush()?;
    Ok(page)
}
