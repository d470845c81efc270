"""From Postfix's "250" until Dovecot tells an idle client, at 50 mails a second."""

import imaplib
import os
import smtplib
import ssl
import threading
import time

RATE, SECONDS = 50, 20
setting = {name[14:]: value for name, value in os.environ.items() if name.startswith("REHEARSE_MAIL_")}

trust = ssl.create_default_context(cafile=setting["DIR"] + "/ca.pem")
reader = imaplib.IMAP4_SSL("127.0.0.1", int(setting["IMAPS_PORT"]), ssl_context=trust)
reader.login(setting["USER"], setting["PASSWORD"])
before = int(reader.select("INBOX", readonly=True)[1][0])
reader.send(b"x IDLE\r\n")
assert reader.readline().startswith(b"+")

told = []  # when, and how many there are
def listen():
    while len(told) == 0 or told[-1][1] < RATE * SECONDS:
        line = reader.readline().split()
        if len(line) == 3 and line[2] == b"EXISTS":
            told.append((time.monotonic(), int(line[1]) - before))
listener = threading.Thread(target=listen, daemon=True)
listener.start()

sender = smtplib.SMTP("127.0.0.1", int(setting["SMTP_PORT"]))
start, sent = time.monotonic(), []
for number in range(RATE * SECONDS):
    time.sleep(max(0, start + number / RATE - time.monotonic()))
    to = f"user{number}@rehearse.test"
    sender.sendmail("", [to], f"To: {to}\r\nSubject: code\r\n\r\nYour code: 123456\r\n")
    sent.append(time.monotonic())
listener.join(30)

# Mails may arrive in another order; that the n-th that was sent is not told of
# before there are n is true all the same.
waits = sorted(1000 * (next(at for at, count in told if count > n) - when) for n, when in enumerate(sent))
at = lambda share: f"{waits[min(len(waits) - 1, int(share * len(waits)))]:7.1f}ms"
print(f"{'bare':14} {len(waits):6}", at(0.5), at(0.95), at(0.99), at(1))
