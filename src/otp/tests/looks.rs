//! What is seen of a mail in HTML, and what stands out.

use crate::otp::body::Mark;
use crate::otp::html::visible;

fn words(html: &str) -> String {
    let body = visible(html);
    body.as_str()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn stands_out(html: &str) -> bool {
    let body = visible(html);
    let at = body.as_str().find("123456").unwrap();
    body.is_marked(&(at..at + 6), Mark::Emphasised)
}

#[test]
fn what_rules_hide_is_not_seen() {
    for rule in [
        ".a{display:none}",
        ".A, .z { display : none !important ; }",
        "div.a{visibility:hidden}",
        "#i{opacity:0}",
        "body div{max-height:0;overflow:hidden}",
        "body > .a{font-size:1px}",
        "*[class~=a]{mso-hide:all}",
        ".a{color:#FFF} body{background:white}",
        ".a{color:rgba(0, 0, 0, 0)}",
        "<!-- .a{font-size:0} -->",
        "@media print{p{color:red}} .a{display:none}",
        ".a{text-decoration:line-through}",
    ] {
        let html = format!(
            "<html><head><style type='text/css'>{rule}</style></head><body><div class='x a' id=I>1</div><p>2</p></body>"
        );
        assert_eq!(words(&html), "2", "{rule}");
    }
}

#[test]
fn what_no_rule_hides_for_everybody_is_seen() {
    for rule in [
        "@media (max-width:600px){.a{display:none}}",
        "@media print{.a{display:none}}",
        ".a{display:none} div.a{display:block}",
        ".a{display:none} .a{display:block}",
        ".a:hover{display:none}",
        "p .a{display:none}",
        ".b{display:none}",
        ".a{color:#fff;background:#000}",
        ".a{color:#fff;background:url(dark.png)}",
        ".a{background:rgba(0,0,0,.05)}",
        "}}{{ .a",
        ".a{",
    ] {
        let html = format!("<style>{rule}</style><div class=a>1</div>");
        assert_eq!(words(&html), "1", "{rule}");
    }
    assert_eq!(
        words("<style media=print>.a{display:none}</style><p class=a>1"),
        "1"
    );
    // What an element says itself counts more.
    let own = "<style>.a{display:none}</style><p class=a style='display:block'>1</p>";
    assert_eq!(words(own), "1");
    assert_eq!(words(&own.replace("none", "none!important")), "");
    // For one program alone.
    let office = "<!--[if mso]><style>.a{display:none}</style><![endif]--><p class=a>1";
    assert_eq!(words(office), "1");
}

#[test]
fn what_has_the_colour_of_what_is_behind_it_is_hidden() {
    for html in [
        "<p style='color:white'>1</p>",
        "<td bgcolor='#112233'><font color=#112233>1</font></td>",
        "<div style='background-color:#123'><p><span style='color:#112233'>1</span></p></div>",
        "<p><s>1</s><del>2</del></p>",
    ] {
        assert_eq!(words(html), "", "{html}");
    }
    for html in [
        "<td bgcolor=black><font color=white>1</font></td>",
        "<td background='dark.png'><font color=white>1</font></td>",
    ] {
        assert_eq!(words(html), "1", "{html}");
    }
}

#[test]
fn headings_large_letters_and_bold_numbers_stand_out() {
    let long = "so much is said here that it is the usual size";
    for html in [
        "<h2>123456</h2>",
        "<p style='font-size:24px'>123456</p>",
        "<font size=5>123456</font>",
        "<style>.c{font-size:2em}</style><p class=c>123456",
        "<p>it is <b>123456</b></p>",
        "<p style='font-weight:700'>123456</p>",
    ] {
        assert!(stands_out(&format!("<p>{long}</p>{html}")), "{html}");
    }
    for html in [
        "<p>123456</p>",
        "<b>it is 123456</b>",
        "<p style='font-size:17px'>123456</p>",
    ] {
        assert!(!stands_out(&format!("<p>{long}</p>{html}")), "{html}");
    }
    // All of it is large.
    assert!(!stands_out(&format!(
        "<div style='font-size:30px'>{long} 123456</div>"
    )));
}

#[test]
fn a_mail_of_rules_and_elements_ends_soon() {
    let rules = "a a a a a{color:red}\n".repeat(3000);
    let html = format!("<style>{rules}</style>{}123456", "<a>".repeat(60_000));
    assert_eq!(words(&html), "123456");
}
