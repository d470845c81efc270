"""Mails of developers' services, mail templates, banks, health and government."""

from mail import PIXEL, Mail, design, stripped


@design("developer", "github-device")
def _(w):
    text = f"""Hey ada!

{w.intro()}

Device: Firefox on Linux
Verification: {w.head}

    {w.code}

{w.ignore} https://github.example/settings/security-log?id={w.number(6)}

Thanks,
The GitHub Team
GitHub, Inc. 88 Colin P Kelly Jr Street, San Francisco, CA 94107
"""
    return Mail(text, None, f"[GitHub] {w.head}")


@design("developer", "github-launch", length=8)
def _(w):
    link = f"https://github.example/users/ada/emails/{w.number(9)}/confirm_verification/{w.code}?via_launch_code_email=true"
    html = f"""<!DOCTYPE html><html><head><style type="text/css">a{{color:#0366d6}} .launch{{font-size:24px}}</style></head><body><table class="container" style="max-width:768px"><tr><td><h2>{w.head}</h2><p>{w.intro()}</p><h1 class="launch">{w.code}</h1><a href="{link}" style="background:#28a745">{w.head}</a><p>{link}</p><p style="color:#6a737d">{w.leave} &middot; 88 Colin P. Kelly Jr. Street, San Francisco, CA 94107</p></td></tr></table></body></html>"""
    return Mail(f"{w.head}\n\n{w.intro()} {w.code}\n\n{link}\n", html, w.head)


@design("developer", "slack-alphanumeric", letters="ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", pattern=r"\b([A-Z0-9]{3}-[A-Z0-9]{3})\b")
def _(w):
    shown = f"{w.code[:3]}-{w.code[3:]}"
    html = f"""<table style="background:#fff;width:500px"><tr><td><img width="120" height="36" src="https://slack.example/x-a{w.number(14)}/img/slack_logo_240.png"></td></tr><tr><td><h1 style="font-size:30px;padding-right:30px">{w.head}</h1><p style="font-size:20px">{w.intro()}</p><table class="conf_code_wrapper"><tr><td style="background:#F5F4F5;padding:43px 23px;font-size:30px;text-align:center;vertical-align:middle">{shown}</td></tr></table><p>{w.ignore}</p></td></tr><tr><td style="font-size:12px">Slack Technologies, LLC, 500 Howard Street, San Francisco, CA 94105</td></tr></table>"""
    return Mail(f"{w.intro()}\n\n{shown}\n\n{w.ignore}\n", html, f"Slack: {shown}", expect=shown)


@design("developer", "slack-digits")
def _(w):
    html = f"""<center><h1>{w.head}</h1><p>{w.intro()}</p><div style="background-color:#f5f4f5;border-radius:4px;padding:43px 23px"><div style="text-align:center;vertical-align:middle;font-size:30px">{w.code[:3]}&#8209;{w.code[3:]}</div></div></center>"""
    return Mail(None, html, w.head)


@design("developer", "stripe-spaced")
def _(w):
    html = f"""<body bgcolor="f6f9fc"><table class="Wrapper" width="480"><tr><td class="Divider--kill" style="border:0;height:1px;font-size:1px"></td></tr><tr><td class="Title" style="font-size:24px;color:#32325d">{w.head}</td></tr><tr><td class="Content" style="color:#525F7f;font-size:16px">{w.intro()}</td></tr><tr><td class="Content" style="font-size:36px;letter-spacing:4px;text-align:center">{w.code[:3]}&nbsp;{w.code[3:]}</td></tr><tr><td class="Content Footer">Stripe, 354 Oyster Point Blvd, South San Francisco, CA 94080</td></tr></table></body>"""
    return Mail(f"{w.head}\n\n{w.intro()}\n\n{w.code[:3]}\u00a0{w.code[3:]}\n", html, w.head)


