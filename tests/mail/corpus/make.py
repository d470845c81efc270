#!/usr/bin/env python3
"""Writes the mails of fixtures/mails and expected.tsv, the same each time.

    python3 tests/mail/corpus/make.py FOLDER
"""

import sys
from pathlib import Path

import consumer  # noqa: F401
import work  # noqa: F401
import other  # noqa: F401
from mail import DESIGNS, Write, build

ENCODINGS = ("quoted-printable", "base64", "8bit")


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.eml"):
        old.unlink()
    rows, used = [], {}
    for at, design in enumerate(DESIGNS):
        for lang in design.langs:
            write = Write(design, lang)
            mail = design.write(write)
            count = used[lang] = used.get(lang, -1) + 1
            charsets = write.charsets.split()
            charset = charsets[count % len(charsets)]
            encoding = ENCODINGS[(count // len(charsets) + at) % len(ENCODINGS)]
            name = f"{at:03}-{design.name}.{lang}.eml"
            (folder / name).write_bytes(build(mail, write, charset, encoding, at))
            code = (mail.expect or write.code) if design.expect == "code" else design.expect
            rows.append((name, lang, design.kind, code, str(design.length), design.pattern))
    table = ["file\tlanguage\tkind\tcode\tlength\tpattern", *("\t".join(row) for row in rows)]
    (folder / "expected.tsv").write_text("\n".join(table) + "\n", encoding="utf-8")
    print(f"{len(rows)} mails of {len(DESIGNS)} designs")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
