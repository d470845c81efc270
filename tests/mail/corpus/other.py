"""Mails in other digits and odd shapes, forwarded, quoted, and with no code."""

from mail import Mail, design, encoded, stripped, together


def in_digits(code, zero):
    return "".join(chr(zero + int(digit)) for digit in code)


@design("script", "arabic-digits", langs="ar")
def _(w):
    return Mail(None, f'<div dir="rtl"><p>{w.hi}</p><p>{w.intro()} \u200f<b>{in_digits(w.code, 0x660)}</b>\u200f</p><p>{w.call}</p></div>', w.head)


@design("script", "persian-digits", langs="fa")
def _(w):
    return Mail(f"{w.intro()}\n\n\u202b{in_digits(w.code, 0x6F0)}\u202c\n\n{w.valid}\n{w.place}\n", None, w.head)


@design("script", "devanagari-digits", langs="hi")
def _(w):
    return Mail(f"{w.sentence(in_digits(w.code, 0x966))}\n{w.call}\n", None, w.head)


@design("script", "full-width-digits", langs="ja zh zh-tw ko")
def _(w):
    return Mail(f"{w.intro()}\n\n【{in_digits(w.code, 0xFF10)}】\n\n{w.valid}\n{w.call}\n", None, w.head)


@design("script", "thai-digits", langs="th")
def _(w):
    return Mail(f"{w.intro()} {in_digits(w.code, 0xE50)}\n{w.valid}\n", None, w.head)


@design("script", "cjk-no-spaces", langs="zh zh-tw ja ko th")
def _(w):
    return Mail(f"【Example】{w.line[0].replace(' ', '').replace('{c}', w.code)}{w.valid}{w.call}\n", None, w.head)


@design("plain", "stars-box")
def _(w):
    bar = "*" * 30
    return Mail(f"{w.hi}\n\n{w.intro()}\n\n{bar}\n*          {w.code}          *\n{bar}\n\n{w.valid}\n{w.rights} 2026\n", None, w.head)


@design("plain", "arrows")
def _(w):
    return Mail(f"{w.intro()}\n\n>>> {w.code} <<<\n\n{w.valid}\n{w.call}\n", None, w.head)


@design("plain", "brackets")
def _(w):
    return Mail(f"{w.hi}\n{w.intro()} [{w.code}]\n{w.ignore}\n[1] https://example.com/{w.number(6)}\n", None, w.head)


@design("plain", "quotes")
def _(w):
    return Mail(f"{w.hi}\n{w.intro()} \"{w.code}\".\n{w.valid}\n{w.about('order')}\n", None, w.head)


@design("plain", "markdown")
def _(w):
    return Mail(f"# {w.head}\n\n{w.intro()} **{w.code}**\n\n* {w.valid}\n* {w.date}\n* {w.price}\n* <https://example.com/t/{w.number(6)}>\n", None, w.head)


@design("plain", "sms-short")
def _(w):
    return Mail(f"{w.code}", None, "SMS", headers=["X-SMS-From: +32460000000"])


@design("plain", "sms-webotp")
def _(w):
    return Mail(f"{w.sentence()}\n\n@example.com #{w.code}\n", None, "SMS")


@design("plain", "android-retriever")
def _(w):
    return Mail(f"<#> {w.sentence()}\nFA+9qCX9V{w.number(2)}u\n", None, "SMS")


@design("plain", "flowed")
def _(w):
    text = f"{w.hi} \n{w.intro()} \n{w.code} \n\n{w.valid} {w.ignore} \n{w.share}\n\n-- \nAda, {w.place}\n"
    return Mail(None, None, w.head, parts=[encoded(text, "plain; flowed", "utf-8", "8bit")])


@design("plain", "signature-numbers")
def _(w):
    return Mail(f"{w.sentence()}\n\n-- \nExample Ltd, Reg. No. {w.number(6)}, VAT GB{w.number(9)}\nTel. {w.number(6)} / Fax {w.number(6)}\n{w.place}\nICQ {w.number(6)}\n", None, w.head)


@design("plain", "text-says-see-html")
def _(w):
    return Mail(f"{w.label(2)}: {w.head}\n\nhttps://example.com/view/{w.number(6)}?m={w.hexes(32)}\n", f"<html><body><p>{w.intro()}</p><p><b>{w.code}</b></p></body></html>", w.head)


