//! Data files of format 1, which versions before 29 November 2026 wrote: rows
//! without their order, and indexes beside them.

use axum::body::Bytes;
use redb::{Database, ReadableTable, TableDefinition, TableHandle, WriteTransaction};
use serde::Deserialize;
use strum::VariantArray;

use super::format::{FORMAT, FORMAT_KEY, FORMAT_TABLE, rows, to_bytes};
use super::shelf::Entry;
use super::table::Table;

/// The format that is brought up to date.
pub(super) const FIRST: u64 = 1;

/// Tables that say nothing that the rows of others do not say.
const INDEXES: [&str; 2] = ["services", "exchange_data_of"];

/// Brings a file up to date in one transaction: until that is on disk as a
/// whole, the file is what it was.
pub(super) fn from_first(database: &Database, now: i64) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    rewrite(&transaction, now)?;
    transaction.commit()?;
    Ok(())
}

fn rewrite(transaction: &WriteTransaction, now: i64) -> Result<(), redb::Error> {
    let tables = transaction.list_tables()?;
    let tables: Vec<String> = tables.map(|table| table.name().to_owned()).collect();
    for index in INDEXES {
        if tables.iter().any(|table| table == index) {
            transaction.delete_table(TableDefinition::<&str, &[u8]>::new(index))?;
        }
    }
    let responsible = if tables.iter().any(|table| table == Table::Meta.name()) {
        responsible(transaction)?
    } else {
        None
    };
    let mut sequence = 0;
    for table in Table::VARIANTS.iter().copied() {
        if !tables.iter().any(|name| name == table.name()) {
            continue;
        }
        let mut stored = transaction.open_table(rows(table))?;
        let mut old = Vec::new();
        for row in stored.iter()? {
            let (key, value) = row?;
            let value = Bytes::copy_from_slice(value.value());
            old.push((made(&value, now), key.value().to_owned(), value));
        }
        // The responsible is the first practitioner that there was.
        old.sort_by_cached_key(|(made, key, _)| {
            (responsible.as_ref() != Some(key), *made, key.clone())
        });
        for (made, key, value) in old {
            sequence += 1;
            let entry = Entry {
                value,
                sequence,
                made,
            };
            stored.insert(key.as_str(), to_bytes(&entry).as_slice())?;
        }
    }
    let mut format = transaction.open_table(FORMAT_TABLE)?;
    format.insert(FORMAT_KEY, FORMAT)?;
    Ok(())
}

/// When a row was made, as far as it says so.
fn made(value: &[u8], now: i64) -> i64 {
    #[derive(Deserialize)]
    struct Made {
        created: i64,
    }
    let made = serde_json::from_slice(value).map_or(now, |made: Made| made.created);
    made.min(now)
}

/// Id of the practitioner whom patients share with.
fn responsible(transaction: &WriteTransaction) -> Result<Option<String>, redb::Error> {
    #[derive(Deserialize)]
    struct Identity {
        responsible: String,
    }
    let meta = transaction.open_table(rows(Table::Meta))?;
    let identity = meta.get("identity")?;
    let identity = identity.and_then(|row| serde_json::from_slice(row.value()).ok());
    Ok(identity.map(|identity: Identity| identity.responsible))
}

#[cfg(test)]
mod tests;
