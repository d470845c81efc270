"""Reads the simulator's mailbox with Python's own IMAP client.

usage: imaplib_client.py HOST PORT USER PASSWORD GATEWAY_URL BODY

GATEWAY_URL starts a process, but for the request id; BODY is its JSON body.
Prints the codes of the two mails that it causes, one a line.
"""

import email
import email.policy
import imaplib
import re
import sys
import urllib.request
import uuid

host, port, user, password, gateway, body = sys.argv[1:]


def ask_for_code():
    url = f"{gateway}/{uuid.uuid4()}"
    request = urllib.request.Request(url, body.encode(), {"Content-Type": "application/json"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    assert opener.open(request, timeout=20).status == 200


def ok(answer):
    status, data = answer
    assert status == "OK", answer
    return data


def code(mail):
    """The code, which must be the same in both alternatives."""
    assert mail.get_content_type() == "multipart/alternative"
    texts = [part.get_content() for part in mail.iter_parts()]
    assert len(texts) == 2, texts
    found = {run for text in texts for run in re.findall(r"\b\d{6}\b", text)}
    assert len(found) == 1, texts
    return found.pop()


def fetch(client, uid):
    data = ok(client.uid("FETCH", uid, "(UID FLAGS RFC822.SIZE BODY.PEEK[])"))
    described, mail = data[0]
    assert int(re.search(rb"RFC822.SIZE (\d+)", described)[1]) == len(mail)
    return email.message_from_bytes(mail, policy=email.policy.default)


with imaplib.IMAP4(host, int(port), timeout=20) as client:
    try:
        client.login(user, "wrong")
        sys.exit("a wrong password was taken")
    except imaplib.IMAP4.error as error:
        assert b"AUTHENTICATIONFAILED" in error.args[0], error

with imaplib.IMAP4(host, int(port), timeout=20) as client:
    plain = f"\0{user}\0{password}".encode()
    ok(client.authenticate("PLAIN", lambda _: plain))
    assert ok(client.list())[0].endswith(b"INBOX")
    assert ok(client.status("INBOX", "(MESSAGES UIDNEXT)"))[0] == b"INBOX (MESSAGES 0 UIDNEXT 1)"
    assert ok(client.select("INBOX"))[0] == b"0"
    validity = client.response("UIDVALIDITY")

    ask_for_code()
    ok(client.noop())
    assert ok(client.search(None, "UNSEEN"))[0] == b"1"
    address = re.search(r'"email": *"([^"]+)"', body)[1]
    assert ok(client.uid("SEARCH", "TO", address))[0] == b"1"
    assert ok(client.uid("SEARCH", "TO", "nobody@example.org"))[0] == b""
    first = fetch(client, "1")
    assert first["To"] == address and first["Subject"] == "Your verification code", first
    print(code(first))
    print(ok(client.fetch("1", "(ENVELOPE BODYSTRUCTURE)")), file=sys.stderr)

    # imaplib of this version has no IDLE.
    client.send(b"x1 IDLE\r\n")
    assert client.readline().startswith(b"+")
    ask_for_code()
    assert client.readline() == b"* 2 EXISTS\r\n"
    assert client.readline() == b"* 2 RECENT\r\n"
    client.send(b"DONE\r\n")
    assert client.readline().startswith(b"x1 OK")
    print(code(fetch(client, "2")))

    ok(client.store("1", "+FLAGS", r"(\Deleted)"))
    assert ok(client.expunge()) == [b"1"]
    assert ok(client.uid("SEARCH", "ALL"))[0] == b"2"
    ok(client.select("INBOX", readonly=True))
    assert client.response("UIDVALIDITY") == validity
    ok(client.unselect())
