//! The mails of `fixtures/mails`, made by `tests/mail/corpus/make.py`: which code is
//! found in each, per kind of sender and per language.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use regex::Regex;
use secrecy::ExposeSecret;
use serde_json::Value;

use crate::clock::Clock;
use crate::otp::{ExtractError, Reading, mail};

const MAILS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/mails");
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/otp-corpus.md");

/// What became of some mails.
#[derive(Clone, Copy, Default)]
struct Tally {
    mails: u32,
    right: u32,
    ambiguous: u32,
    missed: u32,
    wrong: u32,
}

/// A line of `expected.tsv`.
struct Expected<'t> {
    file: &'t str,
    language: &'t str,
    kind: &'t str,
    /// A code, `none`, or `ambiguous`.
    code: &'t str,
    length: usize,
    pattern: Option<Regex>,
}

impl<'t> Expected<'t> {
    fn parse(line: &'t str) -> Self {
        let [file, language, kind, code, length, pattern] =
            line.split('\t').collect::<Vec<_>>()[..]
        else {
            panic!("{line}");
        };
        Self {
            file,
            language,
            kind,
            code,
            length: length.parse().unwrap(),
            pattern: (!pattern.is_empty()).then(|| Regex::new(pattern).unwrap()),
        }
    }

    /// The code that is found in the mail, `none`, or `ambiguous`.
    fn found(&self) -> String {
        let raw = fs::read(format!("{MAILS}/{}", self.file)).unwrap();
        let reading = Reading {
            pattern: self.pattern.clone(),
            ..Reading::default()
        };
        let message = mail::read(&raw, None, 0);
        match reading.code(&message.content, self.length) {
            Ok(code) => code.expose_secret().to_owned(),
            Err(ExtractError::NoCode { .. } | ExtractError::Automatic { .. }) => "none".into(),
            Err(ExtractError::Ambiguous { .. }) => "ambiguous".into(),
        }
    }
}

impl Tally {
    fn count(&mut self, expected: &str, found: &str) {
        self.mails += 1;
        *match found {
            _ if found == expected => &mut self.right,
            "ambiguous" => &mut self.ambiguous,
            "none" => &mut self.missed,
            _ => &mut self.wrong,
        } += 1;
    }
}

fn table(head: &str, tallies: &BTreeMap<&str, Tally>) -> String {
    let mut table = format!(
        "| {head} | mails | right | ambiguous | missed | wrong |\n| --- | --- | --- | --- | --- | --- |\n"
    );
    for (name, tally) in tallies {
        let Tally {
            mails,
            right,
            ambiguous,
            missed,
            wrong,
        } = tally;
        writeln!(
            table,
            "| {name} | {mails} | {right} | {ambiguous} | {missed} | {wrong} |"
        )
        .unwrap();
    }
    table
}

#[test]
fn the_code_of_each_mail_is_found_and_no_other_number() {
    let expected = fs::read_to_string(format!("{MAILS}/expected.tsv")).unwrap();
    let mut kinds = BTreeMap::<&str, Tally>::new();
    let mut languages = BTreeMap::<&str, Tally>::new();
    let (mut with_code, mut all) = (Tally::default(), Tally::default());
    let mut faults = String::new();
    for line in expected.lines().skip(1) {
        let mail = Expected::parse(line);
        let found = mail.found();
        for tally in [
            kinds.entry(mail.kind).or_default(),
            languages.entry(mail.language).or_default(),
            &mut all,
        ] {
            tally.count(mail.code, &found);
        }
        if mail.code != "none" {
            with_code.count(mail.code, &found);
        }
        if found != mail.code {
            writeln!(faults, "{} {}: {found}", mail.file, mail.code).unwrap();
        }
    }
    assert_eq!(all.wrong, 0, "\n{faults}");
    assert!(with_code.right * 100 >= with_code.mails * 99, "\n{faults}");
    kinds.insert("all", all);
    let tables = format!(
        "{}\n{}",
        table("kind", &kinds),
        table("language", &languages)
    );
    let page = fs::read_to_string(PAGE).unwrap();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let (before, _) = page.split_once("| kind |").unwrap();
        fs::write(PAGE, format!("{before}{tables}")).unwrap();
        return;
    }
    assert!(
        page.ends_with(&tables),
        "the tables of docs/otp-corpus.md are others; UPDATE_DOCS=1 writes them anew:\n{tables}"
    );
}

/// The mails that the parser's own tests read, as Cargo has unpacked them.
fn foreign() -> Vec<PathBuf> {
    let cargo = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--locked", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&cargo.stdout).unwrap();
    let parser = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .find(|package| package["name"] == "mail-parser")
        .unwrap();
    let manifest = Path::new(parser["manifest_path"].as_str().unwrap());
    let folders = manifest.parent().unwrap().join("resources/eml");
    let folders = fs::read_dir(folders).unwrap().map(|it| it.unwrap().path());
    let files = folders.flat_map(|folder| fs::read_dir(folder).unwrap());
    files
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "eml"))
        .collect()
}

#[test]
fn mails_of_others_hold_no_code_and_are_read_soon() {
    let mails = foreign();
    assert!(mails.len() >= 100, "{}", mails.len());
    for path in mails {
        let raw = fs::read(&path).unwrap();
        let began = Clock::real().now();
        let message = mail::read(&raw, None, 0);
        for length in 5..=8 {
            let code = Reading::default().code(&message.content, length);
            assert!(code.is_err(), "{}: {length}", path.display());
        }
        let took = Clock::real().since(began);
        assert!(
            took < Duration::from_secs(5),
            "{}: {took:?}",
            path.display()
        );
    }
}
