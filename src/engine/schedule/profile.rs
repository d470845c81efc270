//! A quantity that changes linearly from stage to stage: an arrival rate, or a
//! number of virtual users.

use std::time::Duration;

/// A time span over which the value goes linearly from where it was to
/// `target`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stage {
    /// How long it takes; zero is a jump.
    pub duration: Duration,
    /// Value at its end.
    pub target: f64,
}

/// A piecewise linear function of time, zero before and after.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    pieces: Vec<Piece>,
}

/// A stage with what is known at its start.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Piece {
    /// Seconds from the start of the profile.
    start: f64,
    length: f64,
    from: f64,
    to: f64,
    /// Integral of the profile up to `start`.
    before: f64,
}

impl Profile {
    /// A profile that starts at `start` and goes through `stages`. Values below
    /// zero count as zero.
    pub fn new(start: f64, stages: &[Stage]) -> Self {
        let mut pieces = Vec::with_capacity(stages.len());
        let (mut at, mut from, mut before) = (0.0, start.max(0.0), 0.0);
        for stage in stages {
            let piece = Piece {
                start: at,
                length: stage.duration.as_secs_f64(),
                from,
                to: stage.target.max(0.0),
                before,
            };
            at += piece.length;
            from = piece.to;
            before += piece.area();
            pieces.push(piece);
        }
        Self { pieces }
    }

    /// The same value for a while.
    pub fn constant(value: f64, duration: Duration) -> Self {
        let stage = Stage {
            duration,
            target: value,
        };
        Self::new(value, &[stage])
    }

    /// The value at a moment, in seconds; zero outside. At a jump, the value
    /// after it.
    pub fn at(&self, moment: f64) -> f64 {
        let inside = |piece: &&Piece| piece.start <= moment && moment < piece.end();
        let piece = self.pieces.iter().rev().find(inside);
        piece.map_or(0.0, |piece| {
            piece.from + (piece.to - piece.from) * (moment - piece.start) / piece.length
        })
    }

    /// How long it lasts.
    pub fn duration(&self) -> Duration {
        Duration::from_secs_f64(self.pieces.last().map_or(0.0, Piece::end))
    }

    /// Integral over its whole length: how many arrivals a rate makes.
    pub fn area(&self) -> f64 {
        self.pieces.last().map_or(0.0, |p| p.before + p.area())
    }

    /// How many arrivals a rate makes when they come evenly, the first at once:
    /// one for each whole number below the integral. An integral that only
    /// rounding keeps from being whole counts as whole.
    pub fn arrivals(&self) -> u64 {
        let area = self.area();
        // Rates and durations are bounded, so the number fits.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let whole = (area - 1e-9 * area.max(1.0)).ceil().max(0.0) as u64;
        whole
    }

    /// The latest moment, in seconds, at which the integral from the start is
    /// not more than `area`; `None` when it never becomes more.
    pub fn reaches(&self, area: f64) -> Option<f64> {
        // Pieces are sorted by their integral, so the search is a bisection.
        let after = self.pieces.partition_point(|p| p.before + p.area() <= area);
        let piece = self.pieces.get(after)?;
        Some(piece.start + piece.reaches(area - piece.before))
    }
}

impl Piece {
    fn end(&self) -> f64 {
        self.start + self.length
    }

    fn area(&self) -> f64 {
        f64::midpoint(self.from, self.to) * self.length
    }

    /// Seconds from the piece's start until its own integral exceeds `area`.
    ///
    /// Solves `from·x + slope·x²/2 = area` in the form that loses no digits
    /// when the slope is small.
    fn reaches(&self, area: f64) -> f64 {
        if area <= 0.0 {
            return 0.0;
        }
        let slope = (self.to - self.from) / self.length;
        // Rounding can take it just below zero at the end of a way down.
        let root = 2.0f64
            .mul_add(slope * area, self.from * self.from)
            .max(0.0)
            .sqrt();
        (2.0 * area / (self.from + root)).min(self.length)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Profile, Stage};

    fn stages(list: &[(u64, f64)]) -> Vec<Stage> {
        let stage = |(seconds, target): &(u64, f64)| Stage {
            duration: Duration::from_secs(*seconds),
            target: *target,
        };
        list.iter().map(stage).collect()
    }

    #[test]
    fn values_lie_on_the_lines_between_stages() {
        let profile = Profile::new(
            0.0,
            &stages(&[(10, 100.0), (5, 100.0), (0, 20.0), (10, 0.0)]),
        );
        let cases = [
            (0.0, 0.0),
            (5.0, 50.0),
            (12.0, 100.0),
            (15.0, 20.0),
            (20.0, 10.0),
            (25.0, 0.0),
            (99.0, 0.0),
        ];
        for (second, value) in cases {
            let seen = profile.at(second);
            assert!((seen - value).abs() < 1e-9, "{seen} at {second} s");
        }
        assert_eq!(profile.duration(), Duration::from_secs(25));
        let ends = profile
            .pieces
            .iter()
            .flat_map(|piece| [piece.from, piece.to]);
        assert!((ends.fold(0.0, f64::max) - 100.0).abs() < 1e-9);
        assert!((profile.area() - (500.0 + 500.0 + 100.0)).abs() < 1e-9);
    }

    #[test]
    fn the_integral_is_inverted() {
        let profile = Profile::new(0.0, &stages(&[(10, 100.0), (10, 0.0)]));
        let half = profile.reaches(500.0).unwrap();
        assert!((half - 10.0).abs() < 1e-9, "{half}");
        assert_eq!(profile.reaches(1000.0), None);
        // 5 t² = 125
        let early = profile.reaches(125.0).unwrap();
        assert!((early - 5.0).abs() < 1e-9, "{early}");
    }

    #[test]
    fn nothing_arrives_while_the_rate_is_zero() {
        let profile = Profile::new(0.0, &stages(&[(10, 0.0), (0, 5.0), (10, 5.0)]));
        assert_eq!(profile.reaches(0.0), Some(10.0));
    }
}
