"""Mails to people: accounts, shops, games, travel, networks."""

from mail import Mail, design, stripped


@design("consumer", "google-verification")
def _(w):
    html = f"""<html lang="{w.lang}"><head><meta name="format-detection" content="email=no"/><meta name="date" content="nofollow"/><style nonce="{w.hexes(12)}">.awl a {{color: #FFFFFF; text-decoration: none;}} .abml a {{color: #000000; font-family: Roboto-Medium,Helvetica,Arial,sans-serif; font-weight: bold;}} @media screen and (min-width: 600px) {{.v2sp {{padding: 6px 30px 0px;}}}}</style></head>
<body style="margin: 0; padding: 0;" bgcolor="#FFFFFF"><table width="100%" height="100%" style="min-width: 348px;" border="0" cellspacing="0" cellpadding="0" lang="{w.lang}"><tr height="32" style="height: 32px;"><td></td></tr><tr align="center"><td><div><div></div></div><table border="0" cellspacing="0" cellpadding="0" style="padding-bottom: 20px; max-width: 516px; min-width: 220px;"><tr><td width="8" style="width: 8px;"></td><td><div style="border-style: solid; border-width: thin; border-color:#dadce0; border-radius: 8px; padding: 40px 20px;" align="center"><img src="https://www.gstatic.example/images/branding/googlelogo/2x/googlelogo_color_74x24dp.png" width="74" height="24" alt="Google"><div style="font-size: 24px;">{w.head}</div></div><div style="font-family: Roboto-Regular,Helvetica,Arial,sans-serif; font-size: 14px; color: rgba(0,0,0,0.87); line-height: 20px;padding-top: 20px;">{w.hi}<br>{w.intro()}<br><div style="text-align: center; font-size: 36px; margin-top: 20px; line-height: 44px;">{w.code}</div><br>{w.valid} {w.ignore}</div></td></tr><tr><td><div style="text-align: left;"><div style="color: rgba(0,0,0,0.54); font-size: 11px; line-height: 18px; padding-top: 12px; text-align: center;"><div>{w.rights}</div><div style="direction: ltr;">&copy; 2026 Google LLC, <a class="afal" style="color: rgba(0,0,0,0.54);">1600 Amphitheatre Parkway, Mountain View, CA 94043, USA</a></div></div></div></td></tr></table></td></tr></table></body></html>"""
    text = f"{w.hi}\n\n{w.intro()}\n\n{w.code}\n\n{w.valid} {w.ignore}\n\n(c) 2026 Google LLC, 1600 Amphitheatre Parkway, Mountain View, CA 94043, USA\n"
    return Mail(text, html, w.head, "Google <noreply@google.example>")


@design("consumer", "google-prefix", langs="en de pl")
def _(w):
    return Mail(f"{w.sentence('G-' + w.code)}\n", None, f"G-{w.code}")


@design("consumer", "microsoft-security-code", length=7)
def _(w):
    html = f"""<html dir="ltr"><head></head><body style="font-family:sans-serif;"><table dir="ltr"><tr><td id="i1" style="padding:0; font-family:'Segoe UI Semibold', Verdana, Arial; font-size:17px; color:#707070;">Microsoft</td></tr><tr><td id="i2" style="padding:0; font-family:'Segoe UI Light'; font-size:41px; color:#2672ec;">{w.head}</td></tr><tr><td id="i3" style="padding:0; padding-top:25px; font-size:14px; color:#2a2a2a;">{w.hi} <a dir="ltr" id="iAccount" class="link" style="color:#2672ec; text-decoration:none" href="mailto:ad**5@example.org">ad**5@example.org</a>.</td></tr><tr><td id="i4" style="padding:0; padding-top:25px; font-size:14px; color:#2a2a2a;">{w.intro()} <span style="font-family:'Segoe UI Bold'; font-size:14px; font-weight:bold; color:#2a2a2a;">{w.code}</span></td></tr><tr><td id="i6" style="padding-top:25px;">{w.ignore}</td></tr><tr><td id="i8" style="padding-top:25px; color:#2a2a2a">Microsoft Corporation, One Microsoft Way, Redmond, WA 98052-6399</td></tr></table></body></html>"""
    text = f"Microsoft\n{w.head}\n\n{w.hi} ad**5@example.org\n\n{w.intro()} {w.code}\n\n{w.ignore}\nhttps://account.live.example/dp?ft=-{w.hexes(30)}&mn={w.number(7)}\n\nMicrosoft Corporation, One Microsoft Way, Redmond, WA 98052-6399\n"
    return Mail(text, html, w.head)


