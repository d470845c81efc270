//! What a reader sees of an HTML text, as far as a code is concerned.

use html5gum::{
    DefaultEmitter, Doctype, Error, HtmlString, Spanned, StartTag, Token, Tokenizer,
    naive_next_state,
};

/// Elements whose text is not shown.
const UNSEEN: &[&str] = &[
    "head", "style", "script", "template", "title", "noscript", "textarea", "select", "svg",
];
/// Elements that stay within a line; all others end a word. A code of which
/// each digit has an element of its own is one word.
const INLINE: &[&str] = &[
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "del", "em", "font", "i", "ins", "kbd",
    "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "tt", "u", "var", "wbr",
];
/// Elements that stand in a head; any other one ends it.
const OF_HEAD: &[&str] = &[
    "head", "title", "meta", "link", "style", "script", "base", "noscript", "template", "html",
];
/// As deep as elements are told apart.
const DEEPEST: usize = 1000;
/// Elements without an end.
const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr",
];

/// The text of `html` without what is not seen: tags, comments, styles,
/// scripts, and elements that are hidden.
pub(super) fn visible(html: &str) -> String {
    let mut page = Page::default();
    let mut html = html.to_owned();
    // A quote that is never closed would swallow the text. There are two kinds.
    for _ in 0..3 {
        let Some(tag) = page.read(&html).and_then(|at| html.get(at..)) else {
            break;
        };
        let Some((tag, rest)) = tag.split_once('>') else {
            break;
        };
        html = tag.replace(['"', '\''], " ") + ">" + rest;
    }
    page.text
}

#[derive(Default)]
struct Page {
    text: String,
    /// The elements that are open, the outermost first.
    open: Vec<Open>,
}

/// An element, and whether what is in it is seen.
struct Open {
    name: HtmlString,
    is_hidden: bool,
    /// Too small to be read, unless an element in it says another size.
    is_tiny: bool,
}

impl Page {
    /// Reads on, to the end or to a tag that has none: then, where that begins.
    fn read(&mut self, html: &str) -> Option<usize> {
        let emitter = DefaultEmitter::<usize>::new_with_span();
        let mut tokenizer = Tokenizer::new_with_emitter(html, emitter);
        let mut end = 0;
        while let Some(Ok(token)) = tokenizer.next() {
            match token {
                Token::StartTag(tag) => {
                    end = tag.span.end;
                    if self.opens(&tag)
                        && let Some(state) = naive_next_state(&tag.name)
                    {
                        tokenizer.set_state(state);
                    }
                }
                Token::EndTag(tag) => {
                    end = tag.span.end;
                    self.closes(&tag.name);
                }
                Token::String(text) => {
                    end = text.span.end;
                    self.says(&String::from_utf8_lossy(&text));
                }
                Token::Comment(Spanned { span, .. }) | Token::Doctype(Doctype { span, .. }) => {
                    end = span.end;
                }
                Token::Error(error) if error.value == Error::EofInTag => return Some(end),
                Token::Error(_) => {}
            }
        }
        None
    }

    /// True when what follows is not shown because of this tag.
    fn opens(&mut self, tag: &StartTag<usize>) -> bool {
        self.ends_before(&tag.name);
        let (was_hidden, was_tiny) = self.state();
        let style = Style::of(tag);
        let is_hidden =
            was_hidden || style.hides || is_one_of(UNSEEN, &tag.name) || has(tag, b"hidden");
        let is_tiny = style.is_tiny.unwrap_or(was_tiny);
        if !was_hidden {
            self.ends_word(&tag.name);
        }
        if tag.self_closing || is_one_of(VOID, &tag.name) || self.open.len() >= DEEPEST {
            return false;
        }
        self.open.push(Open {
            name: tag.name.clone(),
            is_hidden,
            is_tiny,
        });
        is_hidden && !was_hidden
    }

    fn closes(&mut self, name: &HtmlString) {
        if let Some(at) = self.open.iter().rposition(|open| open.name == *name) {
            self.open.truncate(at);
        }
        if !self.state().0 {
            self.ends_word(name);
        }
    }

