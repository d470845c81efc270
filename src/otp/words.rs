//! Words that mails use near a code, and near numbers that are none.

/// What a code is called, in lower case: in a word of its own, at its start with
/// an ending, or at the end of a compound.
pub(super) const CODES: &[&str] = &[
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
    "jelszav",
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
    "पासवर्ड",
    "पासकोड",
    "কোড",
    "குறியீடு",
];

/// The same in scripts that put nothing between words.
pub(super) const CODES_WITHIN: &[&str] = &[
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

/// What a code is called in several words.
pub(super) const CODE_PHRASES: &[&str] =
    &["mot de passe", "palavra-passe", "one-time", "usage unique"];

/// What tells an old code from a new one.
pub(super) const OLD: &[&str] = &[
    "previous previously earlier expired vorherige vorherigen frühere früheren zuvor alte alten abgelaufen",
    "précédent précédents ancien anterior precedente vorige eerdere oude tidigare gamla tidligere forrige gamle",
    "aiempi aiemman edellinen vanha poprzedni stary předchozí predchádzajúci korábbi régi предишният предишния",
    "προηγούμενος önceki eski предыдущий старый попередній старий السابق הקודם قبلی पिछला trước sebelumnya lama",
];

/// The same in scripts that put nothing between words.
pub(super) const OLD_WITHIN: &[&str] = &["之前", "先前", "以前", "旧的", "舊的", "이전", "ก่อนหน้า"];

/// What other numbers are called: orders, invoices, tickets, cases, customers, phones,
/// postcodes, tracked parcels. Their numbers come after them.
pub(super) const OTHERS: &[&str] = &[
    "order invoice ticket reference ref case customer account phone telephone tel fax zip postcode",
    "postal box transaction booking parcel tracking promo discount voucher coupon barcode ©",
    // German, Dutch, Swedish, Danish, Norwegian, Finnish, Estonian
    "bestellung auftrag rechnung vorgang aktenzeichen kunde telefon plz postleitzahl sendung steuernummer",
    "bestelling factuur zaak dossier klant telefoon zending beställning ärende faktura kund ordre kunde",
    "tilaus lasku viite asiakas puhelin tellimus arve klient",
    // French, Spanish, Portuguese, Italian, Romanian, Catalan
    "commande facture réf référence dossier client tél téléphone colis siret pedido factura referencia cliente",
    "teléfono expediente encomenda fatura referência telefone processo ordine fattura riferimento pratica telefono",
    "comandă comanda factură înregistrare referință client comanda factura",
    // Polish, Czech, Slovak, Hungarian, Croatian, Slovenian, Lithuanian, Latvian
    "zamówienia zamówienie faktury zgłoszenia sprawy klienta objednávka objednávky objednávke faktúry žádosti žiadosti",
    "zákazníka rendelés rendelési számla hivatkozási ügyszám narudžba narudžbe naročilo naročila račun užsakymo",
    "užsakymas sąskaita pasūtījuma pasūtījums rēķins",
    // Turkish, Indonesian, Malay, Vietnamese
    "sipariş fatura referans fiş takip pesanan faktur referensi resi đơn tham",
    // Russian, Ukrainian, Bulgarian, Serbian, Greek
    "заказ заказа счёт счет обращения заявки тел телефон замовлення звернення рахунок поръчка референтен фактура",
    "наруџбина рачун παραγγελία παραγγελίας τιμολόγιο αναφοράς τηλ",
    // Arabic, Persian, Hebrew, Hindi
    "الطلب المرجع الفاتورة هاتف سفارش پیگیری فاکتور تلفن הזמנה פנייה חשבונית טלפון ऑर्डर संदर्भ चालान फ़ोन",
];

/// The same in scripts that put nothing between words.
pub(super) const OTHERS_WITHIN: &[&str] = &[
    "訂單",
    "订单",
    "受理",
    "案件",
    "单号",
    "單號",
    "客服",
    "电话",
    "電話",
    "发票",
    "發票",
    "注文",
    "受付",
    "伝票",
    "郵便",
    "お問い合わせ",
    "주문",
    "접수",
    "문의",
    "전화",
    "คำสั่งซื้อ",
    "อ้างอิง",
    "โทร",
];

/// Codes that are no password.
pub(super) const OTHER_CODES: &[&str] = &[
    "postal code",
    "zip code",
    "area code",
    "country code",
    "dialling code",
    "error code",
    "status code",
    "sort code",
    "swift code",
    "bank code",
    "qr code",
    "source code",
    "promo code",
    "promotion code",
    "discount code",
    "coupon code",
    "voucher code",
    "gift code",
    "referral code",
    "invite code",
    "tracking code",
    "product code",
    "dress code",
    "code postal",
    "code promo",
    "code barre",
    "code erreur",
    "code de réduction",
    "código postal",
    "código promocional",
    "código de descuento",
    "código de barras",
    "código de desconto",
    "codice fiscale",
    "codice sconto",
    "codice postale",
    "codice promozionale",
    "cod poștal",
    "kod pocztowy",
    "kod rabatowy",
    "kod promocyjny",
    "posta kodu",
    "indirim kodu",
    "kode pos",
    "kode promo",
    "mã giảm giá",
    "mã đơn hàng",
    "mã bưu",
    "mã vận đơn",
    "промо-код",
    "почтовый код",
    "رمز بريدي",
    "الرمز البريدي",
    "优惠代码",
    "商品コード",
    "クーポンコード",
];

/// Words in which `code` is none either.
pub(super) const OTHER_COMPOUNDS: &[&str] = &[
    "rabattcode",
    "gutscheincode",
    "aktionscode",
    "rabattkod",
    "rabatkode",
    "rabattkode",
    "kortingscode",
    "actiecode",
    "kampanjkod",
    "strichcode",
    "streepjescode",
    "postcode",
    "postkod",
    "barcode",
    "qrcode",
    "unicode",
    "промокод",
    "штрихкод",
    "kuponkód",
    "alennuskoodi",
    "postinumero",
    "irányítószám",
];

/// How compounds end that name a number, as `Kundennummer` does.
pub(super) const OTHER_NUMBERS: &[&str] =
    &["nummer", "nummern", "numero", "numeron", "szám", "száma"];
