//! The table of a run, made to fit a terminal.

use textwrap::core::display_width;

use super::figures::{Cell, Figures, Judged, Line, OF_SCENARIOS, OF_STEPS, Tone};
use crate::shown::terminal::Look;

/// A terminal of fewer columns has a line and no table.
const LEAST_WIDTH: usize = 60;

/// The same of lines.
const LEAST_HEIGHT: usize = 12;

/// Columns that a name has at most.
const NAME: usize = 60;

/// The table below its heading, in lines that are narrower than the terminal and
/// fewer than it has; `None` where there is no room for one.
pub(super) fn lay_out(
    heading: &str,
    figures: &Figures,
    (width, height): (usize, usize),
    look: Look,
) -> Option<Vec<String>> {
    if width < LEAST_WIDTH || height < LEAST_HEIGHT {
        return None;
    }
    // Nothing is in the last column: some terminals begin a line after it.
    let width = width - 1;
    let runner = wrapped(&figures.runner, width);
    let fixed = 3 + runner.len();
    let wanted = [
        figures.scenarios.len(),
        figures.steps.len(),
        figures.thresholds.len(),
    ];
    let [scenarios, steps, thresholds] = share(wanted, height - 1 - fixed);
    let widths = Widths::of(figures, width);
    let mut lines = vec![clip(heading, width, 0)];
    lines.push(look.strong(&widths.head("scenario", OF_SCENARIOS)));
    let line = |line: &Line| widths.line(line, look);
    lines.extend(cut(&figures.scenarios, scenarios, Line::is_bad, line));
    lines.push(look.strong(&widths.head("step", OF_STEPS)));
    lines.extend(cut(&figures.steps, steps, Line::is_bad, line));
    let is_missed = |line: &Judged| line.passed == Some(false);
    let texts = figures.thresholds.iter();
    let column = texts.map(|line| display_width(&line.text)).max();
    let line = |line: &Judged| judged(line, column.unwrap_or(0), width, look);
    lines.extend(cut(&figures.thresholds, thresholds, is_missed, line));
    lines.extend(runner.iter().map(|line| look.dim(line)));
    Some(lines)
}

/// How many lines each part has, of so many in all: the longest give way.
fn share<const N: usize>(mut wanted: [usize; N], lines: usize) -> [usize; N] {
    while wanted.iter().sum::<usize>() > lines {
        match wanted.iter_mut().max() {
            Some(longest) if *longest > 0 => *longest -= 1,
            _ => break,
        }
    }
    wanted
}

/// The lines of a part; where some have no room, what is bad comes first, and it
/// is told how many there are.
fn cut<T>(
    all: &[T],
    room: usize,
    is_bad: impl Fn(&T) -> bool,
    line: impl Fn(&T) -> String,
) -> Vec<String> {
    if all.len() <= room {
        return all.iter().map(line).collect();
    }
    let Some(shown) = room.checked_sub(1) else {
        return Vec::new();
    };
    let mut order: Vec<&T> = all.iter().collect();
    order.sort_by_key(|one| !is_bad(one));
    let more = format!("  … and {} more", all.len() - shown);
    let shown = order.into_iter().take(shown).map(line);
    shown.chain([more]).collect()
}

/// Columns of names and figures, the same for scenarios and steps.
struct Widths {
    name: usize,
    cells: [usize; 4],
}

impl Widths {
    fn of(figures: &Figures, width: usize) -> Self {
        let lines = || figures.scenarios.iter().chain(&figures.steps);
        let cells = std::array::from_fn(|column| {
            let figures = lines().map(|line| display_width(&line.cells[column].0));
            let heads = [OF_SCENARIOS, OF_STEPS].map(|heads| heads[column].len());
            figures.chain(heads).max().unwrap_or(0)
        });
        let names = lines().map(|line| display_width(&line.name));
        let longest = names.max().unwrap_or(0).clamp("scenario".len(), NAME);
        let taken: usize = cells.iter().map(|cell| cell + 2).sum();
        Self {
            name: longest.min(width.saturating_sub(2 + taken)),
            cells,
        }
    }

    fn head(&self, name: &str, heads: [&str; 4]) -> String {
        let cells = heads.map(|head| (head.to_owned(), Tone::Plain));
        self.row(name, &cells, Look::Plain)
    }

    fn line(&self, line: &Line, look: Look) -> String {
        self.row(&line.name, &line.cells, look)
    }

    fn row(&self, name: &str, cells: &[Cell; 4], look: Look) -> String {
        let name = clip(name, self.name, self.name / 2);
        let mut row = format!("  {name}{}", blank(self.name, &name));
        for ((text, tone), width) in cells.iter().zip(self.cells) {
            row.push_str("  ");
            row.push_str(&blank(width, text));
            row.push_str(&match tone {
                Tone::Plain => text.clone(),
                Tone::Warn => look.warn(text),
                Tone::Bad => look.bad(text),
            });
        }
        row
    }
}

/// A condition, in a column of its own, and what was seen.
fn judged(line: &Judged, column: usize, width: usize, look: Look) -> String {
    let seen = clip(&line.seen, width / 2, 0);
    // A mark and three gaps; the condition gives way to what was seen.
    let room = width - 6 - display_width(&seen);
    let text = clip(&line.text, room, 0);
    let text = format!("{text}{}", blank(column.min(room), &text));
    match line.passed {
        Some(true) => format!("  {} {text}  {seen}", look.good("✓")),
        Some(false) => format!("  {} {text}  {}", look.bad("✗"), look.bad(&seen)),
        None => format!("  · {text}  {}", look.dim(&seen)),
    }
}

