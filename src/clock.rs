//! The time, and waiting for it.

mod alarm;
mod busy;
mod time;
mod timer;

pub use alarm::Alarm;
pub use busy::{Busy, is_saturated, processor_time};
pub use time::{CENTURY, Clock};
pub use timer::Timer;
