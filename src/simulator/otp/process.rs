//! Authentication processes that wait for their code.

use std::collections::{HashMap, VecDeque};

use parking_lot::Mutex;
use rand::RngExt;
use zeroize::Zeroizing;

use crate::simulator::Failure;
use crate::simulator::accounts::Applicant;
use crate::simulator::digest::Digest;

/// Wrong codes that a process takes before it is dead.
const WRONG_CODES: u8 = 5;

/// Digits of a code, 4 to 12.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) struct CodeLength(u8);

impl CodeLength {
    /// Reads `codeLength`; six digits when it is not said.
    ///
    /// # Errors
    /// 400 when it is out of range.
    pub(in crate::simulator) fn new(digits: Option<u64>) -> Result<Self, Failure> {
        match u8::try_from(digits.unwrap_or(6)) {
            Ok(digits @ 4..=12) => Ok(Self(digits)),
            _ => Err(Failure::bad_request("`codeLength` must be 4 to 12")),
        }
    }

    fn random(self) -> Zeroizing<String> {
        let mut rng = rand::rng();
        let digits = (0..self.0).map(|_| char::from(rng.random_range(b'0'..=b'9')));
        Zeroizing::new(digits.collect())
    }
}

/// Every process until its code has expired.
#[derive(Default)]
pub(in crate::simulator) struct Processes {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    by_request: HashMap<String, Process>,
    /// Request ids with the time at which they are forgotten, in that order.
    to_forget: VecDeque<(i64, String)>,
}

/// Boxed, because most processes of a long run are over.
enum Process {
    Waiting(Box<Waiting>),
    Spent,
    Dead,
}

struct Waiting {
    applicant: Applicant,
    salt: [u8; 16],
    code: Digest,
    wrong_codes: u8,
    /// Milliseconds since 1970.
    expires_at: i64,
}

impl Processes {
    /// Starts a process and gives its code.
    ///
    /// # Errors
    /// 409 when the request id was used before.
    pub(in crate::simulator) fn start(
        &self,
        request: &str,
        applicant: Applicant,
        length: CodeLength,
        now: i64,
        expires_at: i64,
    ) -> Result<Zeroizing<String>, Failure> {
        let code = length.random();
        let salt: [u8; 16] = rand::random();
        let process = Process::Waiting(Box::new(Waiting {
            applicant,
            salt,
            code: Digest::salted(&salt, &code),
            wrong_codes: 0,
            expires_at,
        }));
        let mut inner = self.inner.lock();
        inner.forget(now);
        if inner.by_request.contains_key(request) {
            return Err(Failure::conflict(
                "this request id was used before: make a new one for each process",
            ));
        }
        inner.by_request.insert(request.to_owned(), process);
        // As long again, so that a late code is called late and not unknown.
        let forget_at = expires_at.saturating_add(expires_at.saturating_sub(now));
        inner.to_forget.push_back((forget_at, request.to_owned()));
        Ok(code)
    }

    /// Takes the code of a process. The right one is spent by this.
    ///
    /// # Errors
    /// 404 for a process that is not known, 403 for a wrong code, 410 for a
    /// process that is spent, dead or expired.
    pub(in crate::simulator) fn validate(
        &self,
        request: &str,
        code: &str,
        now: i64,
    ) -> Result<Applicant, Failure> {
        let mut inner = self.inner.lock();
        let process = inner
            .by_request
            .get_mut(request)
            .ok_or_else(|| Failure::not_found("there is no process of this request id"))?;
        let waiting = match process {
            Process::Spent => return Err(Failure::gone("the code was used before")),
            Process::Dead => return Err(too_many()),
            Process::Waiting(waiting) if now >= waiting.expires_at => {
                return Err(Failure::gone("the code has expired"));
            }
            Process::Waiting(waiting) => waiting,
        };
        if Digest::salted(&waiting.salt, code) == waiting.code {
            let applicant = waiting.applicant.clone();
            *process = Process::Spent;
            return Ok(applicant);
        }
        waiting.wrong_codes += 1;
        if waiting.wrong_codes < WRONG_CODES {
            return Err(Failure::forbidden("the code is wrong"));
        }
        *process = Process::Dead;
        Err(too_many())
    }
}

