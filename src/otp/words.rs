//! Words that mails use near a code, and near numbers that are none.

/// What a code is called, in lower case: in a word of its own, at its start with
/// an ending, or at the end of a compound.
const CODES: &[&str] = &[
    // English, and what others took from it
    "code",
    "passcode",
    "password",
    "otp",
    "pin",
    "token",
    "tan",
    "2fa",
    "mfa",
    "verification",
    // German, Dutch, Danish, Norwegian, Swedish, Finnish, Estonian, Icelandic
    "kennwort",
    "passwort",
    "kode",
    "wachtwoord",
    "adgangskode",
    "passord",
    "kod",
    "lösenord",
    "koodi",
    "salasana",
    "kood",
    "kóði",
    "lykilorð",
    // French, Spanish, Catalan, Portuguese, Italian, Romanian
    "código",
    "codigo",
    "clave",
    "contraseña",
    "codi",
    "senha",
    "codice",
    "cod",
    "codul",
    "parola",
    // Polish, Czech, Slovak, Hungarian, Slovenian, Croatian, Lithuanian, Latvian, Albanian, Maltese
    "kód",
    "heslo",
    "hasło",
    "jelszó",
    "koda",
    "geslo",
    "šifra",
    "lozinka",
    "kodas",
    "kods",
    "slaptažodis",
    "kodi",
    "kodiċi",
    // Turkish, Indonesian, Malay, Vietnamese, Swahili
    "şifre",
    "kodu",
    "sandi",
    "mã",
    "msimbo",
    // Bulgarian, Russian, Ukrainian, Serbian, Greek
    "код",
    "парола",
    "пароль",
    "шифра",
    "лозинка",
    "κωδικός",
    "κωδικό",
    "κωδικο",
    // Arabic, Persian, Urdu, Hebrew, Hindi, Bengali, Tamil
    "رمز",
    "كود",
    "الرمز",
    "کد",
    "کوڈ",
    "קוד",
    "הקוד",
    "סיסמה",
    "कोड",
    "ओटीपी",
    "কোড",
    "குறியீடு",
];

/// The same in scripts that put nothing between words.
const CODES_WITHIN: &[&str] = &[
    "コード",
    "認証番号",
    "確認番号",
    "暗証番号",
    "パスワード",
    "验证码",
    "驗證碼",
    "校验码",
    "動態碼",
    "动态码",
    "代码",
    "代碼",
    "密码",
    "密碼",
    "코드",
    "인증번호",
    "인증 번호",
    "비밀번호",
    "รหัส",
    "លេខកូដ",
];

/// What other numbers are called.
const OTHERS: &[&str] = &[
    "order",
    "invoice",
    "ticket",
    "reference",
    "ref",
    "case",
    "customer",
    "account",
    "phone",
    "telephone",
    "tel",
    "fax",
    "zip",
    "postcode",
    "postal",
    "box",
    "transaction",
    "booking",
    "parcel",
    "tracking",
    "promo",
    "discount",
    "voucher",
    "coupon",
    "barcode",
    "bestellung",
    "bestellnummer",
    "rechnung",
    "rechnungsnummer",
    "auftrag",
    "vorgang",
    "kundennummer",
    "telefon",
    "telefoon",
    "postleitzahl",
    "plz",
    "commande",
    "facture",
    "réf",
    "référence",
    "dossier",
    "client",
    "tél",
    "téléphone",
    "bestelling",
    "bestelnummer",
    "factuur",
    "klantnummer",
    "pedido",
    "factura",
    "referencia",
    "cliente",
    "teléfono",
    "fatura",
    "encomenda",
    "telefone",
    "ordine",
    "fattura",
    "riferimento",
    "telefono",
    "zamówienie",
    "faktura",
    "objednávka",
    "rendelés",
    "számla",
    "comandă",
    "заказ",
    "замовлення",
    "поръчка",
    "тел",
    "παραγγελία",
    "sipariş",
    "fiş",
    "tilaus",
    "lasku",
    "tellimus",
    "beställning",
    "ordre",
    "pesanan",
    "訂單",
    "订单",
    "注文",
    "주문",
    "©",
];

/// What a word says of the number beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hint {
    Code,
    Other,
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
    for word in CODES_WITHIN {
        let places = text.match_indices(word);
        found.extend(places.map(|(at, word)| (at, at + word.len(), Hint::Code)));
    }
    found
}

/// Marks that belong to the letter before them, as in Devanagari.
fn is_mark(c: char) -> bool {
    matches!(u32::from(c), 0x0300..=0x036f | 0x0900..=0x0d7f | 0x0e31..=0x0e4e)
}

fn hint(word: &str) -> Option<Hint> {
    if OTHERS.contains(&word) {
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
        || is_declined && word.ends_with(code) && word_letters >= code_letters + 4
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
}
