//! What is let go in a long run: the oldest, so that memory does not grow.

use std::str::FromStr;
use std::time::Duration;

use super::index::Field;
use super::query::Query;
use super::shelf::Row;
use super::table::Table;
use super::tables::{Tables, Transaction};

/// How much of each kind is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retain {
    /// So many of each kind, the newest.
    Count(usize),
    /// What was made no longer ago than this.
    Age(Duration),
}

impl FromStr for Retain {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str =
            "expected a number of entities, such as `10000`, or an age, such as `30m`, `2h`, `7d`";
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let number: u32 = digits.parse().map_err(|_| FORM)?;
        if number == 0 {
            return Err("0 keeps nothing: name a number of entities, or an age");
        }
        let unit = match &text[digits.len()..] {
            "" => return Ok(Self::Count(number as usize)),
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            "d" => 86_400,
            _ => return Err(FORM),
        };
        Ok(Self::Age(Duration::from_secs(u64::from(number) * unit)))
    }
}

/// What is let go. Accounts go with their patient, practitioner or device,
/// attachments with their document.
const AGEING: [Table; 18] = [
    Table::Patients,
    Table::Practitioners,
    Table::Devices,
    Table::Contacts,
    Table::HealthElements,
    Table::Documents,
    Table::MaintenanceTasks,
    Table::Messages,
    Table::Forms,
    Table::Invoices,
    Table::CalendarItems,
    Table::Classifications,
    Table::AccessLogs,
    Table::ExchangeData,
    Table::ExchangeDataMaps,
    Table::Tokens,
    Table::TokenKeys,
    Table::EndedSessions,
];

impl Transaction<'_> {
    /// Removes what is too much or too old.
    pub(super) fn let_go(&mut self, retain: Retain) {
        for table in AGEING {
            while let Some(key) = self.excess(table, retain) {
                self.remove_whole(table, &key);
            }
        }
    }

    /// The key of a row that goes.
    fn excess(&self, table: Table, retain: Retain) -> Option<String> {
        // The first practitioner is the one whom patients share with.
        let spared = usize::from(table == Table::Practitioners);
        let rows = self.shelf(table);
        let oldest: &Row = rows.iter().nth(spared)?;
        let goes = match retain {
            Retain::Count(most) => rows.len() > most.saturating_add(spared),
            Retain::Age(most) => {
                let most = i64::try_from(most.as_millis()).unwrap_or(i64::MAX);
                self.now().saturating_sub(oldest.made) > most
            }
        };
        goes.then(|| oldest.key.to_string())
    }

    /// Removes a row with all that is of use with it only: the account of a
    /// data owner with its logins and tokens, the attachments of a document.
    pub(in crate::simulator) fn remove_whole(&mut self, table: Table, key: &str) {
        match table {
            Table::Patients | Table::Practitioners | Table::Devices => {
                for user in self.owned(Table::Users, key) {
                    self.remove_whole(Table::Users, &user);
                }
            }
            Table::Users => {
                for table in [Table::Logins, Table::Tokens, Table::TokenKeys] {
                    for row in self.owned(table, key) {
                        self.remove(table, row);
                    }
                }
                self.remove(Table::Invitations, key);
            }
            Table::Documents => {
                for attachment in self.owned(Table::Attachments, key) {
                    self.remove(Table::Attachments, attachment);
                }
            }
            _ => {}
        }
        self.remove(table, key);
    }
}

impl Tables {
    /// Keys of the rows that are somebody's: accounts of a data owner, logins
    /// and tokens of a user, attachments of a document.
    pub(in crate::simulator) fn owned(&self, table: Table, owner: &str) -> Vec<String> {
        let rows = self.shelf(table);
        let found = rows.find(&Query::Term(Field::Owner, owner.to_owned()));
        let found = found.iter().filter_map(|row| rows.row(*row));
        found.map(|row| row.key.to_string()).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Retain;

    #[test]
    fn a_number_is_a_count_and_with_a_unit_an_age() {
        let age = |seconds| Ok(Retain::Age(Duration::from_secs(seconds)));
        for (text, retain) in [
            ("10000", Ok(Retain::Count(10_000))),
            ("30s", age(30)),
            ("30m", age(1800)),
            ("2h", age(7200)),
            ("7d", age(604_800)),
        ] {
            assert_eq!(text.parse(), retain, "{text}");
        }
        for text in ["", "0", "0s", "-1", "1.5h", "h", "1w", "1 h", "99999999999"] {
            assert!(text.parse::<Retain>().is_err(), "{text}");
        }
    }
}
