//! Which row an iteration gets.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::schedule::SeededRng;
use crate::document::{Document, ReadContext};
use crate::expression::{Scope, Type};
use crate::feeder::{self, Feeder, FeederError, Order, Rows};
use crate::language::{Node, Problem};
use crate::steps::StepError;
use crate::vault::Vault;

/// The feeders of a plan.
#[derive(Debug, Default)]
pub struct Feeders(Vec<Counted>);

/// A feeder, and how many of its rows were handed out to all scenarios
/// together.
#[derive(Debug)]
struct Counted {
    feeder: Feeder,
    handed_out: Arc<AtomicU64>,
}

impl Feeders {
    /// Reads the feeders of a document whose file is in `folder`, and checks
    /// those that scenarios name.
    pub(super) fn read(document: &Document, folder: &Path, cx: &mut ReadContext) -> Self {
        cx.begin_bare();
        let feeders = feeder::read(document, folder, cx);
        check_use(document, &feeders, cx);
        let counted = |feeder| Counted {
            feeder,
            handed_out: Arc::default(),
        };
        Self(feeders.into_iter().map(counted).collect())
    }

    /// What is known of the rows of a feeder.
    pub(super) fn row_type(&self, name: &str) -> Type {
        let mut all = self.0.iter();
        let found = all.find(|counted| counted.feeder.name.text == name);
        found.map_or(Type::Any, |counted| counted.feeder.source.row_type())
    }

    pub(super) fn need_vault(&self) -> bool {
        let mut all = self.0.iter();
        all.any(|counted| counted.feeder.source.needs_vault())
    }

    /// What a scenario is fed with, as it is now, by the feeders that it names.
    pub(super) fn open(&self, scenario: &str, feed: &[Arc<str>], vault: Option<&Vault>) -> Feeds {
        let named = |name: &Arc<str>| {
            let mut all = self.0.iter();
            all.find(|counted| *counted.feeder.name.text == **name)
        };
        let feeds = feed.iter().filter_map(named).map(|counted| Feed {
            name: counted.feeder.name.text.as_str().into(),
            purpose: format!("{scenario} feeder {}", counted.feeder.name.text),
            order: counted.feeder.order,
            rows: counted.feeder.source.rows(vault),
            handed_out: Arc::clone(&counted.handed_out),
        });
        Feeds(feeds.collect())
    }
}

fn check_use(document: &Document, feeders: &[Feeder], cx: &mut ReadContext) {
    let declared = document.feeders.iter().flat_map(Node::entries);
    let known: Vec<&str> = declared.map(|(name, _)| name.text.as_str()).collect();
    let mut users: Vec<(&str, &str)> = Vec::new();
    for scenario in &document.scenarios {
        for name in &scenario.feed {
            if !known.contains(&name.text.as_str()) {
                if known.is_empty() {
                    let message = format!("there is no feeder `{}`", name.text);
                    let help = "declare it under `feeders` at the top";
                    cx.problem(name.span, message, help);
                } else {
                    cx.push(Problem::unknown(name, "feeder", &known));
                }
                continue;
            }
            let own = |feeder: &&Feeder| feeder.name.text == name.text;
            let order = feeders.iter().find(own).map(|feeder| feeder.order);
            let before = users.iter().find(|(used, _)| *used == name.text);
            if let (Some(Order::UniquePerVu), Some((_, other))) = (order, before) {
                let message = format!(
                    "`{}` is `unique_per_vu`, and feeds `{other}` already",
                    name.text
                );
                let help = "each scenario numbers its users from 1: make a feeder for each";
                cx.problem(name.span, message, help);
            }
            users.push((&name.text, &scenario.name.text));
        }
    }
}

/// What the iterations of one scenario are fed with.
#[derive(Default)]
pub(super) struct Feeds(Vec<Feed>);

struct Feed {
    name: Arc<str>,
    /// What random rows are drawn for.
    purpose: String,
    order: Order,
    rows: Result<Arc<dyn Rows>, FeederError>,
    handed_out: Arc<AtomicU64>,
}

