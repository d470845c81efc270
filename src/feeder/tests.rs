//! Reading rows, and what is wrong with them.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use proptest::prelude::*;

use super::{Feeder, Order, Rows, read};
use crate::document::{Known, parse};
use crate::language::{Problem, Problems, Source};

/// A folder with one file in it.
fn folder_with(name: &str, content: &[u8]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), content).unwrap();
    folder
}

fn feeder(text: &str, folder: &Path) -> (Vec<Feeder>, Problems) {
    let text = format!("feeders: {{f: {text}}}\nscenarios: {{s: {{steps: [{{x: }}]}}}}\n");
    let source = Source::new("test.yaml", text.as_str());
    let known = Known {
        beside: &[],
        steps: &["x"],
        blocks: &[],
        executors: &["e"],
    };
    let (document, mut cx) = parse(
        &source,
        &known,
        &crate::language::Environment::default().with(crate::language::Permissions::all()),
    );
    let document = document.unwrap();
    let feeders = read(&document, folder, &mut cx);
    (feeders, cx.problems)
}

fn rows(text: &str, folder: &Path) -> Arc<dyn Rows> {
    let (feeders, problems) = feeder(text, folder);
    assert!(problems.is_empty(), "{problems}");
    feeders[0].source.rows(None).unwrap()
}

#[track_caller]
fn refused(text: &str, folder: &Path, expected: &str) {
    let (_, problems) = feeder(text, folder);
    let found: Vec<_> = problems.iter().map(Problem::message).collect();
    assert!(
        found.len() == 1 && found[0].contains(expected),
        "{text}: expected {expected:?}, found {found:?}"
    );
}

fn cell(rows: &dyn Rows, number: u64, column: &str) -> String {
    let row = rows.row(number).unwrap();
    row.get_attr(column).unwrap().to_string()
}

#[test]
fn rows_of_the_file_itself_keep_their_types() {
    let rows = rows(
        "{rows: [{n: 7, ok: true, zip: 0123}, {n: 8}]}",
        Path::new(""),
    );
    assert_eq!(rows.count(), 2);
    let first = rows.row(0).unwrap();
    let json = serde_json::to_value(&first).unwrap();
    assert_eq!(json, serde_json::json!({"n": 7, "ok": true, "zip": "0123"}));
    assert!(rows.row(2).is_err());
}

#[test]
fn csv_cells_are_texts_with_quotes_line_ends_and_empty_lines_understood() {
    let text = "name,note\r\nada,\"says \"\"hi\"\"\"\r\n\r\nbob,\"two\nlines\"\ncy,\n";
    let folder = folder_with("a.csv", text.as_bytes());
    let rows = rows("{csv: a.csv, order: random}", folder.path());
    assert_eq!(rows.count(), 3);
    assert_eq!(cell(&*rows, 0, "note"), "says \"hi\"");
    assert_eq!(cell(&*rows, 1, "note"), "two\nlines");
    assert_eq!(cell(&*rows, 2, "name"), "cy");
    assert_eq!(cell(&*rows, 2, "note"), "");
}

#[test]
fn json_lines_keep_their_types_and_pass_over_empty_lines() {
    let text = "{\"n\": 1, \"deep\": {\"a\": [true, null]}}\n\n  \n{\"n\": 2}";
    let folder = folder_with("a.jsonl", text.as_bytes());
    let rows = rows("{json_lines: a.jsonl}", folder.path());
    assert_eq!(rows.count(), 2);
    let json = serde_json::to_value(rows.row(0).unwrap()).unwrap();
    assert_eq!(
        json,
        serde_json::json!({"n": 1, "deep": {"a": [true, null]}})
    );
    assert_eq!(cell(&*rows, 1, "n"), "2");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_row_of_a_file_is_found_at_its_number(
        cells in prop::collection::vec("[a-z ,\"\n]{0,12}", 1..100),
    ) {
        let (mut csv, mut lines) = (String::from("number,cell\n"), String::new());
        for (number, cell) in cells.iter().enumerate() {
            writeln!(csv, "{number},\"{}\"", cell.replace('"', "\"\"")).unwrap();
            writeln!(lines, "{}", serde_json::json!({"number": number, "cell": cell})).unwrap();
        }
        let folder = folder_with("a.csv", csv.as_bytes());
        fs::write(folder.path().join("a.jsonl"), lines).unwrap();
        for text in ["{csv: a.csv}", "{json_lines: a.jsonl}"] {
            let rows = rows(text, folder.path());
            prop_assert_eq!(rows.count(), cells.len() as u64);
            for (number, expected) in cells.iter().enumerate() {
                prop_assert_eq!(&cell(&*rows, number as u64, "cell"), expected);
                prop_assert_eq!(cell(&*rows, number as u64, "number"), number.to_string());
            }
        }
    }
}

