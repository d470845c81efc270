//! A run's figures for others, while it goes on: an endpoint that Prometheus
//! scrapes, and an export by OTLP. Knows nothing of iCure.
//!
//! Both look at a [`Feed`], which is told once a second that something was added
//! up. Nothing here is on the way of a request that is measured.

mod feed;
pub mod otlp;
pub mod prometheus;

pub use feed::{Feed, Shown};