@design("old-code", "new-and-old", langs="en de fr es it nl pl sv pt tr")
def _(w):
    return Mail(f"{w.hi}\n\n{w.intro()}\n\n{w.code}\n\n{w.about('old')}\n{w.valid}\n", None, w.head)


@design("old-code", "struck-out", langs="en de fr es ru ja")
def _(w):
    return Mail(None, f"<p>{w.intro()}</p><p><s>{w.number(6)}</s></p><p><b>{w.code}</b></p>", w.head)


def head(w, code=None):
    return f"{w.label(0)}: Example <no-reply@mail.example.com>\n{w.label(1)}: {w.date}\n{w.label(2)}: {w.head}\n{w.label(3)}: <{w.to}>\n"


@design("forwarded", "gmail-inline", langs="en de fr es it nl pl ja ru ar sv zh")
def _(w):
    text = f"---------- Forwarded message ---------\n{head(w)}\n\n{w.intro()}\n\n{w.code}\n\n{w.valid}\n"
    html = f"""<div dir="ltr"><br><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">---------- Forwarded message ---------<br>{w.label(0)}: <strong class="gmail_sendername">Example</strong> <span dir="auto">&lt;<a href="mailto:no-reply@mail.example.com">no-reply@mail.example.com</a>&gt;</span><br>{w.label(1)}: {w.date}<br>{w.label(2)}: {w.head}<br>{w.label(3)}: &lt;<a href="mailto:{w.to}">{w.to}</a>&gt;<br></div><br><br><p>{w.intro()}</p><p>{w.code}</p></div></div>"""
    return Mail(text, html, f"Fwd: {w.head}")


@design("forwarded", "outlook-inline", langs="en de fr es it nl pl pt da cs ko tr")
def _(w):
    html = f"""<html><head><style><!-- p.MsoNormal{{margin:0cm}} --></style></head><body><div class="WordSection1"><p class="MsoNormal">FYI</p><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal"><b>{w.label(0)}:</b> Example &lt;no-reply@mail.example.com&gt; <br><b>{w.label(1)}:</b> {w.date}<br><b>{w.label(3)}:</b> {w.to}<br><b>{w.label(2)}:</b> {w.head}</p></div><p class="MsoNormal">{w.intro()} <b>{w.code}</b></p></div></body></html>"""
    return Mail(f"FYI\n\n{head(w)}\n{w.intro()} {w.code}\n", html, f"WG: {w.head}")


@design("forwarded", "apple-quoted", langs="en de fr it ja es")
def _(w):
    quoted = "".join(f"> {line}\n" for line in [*head(w).splitlines(), "", w.intro(), "", w.code])
    html = f"""<html><body><br><div><blockquote type="cite"><div>{w.label(4)}:</div><br class="Apple-interchange-newline"><div style="margin:0"><b>{w.label(0)}: </b>Example &lt;no-reply@mail.example.com&gt;</div><div><b>{w.label(2)}: </b><b>{w.head}</b></div><div><b>{w.label(1)}: </b>{w.date}</div><br><div><p>{w.intro()}</p><p>{w.code}</p></div></blockquote></div></body></html>"""
    return Mail(f"\n\n> {w.label(4)}:\n> \n{quoted}", html, f"Fwd: {w.head}")


@design("forwarded", "thunderbird", langs="en de fr es nl fi")
def _(w):
    text = f"\n\n\n-------- {w.label(4)} --------\n{w.label(2)}: \t{w.head}\n{w.label(1)}: \tTue, 24 Nov 2026 21:40:11 +0000\n{w.label(0)}: \tExample <no-reply@mail.example.com>\n{w.label(3)}: \t{w.to}\n\n\n\n{w.sentence()}\n{w.valid}\n"
    return Mail(text, None, f"Fwd: {w.head}")


def inner(w, body, number="1"):
    return (f"From: Example <no-reply@mail.example.com>\nTo: {w.to}\nSubject: code\nMessage-ID: <in{number}@example.com>\n"
            "Date: Tue, 24 Nov 2026 21:39:00 +0000\nMIME-Version: 1.0\n").encode() + body


@design("forwarded", "attached-message", langs="en de fr ja ru pl ar ko")
def _(w):
    body = encoded(f"{w.hi}\n\n{w.intro()}\n\n{w.code}\n\n{w.valid}\n", "plain", w.charsets.split()[-1], "quoted-printable")
    part = b'Content-Type: message/rfc822\nContent-Disposition: attachment; filename="code.eml"\n\n' + inner(w, body)
    return Mail("FYI\n", None, f"Fwd: {w.head}", parts=[part])