@design("consumer", "microsoft-b2c", langs="en de fr nl ja")
def _(w):
    html = f"""<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd"><html xmlns="http://www.w3.org/1999/xhtml"><head><style type="text/css">table td{{border-collapse:collapse;margin:0;padding:0;}}</style></head><body dir="ltr"><table width="100%" cellpadding="0" cellspacing="0" border="0" lang="{w.lang}"><tr><td valign="top" width="50%"></td><td valign="top"><table width="640" cellpadding="0" cellspacing="0" border="0" style="border-left:1px solid #e3e3e3;border-right: 1px solid #e3e3e3;"><tr style="background-color: #0072C6;"><td width="1" style="background:#0072C6; border-top:1px solid #e3e3e3;"></td><td width="24">&nbsp;</td><td width="310" valign="middle" style="padding:12px 0; color:#ffffff;"><h1 style="font-size:20px">{w.head}</h1></td></tr><tr><td></td><td></td><td style="font-size:14px;"><p>{w.hi}</p><p><span style="color:#333">{w.sentence()}</span></p><p>{w.valid}</p><p><i>Contoso, 36 East 20th St, 10003 New York</i></p></td></tr></table></td></tr></table></body></html>"""
    return Mail(None, html, f"Contoso account email verification code")


@design("consumer", "apple-id")
def _(w):
    html = f"""<!DOCTYPE html><html><head><meta charset="utf-8"><style>.code {{font-size:40px;letter-spacing:0;font-weight:600}} td {{font:300 17px -apple-system,"Helvetica Neue",sans-serif;color:#333}}</style></head><body><table align="center" width="700"><tr><td align="right"><img src="https://statici.icloud.example/emailimages/v4/common/apple_logo_web@2x.png" width="22" height="26"></td></tr><tr><td>{w.hi}</td></tr><tr><td style="padding-top:18px">{w.intro()}</td></tr><tr><td align="center"><table><tr><td class="code">{w.code}</td></tr></table></td></tr><tr><td><b>{w.ignore}</b></td></tr><tr><td style="font-size:10px;color:#888">Copyright &copy; 2026 One Apple Park Way, MS 96-DM, Cupertino, CA 95014, USA. {w.rights} <a href="https://www.apple.example/legal/internet-services/privacy/{w.number(6)}">Privacy</a></td></tr></table></body></html>"""
    return Mail(stripped(html), html, w.head)


@design("consumer", "amazon-otp")
def _(w):
    html = f"""<!doctype html><html><head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8"></head><body><div style="max-width:600px"><img src="https://d1.awsstatic.example/logo_{w.number(6)}.png" alt="amazon"><p style="font-size:20px">{w.head}</p><p>{w.intro()}</p><p class="otp" style="font-size:1.5em;font-weight:bold">{w.code}</p><p>{w.share} {w.valid}</p><hr><p>{w.about('order')}</p><p>{w.call}</p></div><img src="https://www.amazon.example/gp/r.html?C={w.hexes(14).upper()}&R={w.number(6)}&T=E&A={w.hexes(28)}&ref_=pe_{w.number(6)}_{w.number(9)}_open" width="1" height="1"></body></html>"""
    return Mail(None, html, w.head, "amazon <account-update@amazon.example>")


@design("consumer", "facebook-line")
def _(w):
    text = f"{w.hi}\n\n{w.intro()} {w.code}\n\n{w.ignore}\n\n========================================\nMeta Platforms, Inc., Attention: Community Support, 1 Facebook Way, Menlo Park, CA 94025\n{w.leave}: https://www.facebook.example/o.php?k={w.hexes(6)}&u={w.number(15)}&mid={w.hexes(20)}\n"
    html = f"""<table cellspacing="0" cellpadding="0" id="email_table" style="border-collapse:collapse;"><tr><td id="email_content" style="font-family:Helvetica Neue,Arial,sans-serif;background:#ffffff;"><table><tr><td height="20" style="line-height:20px;" colspan="3">&nbsp;</td></tr><tr><td height="1" colspan="3" style="line-height:1px;"><span style="color:#FFFFFF;font-size:1px;">&nbsp;{w.number(6)}&nbsp;</span></td></tr><tr><td width="15" style="display:block;width:15px;">&nbsp;&nbsp;&nbsp;</td><td><p style="margin:10px 0 10px 0;color:#565a5c;font-size:18px;">{w.hi}</p><p style="margin:10px 0;color:#565a5c;font-size:18px;">{w.intro()}</p></td></tr><tr><td></td><td style="padding:10px;color:#565a5c;font-size:32px;font-weight:500;text-align:center;padding-bottom:25px;">{w.code}</td></tr><tr><td></td><td><div style="color:#abadae;font-size:11px;">&copy; Instagram. Meta Platforms, Inc., 1601 Willow Road, Menlo Park, CA 94025</div></td></tr></table></td></tr></table>"""
    return Mail(text, html, w.head)


