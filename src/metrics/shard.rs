//! What one thread has measured.

use parking_lot::{Mutex, MutexGuard};

use super::registry::SeriesId;
use super::{Measure, TypedMetric};

/// What one thread has measured since the last collection.
#[derive(Default)]
pub(super) struct Shard {
    cells: Mutex<Vec<Option<Measure>>>,
    /// Emptied cells, to be swapped in; only the collection touches them.
    spare: Mutex<Vec<Option<Measure>>>,
}

/// The cells of a shard, held by its thread.
pub(super) struct Cells<'s>(MutexGuard<'s, Vec<Option<Measure>>>);

impl Cells<'_> {
    /// Adds to the cell of a series, which is made the first time.
    pub(super) fn record<M: TypedMetric>(&mut self, id: SeriesId, value: M::Value) {
        let place = id.index() as usize;
        if self.0.len() <= place {
            self.0.resize_with(place + 1, || None);
        }
        let cell = self.0[place].get_or_insert_with(|| Measure::empty(M::KIND));
        M::add(cell, value);
    }
}

impl Shard {
    /// To record into, for a moment.
    pub(super) fn cells(&self) -> Cells<'_> {
        Cells(self.cells.lock())
    }

    /// Moves everything measured into `sums`. The owner waits for a swap at
    /// most, not for the adding.
    pub(super) fn empty_into(&self, sums: &mut Vec<Option<Measure>>) {
        let mut taken = self.spare.lock();
        std::mem::swap(&mut *taken, &mut *self.cells.lock());
        if sums.len() < taken.len() {
            sums.resize_with(taken.len(), || None);
        }
        for (sum, cell) in sums.iter_mut().zip(taken.iter_mut()) {
            if let Some(measure) = cell
                && measure.count() > 0
            {
                add(sum, measure);
                measure.reset();
            }
        }
    }
}

pub(super) fn add(sum: &mut Option<Measure>, more: &Measure) {
    match sum {
        Some(sum) => sum.merge(more),
        None => *sum = Some(more.clone()),
    }
}
