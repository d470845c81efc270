//! The headers of an answer. Most are never asked for, so they stay as they
//! came until somebody does.

use std::ops::Range;
use std::sync::OnceLock;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

/// The headers of an answer, secrets included.
#[derive(Clone, Default)]
pub struct Headers {
    /// The head as it came.
    head: Vec<u8>,
    /// Where names and values stand in it.
    fields: Vec<(Range<usize>, Range<usize>)>,
    map: OnceLock<HeaderMap>,
}

impl Headers {
    /// Of a head that was read.
    pub(super) fn of_head(head: &[u8], parsed: &[httparse::Header<'_>]) -> Self {
        let place = |part: &[u8]| {
            let start = part.as_ptr() as usize - head.as_ptr() as usize;
            start..start + part.len()
        };
        let fields = parsed
            .iter()
            .map(|field| (place(field.name.as_bytes()), place(field.value)));
        Self {
            head: head.to_vec(),
            fields: fields.collect(),
            map: OnceLock::new(),
        }
    }

    /// The values of a header, one by one.
    pub fn values<'h>(&'h self, name: &'h HeaderName) -> impl Iterator<Item = &'h [u8]> {
        let map = self.map.get().filter(|_| self.fields.is_empty());
        let values = map.map(|map| map.get_all(name).iter().map(HeaderValue::as_bytes));
        let fields = self.fields.iter().filter(|(known, _)| {
            known.len() == name.as_str().len()
                && self.head[known.clone()].eq_ignore_ascii_case(name.as_str().as_bytes())
        });
        let in_head = fields.map(|(_, value)| &self.head[value.clone()]);
        values.into_iter().flatten().chain(in_head)
    }

    /// Whether there is a header of this name.
    pub fn contains(&self, name: &HeaderName) -> bool {
        self.values(name).next().is_some()
    }

    /// All of them.
    pub fn map(&self) -> &HeaderMap {
        self.map.get_or_init(|| {
            let mut map = HeaderMap::with_capacity(self.fields.len());
            for (name, value) in &self.fields {
                let name = HeaderName::from_bytes(&self.head[name.clone()]);
                let value = HeaderValue::from_bytes(&self.head[value.clone()]);
                // What httparse takes for a name or a value is one to `http` too.
                if let (Ok(name), Ok(value)) = (name, value) {
                    map.append(name, value);
                }
            }
            map
        })
    }
}

impl From<HeaderMap> for Headers {
    fn from(map: HeaderMap) -> Self {
        Self {
            map: map.into(),
            ..Self::default()
        }
    }
}
