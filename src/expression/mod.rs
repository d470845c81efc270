//! Templates and conditions: compiled once, typed, and checked against the names
//! that are there.

pub(crate) mod built_ins;
pub(crate) mod capture_scope;
pub(crate) mod captures;
pub(crate) mod coding;
mod compare;
pub(crate) mod compiled;
pub(crate) mod condition;
mod direct;
pub(crate) mod environment;
pub(crate) mod fake;
mod foreign;
pub(crate) mod infer;
pub(crate) mod lookup;
pub(crate) mod mapping;
pub(crate) mod membership;
pub(crate) mod names;
pub(crate) mod scope;
pub(crate) mod search;
pub(crate) mod secret;
pub(crate) mod template;
pub(crate) mod tokens;
pub(crate) mod tree;
pub(crate) mod types;
pub(crate) mod visible;
pub(crate) mod wanted;

pub use captures::Captures;
pub(crate) use compare::{Kind, Operator, holds, shown};
pub use compiled::TemplateError;
pub use condition::Expression;
pub use mapping::mapping as row_value;
pub use scope::{Globals, Parameters, Scope};
pub use search::json_path;
pub use secret::{contains_secret, exposed, sealed_value, secret_value, take_secret};
pub use template::{Outline, Template, TextTemplate};
pub use types::Type;
pub use wanted::Wanted;
