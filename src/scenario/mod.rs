//! The language: YAML with positions, then a validated model, templates and
//! expressions; and target files, which are written in the same YAML.
//!
//! It knows no network and no async, and nothing of steps, executors and
//! sources of one-time passwords but their names: each of those reads its own
//! arguments out of a [`Node`], with [`Fields`] and a [`Context`]. To add a
//! type of argument: implement [`Read`].

mod attached;
mod captures;
mod compare;
mod compiled;
mod context;
mod document;
mod duration;
mod environment;
mod expression;
mod fake;
mod fields;
mod file_kind;
mod infer;
mod item;
mod layers;
mod library;
mod mapping;
mod membership;
mod missing;
mod names;
mod node;
mod problem;
mod read;
mod reference;
mod report;
mod schema;
mod scope;
mod search;
mod secret;
mod secret_place;
mod seen;
mod shape;
mod source;
mod step;
mod target;
mod target_yaml;
mod template;
mod tls;
mod tokens;
mod tree;
mod types;
mod visible;
mod yaml;

pub use captures::Captures;
pub use compiled::TemplateError;
pub use context::Context;
pub use document::{
    Document, Known, ScenarioDoc, ThresholdDoc, UnknownVariable, file_shape, parse, parse_to_check,
    scenario_keys, steps_shape,
};
pub use duration::{format_duration, parse_duration};
pub use expression::Expression;
pub use fields::Fields;
pub use file_kind::FileKind;
pub use item::{BlockDoc, ItemDoc, MARK_KEYS, Marks, read_items};
pub use layers::{Layers, LayersError};
pub use library::{Library, Outside};
pub use mapping::mapping as row_value;
pub use missing::file_help;
pub use node::{Node, Text};
pub use problem::{Problem, Problems, RULES, Severity, Within};
pub use read::{Choice, Read};
pub use reference::reference;
pub use report::Look;
pub use schema::{SchemaOf, schema};
pub use scope::{Globals, Parameters, Scope};
pub use search::json_path;
pub use secret::{contains_secret, sealed_value, secret_value, take_secret};
pub use secret_place::secret_shape;
pub use shape::{Key, Keyed, Kind, Language, Named, Presence, Shape, Tagged, Written};
pub use source::{Source, Span};
pub use step::{BESIDE_KEYS, StepDoc, times_shape};
pub use target::{ApiVersion, OtpDoc, Processes, Target, Timeouts, target_keys};
pub use template::{Outline, Template, TextTemplate};
pub use tls::{HttpVersion, Tls};
pub use types::Type;

#[cfg(test)]
mod tests;
