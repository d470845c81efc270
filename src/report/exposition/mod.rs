//! The figures of a run as families of series with a name, a unit and a kind
//! each. `metrics.prom`, the endpoint for Prometheus and the export by OTLP are
//! all made from these, so that none of them has names of its own.

mod family;
mod figures;
mod text;

pub use family::{BOUNDS, Buckets, Family, FamilyKind, Label, Point, Unit, Value};
pub use figures::Figures;
pub use text::{Syntax, text};
