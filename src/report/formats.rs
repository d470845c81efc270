//! The formats in which a report is written.

use super::model::Format;
use super::{csv, hlog, html, json, junit, markdown, openmetrics, saved};

/// Every format.
pub const FORMATS: &[Format] = &[
    json::FORMAT,
    csv::FORMAT,
    hlog::FORMAT,
    html::FORMAT,
    junit::FORMAT,
    markdown::FORMAT,
    openmetrics::FORMAT,
    saved::FORMAT,
];