@design("developer", "auth0-default")
def _(w):
    html = f"""<html><head><style type="text/css">.ExternalClass,.ExternalClass div,.ExternalClass font,.ExternalClass p{{line-height:100%}}img{{border:0}}a img{{border:0;outline:0;text-decoration:none}}h1,h2,h3{{font-family:Helvetica,Arial,sans-serif}}</style></head><body style="-webkit-text-size-adjust:100%;background:#f5f7fa;font-size:16px"><center><table id="outerTable" height="100%" width="100%"><tr><td><table class="basetable" width="600"><tr><td align="center"><p style="text-align:center"><img src="https://cdn.auth0.example/{w.hexes(8)}/logo.png" height="75"></p><p>{w.hi}</p><p>{w.sentence()}</p><p>{w.valid}</p><br><hr style="border:2px solid #EAEEF3"><p style="color:#A9B3BC;line-height:1.5">{w.ignore} <a href="https://support.example/{w.number(6)}">support</a></p></td></tr></table></td></tr></table></center></body></html>"""
    return Mail(None, html, w.head)


@design("developer", "okta-link-or-code")
def _(w):
    html = f"""<div style="background-color:#fafafa;margin:0"><table style="font-family:'proxima nova';font-size:14px;color:#5e5e5e;width:98%;max-width:600px" align="center"><tr><td style="padding-top:15px"><a href="{w.url()}" id="email-authentication-button" style="background-color:#007dc1;color:#fff">{w.head}</a></td></tr><tr><td align="center">{w.intro()} <b id="verification-code">{w.code}</b></td></tr><tr><td>{w.valid}</td></tr><tr><td style="padding-top:5px;font-size:12px;color:#999">This is an automatically generated message from <a href="https://www.okta.example" style="color:rgb(97,97,97)">Okta</a>. {w.date}</td></tr></table></div>"""
    return Mail(f"{w.url()}\n\n{w.intro()} {w.code}\n\n{w.valid}\n", html, w.head)


@design("developer", "authy-seven", length=7)
def _(w):
    return Mail(f"{w.sentence()}\n\nAuthy ID: {w.number(9)}\n{w.date}\n", None, w.head)


@design("developer", "cognito-bare")
def _(w):
    return Mail(None, f"{w.intro()} {w.code}", w.head)


@design("developer", "cognito-inline")
def _(w):
    return Mail(None, f"<p>{w.sentence()}</p>", w.head)


@design("developer", "supabase")
def _(w):
    link = f"https://{w.hexes(20)}.supabase.example/auth/v1/verify?token={w.hexes(56)}&type=signup&redirect_to=http://localhost:3000"
    html = f"""<h2>{w.head}</h2>
<p><a href="{link}">{link}</a></p>
<p>{w.intro()}</p>
<p><code>{w.code}</code></p>"""
    return Mail(None, html, w.head)


@design("developer", "clerk-otp")
def _(w):
    html = f"""<!DOCTYPE html><html><body style="background:#ffffff"><div style="display:none;overflow:hidden;line-height:1px;opacity:0;max-height:0;max-width:0">{w.intro()} {w.code}<div>{'&#847;&zwnj;&nbsp;' * 20}</div></div><table style="max-width:37.5em"><tr><td><h1 style="font-size:18px">{w.head}</h1><p style="font-size:14px">{w.intro()}</p><p style="font-size:40px;font-weight:700;margin:0">{w.code}</p><p style="font-size:14px">{w.share}</p><p style="font-size:12px">{w.date}, Berlin, DE. IP 198.51.100.{w.number(2)}</p></td></tr></table></body></html>"""
    return Mail(stripped(html.split("<div style")[0] + html.split("</div></div>")[1]), html, f"{w.code} - Clerk")