@design("consumer", "linkedin-pin")
def _(w):
    text = f"{w.hi}\n\n{w.sentence()}\n\n{w.date}\nmacOS / Chrome 128\n\n{w.ignore}\n\n----------------------------------------\nThis email was intended for Ada Lovelace (Engineer at Example Ltd).\nhttps://www.linkedin.example/help/linkedin/answer/4788?lang=en&trk=eml-security_two_step-null-{w.number(6)}\n(c) 2026 LinkedIn Corporation, 1000 West Maude Avenue, Sunnyvale, CA 94085.\n"
    return Mail(text, None, w.head)


@design("consumer", "x-text")
def _(w):
    text = f"{w.head}\n\n{w.hi}\n\n{w.intro()}\n\n {w.code}\n\n{w.valid}\n\nThanks,\nX\n\n\nhttps://help.x.example/{w.number(6)}\n{w.to}\nX Corp. 865 FM 1209, Building 2, Bastrop, TX 78602\n"
    return Mail(text, None, f"{w.code} - {w.head}")


@design("consumer", "netflix-boxes", length=4)
def _(w):
    cells = "".join(f'<td align="center" style="border:1px solid #b9090b;font-size:28px;width:44px">{digit}</td>' for digit in w.code)
    html = f"""<html><body bgcolor="#ffffff"><table class="content-shell"><tr><td><h1 style="font-size:36px">{w.head}</h1></td></tr><tr><td>{w.hi}</td></tr><tr><td>{w.intro()}</td></tr><tr><td><table role="presentation"><tr>{cells}</tr></table></td></tr><tr><td>{w.valid} {w.ignore}</td></tr><tr><td>SRC: {w.hexes(8).upper()}_{w.hexes(8)}-5f2a-4c1b-9e1d-{w.hexes(12)}_en_US_EVO &copy; 2026 &bull; {w.call}</td></tr></table></body></html>"""
    return Mail(None, html, w.head)


@design("consumer", "uber-four", length=4)
def _(w):
    html = f"""<body><center><div style="background-color:#000;color:#fff;font-size:22px">Uber</div><table width="560"><tr><td class="p1b" style="font-size:18px;line-height:28px;padding-bottom:28px">{w.intro()}</td></tr><tr><td class="p2b" style="font-family:'UberMoveText-Regular';font-size:36px"><p style="margin:0">{w.code}</p></td></tr><tr><td style="font-size:12px">{w.share}</td></tr><tr><td style="font-size:12px">Uber Technologies Inc. 1725 3rd Street, San Francisco, CA 94158 &copy; 2026</td></tr></table></center><img width="1px" height="1px" src="https://email.uber.example/wf/open?upn={w.hexes(60)}"></body>"""
    return Mail(stripped(html), html, w.head)


@design("consumer", "whatsapp-dash")
def _(w):
    html = f"""<div><p>{w.intro()}</p><p><b>{w.code[:3]}-{w.code[3:]}</b></p><p>{w.share}</p><p><a href="https://v.whatsapp.example/{w.code}">v.whatsapp.example/{w.code}</a></p></div>"""
    return Mail(f"{w.intro()} {w.code[:3]}-{w.code[3:]}\n\n{w.share}\nv.whatsapp.example/{w.code}\n", html, w.head)


@design("consumer", "telegram-five", length=5)
def _(w):
    text = f"{w.sentence()} {w.share}\n\n{w.ignore}\n\n{w.date}: 203.0.113.17 (Telegram Desktop 5.6.3, PC 64bit)\n"
    return Mail(text, None, w.head)