impl Inner {
    /// All processes live equally long, so the oldest come first.
    fn forget(&mut self, now: i64) {
        while let Some((at, _)) = self.to_forget.front()
            && *at <= now
        {
            if let Some((_, request)) = self.to_forget.pop_front() {
                self.by_request.remove(&request);
            }
        }
    }
}

fn too_many() -> Failure {
    Failure::gone("too many wrong codes: start a new process")
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;
    use proptest::prelude::*;

    use super::{CodeLength, Processes};
    use crate::simulator::Failure;
    use crate::simulator::accounts::Applicant;
    use crate::simulator::address::Address;
    use crate::wire::DataOwnerKind;

    fn applicant() -> Applicant {
        Applicant {
            address: Address::email("ada@example.org").unwrap(),
            kind: DataOwnerKind::Patient,
            first_name: String::new(),
            last_name: String::new(),
            responsible: None,
        }
    }

    fn six() -> CodeLength {
        CodeLength::new(None).unwrap()
    }

    fn status(outcome: Result<Applicant, Failure>) -> u16 {
        outcome.map_or_else(|refusal| refusal.into_response().status().as_u16(), |_| 200)
    }

    /// A code of the same length that is not `code`.
    fn other(code: &str) -> String {
        let first = if code.starts_with('0') { '1' } else { '0' };
        format!("{first}{}", &code[1..])
    }

    #[test]
    fn a_code_works_once_and_for_its_own_process() {
        let processes = Processes::default();
        let one = processes.start("one", applicant(), six(), 0, 10).unwrap();
        let two = processes.start("two", applicant(), CodeLength::new(Some(7)).unwrap(), 0, 10);
        let two = two.unwrap();
        assert_eq!(status(processes.validate("one", &two, 1)), 403);
        assert_eq!(status(processes.validate("one", &one, 1)), 200);
        assert_eq!(status(processes.validate("one", &one, 1)), 410);
        assert_eq!(status(processes.validate("two", &two, 1)), 200);
        assert_eq!(status(processes.validate("three", &two, 1)), 404);
    }

    #[test]
    fn the_fifth_wrong_code_ends_the_process() {
        let processes = Processes::default();
        let code = processes.start("one", applicant(), six(), 0, 10).unwrap();
        for _ in 0..4 {
            assert_eq!(status(processes.validate("one", &other(&code), 1)), 403);
        }
        assert_eq!(status(processes.validate("one", &other(&code), 1)), 410);
        assert_eq!(status(processes.validate("one", &code, 1)), 410);
    }

    #[test]
    fn a_process_expires_and_is_forgotten_later() {
        let processes = Processes::default();
        let code = processes.start("one", applicant(), six(), 0, 10).unwrap();
        assert_eq!(status(processes.validate("one", &code, 10)), 410);
        processes.start("two", applicant(), six(), 19, 29).unwrap();
        assert_eq!(status(processes.validate("one", &code, 19)), 410);
        processes
            .start("three", applicant(), six(), 20, 30)
            .unwrap();
        assert_eq!(status(processes.validate("one", &code, 20)), 404);
    }

    #[test]
    fn a_request_id_is_used_once() {
        let processes = Processes::default();
        processes.start("one", applicant(), six(), 0, 10).unwrap();
        assert!(processes.start("one", applicant(), six(), 0, 10).is_err());
    }

    #[test]
    fn code_lengths_out_of_range_are_refused() {
        for digits in [0, 3, 13, 256 + 6, u64::MAX] {
            assert!(CodeLength::new(Some(digits)).is_err(), "{digits}");
        }
    }

    proptest! {
        #[test]
        fn a_code_has_its_digits(digits in 4_u64..=12) {
            let code = CodeLength::new(Some(digits)).unwrap().random();
            prop_assert_eq!(code.len() as u64, digits);
            prop_assert!(code.bytes().all(|byte| byte.is_ascii_digit()));
        }
    }
}
