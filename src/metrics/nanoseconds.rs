//! Durations as whole nanoseconds in a file; half a millennium fits.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serializer};

use crate::numbers;

/// For `#[serde(with = "nanoseconds")]`.
///
/// # Errors
/// When the serializer fails.
pub fn serialize<S: Serializer>(value: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(numbers::nanoseconds(*value))
}

/// The other way.
///
/// # Errors
/// When it is no whole number.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u64::deserialize(deserializer).map(Duration::from_nanos)
}