@design("developer", "vercel-react-email")
def _(w):
    html = f"""<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd"><html dir="ltr"><head></head><body style="margin:auto;font-family:-apple-system"><table align="center" role="presentation" style="max-width:37.5em;border:1px solid #eaeaea;width:465px"><tbody><tr style="width:100%"><td><!--$--><h1 style="font-size:24px;font-weight:400;text-align:center"><!-- -->{w.head}<!-- --></h1><p style="font-size:14px;line-height:24px">{w.intro()}</p><table><tbody><tr><td><p style="font-size:32px;line-height:1;letter-spacing:6px;text-align:center;background:rgba(0,0,0,.05)">{w.code}</p></td></tr></tbody></table><p style="font-size:12px;color:#666666">440 N Barranca Avenue #4133, Covina, CA 91723</p><!--/$--></td></tr></tbody></table></body></html>"""
    return Mail(None, html, w.head)


@design("developer", "docker-pre")
def _(w):
    html = f"""<html><body><p>{w.hi}</p><p>{w.intro()}</p><pre style="background:#eee;padding:10px">

{w.code}

</pre><p>{w.valid}</p><p>v27.3.1, build ce{w.number(5)}; sha256:{w.hexes(64)}</p></body></html>"""
    return Mail(None, html, w.head)


@design("developer", "jira-ticket")
def _(w):
    text = f"OPS-{w.number(6)} / #{w.number(6)}\n{w.about('ticket')}\n\n{w.sentence()}\n\n--\n{w.rights} Atlassian 2002-2026\nhttps://id.atlassian.example/login/{w.number(6)}?continue=%2F{w.number(6)}\n"
    return Mail(text, None, f"OPS-{w.number(6)}")


@design("developer", "crypto-exchange")
def _(w):
    html = f"""<html><body style="background:#0b0e11;color:#eaecef"><table width="600"><tr><td style="color:#f0b90b">BINANCE</td></tr><tr><td><h2>{w.head}</h2><p>BTC 0.184320 / 1,249.00 USDT</p><p>bc1q{w.hexes(30)}{w.number(6)}</p><p>{w.intro()}</p><p style="font-size:28px;color:#f0b90b"><b>{w.code}</b></p><p>{w.valid}</p><p>2026-11-24 21:40:11 (UTC) &mdash; IP: 203.0.113.201</p></td></tr></table></body></html>"""
    return Mail(None, html, f"[Binance] {w.head} - 2026-11-24 21:40:11 (UTC)")


@design("template", "sendgrid-dynamic")
def _(w):
    html = f"""<html data-editor-version="2" class="sg-campaigns"><head><style type="text/css">body,p,div{{font-family:arial;font-size:14px}} body{{color:#000000}} table.wrapper{{width:100% !important}} @media screen and (max-width:480px){{.preheader .rightColumnContent{{text-align:left !important}} .columns{{width:100% !important}}}}</style></head><body><center class="wrapper" data-link-color="#1188E6"><div class="webkit"><table class="wrapper" bgcolor="#FFFFFF"><tr><td role="modules-container"><table class="module preheader preheader-hide" role="module" data-type="preheader" style="display:none !important; mso-hide:all; visibility:hidden; opacity:0; color:transparent; height:0; width:0;"><tr><td role="module-content"><p>{w.about('ticket')}</p></td></tr></table><table class="module" role="module" data-type="text" data-muid="{w.hexes(8)}-4c1b-{w.number(4)}-9e1d-{w.hexes(12)}"><tr><td style="padding:18px 0;line-height:22px" height="100%" role="module-content"><div><div style="font-family:inherit">{w.hi}</div><div>{w.intro()}</div><div style="font-family:inherit;text-align:center"><span style="font-size:24px"><strong>{w.code}</strong></span></div></div></td></tr></table><div data-role="module-unsubscribe" class="module" style="color:#444444;font-size:12px;text-align:Center"><p class="Unsubscribe--addressLine">{w.place}</p><a class="Unsubscribe--unsubscribeLink" href="{w.url('unsubscribe')}">{w.leave}</a></div></td></tr></table></div></center></body></html>"""
    return Mail(None, html, w.head)


