//! Invented data: `fake.email()`, `fake.phone()`, `fake.first_name()`, …
//!
//! A value follows from the seed, the scenario, the virtual user, the
//! iteration and how many values this iteration has asked for: a run with the
//! same seed invents the same people. Addresses and numbers are different for
//! each user and iteration of a run, and belong to nobody.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use fake::Fake as _;
use fake::faker::lorem::en::Words;
use fake::faker::name::en::{FirstName, LastName};
use minijinja::value::{Object, ObjectRepr, from_args};
use minijinja::{Error, ErrorKind, State, Value};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, RngExt, SeedableRng};

/// What can be called on `fake`.
pub(crate) const METHODS: &[&str] = &[
    "email",
    "first_name",
    "last_name",
    "name",
    "number",
    "phone",
    "uuid",
    "words",
];

/// The part of a seed that is common to all users of a scenario.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    stream: u64,
    /// Place of the scenario in the file; phone numbers have it as a digit.
    scenario: u64,
}

impl Origin {
    pub(crate) fn new(seed: u64, scenario: &str, place: usize) -> Self {
        let stream = scenario
            .bytes()
            .fold(mix(seed), |state, byte| mix(state ^ u64::from(byte)));
        Self {
            stream: mix(stream ^ scenario.len() as u64),
            scenario: place as u64,
        }
    }
}

/// Invents data for one iteration of one virtual user.
pub(crate) struct Fake {
    origin: Origin,
    seed: u64,
    domain: Arc<str>,
    vu: u64,
    iteration: u64,
    /// Moves the telephone numbers of a branch away from those of the others.
    shift: u64,
    calls: AtomicU64,
    emails: AtomicU64,
    phones: AtomicU64,
}

impl fmt::Debug for Fake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[invented data]")
    }
}

impl Fake {
    pub(crate) fn new(
        origin: Origin,
        seed: u64,
        domain: Arc<str>,
        vu: u64,
        iteration: u64,
    ) -> Self {
        Self {
            origin,
            seed,
            domain,
            vu,
            iteration,
            shift: 0,
            calls: AtomicU64::new(0),
            emails: AtomicU64::new(0),
            phones: AtomicU64::new(0),
        }
    }

    /// The same user's in another iteration.
    pub(crate) fn of_iteration(&self, iteration: u64) -> Self {
        let domain = Arc::clone(&self.domain);
        Self::new(self.origin, self.seed, domain, self.vu, iteration)
    }

    /// Begins another iteration.
    pub(crate) fn begin(&mut self, iteration: u64) {
        self.iteration = iteration;
        for counter in [&mut self.calls, &mut self.emails, &mut self.phones] {
            *counter.get_mut() = 0;
        }
    }

    /// For one of several branches that are played at once: what it invents
    /// depends on its number, not on which branch is faster.
    pub(crate) fn branch(&self, number: u64) -> Self {
        // A block of branches can be played several times.
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        let stream = mix(mix(self.origin.stream ^ mix(call)) ^ mix(number));
        let origin = Origin {
            stream,
            ..self.origin
        };
        Self {
            shift: mix(stream),
            ..Self::new(
                origin,
                self.seed,
                Arc::clone(&self.domain),
                self.vu,
                self.iteration,
            )
        }
    }

    fn rng(&self) -> Xoshiro256PlusPlus {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        let state = [self.vu, self.iteration, call]
            .into_iter()
            .fold(self.origin.stream, |state, part| mix(state ^ mix(part)));
        Xoshiro256PlusPlus::seed_from_u64(state)
    }

    /// `ada-3k9x2m4p7q-12-3@example.org`: a name, eleven characters that stand
    /// for seed and scenario, the user, the iteration, and from the second
    /// address on its number.
    fn email(&self) -> String {
        let first: &str = FirstName().fake_with_rng(&mut self.rng());
        let first: String = first
            .chars()
            .filter(char::is_ascii_alphabetic)
            .map(|letter| letter.to_ascii_lowercase())
            .collect();
        let tag = base36(self.origin.stream);
        let (vu, iteration, domain) = (self.vu, self.iteration, &self.domain);
        match self.emails.fetch_add(1, Ordering::Relaxed) {
            0 => format!("{first}-{tag}-{vu}-{iteration}@{domain}"),
            more => format!("{first}-{tag}-{vu}-{iteration}-{more}@{domain}"),
        }
    }

    /// A number below `+999`, a country code that the ITU has given to nobody,
    /// with twelve digits: one for the scenario, five each for user and
    /// iteration, one for the call; moved by the seed.
    fn phone(&self) -> String {
        const NUMBERS: u64 = 1_000_000_000_000;
        let call = self.phones.fetch_add(1, Ordering::Relaxed);
        let place = [
            (self.origin.scenario, 10),
            (self.vu, 100_000),
            (self.iteration, 100_000),
            (call, 10),
        ]
        .into_iter()
        .fold(0, |place, (part, radix)| place * radix + part % radix);
        let number = (place + mix(self.seed) % NUMBERS + self.shift % NUMBERS) % NUMBERS;
        format!("+999{number:012}")
    }

