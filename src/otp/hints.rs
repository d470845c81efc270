//! What the words of a text say of the numbers near them.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::words::{
    CODE_PHRASES, CODES, CODES_WITHIN, OLD, OLD_WITHIN, OTHER_CODES, OTHER_COMPOUNDS,
    OTHER_NUMBERS, OTHERS, OTHERS_WITHIN,
};

/// What a word says of the number beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hint {
    Code,
    Other,
    Old,
}

/// The hints of a text, each with its place in bytes.
pub(super) fn hints(text: &str) -> Vec<(usize, usize, Hint)> {
    let mut found = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (start, c.is_alphanumeric() || is_mark(c) || c == '©') {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                let word = text[from..at].to_lowercase();
                found.extend(hint(&word).map(|hint| (from, at, hint)));
                start = None;
            }
            _ => {}
        }
    }
    let mut within = |words: &[&str], hint| {
        for word in words {
            let places = text.match_indices(word);
            found.extend(places.map(|(at, word)| (at, at + word.len(), hint)));
        }
    };
    within(CODES_WITHIN, Hint::Code);
    within(OTHERS_WITHIN, Hint::Other);
    within(OLD_WITHIN, Hint::Old);
    // Lower-case letters that are as long as the others, so that places stay what they are.
    let lower: String = text.chars().map(lower).collect();
    let phrases = CODE_PHRASES.iter().map(|phrase| (phrase, Hint::Code));
    let others = OTHER_CODES.iter().map(|phrase| (phrase, Hint::Other));
    for (phrase, hint) in phrases.chain(others) {
        for (at, phrase) in lower.match_indices(phrase) {
            let place = at..at + phrase.len();
            found.retain(|(start, ..)| !place.contains(start));
            found.push((place.start, place.end, hint));
        }
    }
    found
}

fn lower(c: char) -> char {
    let lower = c.to_lowercase().next().unwrap_or(c);
    if lower.len_utf8() == c.len_utf8() {
        lower
    } else {
        c
    }
}

/// Words that are looked up whole.
static WORDS: LazyLock<HashMap<&str, Hint>> = LazyLock::new(|| {
    let of = |lines: &'static [&str], hint| {
        let words = lines.iter().flat_map(|line| line.split(' '));
        words.map(move |word| (word, hint))
    };
    of(OTHERS, Hint::Other).chain(of(OLD, Hint::Old)).collect()
});

/// Marks that belong to the letter before them, as in Devanagari.
fn is_mark(c: char) -> bool {
    matches!(u32::from(c), 0x0300..=0x036f | 0x0900..=0x0d7f | 0x0e31..=0x0e4e)
}

fn hint(word: &str) -> Option<Hint> {
    if let Some(hint) = WORDS.get(word) {
        return Some(*hint);
    }
    let is_other = OTHER_COMPOUNDS.contains(&word)
        || OTHER_NUMBERS.iter().any(|ending| word.ends_with(ending));
    if is_other {
        return Some(Hint::Other);
    }
    CODES
        .iter()
        .any(|code| names(word, code))
        .then_some(Hint::Code)
}

fn names(word: &str, code: &str) -> bool {
    let letters = |text: &str| text.chars().count();
    let (word_letters, code_letters) = (letters(word), letters(code));
    // Three letters that others decline; `pin` and its kind are never.
    let is_declined = code_letters > 3 || ["kod", "kód", "код"].contains(&code);
    word == code
        || code_letters > 4 && word.contains(code)
        || is_declined && word.starts_with(code) && word_letters <= code_letters + 3
        || is_declined && is_end_of_compound(word, code)
}

/// `Bestätigungscodes` has `code` at its end, and before it a word of its own.
fn is_end_of_compound(word: &str, code: &str) -> bool {
    let Some((before, after)) = word.rsplit_once(code) else {
        return false;
    };
    before.chars().count() >= 4 && after.chars().count() <= 3
}

#[cfg(test)]
mod tests {
    use super::{Hint, hints};

    #[test]
    fn a_code_is_known_in_many_languages() {
        for text in [
            "Your verification code is",
            "Ihr Bestätigungscode lautet",
            "Votre code de vérification",
            "Uw verificatiecode",
            "Su código de verificación",
            "Il tuo codice",
            "Twój kod",
            "Kodu girin",
            "Váš kód",
            "Az Ön kódja",
            "Codul dumneavoastră",
            "Ваш код",
            "Ваш пароль",
            "Ο κωδικός σας",
            "Din engångskod",
            "Din kode",
            "Vahvistuskoodisi",
            "Teie kood",
            "رمز التحقق",
            "קוד האימות",
            "आपका कोड",
            "認証コードは",
            "您的验证码是",
            "인증번호는",
            "รหัสของคุณ",
            "Mã xác minh",
            "Kode Anda",
            "One-time PIN",
            "Doğrulama şifreniz",
            "Jūsų kodas",
        ] {
            let found = hints(text);
            assert!(
                found.iter().any(|(_, _, hint)| *hint == Hint::Code),
                "{text}"
            );
        }
    }

    #[test]
    fn a_word_that_has_such_letters_in_it_is_none() {
        for text in [
            "shipping",
            "a spinning top",
            "tango",
            "Please discover",
            "instant",
        ] {
            assert!(hints(text).is_empty(), "{text}: {:?}", hints(text));
        }
        assert_eq!(hints("Order"), [(0, 5, Hint::Other)]);
    }

    #[test]
    fn a_code_of_another_kind_is_another_number() {
        for text in [
            "Promo code",
            "Code postal :",
            "Gutscheincode",
            "Kundennummer",
            "訂單編號",
            "Código postal",
        ] {
            let found = hints(text);
            assert!(
                matches!(found[..], [(_, _, Hint::Other)]),
                "{text}: {found:?}"
            );
        }
        assert_eq!(hints("previous"), [(0, 8, Hint::Old)]);
    }
}