@design("template", "mailchimp-transactional")
def _(w):
    html = f"""<!doctype html><html xmlns:v="urn:schemas-microsoft-com:vml"><head><!--[if gte mso 15]><xml><o:OfficeDocumentSettings><o:PixelsPerInch>96</o:PixelsPerInch></o:OfficeDocumentSettings></xml><![endif]--><style type="text/css">p{{margin:10px 0}} .mcnPreviewText{{display:none !important}} #templateHeader{{background-color:#FFFFFF}} .mcnTextContent{{color:#757575;font-family:Helvetica;font-size:16px}} @media only screen and (max-width:480px){{.mcnImage{{width:100% !important}}}}</style></head><body><!--*|IF:MC_PREVIEW_TEXT|*--><!--[if !gte mso 9]><!----><span class="mcnPreviewText" style="display:none; font-size:0px; line-height:0px; max-height:0px; visibility:hidden; mso-hide:all;">{w.about('order')}</span><!--<![endif]--><center><table id="bodyTable"><tr><td class="mcnTextContent" style="padding:0 18px 9px"><h1>{w.head}</h1><p>{w.intro()} <strong>{w.code}</strong></p><p>{w.valid}</p></td></tr><tr><td class="mcnTextContent"><em>Copyright &copy; 2026 Example, {w.rights}</em><br>{w.place}<br><a href="{w.url('unsubscribe')}">{w.leave}</a></td></tr></table></center></body></html>"""
    return Mail(None, html, w.head)


@design("template", "preheader-by-class")
def _(w):
    html = f"""<html><head><style>
    /* hidden text */
    .preheader { '{' } color: transparent; display: none; height: 0; max-height: 0; max-width: 0; opacity: 0; overflow: hidden; mso-hide: all; visibility: hidden; width: 0; { '}' }
    h1, h2 {{ color: #06090f }}
    @media only screen and (max-width: 620px) {{ table.body h1 {{ font-size: 28px !important }} .container {{ display: none }} }}
    </style></head><body><span class="preheader">{w.sentence(w.number(6))}</span><table class="body"><tr><td class="container"><div class="content"><table class="main"><tr><td class="wrapper"><p>{w.hi}</p><p>{w.intro()}</p><p>{w.code}</p><p>{w.ignore}</p></td></tr></table></div></td></tr></table></body></html>"""
    return Mail(None, html, w.head)


@design("template", "hidden-by-selectors")
def _(w):
    html = f"""<html><head><style type="text/css">div#pre, td.tiny > span {{ display:none }} .ghost{{visibility:hidden}} .dot{{font-size:1px;line-height:1px}} .flat{{max-height:0;overflow:hidden}} .clear{{opacity:0}} .white{{color:#ffffff}} body{{background-color:#ffffff}}</style></head><body><div id="pre">{w.intro()} {w.number(6)}</div><div class="ghost">{w.intro()} {w.number(6)}</div><p class="dot">{w.number(6)}</p><div class="flat">{w.intro()} {w.number(6)}</div><div class="clear">{w.number(6)}</div><p class="white">{w.intro()} {w.number(6)}</p><table><tr><td class="tiny"><span>{w.number(6)}</span><p>{w.hi}</p></td></tr><tr><td>{w.intro()} {w.code}</td></tr></table></body></html>"""
    return Mail(None, html, w.head)


@design("template", "mjml-columns")
def _(w):
    html = f"""<!doctype html><html xmlns="http://www.w3.org/1999/xhtml" xmlns:o="urn:schemas-microsoft-com:office:office"><head><!--[if mso]><noscript><xml><o:AllowPNG/><o:PixelsPerInch>{w.number(6)}</o:PixelsPerInch></xml></noscript><![endif]--><style type="text/css">#outlook a {{ padding:0 }} @media only screen and (min-width:480px) {{ .mj-column-per-100 {{ width:100% !important; max-width:100% }} }}</style></head><body style="word-spacing:normal;background-color:#F4F4F4"><div style="display:none;font-size:1px;color:#ffffff;line-height:1px;max-height:0px;max-width:0px;opacity:0;overflow:hidden;">{w.about('ticket')}</div><div><!--[if mso | IE]><table width="600"><tr><td width="{w.number(6)}px"><![endif]--><div style="margin:0px auto;max-width:600px"><table role="presentation" style="width:100%"><tbody><tr><td style="direction:ltr;font-size:0px;padding:20px 0;text-align:center"><div class="mj-column-per-100 mj-outlook-group-fix" style="font-size:0px;text-align:left;display:inline-block;width:100%"><table><tbody><tr><td style="font-size:0px;padding:10px 25px;word-break:break-word"><div style="font-family:Ubuntu,Helvetica;font-size:16px;line-height:1;color:#000000">{w.hi} {w.intro()}</div></td></tr><tr><td align="center" style="font-size:0px"><div style="font-size:28px;font-weight:700;letter-spacing:5px">{w.code}</div></td></tr></tbody></table></div></td></tr></tbody></table></div><!--[if mso | IE]></td></tr></table><![endif]--></div></body></html>"""
    return Mail(None, html, w.head)