@design("forwarded", "attached-html-only", langs="en fr it sv uk zh")
def _(w):
    plain = encoded(f"{w.hi}\n{w.intro()} {w.code}\n", "plain", "utf-8", "base64")
    html = encoded(f"<h1>{w.head}</h1><p>{w.intro()}</p><p style='font-size:30px'>{w.code}</p><p>{w.place}</p>", "html", "utf-8", "base64")
    part = b"Content-Type: message/rfc822\n\n" + inner(w, together("alternative", [plain, html], "inner-" + w.hexes(8)))
    return Mail(None, None, f"Fwd: {w.head}", parts=[part])


@design("quoted", "reply-old-code", langs="en de fr es it nl pl pt sv ru ja zh ko tr ar")
def _(w):
    old = w.number(6)
    text = f"{w.hi}\n\n{w.intro()}\n\n{w.code}\n\n{w.wrote}\n> {w.intro()}\n>\n> {old}\n>\n> {w.valid}\n"
    html = f"""<div dir="ltr"><p>{w.hi}</p><p>{w.intro()}</p><p>{w.code}</p></div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">{w.wrote.replace('<', '&lt;').replace('>', '&gt;')}<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex"><p>{w.intro()}</p><h1>{old}</h1></blockquote></div>"""
    return Mail(text, html, f"Re: {w.head}", headers=["In-Reply-To: <old@example.com>"])


@design("quoted", "outlook-reply", langs="en de fr es da fi")
def _(w):
    html = f"""<html><body><p class="MsoNormal">{w.sentence()}</p><div id="appendonsend"></div><hr style="display:inline-block;width:98%"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri" style="font-size:11pt"><b>{w.label(0)}:</b> Ada &lt;ada@example.org&gt;<br><b>{w.label(1)}:</b> {w.date}<br><b>{w.label(3)}:</b> support@example.com<br><b>{w.label(2)}:</b> {w.head}</font></div><div><p>{w.sentence(w.number(6))}</p></div></body></html>"""
    return Mail(None, html, f"RE: {w.head}", headers=["In-Reply-To: <old@example.com>"])


@design("quoted", "html-blockquote", langs="en fr ru ja it hu")
def _(w):
    html = f"""<p>{w.intro()} {w.code}</p><blockquote><p>{w.intro()} {w.number(6)}</p></blockquote>"""
    return Mail(None, html, f"Re: {w.head}")


@design("quoted", "original-message", langs="en de fr es pl")
def _(w):
    text = f"{w.sentence()}\n\n-----Original Message-----\n{head(w)}\n{w.sentence(w.number(6))}\n"
    return Mail(text, None, f"RE: {w.head}", headers=["In-Reply-To: <old@example.com>"])


@design("negative", "newsletter", expect="none")
def _(w):
    html = f"""<html><head><style>.x{{color:#{w.number(6)}}}</style></head><body><h1>{w.head}</h1><p>{w.hi}</p><p>{w.news}</p><p>{w.price}</p><p>{w.place}</p><p>{w.call}</p><p>&copy; 2019-2026 {w.rights} <a href="{w.url('u')}">{w.leave}</a></p><img src="https://t.example.com/{w.number(6)}.gif" width="1" height="1"></body></html>"""
    return Mail(stripped(html), html, w.head, headers=["Precedence: bulk", "List-Unsubscribe: <https://example.com/u/123456>"])


@design("negative", "receipt", expect="none")
def _(w):
    html = f"""<table><tr><td>{w.hi}</td></tr><tr><td>{w.about('order')}</td></tr><tr><td>{w.date}</td><td>{w.price}</td></tr><tr><td>{w.place}</td></tr><tr><td>{w.call}</td></tr></table>"""
    return Mail(stripped(html), html, w.about("order"))


@design("negative", "support-ticket", expect="none")
def _(w):
    return Mail(f"{w.hi}\n\n{w.about('ticket')}\n\nhttps://help.example.com/requests/{w.number(6)}\n{w.date}\n{w.call}\n\n[{w.hexes(6).upper()}-{w.hexes(4).upper()}]\n", None, f"#{w.number(6)}")


@design("negative", "magic-link", expect="none")
def _(w):
    html = f"""<p>{w.hi}</p><p><a href="{w.url('magic')}">{w.head}</a></p><p>https://example.com/m/{w.number(6)}</p><p>{w.valid}</p><p>{w.ignore}</p>"""
    return Mail(stripped(html), html, w.head)


