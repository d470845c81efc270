//! Whom a message is for.

/// Most addresses of one message that are looked at.
const MOST: usize = 64;

/// The form in which addresses are compared: without regard to case, as mail
/// servers do; phone numbers without what makes them easy to read.
pub(super) fn normalise(recipient: &str) -> String {
    let recipient = recipient.trim().trim_matches(['<', '>']).trim();
    if recipient.starts_with('+') && !recipient.contains('@') {
        let digit = |c: &char| *c == '+' || c.is_ascii_digit();
        return recipient.chars().filter(digit).collect();
    }
    recipient.to_lowercase()
}

/// The addresses of a message in the form in which they are compared, each
/// once. Where one has a tag, as `ada+1@example.org`, the address without it
/// is left out: it is where the server stores the mail, not whom it is for.
pub(super) fn candidates(recipients: &[String]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for address in recipients.iter().take(MOST).map(|text| normalise(text)) {
        if !address.is_empty() && !found.contains(&address) {
            found.push(address);
        }
    }
    let bases: Vec<String> = found.iter().filter_map(|text| base(text)).collect();
    found.retain(|address| !bases.contains(address));
    found
}

/// The address without its tag, if it has one.
fn base(address: &str) -> Option<String> {
    let (local, domain) = address.rsplit_once('@')?;
    let (name, _) = local.split_once('+')?;
    (!name.is_empty()).then(|| format!("{name}@{domain}"))
}

#[cfg(test)]
mod tests {
    use super::{candidates, normalise};

    fn of(recipients: &[&str]) -> Vec<String> {
        let recipients: Vec<String> = recipients.iter().map(|&text| text.into()).collect();
        candidates(&recipients)
    }

    #[test]
    fn case_and_brackets_do_not_count() {
        assert_eq!(normalise(" <Ada@Example.ORG> "), "ada@example.org");
        assert_eq!(normalise("+32 470 12-34-56"), "+32470123456");
    }

    #[test]
    fn the_address_without_the_tag_is_nobody() {
        let found = of(&["ada@example.org", "ada+1@example.org", "bob@example.org"]);
        assert_eq!(found, ["ada+1@example.org", "bob@example.org"]);
        assert_eq!(of(&["ada@example.org"]), ["ada@example.org"]);
        assert_eq!(
            of(&["ada@other.org", "ada+1@example.org"]),
            ["ada@other.org", "ada+1@example.org"]
        );
    }

    #[test]
    fn a_message_for_ten_thousand_is_not_looked_at_whole() {
        let many: Vec<String> = (0..10_000).map(|n| format!("{n}@example.org")).collect();
        assert_eq!(candidates(&many).len(), super::MOST);
    }
}
