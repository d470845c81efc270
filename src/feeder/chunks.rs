//! A file with a row in each record, of which only the places of some rows are
//! kept in memory.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use minijinja::Value;

use super::FeederError;
use crate::ceilings;

/// Rows between two places that are kept: a row is found by reading so many at
/// most, and ten million rows take 5 MB.
const ROWS: u64 = 16;

/// Where the rows of a file are.
#[derive(Debug)]
pub(super) struct Chunks {
    path: PathBuf,
    file: File,
    /// Where each chunk begins, and where the last one ends.
    starts: Vec<u64>,
    count: u64,
}

/// Takes down where rows are, as a file is read from its beginning.
#[derive(Debug, Default)]
pub(super) struct Survey {
    starts: Vec<u64>,
    count: u64,
}

impl Survey {
    /// Notes that a row begins at `offset`.
    ///
    /// # Errors
    /// When there are more than there may be.
    pub(super) fn row(&mut self, offset: u64) -> io::Result<()> {
        if self.count == ceilings::ROWS {
            let many = format!("it has more than {} rows", ceilings::ROWS);
            return Err(io::Error::new(io::ErrorKind::InvalidData, many));
        }
        if self.count.is_multiple_of(ROWS) {
            self.starts.push(offset);
        }
        self.count += 1;
        Ok(())
    }

    /// Ends the survey of a file whose last row ends at `end`.
    pub(super) fn finish(mut self, path: PathBuf, file: File, end: u64) -> Chunks {
        self.starts.push(end);
        Chunks {
            path,
            file,
            starts: self.starts,
            count: self.count,
        }
    }
}

impl Chunks {
    /// How many rows there are.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// A row, which `parse` makes of the bytes in which it is and of how many
    /// rows are before it in them. What `parse` says is wrong is told with the
    /// place.
    pub(super) fn row(
        &self,
        number: u64,
        parse: impl FnOnce(&[u8], usize) -> Result<Value, String>,
    ) -> Result<Value, FeederError> {
        let read = self.read(number).map_err(|error| error.to_string());
        let row = read.and_then(|(bytes, before)| parse(&bytes, before));
        row.map_err(|reason| FeederError::Unreadable {
            path: self.path.clone(),
            row: number + 1,
            reason,
        })
    }

    fn read(&self, row: u64) -> io::Result<(Vec<u8>, usize)> {
        let past_the_end = || io::Error::from(io::ErrorKind::UnexpectedEof);
        let chunk = usize::try_from(row / ROWS).map_err(|_| past_the_end())?;
        let bounds = (self.starts.get(chunk), self.starts.get(chunk + 1));
        let (Some(&start), Some(&end)) = bounds else {
            return Err(past_the_end());
        };
        let length = usize::try_from(end - start).map_err(|_| past_the_end())?;
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, start)?;
        let before = usize::try_from(row % ROWS).map_err(|_| past_the_end())?;
        Ok((bytes, before))
    }
}

#[cfg(test)]
mod tests {
    use super::{Survey, ceilings};

    #[test]
    fn there_are_so_many_rows_and_no_more() {
        let mut survey = Survey {
            count: ceilings::ROWS - 1,
            ..Survey::default()
        };
        survey.row(0).unwrap();
        let error = survey.row(0).unwrap_err();
        assert_eq!(error.to_string(), "it has more than 100000000 rows");
    }
}
