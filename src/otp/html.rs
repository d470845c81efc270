//! What a reader sees of an HTML text, as far as a code is concerned.

use std::ops::Range;

use html5gum::{
    DefaultEmitter, Doctype, Error, Spanned, StartTag, StringReader, Token, Tokenizer,
    naive_next_state,
};

use super::body::{Body, Mark};
use super::css::{Node, Sheet};
use super::style::{Look, Weight};

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
/// So many times the usual size stands out.
const LARGE: f64 = 1.25;

/// The text of `html` without what is not seen: tags, comments, styles,
/// scripts, and elements that are hidden.
pub(super) fn visible(html: &str) -> Body {
    let sheets = sheets(html);
    let mut page = Page {
        text: Body::default(),
        open: Vec::new(),
        spans: Vec::new(),
        sheet: Sheet::parse(&sheets),
    };
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
    page.marked()
}

/// Tags and texts, and where in `html` they are.
fn tokenizer(html: &str) -> Tokenizer<StringReader<'_>, DefaultEmitter<usize>> {
    Tokenizer::new_with_emitter(html, DefaultEmitter::new_with_span())
}

/// What is in the `<style>` elements for screens, in lower case.
fn sheets(html: &str) -> String {
    let mut sheets = String::new();
    let mut tokenizer = tokenizer(html);
    let mut is_style = false;
    while let Some(Ok(token)) = tokenizer.next() {
        match token {
            Token::StartTag(tag) => {
                if let Some(state) = naive_next_state(&tag.name) {
                    tokenizer.set_state(state);
                }
                let media = attribute(&tag, "media").unwrap_or_default();
                is_style = *tag.name == *b"style" && matches!(media.trim(), "" | "all" | "screen");
            }
            Token::String(text) if is_style => {
                let text = String::from_utf8_lossy(&text).to_ascii_lowercase();
                // As if they were comments for readers without styles.
                sheets.push_str(&text.replace("<!--", "").replace("-->", ""));
                sheets.push('\n');
            }
            _ => is_style = false,
        }
    }
    sheets
}

struct Page<'s> {
    text: Body,
    /// The elements that are open, the outermost first.
    open: Vec<Open>,
    /// Where text of one look stands.
    spans: Vec<Span>,
    sheet: Sheet<'s>,
}

/// An element, and how what is in it looks.
struct Open {
    node: Node,
    look: Look,
}

struct Span {
    place: Range<usize>,
    size: f64,
    weight: Weight,
    is_quoted: bool,
}

impl Page<'_> {
    /// Reads on, to the end or to a tag that has none: then, where that begins.
    fn read(&mut self, html: &str) -> Option<usize> {
        let mut tokenizer = tokenizer(html);
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
                    self.closes(&String::from_utf8_lossy(&tag.name));
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
        let name = String::from_utf8_lossy(&tag.name).into_owned();
        self.ends_before(&name);
        let around = self.look();
        if !around.is_hidden {
            self.ends_word(&name);
        }
        if tag.self_closing || VOID.contains(&&*name) || self.open.len() >= DEEPEST {
            return false;
        }
        let mut look = around.within(&name, |wanted| attribute(tag, wanted));
        look.is_hidden |= UNSEEN.contains(&&*name);
        let text = |wanted| attribute(tag, wanted).unwrap_or_default();
        let class = text("class")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let node = Node {
            name,
            class,
            id: text("id"),
        };
        if !look.is_hidden {
            let (open, style) = (&self.open, text("style"));
            let at = |at: usize| open.get(at).map_or(&node, |open| &open.node);
            let declared = self.sheet.declarations(at, open.len() + 1, &style);
            look.declare(&declared, around.size);
        }
        let hides = look.is_hidden && !around.is_hidden;
        self.open.push(Open { node, look });
        hides
    }

    fn closes(&mut self, name: &str) {
        if let Some(at) = self.open.iter().rposition(|open| open.node.name == name) {
            self.open.truncate(at);
        }
        if !self.look().is_hidden {
            self.ends_word(name);
        }
    }

    /// Ends what has no end of its own before an element of this name (HTML,
    /// 13.1.2.4).
    fn ends_before(&mut self, name: &str) {
        let is_open = |names: &[&str], open: &Open| names.contains(&&*open.node.name);
        let last = |names: &[&str], within: &[&str], open: &[Open]| {
            let at = open.iter().rposition(|open| is_open(names, open))?;
            let enclosed = open[at..].iter().any(|open| is_open(within, open));
            (!enclosed).then_some(at)
        };
        let ended = match name {
            _ if !OF_HEAD.contains(&name)
                && self.open.iter().any(|open| is_open(&["head"], open)) =>
            {
                last(&["head"], &[], &self.open)
            }
            "li" => last(&["li"], &["ul", "ol"], &self.open),
            "dt" | "dd" => last(&["dt", "dd"], &["dl"], &self.open),
            "td" | "th" => last(&["td", "th"], &["table"], &self.open),
            "tr" => last(&["tr"], &["table"], &self.open),
            _ if !INLINE.contains(&name) && !VOID.contains(&name) => {
                let is_last = self.open.last().is_some_and(|open| is_open(&["p"], open));
                is_last.then(|| self.open.len() - 1)
            }
            _ => None,
        };
        if let Some(at) = ended {
            self.open.truncate(at);
        }
    }

    /// How what comes now looks.
    fn look(&self) -> Look {
        let inner = self.open.last();
        inner.map_or_else(Look::default, |open| open.look.clone())
    }

    fn ends_word(&mut self, name: &str) {
        if !INLINE.contains(&name) {
            self.text.push("\n");
        }
    }

    fn says(&mut self, text: &str) {
        let look = self.look();
        if !look.is_seen() {
            return;
        }
        let start = self.text.as_str().len();
        if look.is_verbatim {
            self.text.push(text);
        } else {
            // A line of the source is none of the page.
            self.text.push(&text.replace(['\r', '\n'], " "));
        }
        self.spans.push(Span {
            place: start..self.text.as_str().len(),
            size: look.size,
            weight: look.weight,
            is_quoted: look.is_quoted,
        });
    }

    /// The text, with what stands out in it.
    fn marked(self) -> Body {
        let Self {
            mut text, spans, ..
        } = self;
        let usual = usual_size(&spans);
        for span in spans {
            if span.is_quoted {
                text.mark(span.place.clone(), Mark::Quoted);
            }
            let says = &text.as_str()[span.place.clone()];
            let is_number = || !says.chars().any(char::is_alphabetic);
            let is_heavy = match span.weight {
                Weight::Usual => false,
                Weight::Bold => is_number(),
                Weight::Heading => true,
            };
            if is_heavy || span.size >= usual * LARGE {
                text.mark(span.place, Mark::Emphasised);
            }
        }
        text
    }
}

/// The size of the letter in the middle, when all are sorted by size.
fn usual_size(spans: &[Span]) -> f64 {
    let mut sizes: Vec<_> = spans.iter().map(|it| (it.size, it.place.len())).collect();
    sizes.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let all: usize = sizes.iter().map(|(_, letters)| letters).sum();
    let mut before = 0;
    let middle = sizes.iter().find(|(_, letters)| {
        before += letters;
        before * 2 >= all
    });
    middle.map_or(1.0, |(size, _)| *size)
}

/// An attribute's value, in lower case.
fn attribute(tag: &StartTag<usize>, name: &str) -> Option<String> {
    let value = tag.attributes.get(name.as_bytes())?;
    Some(String::from_utf8_lossy(value).to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::visible;

    fn words(html: &str) -> String {
        visible(html)
            .as_str()
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