    /// Ends what has no end of its own before an element of this name (HTML,
    /// 13.1.2.4).
    fn ends_before(&mut self, name: &[u8]) {
        let last = |names: &[&str], within: &[&str], open: &[Open]| {
            let at = open.iter().rposition(|open| is_one_of(names, &open.name))?;
            let enclosed = open[at..].iter().any(|open| is_one_of(within, &open.name));
            (!enclosed).then_some(at)
        };
        let ended = match name {
            _ if !is_one_of(OF_HEAD, name)
                && self.open.iter().any(|open| *open.name == *b"head") =>
            {
                last(&["head"], &[], &self.open)
            }
            b"li" => last(&["li"], &["ul", "ol"], &self.open),
            b"dt" | b"dd" => last(&["dt", "dd"], &["dl"], &self.open),
            b"td" | b"th" => last(&["td", "th"], &["table"], &self.open),
            b"tr" => last(&["tr"], &["table"], &self.open),
            _ if !is_one_of(INLINE, name) && !is_one_of(VOID, name) => {
                let is_last = self.open.last().is_some_and(|open| *open.name == *b"p");
                is_last.then(|| self.open.len() - 1)
            }
            _ => None,
        };
        if let Some(at) = ended {
            self.open.truncate(at);
        }
    }

    /// Whether what comes now is hidden, and whether it is too small.
    fn state(&self) -> (bool, bool) {
        let inner = self.open.last();
        inner.map_or((false, false), |open| (open.is_hidden, open.is_tiny))
    }

    fn ends_word(&mut self, name: &[u8]) {
        if !is_one_of(INLINE, name) {
            self.text.push('\n');
        }
    }

    fn says(&mut self, text: &str) {
        if self.state() == (false, false) {
            self.text.push_str(text);
        }
    }
}

fn is_one_of(names: &[&str], name: &[u8]) -> bool {
    names.iter().any(|known| known.as_bytes() == name)
}

fn has(tag: &StartTag<usize>, attribute: &[u8]) -> bool {
    tag.attributes.contains_key(attribute)
}

/// What an element's own style says of what is seen.
#[derive(Default)]
struct Style {
    hides: bool,
    /// When it says a size.
    is_tiny: Option<bool>,
}

impl Style {
    fn of(tag: &StartTag<usize>) -> Self {
        let mut style = Self::default();
        let Some(text) = tag.attributes.get(b"style".as_slice()) else {
            return style;
        };
        let text = String::from_utf8_lossy(text).to_ascii_lowercase();
        for rule in text.split(';') {
            let Some((name, value)) = rule.split_once(':') else {
                continue;
            };
            let value = value.trim().trim_end_matches("!important").trim_end();
            match name.trim() {
                "display" => style.hides |= value == "none",
                "visibility" => style.hides |= matches!(value, "hidden" | "collapse"),
                "mso-hide" => style.hides |= value == "all",
                "color" => style.hides |= value == "transparent",
                "max-height" | "max-width" | "opacity" => style.hides |= number(value) == Some(0.0),
                // Far off the page.
                "left" | "top" | "right" | "text-indent" | "margin-left" | "margin-top" => {
                    style.hides |= number(value).is_some_and(|place| place <= -500.0);
                }
                "font-size" => {
                    style.is_tiny = Some(number(value).is_some_and(|size| is_tiny(value, size)));
                }
                _ => {}
            }
        }
        style
    }
}

/// A size of a pixel or a point, or of nothing at all.
fn is_tiny(value: &str, size: f64) -> bool {
    size <= 0.0 || size <= 1.0 && (value.ends_with("px") || value.ends_with("pt"))
}