@design("template", "foundation-callout")
def _(w):
    html = f"""<html><head><style>@media only screen{{html{{min-height:100%;background:#f3f3f3}}}} @media only screen and (max-width:596px){{.small-float-center{{margin:0 auto!important}} table.body .show-for-large{{display:none!important;width:0;mso-hide:all;overflow:hidden}}}} .callout-inner{{border:1px solid #cbcbcb}}</style></head><body><table class="body" data-made-with-foundation><tr><td class="float-center"><table class="spacer"><tr><td height="16px" style="font-size:16px;line-height:16px">&#xA0;</td></tr></table><table class="row"><tr><th class="small-12 large-12 columns first last"><table><tr><th><h1>{w.head}</h1><p class="lead">{w.intro()}</p><table class="callout show-for-large"><tr><th class="callout-inner primary"><p>{w.code}</p></th><th class="expander"></th></tr></table><p>{w.call}</p></th></tr></table></th></tr></table></td></tr></table></body></html>"""
    return Mail(None, html, w.head)


@design("template", "cerberus-dark")
def _(w):
    html = f"""<html><head><meta name="color-scheme" content="light dark"><style>:root{{color-scheme:light dark}} .dark-img{{display:none}} @media (prefers-color-scheme:dark){{.email-bg{{background:#111111!important}} .darkmode-bg{{background:#222222!important}} h1,p{{color:#F7F7F9!important}} .light-img{{display:none!important}} .dark-img{{display:block!important}} .code{{color:#222222!important}}}}</style></head><body class="email-bg"><div style="max-height:0;overflow:hidden;mso-hide:all" aria-hidden="true">{w.date} {w.number(6)}</div><table class="email-container" width="600"><tr><td class="light-img"><h1>{w.head}</h1></td></tr><tr><td class="light-img darkmode-bg"><p>{w.intro()}</p><p class="code">{w.code}</p></td></tr><tr><td class="dark-img">{w.intro()} {w.number(6)}</td></tr></table></body></html>"""
    return Mail(None, html, w.head)


@design("template", "html-no-closing")
def _(w):
    html = f"""<html><body><center><table width=600><tr><td><font size=2>{w.hi}<p>{w.intro()}<p><font size=6>{w.code}</font><p>{w.valid}<tr><td><hr>{w.place}<br>Tel/Fax {w.number(6)}-11<br>{w.rights}"""
    return Mail(None, html, w.head)


@design("template", "cells-each-digit")
def _(w):
    cells = "\n".join(f'<td class="d" style="width:40px;height:48px;border:1px solid #ccc;text-align:center"><span>{digit}</span></td><td width="8">&nbsp;</td>' for digit in w.code)
    html = f"""<html><head><style>.d{{font-size:24px}}</style></head><body><p>{w.hi}</p><p>{w.intro()}</p><table><tr>{cells}</tr></table><p>{w.valid}</p></body></html>"""
    return Mail(None, html, w.head)