@design("negative", "security-alert", expect="none")
def _(w):
    html = f"""<h2>{w.head}</h2><p>{w.hi}</p><p>{w.date}</p><p>Chrome 128.0.6613.120, Windows NT 10.0</p><p>IP 203.0.113.42 / 2001:db8:{w.number(4)}::17</p><p>{w.to}</p><p>{w.call}</p>"""
    return Mail(stripped(html), html, w.head)


@design("negative", "away", expect="none")
def _(w):
    text = f"{w.away}\n\nAda Lovelace\n{w.place}\n{w.call}\n\n{w.wrote}\n> {w.intro()}\n> {w.code}\n"
    return Mail(text, None, f"Automatic reply: {w.head}", headers=["Auto-Submitted: auto-replied", "X-Autoreply: yes"])


@design("negative", "auto-reply-header", langs="en de fr es ja", expect="none")
def _(w):
    return Mail(f"{w.away}\n\n{w.intro()} {w.code}\n", None, w.head, headers=["Precedence: auto_reply", "X-Auto-Response-Suppress: All"])


@design("negative", "bounce", langs="en de fr pl ru", expect="none")
def _(w):
    text = encoded(f"This is the mail system at host mx.example.org.\n\n<{w.to}>: host mx.example.org[203.0.113.9] said: 550 5.1.1 unknown user {w.number(6)} (in reply to RCPT TO command)\n", "plain", "us-ascii", "7bit")
    status = f"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\nX-Postfix-Queue-ID: {w.number(6)}\nArrival-Date: Tue, 24 Nov 2026 21:40:11 +0000 (UTC)\n\nFinal-Recipient: rfc822; {w.to}\nAction: failed\nStatus: 5.1.1\n"
    back = b"Content-Type: message/rfc822\n\n" + inner(w, encoded(f"{w.intro()} {w.code}\n", "plain", "utf-8", "8bit"))
    return Mail(None, None, "Undelivered Mail Returned to Sender", "Mail Delivery System <MAILER-DAEMON@example.org>",
                headers=["Return-Path: <>", "Auto-Submitted: auto-replied"], parts=[text, status, back],
                holder="report; report-type=delivery-status")


@design("negative", "null-sender-bounce", langs="en de ja", expect="none")
def _(w):
    return Mail(f"Your message could not be delivered.\n\n550 {w.number(6)} mailbox full\n\n--- Original ---\n{w.intro()}\n{w.code}\n", None, "failure notice", "MAILER-DAEMON@example.org", headers=["Return-Path: <>"])


@design("negative", "meeting-invite", langs="en de fr ja zh", expect="none")
def _(w):
    text = f"{w.hi}\n\nhttps://zoom.example/j/{w.number(11)}?pwd={w.hexes(20)}\n\nMeeting ID: {w.number(3)} {w.number(4)} {w.number(4)}\n\n{w.date}\n+49 69 {w.number(4)} {w.number(4)}\n"
    return Mail(text, None, w.head)


@design("negative", "invoice", expect="none")
def _(w):
    text = f"{w.hi}\n\n{w.about('order')}\n{w.about('ticket')}\n2026-11-24   1 x 4711   {w.price}\nIBAN NL91 ABNA 0417 1643 00\n{w.place}\n"
    return Mail(text, None, w.about("order"))


@design("negative", "picture-only", langs="en fr de es pt", expect="none")
def _(w):
    return Mail(None, f'<html><body><p>{w.intro()}</p><img src="https://img.example.com/otp/{w.number(6)}.png" alt="" width="240" height="60"><p>{w.valid}</p></body></html>', w.head)


@design("negative", "reply-without-own", langs="en de fr es it ru", expect="none")
def _(w):
    text = f"{w.hi}\n{w.ignore}\n\n{w.wrote}\n> {w.intro()}\n>\n> {w.code}\n"
    return Mail(text, None, f"Re: {w.head}", headers=["In-Reply-To: <old@example.com>"])


@design("negative", "code-of-other-length", langs="en de fr es it nl", expect="none")
def _(w):
    return Mail(f"{w.intro()} {w.number(4)}\n\n{w.valid}\n{w.about('order', 8)}\n", None, w.head)


@design("two-codes", "two-equal", langs="en de fr ja", expect="ambiguous")
def _(w):
    return Mail(f"{w.intro()} {w.code}\n{w.intro()} {w.number(6)}\n", None, w.head)
