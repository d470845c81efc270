//! A recorder bound to what is being measured.

use std::sync::Arc;
use std::time::Instant;

use super::{BaseId, Outcome, Recorder, TagKey, Tags, Trace, TypedMetric, Underway};
use crate::trace_context::TraceContext;

/// The moment from which durations count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// When the work began: a closed model, where nothing was due before.
    #[default]
    Start,
    /// When the work should have begun: an open model. Whatever kept it
    /// waiting, on our side too, is part of what a user would have waited.
    Intended,
}

/// Records under fixed tags, to which each measurement adds its own. Cheap to
/// clone.
#[derive(Clone)]
pub struct Meter {
    recorder: Recorder,
    tags: Arc<Tags>,
    base: BaseId,
    origin: Origin,
    trace: Option<Trace>,
}

impl Meter {
    /// Records into `recorder` under `tags`.
    pub fn new(recorder: Recorder, tags: Tags) -> Self {
        let base = recorder.base(&tags);
        Self {
            recorder,
            tags: Arc::new(tags),
            base,
            origin: Origin::default(),
            trace: None,
        }
    }

    /// The same with one more fixed tag.
    #[must_use]
    pub fn with(&self, key: TagKey, value: &str) -> Self {
        Self::new(self.recorder.clone(), (*self.tags).clone().with(key, value))
            .counting_from(self.origin)
            .tracing_like(self)
    }

    /// The same with durations that count from another moment.
    #[must_use]
    pub fn counting_from(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    /// The same with durations that go into `trace` too.
    #[must_use]
    pub fn traced(&self, trace: &Trace) -> Self {
        Self {
            trace: Some(trace.clone()),
            ..self.clone()
        }
    }

    /// The moment from which durations count.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// The trace that requests belong to, if they are to say so.
    pub fn trace_context(&self) -> Option<TraceContext> {
        self.trace.as_ref()?.context()
    }

    /// Begins something that `record` records should it be dropped before its
    /// end.
    pub fn underway<F: FnOnce(Outcome)>(&self, record: F) -> Underway<F> {
        Underway::new(self.trace.clone().unwrap_or_default(), record)
    }

    /// Begins a wait, which is named should the iteration be cut meanwhile.
    pub fn waiting_for(&self, what: &'static str) -> Underway<impl FnOnce(Outcome) + use<>> {
        let (trace, began) = (self.trace.clone().unwrap_or_default(), Instant::now());
        Underway::new(trace.clone(), move |_| {
            trace.note_unfinished(format!("{what}, for {:.1?}", began.elapsed()));
        })
    }

    /// The iteration that is recorded, if it is one.
    pub fn trace(&self) -> Option<&Trace> {
        self.trace.as_ref()
    }

    /// The value of a fixed tag.
    pub fn tag(&self, key: TagKey) -> Option<&str> {
        self.tags.get(key)
    }

    /// Records a value.
    pub fn record<M: TypedMetric>(&self, metric: M, tags: &[(TagKey, &str)], value: M::Value) {
        let series = self.recorder.series(self.base, metric, tags);
        self.recorder.record(series, value);
        if let Some(trace) = &self.trace
            && let Some(took) = M::span(value)
        {
            trace.record(series.id(), took);
        }
    }

    fn tracing_like(mut self, other: &Self) -> Self {
        self.trace.clone_from(&other.trace);
        self
    }
}