@design("template", "spans-each-digit")
def _(w):
    spans = " ".join(f'<span style="display:inline-block;padding:8px 12px;background:#eef;border-radius:6px;font-size:22px">{digit}</span>' for digit in w.code)
    return Mail(f"{w.intro()}\n\n{' '.join(w.code)}\n\n{w.valid}\n", f"<body><p>{w.intro()}</p><div style='text-align:center'>{spans}</div><p>{w.valid} {w.place}</p></body>", w.head)


@design("template", "image-inline")
def _(w):
    html = f"""<html><body><img src="cid:logo{w.number(6)}@example"><p>{w.intro()}</p><p><big><b>{w.code}</b></big></p><p>{w.call}</p></body></html>"""
    picture = f'Content-Type: image/gif; name="logo{w.number(6)}.gif"\nContent-Transfer-Encoding: base64\nContent-ID: <logo{w.number(6)}@example>\nContent-Disposition: inline; filename="{w.number(6)}.gif"\n\n{PIXEL}\n'
    return Mail(None, html, w.head, parts=[picture], holder="related")


@design("bank", "tan-transfer")
def _(w):
    text = f"{w.hi}\n\n{w.price}\nIBAN DE{w.number(2)} {w.number(4)} {w.number(4)} {w.number(4)} {w.number(4)} {w.number(2)}\nBIC COBADEFFXXX\n{w.date}\n\n{w.sentence()}\n\n{w.share}\n{w.about('ticket')}\n{w.call}\n"
    return Mail(text, None, w.head)


@design("bank", "three-d-secure")
def _(w):
    html = f"""<table border="0"><tr><td colspan="2"><img src="https://3ds.bank.example/visa.png" alt="Visa Secure"></td></tr><tr><td>{w.label(3)}</td><td>XXXX XXXX XXXX {w.number(4)}</td></tr><tr><td>{w.label(1)}</td><td>24.11.2026 21:40:11</td></tr><tr><td>EUR</td><td>129,99</td></tr><tr><td colspan="2">{w.intro()}</td></tr><tr><td colspan="2" align="center"><font size="5">{w.code}</font></td></tr><tr><td colspan="2">{w.share} {w.call}</td></tr></table>"""
    return Mail(stripped(html), html, w.head)


@design("bank", "word-mso")
def _(w):
    html = f"""<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word"><head><meta name=Generator content="Microsoft Word 15 (filtered medium)"><style><!-- @font-face {{font-family:Calibri; panose-1:2 15 5 2 2 2 4 3 2 4;}} p.MsoNormal, li.MsoNormal {{margin:0cm; font-size:11.0pt; font-family:"Calibri",sans-serif;}} span.E-MailFormatvorlage17 {{mso-style-type:personal-compose; color:windowtext;}} @page WordSection1 {{size:612.0pt 792.0pt; margin:70.85pt 70.85pt 2.0cm 70.85pt;}} --></style></head><body lang={w.lang.upper()} link="#0563C1" vlink="#954F72"><div class=WordSection1><p class=MsoNormal>{w.hi}<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>{w.intro()} <b><span style='font-size:14.0pt;color:#C00000'>{w.code[:2]}<span style='mso-spacerun:yes'></span>{w.code[2:]}</span></b><o:p></o:p></p><p class=MsoNormal>{w.valid}<o:p></o:p></p><p class=MsoNormal><span style='font-size:8.0pt'>HRB {w.number(6)} &#8226; BLZ 100 500 00 &#8226; {w.place}<o:p></o:p></span></p></div></body></html>"""
    return Mail(None, html, w.head)


@design("bank", "eight-digits-grouped", length=8)
def _(w):
    html = f"""<div><p>{w.hi}</p><p>{w.about('ticket', 8)}</p><p>{w.intro()}</p><h2>{w.code[:4]} {w.code[4:]}</h2><p>{w.call}</p><p>{w.place}</p></div>"""
    return Mail(stripped(html), html, w.head)


