//! Completions are asked of real shells, and manual pages read by groff.

use std::path::Path;
use std::process::Command;

use crate::work::{Ended, Work};

/// What bash offers at the end of a command line, in the order it offers it.
fn offered(work: &Work, line: &str) -> Vec<String> {
    // As bash calls a completion: the words, which of them, and the one before.
    let script = r#"
        source completions.bash || exit 9
        COMP_LINE=$1 COMP_POINT=${#1}
        read -r -a COMP_WORDS <<< "$1"
        [[ $1 == *" " ]] && COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        spec=$(complete -p rehearse) || exit 8
        [[ $spec =~ -F\ ([^ ]+) ]] || exit 7
        "${BASH_REMATCH[1]}" rehearse "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let mut bash = Command::new("bash");
    bash.args(["--norc", "-uc", script, "bash", line])
        .current_dir(work.path());
    let ended = Ended::new(&bash.output().unwrap()).expect(0);
    assert_eq!(ended.err, "", "{line}");
    ended.out.lines().map(str::to_owned).collect()
}

fn with_completions() -> Work {
    let work = Work::new();
    let script = work.run(&["completions", "bash"]).expect(0);
    assert_eq!(script.err, "");
    work.write("completions.bash", &script.out);
    work
}

/// The commands that `--help` names.
pub fn commands(work: &Work, of: &[&str]) -> Vec<String> {
    let help = work.run(&[of, &["--help"]].concat()).expect(0).out;
    let list = help.split_once("Commands:\n").map_or("", |(_, list)| list);
    list.lines()
        .take_while(|line| line.starts_with("  "))
        .filter_map(|line| line.strip_prefix("  "))
        .filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase()))
        .filter_map(|line| line.split(' ').next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

#[test]
fn bash_completes_what_help_shows() {
    let work = with_completions();
    assert_eq!(offered(&work, "rehearse ru"), ["run"]);
    assert_eq!(offered(&work, "rehearse vault exp"), ["export"]);
    assert_eq!(offered(&work, "rehearse compare a b --fail"), ["--fail-on"]);
    let formats = offered(&work, "rehearse check --format ");
    assert_eq!(formats, ["human", "json", "sarif"]);
    // A file: bash looks for those itself.
    work.write("mine.yaml", "");
    assert_eq!(offered(&work, "rehearse run --target mi"), ["mine.yaml"]);
    let all = commands(&work, &[]);
    assert!(all.len() >= 15, "{all:?}");
    for command in &all {
        assert!(offered(&work, "rehearse ").contains(command), "{command}");
        let help = work.run(&[command, "--help"]).expect(0).out;
        let options = help
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix("--"))
            .filter_map(|rest| rest.split([' ', ',']).next());
        for option in options.filter(|option| !option.is_empty()) {
            let line = format!("rehearse {command} --{option}");
            let offer = offered(&work, &line);
            assert!(offer.contains(&format!("--{option}")), "{line}: {offer:?}");
        }
    }
}

#[test]
fn each_shell_gets_a_script_and_others_are_told_which_there_are() {
    let work = Work::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = work.run(&["completions", shell]).expect(0).out;
        for command in ["compare", "completions", "fail-on"] {
            assert!(script.contains(command), "{shell} lacks {command}");
        }
    }
    let wrong = work.run(&["completions", "tcsh"]).expect(2);
    assert!(wrong.err.contains("bash, elvish, fish"), "{}", wrong.err);
}

/// What groff says of a page.
fn warnings(page: &Path) -> String {
    let groff = Command::new("groff")
        .args(["-ww", "-man", "-Tutf8", "-z"])
        .arg(page)
        .output();
    let Ok(output) = groff else {
        eprintln!("there is no groff here, so {} is not read", page.display());
        return String::new();
    };
    Ended::new(&output).expect(0).err
}

#[test]
fn there_is_a_manual_page_for_each_command() {
    let work = Work::new();
    let told = work.run(&["man", "share/man1"]).expect(0);
    let folder = work.path().join("share/man1");
    assert!(
        told.out.starts_with("wrote share/man1/rehearse.1\n"),
        "{}",
        told.out
    );
    let mut expected = vec!["rehearse".to_owned()];
    for command in commands(&work, &[]) {
        for below in commands(&work, &[&command]) {
            expected.push(format!("rehearse-{command}-{below}"));
        }
        expected.push(format!("rehearse-{command}"));
    }
    assert!(expected.len() > 20, "{expected:?}");
    assert_eq!(told.out.lines().count(), expected.len(), "{}", told.out);
    for name in &expected {
        let path = folder.join(format!("{name}.1"));
        let page = std::fs::read_to_string(&path).unwrap();
        for part in [
            ".SH SYNOPSIS",
            ".SH DESCRIPTION",
            ".SH \"EXIT STATUS\"",
            "\n2\n",
        ] {
            assert!(page.contains(part), "{name} lacks {part}\n{page}");
        }
        assert_eq!(warnings(&path), "", "{name}");
    }
    // The first page on its own, the same one.
    let page = work.run(&["man"]).expect(0).out;
    let written = std::fs::read_to_string(folder.join("rehearse.1")).unwrap();
    assert_eq!(page, written);
}

#[test]
fn a_folder_that_cannot_be_made_is_told() {
    let work = Work::new();
    work.write("file", "");
    let ended = work.run(&["man", "file/man1"]).expect(2);
    insta::assert_snapshot!(ended.err, @r"
    rehearse: cannot write file/man1: Not a directory (os error 20)
    hint: name a folder that you may write to
    ");
}
