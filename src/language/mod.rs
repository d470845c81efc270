//! Text to nodes to fields: where things stand in a file, YAML, what is wrong with
//! it, tables of fields, and the schema and reference made of them. It knows no
//! network and nothing of the platform.

pub(crate) mod duration;
pub(crate) mod environment;
pub(crate) mod field;
pub(crate) mod fields;
pub(crate) mod file_kind;
pub(crate) mod files_error;
pub(crate) mod form;
pub(crate) mod format;
pub(crate) mod inline;
pub(crate) mod meant;
pub(crate) mod missing;
pub(crate) mod names;
pub(crate) mod node;
pub(crate) mod permissions;
pub(crate) mod problem;
pub(crate) mod rate;
pub(crate) mod read;
pub(crate) mod reference;
pub(crate) mod report;
pub(crate) mod schema;
pub(crate) mod shape;
pub(crate) mod size;
pub(crate) mod source;
pub(crate) mod source_map;
pub(crate) mod yaml;
mod yaml_help;

pub use crate::shown::terminal::Look;
pub use duration::{format_duration, parse_duration};
pub use environment::Environment;
pub use field::{Defaulted, Field, Table};
pub use fields::{Fields, entries, read_as, show_form, show_value};
pub use file_kind::{FileKind, has_scenarios};
pub use files_error::FilesError;
pub use format::format;
pub use missing::{file_help, path_help};
pub use node::{Node, Text};
pub use permissions::Permissions;
pub use problem::{Problem, Problems, RULES, Report, Severity};
pub use rate::WrittenRate;
pub use read::{Choice, Read, duration_shape};
pub use reference::reference;
pub use schema::{SchemaOf, schema};
pub use shape::{ANCHORS, Key, Keyed, Kind, Language, Named, Shape, Tagged, Written};
pub use size::Size;
pub use source::{Source, Span};
pub use source_map::SourceMap;
