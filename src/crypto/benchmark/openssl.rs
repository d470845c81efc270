//! What `openssl speed` says of the same operations on the same machine.
//!
//! It counts processor time, in whole seconds, and does less for each
//! operation than we do: AES is one endless text, without padding, nonces and
//! tags; RSA signs with PKCS#1 v1.5, where we have OAEP or PSS to compute. So a
//! ratio of one is out of reach by a little.

use std::collections::HashMap;
use std::process::{Command, Output};
use std::time::Duration;

use super::operation::{Direction, Mode, Operation, Rsa};
use crate::crypto::OaepHash;

/// What OpenSSL says of itself.
#[derive(Clone, Debug)]
pub struct OpenSsl {
    /// Its version, such as `OpenSSL 3.0.19`.
    pub version: String,
    /// Operations a second of processor time.
    pub rates: Vec<(Operation, f64)>,
}

/// Why OpenSSL says nothing.
#[derive(Debug, thiserror::Error)]
pub enum OpenSslError {
    /// There is no such program.
    #[error("`openssl` is not installed, or not where this program finds it: {0}")]
    Missing(std::io::Error),
    /// It failed, or said something else than expected.
    #[error("`openssl {arguments}` {reason}")]
    Failed {
        /// What it was asked.
        arguments: String,
        /// What went wrong.
        reason: String,
    },
}

/// How an operation is asked for, and which of the answer's lines it is.
struct Question {
    arguments: Vec<String>,
    line: &'static str,
}

impl OpenSsl {
    /// Sees whether it is there.
    ///
    /// # Errors
    /// When it is not.
    pub fn find() -> Result<Self, OpenSslError> {
        let output = call(&["version".to_owned()])?;
        Ok(Self {
            version: version(&String::from_utf8_lossy(&output.stdout)),
            rates: Vec::new(),
        })
    }

    /// How many different questions these operations are.
    pub fn questions(operations: &[Operation]) -> usize {
        let mut all: Vec<_> = operations.iter().filter_map(|&o| question(o)).collect();
        all.sort_by(|a, b| a.arguments.cmp(&b.arguments));
        all.dedup_by(|a, b| a.arguments == b.arguments);
        all.len()
    }

    /// Asks it for all of these operations that it knows. `progress` is told
    /// what comes next.
    ///
    /// # Errors
    /// When it fails.
    pub fn run(
        &mut self,
        operations: &[Operation],
        time: Duration,
        mut progress: impl FnMut(&str),
    ) -> Result<(), OpenSslError> {
        // Whole seconds are all that it takes.
        let seconds = time.as_secs_f64().ceil().max(1.0);
        let mut answers: HashMap<Vec<String>, String> = HashMap::new();
        for &operation in operations {
            let Some(Question { arguments, line }) = question(operation) else {
                continue;
            };
            if !answers.contains_key(&arguments) {
                progress(&format!("openssl: {}", operation.name()));
                let mut all = vec!["speed".into(), "-mr".into()];
                all.extend(["-seconds".into(), format!("{seconds:.0}")]);
                all.extend(arguments.iter().cloned());
                let output = call(&all)?;
                let answer = String::from_utf8_lossy(&output.stderr).into_owned();
                answers.insert(arguments.clone(), answer);
            }
            let answer = answers.get(&arguments).map_or("", String::as_str);
            let rate = rate(answer, line).ok_or_else(|| OpenSslError::Failed {
                arguments: format!("speed {}", arguments.join(" ")),
                reason: format!("does not say how often: no `{line}` with a count and a time"),
            })?;
            self.rates.push((operation, rate));
        }
        Ok(())
    }

    /// Operations a second of processor time, if it was asked and knows.
    pub fn rate(&self, operation: Operation) -> Option<f64> {
        let found = self.rates.iter().find(|(known, _)| *known == operation);
        found.map(|(_, rate)| *rate)
    }
}

/// Name and number, without the date.
fn version(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().take(2).collect();
    words.join(" ")
}

/// `None` for what `openssl speed` does not know.
fn question(operation: Operation) -> Option<Question> {
    let symmetric = |name: &[&str], payload: usize| {
        let mut arguments = vec!["-bytes".to_owned(), payload.to_string()];
        arguments.extend(name.iter().map(|&word| word.to_owned()));
        Some(Question {
            arguments,
            line: "+R:",
        })
    };
    match operation {
        Operation::Aes(mode, direction, payload) => {
            let cipher = match mode {
                Mode::Cbc => "aes-256-cbc",
                Mode::Gcm => "aes-256-gcm",
            };
            match direction {
                Direction::Encrypt => symmetric(&["-evp", cipher], payload),
                Direction::Decrypt => symmetric(&["-decrypt", "-evp", cipher], payload),
            }
        }
        Operation::Sha256(payload) => symmetric(&["-evp", "sha256"], payload),
        Operation::Hmac(payload) => symmetric(&["-hmac", "sha256"], payload),
        Operation::Rsa(bits, what) => {
            let line = match what {
                Rsa::Generate => return None,
                Rsa::Decrypt(OaepHash::Sha1 | OaepHash::Sha256) | Rsa::Sign => "+R1:",
                Rsa::Encrypt(OaepHash::Sha1 | OaepHash::Sha256) | Rsa::Verify => "+R2:",
            };
            Some(Question {
                arguments: vec![format!("rsa{}", bits.bits())],
                line,
            })
        }
    }
}

/// From a line such as `+R:41555:AES-256-CBC:1.010000`: a count, a name, and
/// seconds.
fn rate(answer: &str, start: &str) -> Option<f64> {
    let line = answer.lines().find_map(|line| line.strip_prefix(start))?;
    let (count, rest) = line.split_once(':')?;
    let (_, seconds) = rest.rsplit_once(':')?;
    let (count, seconds): (f64, f64) = (count.parse().ok()?, seconds.trim().parse().ok()?);
    let rate = count / seconds;
    rate.is_finite().then_some(rate)
}

fn call(arguments: &[String]) -> Result<Output, OpenSslError> {
    let output = Command::new("openssl")
        .args(arguments)
        .stdin(std::process::Stdio::null())
        .output()
        .map_err(OpenSslError::Missing)?;
    if output.status.success() {
        return Ok(output);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(OpenSslError::Failed {
        arguments: arguments.join(" "),
        reason: format!(
            "ended with {}: {}",
            output.status,
            said.lines().next_back().unwrap_or_default()
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::{OpenSsl, question, rate};
    use crate::crypto::benchmark::Operation;

    #[test]
    fn the_answer_of_openssl_3_is_read() {
        let answer = "+DT:AES-256-CBC:1:16384\n+R:41555:AES-256-CBC:1.250000\n";
        assert_eq!(rate(answer, "+R:"), Some(33_244.0));
        let answer = "+DTP:2048:private:rsa:1\n+R1:2773:2048:1.00\n\
                      +DTP:2048:public:rsa:1\n+R2:40982:2048:0.50\n";
        assert_eq!(rate(answer, "+R1:"), Some(2773.0));
        assert_eq!(rate(answer, "+R2:"), Some(81_964.0));
        for nothing in ["", "+R:", "+R:1:x:", "+R:1:x:0.000000", "+R:x:x:1"] {
            assert_eq!(rate(nothing, "+R:"), None, "{nothing}");
        }
    }

    #[test]
    fn it_is_asked_once_for_what_it_answers_together() {
        let all = Operation::all();
        let known = all.iter().filter(|&&o| question(o).is_some()).count();
        // All but the search of keys; the six of a length are one question.
        assert_eq!((known, OpenSsl::questions(&all)), (42, 24 + 3));
    }
}