@design("consumer", "spotify")
def _(w):
    html = f"""<html><head><style>@media only screen and (max-width:480px){{.desk{{display:none!important}} .digit{{font-size:24px}}}} .digit{{font-size:32px;font-weight:900}}</style></head><body style="background:#f7f7f7"><div style="display:none;font-size:1px;color:#333333;line-height:1px;max-height:0px;max-width:0px;opacity:0;overflow:hidden;">{w.head} {w.number(6)}</div><table class="desk"><tr><td><h2>{w.intro()}</h2></td></tr><tr><td class="digit">{w.code}</td></tr><tr><td>{w.valid}</td></tr></table><p style="font-size:11px">Spotify AB, Regeringsgatan 19, 111 53, Stockholm</p></body></html>"""
    return Mail(None, html, w.head)


@design("consumer", "steam-guard", length=5, langs="en de fr ru zh", letters="BCDFGHJKMNPQRTVWXY23456789", pattern=r"(?m)^\s*([A-Z0-9]{5})\s*$")
def _(w):
    html = f"""<table><tr><td style="font-size:36px;color:#ffffff;background:#3a9aed">{w.head}</td></tr><tr><td>{w.hi}</td></tr><tr><td>{w.intro()}</td></tr><tr><td class="title-48 c-blue1 fw-b a-center" style="font-size:48px;">{w.code}</td></tr><tr><td>203.0.113.9 - {w.date}</td></tr><tr><td>Valve, PO Box 1688, Bellevue, WA 98009</td></tr></table>"""
    return Mail(f"{w.hi}\n\n{w.intro()}\n\n{w.code}\n\n{w.date}\n", html, w.head)


@design("consumer", "epic-games")
def _(w):
    html = f"""<body style="background-color:#f5f5f5"><table width="100%"><tr><td align="center"><table width="600" style="background:#fff"><tr><td style="padding:20px"><img src="https://cdn.epic.example/logo-{w.number(6)}.png" height="48"></td></tr><tr><td><div style="font-family:arial;font-size:20px;text-align:center">{w.head}</div><br/><div style="font-family:arial;color:#313131;font-size:30px;text-align:center;letter-spacing:6px"><div> {w.code} <br/></div></div><br/><div style="font-size:15px">{w.sentence('')} {w.valid}</div></td></tr></table><div style="font-size:11px">(c) 2026, Epic Games, Inc. Box 254, 2474 Walnut Street, Cary, NC 27518</div></td></tr></table></body>"""
    return Mail(None, html, w.head)


@design("consumer", "airbnb-link-code")
def _(w):
    html = f"""<html><body><div style="margin:auto;max-width:560px"><div class="headings-stack"><h1>{w.head}</h1></div><p>{w.hi}</p><p>{w.intro()}</p><div style="text-align:left"><strong style="font-size:24px;line-height:32px">{w.code}</strong></div><p>{w.valid}</p><p><a href="{w.url()}" style="background:#FF5A5F;color:#FFF">{w.head}</a></p><p>Airbnb Ireland UC, 8 Hanover Quay, Dublin 2 &#9829; {w.call}</p></div></body></html>"""
    return Mail(f"{w.head}\n\n{w.hi}\n\n{w.intro()} {w.code}\n\n{w.valid}\n\n%opentrack%\n", html, w.head)


@design("shop", "pickup-pin", length=4)
def _(w):
    text = f"{w.hi}\n\n{w.about('order', 8)}\n{w.price}\n{w.place}\n\n{w.sentence()}\n{w.date}\n{w.call}\n"
    return Mail(text, None, w.about("order", 8))


@design("shop", "order-and-code")
def _(w):
    html = f"""<table><tr><td>{w.hi}</td></tr><tr><td>{w.about('order')}</td></tr><tr><td>{w.price}</td></tr><tr><td>{w.sentence()}</td></tr><tr><td>{w.about('ticket')}</td></tr><tr><td>{w.place}</td></tr></table>"""
    return Mail(stripped(html), html, w.about("order"))


@design("shop", "parcel-tracking")
def _(w):
    html = f"""<html><body><table width="640" bgcolor="#FFCC00"><tr><td><font color="#D40511" size="5"><b>DHL</b></font></td></tr></table><p>{w.hi}</p><p>JJD{w.number(17)}</p><p>00 340 434 {w.number(6)} {w.number(6)}</p><table border="1"><tr><th>{w.label(1)}</th><td>{w.date}</td></tr><tr><th>{w.intro()}</th><td><b>{w.code}</b></td></tr></table><p>{w.place}</p></body></html>"""
    return Mail(None, html, "JJD" + w.number(8))