/// A text in lines that fit.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let options = textwrap::Options::new(width)
        .initial_indent("  ")
        .subsequent_indent("  ");
    let lines = textwrap::wrap(text, options).into_iter();
    lines.map(std::borrow::Cow::into_owned).collect()
}

fn blank(width: usize, text: &str) -> String {
    " ".repeat(width.saturating_sub(display_width(text)))
}

/// A text that is no wider than this. One that is loses what is before its last
/// `tail` columns.
pub(super) fn clip(text: &str, width: usize, tail: usize) -> String {
    if display_width(text) <= width {
        return text.to_owned();
    }
    let Some(room) = width.checked_sub(1) else {
        return String::new();
    };
    let tail = narrow(text.chars().rev(), tail.min(room));
    let head = narrow(text.chars(), room - display_width(&tail));
    let tail: String = tail.chars().rev().collect();
    format!("{head}…{tail}")
}

/// As many characters as there is room for.
fn narrow(characters: impl Iterator<Item = char>, width: usize) -> String {
    let mut used = 0;
    let fitting = characters.take_while(|c| {
        used += display_width(c.encode_utf8(&mut [0; 4]));
        used <= width
    });
    fitting.collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Figures, Judged, Line, Look, Tone, clip, display_width, lay_out, share};

    fn line(name: &str, failed: u64) -> Line {
        let tone = if failed > 0 { Tone::Bad } else { Tone::Plain };
        let cell = |text: &str| (text.to_owned(), Tone::Plain);
        Line {
            name: name.to_owned(),
            cells: [
                cell("10.0/s"),
                (failed.to_string(), tone),
                cell("1.20ms"),
                cell("> 30.00s"),
            ],
        }
    }

    fn figures(scenarios: usize, steps: usize, thresholds: usize, name: &str) -> Figures {
        let judged = |number: usize| Judged {
            passed: [Some(true), Some(false), None][number % 3],
            text: format!("step_duration{{step={name}}} p95 < {number}s"),
            seen: "1.20ms".into(),
        };
        Figures {
            scenarios: (0..scenarios).map(|_| line(name, 0)).collect(),
            steps: (0..steps).map(|number| line(name, number as u64 % 2)).collect(),
            thresholds: (0..thresholds).map(judged).collect(),
            runner: "OTPs awaited 3; runner: threads 12 % busy, CPU 40 % of 2 cores, start lag p95 1.20ms".into(),
        }
    }

    #[test]
    fn what_is_bad_comes_first_where_there_is_no_room_for_all() {
        let lines = lay_out("12s", &figures(1, 30, 6, "login"), (80, 16), Look::Plain).unwrap();
        assert_eq!(lines.len(), 15, "{lines:#?}");
        let steps = lines
            .iter()
            .skip_while(|line| !line.contains("step "))
            .skip(1);
        assert!(steps.clone().next().unwrap().contains(" 1  "), "{lines:#?}");
        assert!(
            lines.iter().any(|line| line.contains("… and ")),
            "{lines:#?}"
        );
        let first = lines.iter().find(|line| line.contains("p95 <"));
        assert!(first.unwrap().starts_with("  ✗ "), "{lines:#?}");
    }

    #[test]
    fn colours_take_no_room_and_small_terminals_have_no_table() {
        let figures = figures(2, 3, 3, "login");
        let with = |look| lay_out("12s", &figures, (80, 24), look).unwrap();
        let widths = |lines: Vec<String>| -> Vec<usize> {
            lines.iter().map(|line| display_width(line)).collect()
        };
        assert!(with(Look::Colour).concat().contains("\u{1b}[31m"));
        assert_eq!(widths(with(Look::Colour)), widths(with(Look::Plain)));
        for size in [(59, 24), (80, 11)] {
            assert!(lay_out("12s", &figures, size, Look::Plain).is_none());
        }
    }

    #[test]
    fn the_longest_part_gives_way() {
        assert_eq!(share([2, 9, 4], 10), [2, 4, 4]);
        assert_eq!(share([2, 3], 10), [2, 3]);
    }

    proptest! {
        #[test]
        fn no_table_is_larger_than_its_terminal(
            scenarios in 0_usize..20, steps in 0_usize..60, thresholds in 0_usize..40,
            name in ".{0,90}", width in 60_usize..220, height in 12_usize..80,
        ) {
            let name = crate::shown::line(&name).into_owned();
            let figures = figures(scenarios, steps, thresholds, &name);
            let lines = lay_out(&name, &figures, (width, height), Look::Colour).unwrap();
            prop_assert!(lines.len() < height, "{lines:#?}");
            for line in &lines {
                prop_assert!(display_width(line) < width, "{line}");
            }
        }

        #[test]
        fn what_is_clipped_fits(text in ".{0,40}", width in 0_usize..30, tail in 0_usize..30) {
            let text = crate::shown::line(&text);
            prop_assert!(display_width(&clip(&text, width, tail)) <= width);
        }
    }
}