    fn first_name(&self) -> &'static str {
        FirstName().fake_with_rng(&mut self.rng())
    }

    fn last_name(&self) -> &'static str {
        LastName().fake_with_rng(&mut self.rng())
    }

    fn uuid(&self) -> String {
        let mut bytes = [0; 16];
        self.rng().fill_bytes(&mut bytes);
        let id = uuid::Builder::from_random_bytes(bytes).into_uuid();
        id.to_string()
    }

    fn number(&self, args: &[Value]) -> Result<i64, Error> {
        let (min, max): (i64, i64) = from_args(args)?;
        if min > max {
            return Err(invalid(format!(
                "fake.number({min}, {max}): the smaller number comes first"
            )));
        }
        Ok(self.rng().random_range(min..=max))
    }

    fn words(&self, args: &[Value]) -> Result<String, Error> {
        let (count,): (usize,) = from_args(args)?;
        if !(1..=1000).contains(&count) {
            return Err(invalid(format!(
                "fake.words({count}): from 1 to 1000 words"
            )));
        }
        let words: Vec<String> = Words(count..count + 1).fake_with_rng(&mut self.rng());
        Ok(words.join(" "))
    }
}

impl Object for Fake {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let value = match method {
            "number" => return self.number(args).map(Value::from),
            "words" => return self.words(args).map(Value::from),
            "email" => self.email(),
            "phone" => self.phone(),
            "first_name" => self.first_name().to_owned(),
            "last_name" => self.last_name().to_owned(),
            "name" => format!("{} {}", self.first_name(), self.last_name()),
            "uuid" => self.uuid(),
            _ => return Err(Error::from(ErrorKind::UnknownMethod)),
        };
        from_args::<()>(args)?;
        Ok(Value::from(value))
    }
}

fn invalid(detail: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, detail)
}

/// Spreads a number over all 64 bits, one to one (the finaliser of
/// `SplitMix64`).
fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Lower-case digits and letters; the ten lowest places of a number.
fn base36(mut number: u64) -> String {
    let mut digits = String::with_capacity(10);
    for _ in 0..10 {
        let digit = u32::try_from(number % 36).unwrap_or(0);
        digits.extend(char::from_digit(digit, 36));
        number /= 36;
    }
    digits
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Arc;

    use minijinja::Value;
    use proptest::prelude::*;

    use super::{Fake, METHODS, Origin};
    use crate::expression::environment::ENVIRONMENT;

    fn fake(seed: u64, scenario: (&str, usize), vu: u64, iteration: u64) -> Fake {
        let origin = Origin::new(seed, scenario.0, scenario.1);
        Fake::new(origin, seed, Arc::from("example.org"), vu, iteration)
    }

    fn call(expression: &str) -> Result<Value, minijinja::Error> {
        let fake = Value::from_object(fake(1, ("a", 0), 1, 1));
        let compiled = ENVIRONMENT.compile_expression_owned(expression.to_owned());
        compiled.unwrap().eval(minijinja::context! { fake })
    }

    #[test]
    fn every_method_of_the_table_exists() {
        for name in METHODS {
            let arguments = match *name {
                "number" => "1, 6",
                "words" => "3",
                _ => "",
            };
            call(&format!("fake.{name}({arguments})")).unwrap();
        }
        assert!(call("fake.email('x')").is_err());
        assert!(call("fake.number(6, 1)").is_err());
        assert!(
            call("fake.words(3)|split(' ')|list|length == 3")
                .unwrap()
                .is_true()
        );
    }

    #[test]
    fn the_same_seed_invents_the_same_people() {
        let all = |seed| {
            let fake = fake(seed, ("a", 0), 3, 2);
            [
                fake.email(),
                fake.phone(),
                fake.uuid(),
                fake.first_name().into(),
            ]
        };
        assert_eq!(all(1), all(1));
        let other = all(2);
        assert!(all(1).iter().zip(&other).take(3).all(|(a, b)| a != b));
    }

    #[test]
    fn addresses_and_numbers_are_different_for_thousands_of_users() {
        let (mut emails, mut phones) = (HashSet::new(), HashSet::new());
        let mut asked = 0;
        for scenario in [("a", 0), ("b", 1)] {
            for vu in 1..=2000 {
                for iteration in 1..=5 {
                    let fake = fake(7, scenario, vu, iteration);
                    for _ in 0..2 {
                        asked += 1;
                        emails.insert(fake.email());
                        phones.insert(fake.phone());
                    }
                }
            }
        }
        assert_eq!((emails.len(), phones.len()), (asked, asked));
    }

    proptest! {
        #[test]
        fn two_users_never_share_an_address(
            seed in any::<u64>(),
            a in (0..1_000_000_u64, 0..1_000_000_u64),
            b in (0..1_000_000_u64, 0..1_000_000_u64),
        ) {
            let email = |(vu, iteration)| fake(seed, ("a", 0), vu, iteration).email();
            prop_assert_eq!(email(a) == email(b), a == b);
            let local = email(a).split('@').next().map_or(0, str::len);
            prop_assert!(local <= 64, "a mail server takes 64 characters");
        }

        #[test]
        fn a_phone_number_is_as_long_as_they_can_be(seed in any::<u64>(), vu in any::<u64>()) {
            let phone = fake(seed, ("a", 0), vu, 1).phone();
            prop_assert!(phone.len() == 16 && phone[1..].bytes().all(|b| b.is_ascii_digit()));
        }
    }
}
