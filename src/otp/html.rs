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
    /// The element that is not shown, and how many of its name are open.
    unseen: Option<(HtmlString, usize)>,
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
        match &mut self.unseen {
            Some((name, open)) if *name == tag.name => *open += 1,
            Some(_) => {}
            None if hides(tag) => {
                self.unseen = Some((tag.name.clone(), 1));
                return true;
            }
            None => self.ends_word(&tag.name),
        }
        false
    }

    fn closes(&mut self, name: &HtmlString) {
        match &mut self.unseen {
            Some((unseen, open)) if unseen == name => {
                *open -= 1;
                if *open == 0 {
                    self.unseen = None;
                }
            }
            Some(_) => {}
            None => self.ends_word(name),
        }
    }

    fn ends_word(&mut self, name: &[u8]) {
        if !is_one_of(INLINE, name) {
            self.text.push('\n');
        }
    }

    fn says(&mut self, text: &str) {
        if self.unseen.is_none() {
            // Spaces that are no letters for patterns either.
            let spaces = ['\u{a0}', '\u{2002}', '\u{2003}', '\u{2009}'];
            self.text.push_str(&text.replace(spaces, " "));
        }
    }
}

fn is_one_of(names: &[&str], name: &[u8]) -> bool {
    names.iter().any(|known| known.as_bytes() == name)
}

/// True when what follows a tag is not shown.
fn hides(tag: &StartTag<usize>) -> bool {
    if tag.self_closing || is_one_of(VOID, &tag.name) {
        return false;
    }
    let style = tag.attributes.get(b"style".as_slice());
    let mut style = style.map_or_else(Vec::new, |style| style.to_ascii_lowercase());
    style.retain(|byte| !byte.is_ascii_whitespace());
    let style = String::from_utf8_lossy(&style);
    is_one_of(UNSEEN, &tag.name)
        || style.contains("display:none")
        || style.contains("visibility:hidden")
        || tag.attributes.contains_key(b"hidden".as_slice())
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
