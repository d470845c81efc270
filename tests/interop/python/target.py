"""The simulator that the suite runs beside, and what the package leaves to others:
authentication processes, and the mailbox."""

import json
import os
import re
import urllib.error
import urllib.request
import uuid


def _value(text, key):
    # The target file is YAML, of which Python's library reads none; these are texts.
    return re.search(rf'^\s*{key}: "([^"]+)"', text, re.MULTILINE).group(1)


with open(os.environ["REHEARSE_TARGET"]) as file:
    _TEXT = file.read()

API = _value(_TEXT, "api_url").rstrip("/")
GATEWAY = _value(_TEXT, "gateway_url").rstrip("/")
SPEC = _value(_TEXT, "spec_id")
PATIENT_BY_EMAIL = _value(_TEXT, "patient_by_email")
PATIENT_BY_SMS = _value(_TEXT, "patient_by_sms")
HCP_BY_EMAIL = _value(_TEXT, "hcp_by_email")
RESPONSIBLE = _value(_TEXT, "responsible")
OUTBOX = _value(_TEXT, "url")


def request(method, url, body=None, headers=None):
    """Status and body; never beyond loopback."""
    assert url.startswith("http://127.0.0.1:"), url
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", **(headers or {})}
    asked = urllib.request.Request(url, data=data, headers=headers, method=method)
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()


def code_for(process, login, responsible=RESPONSIBLE):
    """Starts a process, reads the code that was sent, and hands it in."""
    by_sms = process == PATIENT_BY_SMS
    request_id = str(uuid.uuid4())
    status, body = request("POST", f"{GATEWAY}/{SPEC}/process/{process}/{request_id}?codeLength=6", {
        "g-recaptcha-response": "an answer",
        "firstName": "Ada",
        "lastName": "Lovelace",
        "from": login,
        "mobilePhone" if by_sms else "email": login,
        "hcpId": responsible,
    })
    assert status == 200, body
    code = last_code(login)
    status, body = request("GET", f"{GATEWAY}/{SPEC}/process/validate/{request_id}-{code}")
    assert status == 200, body
    return code


def last_code(login):
    """The code in the last message to somebody."""
    _, page = request("GET", f"{OUTBOX}?after=0&wait=5000")
    messages = [message for message in json.loads(page)["messages"] if message["to"] == login]
    return re.search(r"\b\d{6}\b", messages[-1]["body"]).group()
