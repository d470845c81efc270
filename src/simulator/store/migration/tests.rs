use std::io::Read;
use std::path::Path;

use redb::{Database, ReadableDatabase, ReadableTable};

use super::{FIRST, FORMAT_KEY, FORMAT_TABLE, Table, from_first, made, rewrite, rows};

fn first(folder: &Path) -> Database {
    let packed = &include_bytes!("../../../../fixtures/simulator/format-1.redb.gz")[..];
    let mut file = Vec::new();
    flate2::read::GzDecoder::new(packed)
        .read_to_end(&mut file)
        .unwrap();
    let path = folder.join("file");
    std::fs::write(&path, file).unwrap();
    Database::open(path).unwrap()
}

fn format(database: &Database) -> u64 {
    let transaction = database.begin_read().unwrap();
    let table = transaction.open_table(FORMAT_TABLE).unwrap();
    table.get(FORMAT_KEY).unwrap().unwrap().value()
}

fn contacts(database: &Database) -> Vec<Vec<u8>> {
    let transaction = database.begin_read().unwrap();
    let table = transaction.open_table(rows(Table::Contacts)).unwrap();
    let rows = table.iter().unwrap();
    rows.map(|row| row.unwrap().1.value().to_owned()).collect()
}

#[test]
fn a_file_is_old_until_it_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let database = first(folder.path());
    let before = contacts(&database);
    let cut = database.begin_write().unwrap();
    rewrite(&cut, 5).unwrap();
    drop(cut);
    assert_eq!(format(&database), FIRST);
    assert_eq!(contacts(&database), before);

    from_first(&database, 5).unwrap();
    assert_eq!(format(&database), FIRST + 1);
    let after = contacts(&database);
    assert_eq!(after.len(), before.len());
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before, &after[16..]);
    }
}

#[test]
fn nothing_was_made_later_than_now() {
    for (row, expected) in [
        (r#"{"created":3}"#, 3),
        (r#"{"created":9}"#, 5),
        (r#"{"created":"3"}"#, 5),
        ("no JSON", 5),
    ] {
        assert_eq!(made(row.as_bytes(), 5), expected, "{row}");
    }
}
