//! Where a series of runs has changed, by a rule that fits in a sentence.

/// So many runs before one are looked at.
const WINDOW: usize = 8;
/// With fewer there is nothing to compare with.
const LEAST: usize = 4;
/// So many times the usual spread is unusual.
const SPREADS: f64 = 4.0;
/// A smaller step is no change, however even the runs before.
const SMALLEST: f64 = 0.05;

/// Which runs are unlike those before: further from the median of up to eight
/// runs since the last change than four times their usual spread, and than 5 %.
/// The spread is the median distance from the median, times 1.4826, which makes
/// it the standard deviation of what is normally distributed.
pub fn change_points(values: &[f64]) -> Vec<bool> {
    let mut marks = vec![false; values.len()];
    let mut since = 0;
    for (index, value) in values.iter().enumerate() {
        let before = &values[since.max(index.saturating_sub(WINDOW))..index];
        if before.len() < LEAST {
            continue;
        }
        let usual = median(before);
        let away: Vec<f64> = before.iter().map(|value| (value - usual).abs()).collect();
        let spread = 1.4826 * median(&away);
        if (value - usual).abs() > (SPREADS * spread).max(SMALLEST * usual.abs()) {
            marks[index] = true;
            since = index;
        }
    }
    marks
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (low, high) = (sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::change_points;

    fn marked(values: &[f64]) -> Vec<usize> {
        let marks = change_points(values).into_iter().enumerate();
        marks
            .filter_map(|(index, mark)| mark.then_some(index))
            .collect()
    }

    #[test]
    fn a_step_is_marked_once_and_is_what_is_usual_then() {
        let values = [
            10.0, 10.2, 9.9, 10.1, 10.0, 13.0, 13.1, 12.9, 13.2, 13.0, 10.0,
        ];
        assert_eq!(marked(&values), [5, 10]);
    }

    #[test]
    fn noise_and_small_steps_are_not() {
        assert!(marked(&[10.0, 14.0, 9.0, 12.0, 8.0, 15.0, 11.0, 7.0]).is_empty());
        assert!(marked(&[10.0, 10.0, 10.0, 10.0, 10.4]).is_empty());
        assert_eq!(marked(&[10.0, 10.0, 10.0, 10.0, 10.6]), [4]);
        assert!(marked(&[1.0, 9.0, 1.0]).is_empty() && marked(&[]).is_empty());
        // An error rate that was always nothing.
        assert_eq!(marked(&[0.0, 0.0, 0.0, 0.0, 0.0, 0.02]), [5]);
    }
}
