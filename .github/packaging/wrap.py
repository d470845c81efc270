#!/usr/bin/env python3
"""Writes the packages of other ecosystems for a release: a Homebrew formula, an npm
package and a wheel for PyPI, each with the same program for 64-bit Linux.

    wrap.py --version 0.1.0 --repository OWNER/NAME --machine x86_64 \
        --program rehearse --archive rehearse-v0.1.0-x86_64-linux.tar.gz --out DIR

The templates are beside this file. The formula downloads the archive, and is written
with its checksum; npm and PyPI get the program itself, so nothing is downloaded when
they are installed.
"""

import argparse
import base64
import hashlib
import json
import pathlib
import shutil
import string
import zipfile

HERE = pathlib.Path(__file__).parent
# Names of the machine: of npm, of Homebrew.
MACHINES = {"x86_64": ("x64", "x86_64"), "aarch64": ("arm64", "arm64")}
# The C library that the program was linked with: release.yml builds on Ubuntu 22.04.
GLIBC = "2_35"
# What is in an archive does not depend on when it was made.
DATE = (1980, 1, 1, 0, 0, 0)


def fill(name, values):
    """A template with its values; one that has none is an error."""
    return string.Template((HERE / name).read_text()).substitute(values)


def homebrew(out, values):
    path = out / "homebrew" / "rehearse.rb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(fill("formula.rb", values))


def npm(out, values, program):
    folder = out / "npm"
    (folder / "bin").mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text(fill("npm.json", values))
    (folder / "README.md").write_text(fill("wrapper.md", values))
    shutil.copy(HERE.parents[1] / "LICENSE", folder)
    shutil.copy(program, folder / "bin" / "rehearse")
    (folder / "bin" / "rehearse").chmod(0o755)


def wheel(out, values, program):
    folder = out / "pypi"
    folder.mkdir(parents=True, exist_ok=True)
    base = f"icure_rehearse-{values['version']}"
    tag = f"py3-none-manylinux_{GLIBC}_{values['machine']}"
    files = {
        f"{base}.data/scripts/rehearse": program.read_bytes(),
        f"{base}.dist-info/METADATA": (fill("pypi.txt", values) + "\n" + fill("wrapper.md", values)).encode(),
        f"{base}.dist-info/WHEEL": f"Wheel-Version: 1.0\nGenerator: rehearse\nRoot-Is-Purelib: false\nTag: {tag}\n".encode(),
        f"{base}.dist-info/licenses/LICENSE": (HERE.parents[1] / "LICENSE").read_bytes(),
    }
    record = f"{base}.dist-info/RECORD"
    lines = [f"{name},sha256={digest(content)},{len(content)}" for name, content in files.items()]
    files[record] = "\n".join([*lines, f"{record},,", ""]).encode()
    with zipfile.ZipFile(folder / f"{base}-{tag}.whl", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o100755 if "/scripts/" in name else 0o100644) << 16
            archive.writestr(entry, content)


def digest(content):
    """As in RECORD: without the signs that fill it up."""
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--version", required=True)
    parser.add_argument("--repository", required=True, help="OWNER/NAME at github.com")
    parser.add_argument("--machine", required=True, choices=MACHINES)
    parser.add_argument("--program", required=True, type=pathlib.Path)
    parser.add_argument("--archive", required=True, type=pathlib.Path, help="what the release has")
    parser.add_argument("--out", required=True, type=pathlib.Path)
    given = parser.parse_args()
    cpu, brew = MACHINES[given.machine]
    values = {
        "version": given.version,
        "repository": given.repository,
        "machine": given.machine,
        "cpu": cpu,
        "brew": brew,
        "archive": given.archive.name,
        "sha256": hashlib.sha256(given.archive.read_bytes()).hexdigest(),
    }
    homebrew(given.out, values)
    npm(given.out, values, given.program)
    wheel(given.out, values, given.program)
    json.loads((given.out / "npm" / "package.json").read_text())


main()
