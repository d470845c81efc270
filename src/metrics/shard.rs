//! What one thread has measured.

use parking_lot::Mutex;

use super::registry::SeriesId;
use super::{Measure, TypedMetric};

/// What one thread has measured since the last collection.
#[derive(Default)]
pub(super) struct Shard {
    cells: Mutex<Vec<Option<Measure>>>,
    /// Emptied cells, to be swapped in; only the collection touches them.
    spare: Mutex<Vec<Option<Measure>>>,
}

impl Shard {
    /// Adds to the cell of a series, which is made the first time.
    pub(super) fn record<M: TypedMetric>(&self, id: SeriesId, value: M::Value) {
        let mut cells = self.cells.lock();
        let place = id.index() as usize;
        if cells.len() <= place {
            cells.resize_with(place + 1, || None);
        }
        let cell = cells[place].get_or_insert_with(|| Measure::empty(M::KIND));
        M::add(cell, value);
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