@design("bank", "paypal-boxes")
def _(w):
    spans = "".join(f'<td style="padding:0 3px"><div style="border:1px solid #0070ba;border-radius:4px;width:36px;text-align:center;font-size:26px"><b>{digit}</b></div></td>' for digit in w.code)
    html = f"""<html><head><style>@media screen and (max-width:640px){{.hide-for-small{{display:none}}}}</style></head><body><table><tr><td style="font-size:36px;color:#2c2e2f">{w.hi}</td></tr><tr><td>{w.intro()}</td></tr><tr><td><table><tr>{spans}</tr></table></td></tr><tr><td>{w.call}</td></tr><tr><td style="font-size:12px">Copyright &copy; 1999-2026 PayPal. PayPal RT{w.number(6)}:en_US(en-US):1.0.0:{w.hexes(13)}</td></tr></table></body></html>"""
    return Mail(None, html, w.head)


@design("health", "doctolib-appointment")
def _(w):
    html = f"""<html><body style="background:#f0f4f8"><table width="600"><tr><td style="color:#107aca;font-size:24px">Doctolib</td></tr><tr><td>{w.hi}</td></tr><tr><td>Dr. Muster &bull; {w.date}</td></tr><tr><td>{w.place}<br>{w.call}</td></tr><tr><td>{w.intro()}</td></tr><tr><td align="center"><p style="font-size:28px;font-weight:bold">{w.code}</p></td></tr><tr><td>{w.share}</td></tr><tr><td style="font-size:10px">RCS Nanterre B 794 598 813</td></tr></table></body></html>"""
    return Mail(stripped(html), html, w.head)


@design("health", "portal-text")
def _(w):
    return Mail(f"{w.hi}\n\n{w.intro()} {w.code}\n\n{w.valid}\n{w.ignore}\n\n{w.about('ticket')}\n{w.place}\n", None, w.head)


@design("health", "icure-code", langs="en fr nl de pl")
def _(w):
    html = f"""<p>{w.hi}</p><p>{w.sentence()}</p><p>{w.valid}</p>"""
    return Mail(stripped(html), html, w.head)


@design("health", "insurance-same-length", length=8)
def _(w):
    text = f"{w.hi}\n\n{w.about('ticket', 8)}\n{w.about('order', 8)}\n\n{w.intro()}\n\n{w.code}\n\n{w.date}\n{w.call}\n{w.place}\n"
    return Mail(text, None, w.about("ticket", 8))


@design("health", "laboratory-list")
def _(w):
    html = f"""<ol><li>https://labor.example/r/{w.number(6)}</li><li>{w.intro()} <strong>{w.code}</strong></li><li>{w.valid}</li></ol><p>Hb 13,8 g/dl; Leukozyten 6800/&micro;l; Thrombozyten 250000/&micro;l</p><p>{w.call}</p>"""
    return Mail(None, html, w.head)


@design("government", "one-login")
def _(w):
    text = f"{w.intro()}\n\n{w.code}\n\n{w.valid}\n\n{w.ignore}\n\n---\n\nGOV.UK One Login\nGovernment Digital Service, 10 Whitechapel High Street, E1 8QS\n{w.about('ticket')}\n"
    return Mail(text, None, w.head)


@design("government", "tax-office")
def _(w):
    html = f"""<div class="notranslate"><p>{w.hi}</p><p>{w.about('ticket', 11)}</p><p>{w.date}</p><p>{w.sentence()}</p><p>{w.place}</p><p>{w.call}</p></div>"""
    return Mail(stripped(html), html, w.head)


@design("government", "eid-digits-words", length=5)
def _(w):
    html = f"""<dl><dt>{w.intro()}</dt><dd><tt>{w.code}</tt></dd><dt>{w.label(1)}</dt><dd>{w.date}</dd><dt>{w.label(3)}</dt><dd>{w.place}</dd></dl>"""
    return Mail(None, html, w.head)


@design("government", "vaccination-spaced")
def _(w):
    return Mail(f"{w.intro()}\n\n*** {w.code[:2]} {w.code[2:4]} {w.code[4:]} ***\n\n{w.valid}\n{w.date}\n{w.call}\n{w.place}\n", None, w.head)
