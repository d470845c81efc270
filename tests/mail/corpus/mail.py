"""What a design is, and the bytes of a mail."""

import base64
import quopri
import random
import re
from dataclasses import dataclass, field
from email.header import Header

from words import LANGUAGES

DESIGNS = []
# Names of charsets that this language's codecs know by another name.
CODECS = {"windows-874": "cp874", "iso-8859-8-i": "iso-8859-8", "ks_c_5601-1987": "cp949"}
PIXEL = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


@dataclass
class Design:
    """A design: what kind of sender has it, its languages, and the code in it."""
    kind: str
    name: str
    write: object
    length: int
    letters: str
    pattern: str
    langs: list
    expect: str


def design(kind, name, length=6, langs=None, letters="0123456789", pattern="", expect="code"):
    def add(write):
        at = len(DESIGNS) * 5
        names = list(LANGUAGES)
        spoken = langs.split() if langs else [names[(at + step) % len(names)] for step in range(5)]
        DESIGNS.append(Design(kind, name, write, length, letters, pattern, spoken, expect))
        return write
    return add


@dataclass
class Mail:
    """What a design writes."""
    text: str | None = None
    html: str | None = None
    subject: str = "Ada"
    sender: str = "Example <no-reply@mail.example.com>"
    headers: list = field(default_factory=list)
    # Further parts, each with its headers, and the type of what holds them.
    parts: list = field(default_factory=list)
    holder: str = "mixed"
    expect: str | None = None


class Write:
    """What a design writes with: its language's words, the code, other numbers."""

    def __init__(self, design, lang):
        self.lang = lang
        self.words = LANGUAGES[lang]
        self.dice = random.Random(f"{design.name} {lang}")
        self.at = design.langs.index(lang)
        self.code = "".join(self.dice.choice(design.letters) for _ in range(design.length))
        self.to = f"ada.{self.number(design.length)}@otp.example.org"

    def __getattr__(self, name):
        words = self.__dict__["words"]
        return words[name] if name in words else object.__getattribute__(self, name)

    def number(self, digits):
        """A number that is not the code, as long as told."""
        while True:
            number = str(self.dice.randrange(10 ** (digits - 1), 10 ** digits))
            if number != self.code:
                return number

    def hexes(self, digits):
        return "".join(self.dice.choice("0123456789abcdef") for _ in range(digits))

    def intro(self):
        return self.own[self.at % 3]

    def sentence(self, code=None):
        return self.line[self.at % 3].replace("{c}", code or self.code)

    def about(self, key, digits=6):
        return self.words[key].replace("{n}", self.number(digits))

    def label(self, index):
        return self.heads.split("|")[index]

    def url(self, path="verify"):
        return f"https://u{self.number(7)}.ct.example.com/{path}?upn={self.hexes(40)}&id={self.number(6)}"


def stripped(html):
    """The text that a sender's library makes of HTML."""
    text = re.sub(r"(?s)<(style|head|title|!--).*?(</\1>|-->)", "", html)
    text = re.sub(r'(?s)<a [^>]*href="([^"]+)"[^>]*>(.*?)</a>', r"\2 ( \1 )", text)
    text = re.sub(r"(?i)</(p|div|tr|h\d|table)>|<br ?/?>", "\n", text)
    text = re.sub(r"<[^>]+>", " ", text)
    for entity, char in (("&nbsp;", " "), ("&amp;", "&"), ("&copy;", "©"), ("&zwnj;", ""), ("&#847;", "")):
        text = text.replace(entity, char)
    return re.sub(r"\n\s*\n+", "\n\n", re.sub(r"[ \t]+", " ", text)).strip() + "\n"


def encoded(text, subtype, charset, encoding):
    """A part's headers and its body."""
    codec = CODECS.get(charset, charset)
    errors = "xmlcharrefreplace" if subtype == "html" else "strict"
    try:
        body = text.encode(codec, errors)
    except UnicodeEncodeError:
        charset, body = "utf-8", text.encode("utf-8")
    if charset == "utf-16" or (charset == "iso-2022-jp" and encoding == "quoted-printable"):
        encoding = "base64"
    elif charset == "iso-2022-jp" and encoding == "8bit":
        encoding = "7bit"
    if encoding == "base64":
        coded = base64.encodebytes(body)
    elif encoding == "quoted-printable":
        coded = quopri.encodestring(body.replace(b"\r\n", b"\n"))
    else:
        coded = body
    more = "; format=flowed" if subtype == "plain; flowed" else ""
    subtype = subtype.split(";")[0]
    head = f"Content-Type: text/{subtype}; charset={charset}{more}\nContent-Transfer-Encoding: {encoding}\n"
    return head.encode() + b"\n" + coded


def together(subtype, parts, boundary):
    head = f'Content-Type: multipart/{subtype}; boundary="{boundary}"\n\n'.encode()
    return head + b"".join(b"--" + boundary.encode() + b"\n" + part + b"\n" for part in parts) + \
        b"--" + boundary.encode() + b"--\n"


def build(mail, write, charset, encoding, number):
    """The bytes of a mail; lines end as they do on the wire."""
    bodies = []
    if mail.text is not None:
        bodies.append(encoded(mail.text, "plain", charset, encoding))
    if mail.html is not None:
        bodies.append(encoded(mail.html, "html", charset, encoding))
    boundary = f"=_{write.number(6)}_{write.hexes(12)}"
    content = bodies[0] if len(bodies) == 1 else together("alternative", bodies, boundary + "a") if bodies else None
    if mail.parts:
        parts = [part.encode() if isinstance(part, str) else part for part in mail.parts]
        content = together(mail.holder, ([content] if content else []) + parts, boundary)
    subject = Header(mail.subject, "utf-8" if not mail.subject.isascii() else "us-ascii", maxlinelen=70).encode()
    own = {line.split(":")[0].lower() for line in mail.headers}
    usual = [f"Return-Path: <bounces+{write.number(6)}-{write.hexes(8)}@em.example.com>",
             f"Delivered-To: {write.to}", f"From: {mail.sender}", f"To: {write.to}", f"Subject: {subject}",
             "Date: Tue, 24 Nov 2026 21:40:11 +0000", f"Message-ID: <{number}.{write.number(8)}@mail.example.com>",
             "MIME-Version: 1.0"]
    head = [line for line in usual if line.split(":")[0].lower() not in own] + mail.headers
    raw = ("\n".join(head) + "\n").encode() + content
    return raw if charset == "utf-16" and encoding == "8bit" else raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
