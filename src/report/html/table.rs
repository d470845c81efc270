//! Tables as the page's template shows them.

use serde::Serialize;

/// A table. Everything in it is text; the template escapes it.
#[derive(Serialize)]
pub(super) struct Table {
    caption: &'static str,
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
    /// A reader may want another order.
    sorts: bool,
    /// Its columns have names: where there is no room for them beside each other,
    /// each cell can say its own.
    cards: bool,
}

#[derive(Serialize)]
struct Column {
    name: &'static str,
    number: bool,
}

/// A cell, and what it is sorted by.
#[derive(Serialize)]
pub(super) struct Cell {
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<f64>,
    class: &'static str,
}

impl Table {
    /// An empty table. Columns with a `#` before their name hold numbers.
    pub(super) fn new(caption: &'static str, columns: &[&'static str]) -> Self {
        let cards = columns.iter().any(|name| !name.is_empty());
        let columns = columns.iter().map(|name| Column {
            name: name.trim_start_matches('#'),
            number: name.starts_with('#'),
        });
        Self {
            caption,
            columns: columns.collect(),
            rows: Vec::new(),
            sorts: false,
            cards,
        }
    }

    /// The same, whose rows can be put in another order.
    pub(super) fn sortable(mut self) -> Self {
        self.sorts = true;
        self
    }

    pub(super) fn push(&mut self, row: Vec<Cell>) {
        self.rows.push(row);
    }

    /// Nothing when there are no rows.
    pub(super) fn unless_empty(self) -> Option<Self> {
        (!self.rows.is_empty()).then_some(self)
    }
}

pub(super) fn text(text: impl Into<String>) -> Cell {
    Cell {
        text: text.into(),
        value: None,
        class: "",
    }
}

/// A number, as people read it and as it is sorted.
pub(super) fn number(text: impl Into<String>, value: f64) -> Cell {
    Cell {
        value: Some(value),
        ..self::text(text)
    }
}

/// Where there is no number.
pub(super) fn none() -> Cell {
    number("–", -1.0)
}

impl Cell {
    /// Marks what is wrong, when it is.
    pub(super) fn bad(mut self, wrong: bool) -> Self {
        if wrong {
            self.class = "bad";
        }
        self
    }

    /// Marks what is right.
    pub(super) fn good(mut self, right: bool) -> Self {
        if right {
            self.class = "good";
        }
        self
    }

    /// Marks a name that somebody has given.
    pub(super) fn name(mut self) -> Self {
        self.class = "name";
        self
    }

    /// Marks a text that may be broken anywhere.
    pub(super) fn long(mut self) -> Self {
        self.class = "long";
        self
    }
}