@design("shop", "shopify-centre")
def _(w):
    html = f"""<html><head><title>{w.head}</title><style>body{{margin:0}} .code__cell{{font-size:32px;padding:16px;background:#fafafa;border-radius:5px}} a{{color:#1990C6}}</style></head><body><table class="header row"><tr><td><h1 class="shop-name__text"><a href="https://shop.example">Shop #{w.number(6)}</a></h1></td></tr></table><table class="row content"><tr><td><h2>{w.intro()}</h2><table><tr><td class="code__cell">{w.code}</td></tr></table><p>{w.valid}</p></td></tr></table><table class="row footer"><tr><td><p class="disclaimer__subtext">{w.call} &copy; 2026</p></td></tr></table></body></html>"""
    return Mail(stripped(html), html, w.head)


@design("travel", "train-ticket")
def _(w):
    text = f"{w.hi}\n\n{w.intro()}\n\n    {w.code}\n\nICE 1005  {w.date}\nWagen 23, Platz 61   {w.price}\n{w.about('order')}\nBahnCard: 7081 {w.number(4)} {w.number(4)} {w.number(4)}\n{w.rights}\n"
    return Mail(text, None, w.head)


@design("travel", "airline-flight")
def _(w):
    html = f"""<body><table><tr><td>PNR: X7{w.hexes(4).upper()}</td><td>LH 1234</td><td>{w.date}</td></tr><tr><td>FRA 06:55</td><td>CDG 08:10</td><td>{w.price}</td></tr></table><p>{w.hi} {w.intro()}</p><h3>{w.code[:3]} {w.code[3:]}</h3><p>Miles &amp; More: 9920 {w.number(4)} {w.number(4)} {w.number(3)}; 12,450 miles</p><p>{w.call}</p></body>"""
    return Mail(None, html, w.head)


@design("consumer", "zoom")
def _(w):
    html = f"""<table style="font-family:'Lato',sans-serif" width="100%"><tr><td style="background:#2D8CFF;color:#fff;padding:10px">zoom</td></tr><tr><td><p>{w.hi}</p><p>{w.intro()}</p><p style="color:#232333;font-size:48px;line-height:100%">{w.code}</p><p>{w.valid}</p></td></tr><tr><td>+1.888.799.9666 &copy;2026 Zoom - 55 Almaden Blvd, 6th Floor, San Jose, CA 95113</td></tr></table>"""
    return Mail(None, html, w.head)


@design("consumer", "discord", length=6, langs="en es pt-br tr".replace("pt-br", "pt"), letters="ABCDEFGHJKLMNPQRSTUVWXYZ23456789", pattern=r"(?m)^\W*([A-Z0-9]{6})\W*$")
def _(w):
    html = f"""<div style="background:#f9f9f9"><div style="max-width:640px;background:#ffffff"><h2 style="color:#4F545C">{w.hi}</h2><p style="color:#737F8D;font-size:16px">{w.intro()}</p><p><strong>{w.code}</strong></p><p>{w.ignore}</p></div><div style="color:#99AAB5;font-size:12px">444 De Haro Street, Suite 200, San Francisco, CA 94107</div></div>"""
    return Mail(None, html, w.head)


@design("consumer", "dating-preheader-same")
def _(w):
    html = f"""<html><head><style>.preheader{{display:none!important;visibility:hidden;opacity:0;color:transparent;height:0;width:0;mso-hide:all}}</style></head><body><span class="preheader">{w.sentence()} {'&zwnj;&nbsp;' * 30}</span><table><tr><td style="font-size:16px">{w.hi}</td></tr><tr><td>{w.intro()}</td></tr><tr><td><b>{w.code}</b></td></tr><tr><td style="color:#999999">#{w.number(6)}</td></tr></table></body></html>"""
    return Mail(None, html, w.head)


@design("consumer", "wifi-cafe", length=8)
def _(w):
    return Mail(f"WLAN / WiFi\n\n{w.intro()} {w.code[:4]} {w.code[4:]}\n\n{w.valid}\n{w.date}\n{w.price}\n", None, w.head)