/// The number of a length.
fn number(value: &str) -> Option<f64> {
    let is_unit = |c: char| c.is_ascii_alphabetic() || c == '%';
    value.trim_end_matches(is_unit).trim_end().parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::visible;

    fn words(html: &str) -> String {
        visible(html)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn only_what_is_seen_counts() {
        let html = "<html><head><title>111111</title><style>.a{color:#222222}</style></head>\
            <body><!-- 333333 --><!---->\
            <div style='display: none'>444444<div>555555</div>666666</div>\
            <p>Your code is <b>123456</b>.</p><img alt=\"777777\"><script>888888</script></body>";
        assert_eq!(words(html), "Your code is 123456.");
    }

    #[test]
    fn a_word_that_is_no_rule_hides_nothing() {
        for tag in [
            "<div style='overflow: hidden ;'>",
            "<div style='\n  overflow: hidden\n'>",
            "<table title='no hidden costs'>",
            "<p class='display:none'>",
        ] {
            assert_eq!(words(&format!("{tag}123456")), "123456", "{tag}");
        }
        assert_eq!(words("<p hidden>1</p><p HIDDEN=''>2</p>3"), "3");
        assert_eq!(words("<script>if (a<b) {}</script>123456"), "123456");
        assert_eq!(
            words("<p class=hidden data-x='display:none'>123456"),
            "123456"
        );
    }

    #[test]
    fn what_nobody_can_see_is_hidden() {
        for style in [
            "display:none !important",
            "visibility: hidden",
            "mso-hide:all",
            "opacity:0",
            "max-height:0px",
            "font-size:0",
            "FONT-SIZE: 1px",
            "position:absolute; left:-9999px",
            "text-indent:-9999em",
            "color:transparent",
        ] {
            assert_eq!(
                words(&format!("<div style='{style}'>1<b>2</b></div>3")),
                "3",
                "{style}"
            );
        }
        for style in [
            "font-size:0.9em",
            "opacity:0.9",
            "max-height:100px",
            "left:-1px",
            "font-size:14px",
            "display:block",
        ] {
            assert_eq!(
                words(&format!("<div style='{style}'>1</div>")),
                "1",
                "{style}"
            );
        }
        // As generators of mails write columns.
        let columns = "<td style='font-size:0px'><div style='font-size:22px'>123456</div>7</td>";
        assert_eq!(words(columns), "123456");
    }

    #[test]
    fn what_has_no_end_is_read_as_browsers_read_it() {
        assert_eq!(words("<head><style>a{}</style><body>123456"), "123456");
        assert_eq!(words("<head><title>9</title><p>123456"), "123456");
        assert_eq!(words("<p hidden>1<p>2"), "2");
        assert_eq!(
            words("<table><tr><td hidden>1<td>2<tr hidden><td>3<tr><td>4</table>"),
            "2 4"
        );
        assert_eq!(words("<ul><li hidden>1<li>2</ul>"), "2");
        assert_eq!(words("<div hidden>1<p>2</div>3"), "3");
        assert_eq!(words(&"<div>".repeat(5000)), "");
    }

    #[test]
    fn cells_are_words_of_their_own() {
        let html = "<table><tr><td>Code</td><td>123456</td><td>2024</td></tr></table>";
        assert_eq!(words(html), "Code 123456 2024");
    }

    #[test]
    fn digits_in_elements_of_their_own_are_one_word() {
        assert_eq!(words("<span>1</span><span>2</span><b>3</b>456"), "123456");
    }

    #[test]
    fn references_are_letters() {
        assert_eq!(
            words("&#49;&#x32;3&nbsp;&amp;&lt;b&gt; &unknown; &"),
            "123 &<b> &unknown; &"
        );
    }

    #[test]
    fn html_that_is_broken_is_read_as_far_as_it_goes() {
        assert_eq!(words("a < b <i>c"), "a < b c");
        assert_eq!(words("<p>123456<div style='"), "123456");
        assert_eq!(words("<a title=\"it's>123456</a> ok"), "123456 ok");
        assert_eq!(words("<!-- never closed 123456"), "");
        let twice = "é\r\n<b>1</b> &amp; <!-- --> 2 <i a='>3\r\n<p b=\">4</p> <a c=\"";
        assert_eq!(words(twice), "é 1 & 2 3 4");
        let hidden = "<div style=\"display:none>1<p>2</div>3";
        assert_eq!(words(hidden), "3");
    }

    proptest! {
        #[test]
        fn nothing_makes_it_stumble(html in "[<>/&;#!\\-'\"a-e0-9é ]{0,80}") {
            visible(&html);
        }
    }
}
