//! Many questions at once: each may be answered wrongly by chance, so the more
//! there are, the surer each answer has to be.

/// Holm's correction: the chance that any of the answers is wrong stays what
/// that of one alone would be. Puts the corrected values in place.
#[expect(clippy::cast_precision_loss, reason = "hundreds at most")]
pub(super) fn holm(chances: &mut [f64]) {
    let mut order: Vec<usize> = (0..chances.len()).collect();
    order.sort_by(|a, b| chances[*a].total_cmp(&chances[*b]));
    let (count, mut highest) = (chances.len(), 0.0_f64);
    for (rank, index) in order.into_iter().enumerate() {
        highest = highest.max(chances[index] * (count - rank) as f64).min(1.0);
        chances[index] = highest;
    }
}

#[cfg(test)]
mod tests {
    use super::holm;

    #[test]
    fn the_textbook_example_comes_out() {
        let mut chances = [0.01, 0.04, 0.03, 0.005];
        holm(&mut chances);
        let wanted = [0.03, 0.06, 0.06, 0.02];
        for (seen, wanted) in chances.iter().zip(wanted) {
            assert!((seen - wanted).abs() < 1e-12, "{chances:?}");
        }
        let mut alone = [0.2];
        holm(&mut alone);
        assert!((alone[0] - 0.2).abs() < 1e-12, "{alone:?}");
        holm(&mut []);
    }
}
