//! Makes an input that panics smaller, as long as it panics in the same way.

use std::time::{Duration, Instant};

use crate::look::{Place, look};

/// How long that may take.
const TIME: Duration = Duration::from_secs(20);

/// The smallest input that was found: first whole lines are left out, then parts
/// of them.
pub fn minimise(text: &str, panic: &str, place: &Place) -> String {
    let end = Instant::now() + TIME;
    let fails = |text: &str| look(text, place).is_err_and(|other| other == panic);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let text = shrink(lines, end, &|lines| fails(&lines.concat())).concat();
    let letters: Vec<char> = text.chars().collect();
    let letters = shrink(letters, end, &|letters| fails(&String::from_iter(letters)));
    letters.into_iter().collect()
}

/// Leaves out runs of items, shorter and shorter ones.
fn shrink<T: Clone>(mut items: Vec<T>, end: Instant, fails: &dyn Fn(&[T]) -> bool) -> Vec<T> {
    let mut length = items.len().div_ceil(2);
    while length > 0 {
        let mut at = 0;
        while at < items.len() && Instant::now() < end {
            let mut fewer = items.clone();
            fewer.drain(at..(at + length).min(items.len()));
            if fails(&fewer) {
                items = fewer;
            } else {
                at += length;
            }
        }
        length /= 2;
    }
    items
}