#[test]
fn what_is_wrong_in_a_file_is_found_before_the_run_and_not_repeated() {
    for (content, expected) in [
        (
            &b"name,age\nada\n"[..],
            "line 2: there are 2 columns, and 1 values",
        ),
        (
            b"name,age\nada,36\nbob,41,x\n",
            "line 3: there are 2 columns, and 3 values",
        ),
        (b"name\nad\xFF\n", "line 2: this is not UTF-8"),
        (b"name,name\na,b\n", "there are two columns `name`"),
        (b"first name\nada\n", "`first name` cannot name a column"),
        (b"name\n", "has no rows"),
        (b"", "has no rows"),
    ] {
        let folder = folder_with("a.csv", content);
        refused("{csv: a.csv}", folder.path(), expected);
    }
    for (content, expected) in [
        (
            &b"{\"a\": 1}\n{\"secret\" 1}\n"[..],
            "line 2: column 11: this is not JSON",
        ),
        (b"[1]\n", "line 1: this is JSON, but no object"),
        (b"\n\n", "has no rows"),
    ] {
        let folder = folder_with("a.jsonl", content);
        refused("{json_lines: a.jsonl}", folder.path(), expected);
    }
}

/// A quote that is not closed takes the rest of a file for one cell.
#[test]
fn a_row_and_what_is_between_rows_have_a_ceiling() {
    let long = "x".repeat(2 << 20);
    let blank = "\n".repeat(2 << 20);
    for (name, content) in [
        ("a.csv", format!("{long}\nada\n")),
        ("a.csv", format!("name\n\"{long}\n")),
        ("a.csv", format!("name\nada\n{blank}bob\n")),
        ("a.jsonl", format!("{{\"a\": \"{long}\"}}\n")),
        ("a.jsonl", format!("{{}}\n{blank}{{}}\n")),
    ] {
        let folder = folder_with(name, content.as_bytes());
        let kind = name
            .replace("a.csv", "csv")
            .replace("a.jsonl", "json_lines");
        let text = format!("{{{kind}: {name}}}");
        refused(&text, folder.path(), "a line has more than 1 MiB");
    }
    let good = format!("name\n{0}\n{0}\n{0}\n", "x".repeat(1 << 19));
    let folder = folder_with("a.csv", good.as_bytes());
    assert_eq!(rows("{csv: a.csv}", folder.path()).count(), 3);
}

#[test]
fn what_is_no_file_is_refused_by_its_name() {
    for kind in ["csv", "json_lines"] {
        let refused = |path, what| refused(&format!("{{{kind}: {path}}}"), Path::new(""), what);
        refused("/dev/zero", "`/dev/zero`: it is a device, not a file");
        refused(".", "`.`: it is a directory, not a file");
    }
}

#[test]
fn what_is_wrong_with_a_feeder_is_told() {
    let nowhere = PathBuf::new();
    for (text, expected) in [
        ("{csv: nowhere.csv}", "`nowhere.csv`: No such file"),
        ("{rows: []}", "there are no rows"),
        ("{rows: [1]}", "expected a row, found a number"),
        ("{rows: {a: 1}}", "expected a list of rows, found a mapping"),
        (
            "{rows: [{a: \"{{ 1 }}\"}]}",
            "a row has an expression in it",
        ),
        (
            "{rows: [{a: 1}], order: backwards}",
            "expected `sequential`",
        ),
        (
            "{rows: [{a: 1}], csv: a.csv}",
            "`csv` is a second kind of rows",
        ),
        ("{order: once}", "the feeder `f` has no rows"),
        ("{row: [{a: 1}]}", "unknown key `row`"),
    ] {
        let (_, problems) = feeder(text, &nowhere);
        let found: Vec<_> = problems.iter().map(Problem::message).collect();
        assert!(
            found.iter().any(|message| message.contains(expected)),
            "{text}: {found:?}"
        );
    }
}

#[test]
fn a_file_that_was_cut_off_during_the_run_is_told() {
    let folder = folder_with("a.csv", b"name\nada\nbob\n");
    let rows = rows("{csv: a.csv, order: once}", folder.path());
    fs::write(folder.path().join("a.csv"), "name\n").unwrap();
    let error = rows.row(1).unwrap_err().to_string();
    assert!(
        error.contains("row 2 of") && error.contains("do not change the file"),
        "{error}"
    );
}

#[test]
fn the_order_is_sequential_unless_said_otherwise() {
    let orders = |text: &str| feeder(text, Path::new("")).0[0].order;
    assert_eq!(orders("{rows: [{a: 1}]}"), Order::Sequential);
    assert_eq!(
        orders("{rows: [{a: 1}], order: unique_per_vu}"),
        Order::UniquePerVu
    );
}
