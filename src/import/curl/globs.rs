//! Addresses with `{a,b}` and `[1-3]`, which curl takes for several.

/// More addresses of one are not imported.
const MOST: usize = 100;

/// The addresses that a pattern stands for.
pub(super) fn expand(pattern: &str) -> Result<Vec<String>, String> {
    let mut all = vec![String::new()];
    let mut letters = pattern.char_indices();
    while let Some((at, letter)) = letters.next() {
        let rest = &pattern[at..];
        let choices = match letter {
            // Only what is special needs to be escaped.
            '\\' if rest[1..].starts_with(['{', '}', '[', ']']) => {
                let (_, escaped) = letters.next().unwrap_or((0, '\\'));
                vec![escaped.to_string()]
            }
            '[' if rest.starts_with("[]") || is_address(rest) => vec!["[".to_owned()],
            ']' if pattern[..at].ends_with('[') || is_address_end(&pattern[..=at]) => {
                vec!["]".to_owned()]
            }
            '{' | '[' => {
                let end = if letter == '{' { '}' } else { ']' };
                let length = rest
                    .find(end)
                    .ok_or("a bracket of the address is not closed")?;
                // To the bracket that closes it.
                letters.by_ref().find(|(place, _)| *place == at + length);
                let inside = &rest[1..length];
                if letter == '{' {
                    inside.split(',').map(str::to_owned).collect()
                } else {
                    range(inside).ok_or("brackets of the address hold no range such as `[1-3]`: with `-g` they are as they are")?
                }
            }
            '}' | ']' => {
                return Err("a bracket of the address is closed, and was not opened".into());
            }
            letter => vec![letter.to_string()],
        };
        if all.len() * choices.len() > MOST {
            return Err(format!("the address stands for more than {MOST}"));
        }
        all = match choices.as_slice() {
            [one] => {
                for begun in &mut all {
                    begun.push_str(one);
                }
                all
            }
            several => {
                let begun = all.iter();
                begun
                    .flat_map(|begun| several.iter().map(move |choice| format!("{begun}{choice}")))
                    .collect()
            }
        };
    }
    Ok(all)
}

/// `[::1]`, which is a host.
fn is_address(rest: &str) -> bool {
    let inside = rest[1..].split(']').next().unwrap_or_default();
    inside.contains(':')
        && inside
            .chars()
            .all(|c| c.is_ascii_hexdigit() || matches!(c, ':' | '.' | '%'))
        && inside.matches(':').count() > 1
}

fn is_address_end(until: &str) -> bool {
    until.rfind('[').is_some_and(|at| is_address(&until[at..]))
}

/// `1-10`, `001-100`, `a-z`, each with a step as `:2`.
fn range(inside: &str) -> Option<Vec<String>> {
    let (bounds, step) = match inside.split_once(':') {
        Some((bounds, step)) => (bounds, step.parse::<usize>().ok().filter(|step| *step > 0)?),
        None => (inside, 1),
    };
    let (first, last) = bounds.split_once('-')?;
    let letter = |text: &str| {
        let mut letters = text.chars();
        let first = letters.next().filter(char::is_ascii_alphabetic);
        first.filter(|_| letters.next().is_none())
    };
    if let (Some(first), Some(last)) = (letter(first), letter(last)) {
        let letters = (first..=last).step_by(step);
        let all: Vec<String> = letters.map(String::from).collect();
        return (!all.is_empty()).then_some(all);
    }
    let (from, to): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
    // Zeros before it are the width of all.
    let width = if first.starts_with('0') {
        first.len()
    } else {
        0
    };
    if from > to {
        return None;
    }
    let numbers = (from..=to).step_by(step).take(MOST + 1);
    Some(numbers.map(|number| format!("{number:0width$}")).collect())
}

#[cfg(test)]
mod tests {
    use super::expand;

    #[test]
    fn brackets_stand_for_several_addresses() {
        for (pattern, all) in [
            ("http://a/{b,c}/x", vec!["http://a/b/x", "http://a/c/x"]),
            ("a[8-10]", vec!["a8", "a9", "a10"]),
            ("a[08-10:2]", vec!["a08", "a10"]),
            ("[a-c]", vec!["a", "b", "c"]),
            ("http://[::1]:80/", vec!["http://[::1]:80/"]),
            ("?a\\[\\]=1&b\\{\\}", vec!["?a[]=1&b{}"]),
            ("?a[]=1", vec!["?a[]=1"]),
            ("{a,b}[1-2]", vec!["a1", "a2", "b1", "b2"]),
            ("a\\b", vec!["a\\b"]),
        ] {
            assert_eq!(expand(pattern).unwrap(), all, "{pattern}");
        }
        for wrong in ["a[b", "a]", "a}", "a[x]", "[1-1000]", "[3-1]"] {
            assert!(expand(wrong).is_err(), "{wrong}");
        }
    }
}
