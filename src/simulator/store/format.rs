//! What stands in the data file.

use axum::body::Bytes;
use redb::TableDefinition;

use super::shelf::Entry;
use super::table::Table;

/// What the rows mean; grows when an older simulator could not read them.
pub(super) const FORMAT: u64 = 2;
pub(super) const FORMAT_TABLE: TableDefinition<'static, &str, u64> = TableDefinition::new("format");
pub(super) const FORMAT_KEY: &str = "format";

pub(super) fn rows(table: Table) -> TableDefinition<'static, &'static str, &'static [u8]> {
    TableDefinition::new(table.name())
}

/// Sequence and time, 8 bytes each with the highest first, then the value.
pub(super) fn to_bytes(row: &Entry) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(16 + row.value.len());
    bytes.extend_from_slice(&row.sequence.to_be_bytes());
    bytes.extend_from_slice(&row.made.to_be_bytes());
    bytes.extend_from_slice(&row.value);
    bytes
}

pub(super) fn from_bytes(bytes: &[u8]) -> Option<Entry> {
    let (sequence, rest) = bytes.split_first_chunk()?;
    let (made, value) = rest.split_first_chunk()?;
    Some(Entry {
        sequence: u64::from_be_bytes(*sequence),
        made: i64::from_be_bytes(*made),
        value: Bytes::copy_from_slice(value),
    })
}