impl Feeds {
    /// Gives an iteration its rows. `whose` is the number of the user and that
    /// of its iteration, both from 1.
    pub(super) fn fill(
        &self,
        scope: &mut Scope,
        seed: u64,
        whose: (u64, u64),
    ) -> Result<(), StepError> {
        for feed in &self.0 {
            let row = feed.row(seed, whose).map_err(|reason| StepError::Feeder {
                name: feed.name.to_string(),
                reason,
            })?;
            scope.set(&feed.name, row);
        }
        Ok(())
    }
}

impl Feed {
    fn row(&self, seed: u64, (vu, iteration): (u64, u64)) -> Result<minijinja::Value, FeederError> {
        let rows = self.rows.as_ref().map_err(Clone::clone)?;
        let count = rows.count();
        let next = || self.handed_out.fetch_add(1, Ordering::Relaxed);
        let number = match self.order {
            Order::Sequential => next() % count,
            Order::Once => Some(next())
                .filter(|next| *next < count)
                .ok_or(FeederError::UsedUp { count })?,
            Order::UniquePerVu => Some(vu - 1)
                .filter(|own| *own < count)
                .ok_or(FeederError::TooFew { vu, count })?,
            Order::Random => SeededRng::new(seed, &self.purpose, vu, iteration).below(count),
        };
        rows.row(number)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use minijinja::Value;

    use super::{Feed, FeederError, Order, Rows};

    struct Numbers(u64);

    impl Rows for Numbers {
        fn count(&self) -> u64 {
            self.0
        }

        fn row(&self, number: u64) -> Result<Value, FeederError> {
            Ok(Value::from(number))
        }
    }

    fn feed(order: Order) -> Feed {
        Feed {
            name: "n".into(),
            purpose: "s feeder n".into(),
            order,
            rows: Ok(Arc::new(Numbers(3))),
            handed_out: Arc::default(),
        }
    }

    /// The rows of two users in three iterations each.
    fn rows(feed: &Feed) -> Vec<Result<u64, String>> {
        let whose = (1..=3).flat_map(|iteration| [(1, iteration), (2, iteration)]);
        let rows = whose.map(|whose| feed.row(7, whose));
        rows.map(|row| {
            row.map(|row| u64::try_from(row).unwrap())
                .map_err(|error| error.to_string())
        })
        .collect()
    }

    #[test]
    fn each_order_hands_out_as_it_says() {
        let good = |numbers: [u64; 6]| numbers.map(Ok).to_vec();
        assert_eq!(rows(&feed(Order::Sequential)), good([0, 1, 2, 0, 1, 2]));
        assert_eq!(rows(&feed(Order::UniquePerVu)), good([0, 1, 0, 1, 0, 1]));
        let once = rows(&feed(Order::Once));
        assert_eq!(once[..3], good([0, 1, 2, 0, 0, 0])[..3]);
        for refused in &once[3..] {
            let message = refused.as_ref().unwrap_err();
            assert!(
                message.starts_with("all 3 rows were handed out"),
                "{message}"
            );
        }
    }

    #[test]
    fn a_user_beyond_the_rows_has_none_of_its_own() {
        let message = feed(Order::UniquePerVu).row(7, (4, 1)).unwrap_err();
        assert!(
            message
                .to_string()
                .starts_with("user 4 has no row of its own"),
            "{message}"
        );
    }

    #[test]
    fn random_rows_are_the_same_again_with_the_same_seed_and_all_come() {
        let draw = |seed| -> Vec<u64> {
            let feed = feed(Order::Random);
            let row = |iteration| feed.row(seed, (1, iteration)).unwrap();
            (1..=100)
                .map(|iteration| u64::try_from(row(iteration)).unwrap())
                .collect()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        let all: BTreeSet<u64> = draw(1).into_iter().collect();
        assert_eq!(all, BTreeSet::from([0, 1, 2]));
    }
}
