//! What a reader sees of an HTML text, as far as a code is concerned.

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
    let mut text = String::new();
    // The element that is not shown, and how many of its name are open.
    let mut unseen: Option<(String, usize)> = None;
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        if unseen.is_none() {
            push(&mut text, &rest[..at]);
        }
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = after(comment, "-->");
            continue;
        }
        let Some(tag) = Tag::read(rest) else {
            // A lone `<` is a letter.
            if unseen.is_none() {
                text.push('<');
            }
            rest = &rest[1..];
            continue;
        };
        rest = &rest[tag.length..];
        match &mut unseen {
            Some((name, open)) if *name == tag.name => {
                if tag.closes {
                    *open -= 1;
                } else {
                    *open += 1;
                }
                if *open == 0 {
                    unseen = None;
                }
            }
            Some(_) => {}
            None if tag.hides() => unseen = Some((tag.name, 1)),
            None if INLINE.contains(&tag.name.as_str()) => {}
            None => text.push('\n'),
        }
    }
    if unseen.is_none() {
        push(&mut text, rest);
    }
    text
}

fn after<'t>(text: &'t str, end: &str) -> &'t str {
    text.find(end).map_or("", |at| &text[at + end.len()..])
}

struct Tag {
    name: String,
    closes: bool,
    attributes: String,
    length: usize,
}

impl Tag {
    /// The tag that `text` begins with. One that is cut off goes to the end.
    fn read(text: &str) -> Option<Self> {
        let inside = text.strip_prefix('<')?;
        let closes = inside.starts_with('/');
        let inside = inside.strip_prefix('/').unwrap_or(inside);
        if !inside.starts_with(|c: char| c.is_ascii_alphabetic() || c == '!' || c == '?') {
            return None;
        }
        let mut quote = None;
        let end = inside.find(|c: char| match (quote, c) {
            (None, '>') => true,
            (None, '"' | '\'') => {
                quote = Some(c);
                false
            }
            (Some(open), c) if open == c => {
                quote = None;
                false
            }
            _ => false,
        });
        // A quote that is never closed would swallow the text.
        let end = end.or_else(|| inside.find('>')).unwrap_or(inside.len());
        let body = &inside[..end];
        let name = body.split(|c: char| !c.is_ascii_alphanumeric()).next();
        Some(Self {
            name: name.unwrap_or_default().to_ascii_lowercase(),
            closes,
            attributes: body.to_ascii_lowercase(),
            length: (text.len() - inside.len() + end + 1).min(text.len()),
        })
    }

    /// True when what follows is not shown.
    fn hides(&self) -> bool {
        if self.closes || VOID.contains(&self.name.as_str()) || self.attributes.ends_with('/') {
            return false;
        }
        let style: String = self.attributes.split_whitespace().collect();
        UNSEEN.contains(&self.name.as_str())
            || style.contains("display:none")
            || style.contains("visibility:hidden")
            || self
                .attributes
                .split_whitespace()
                .any(|word| word == "hidden")
    }
}

/// Adds text with its character references resolved, as far as they matter.
fn push(text: &mut String, mut part: &str) {
    while let Some(at) = part.find('&') {
        text.push_str(&part[..at]);
        part = &part[at + 1..];
        let end = part.find(';').filter(|end| *end <= 10);
        match end.and_then(|end| Some((character(&part[..end])?, end))) {
            Some((c, end)) => {
                text.push(c);
                part = &part[end + 1..];
            }
            None => text.push('&'),
        }
    }
    text.push_str(part);
}

fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        };
        return char::from_u32(code.ok()?);
    }
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" | "ensp" | "emsp" | "thinsp" => Some(' '),
        _ => None,
    }
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
    }

    proptest! {
        #[test]
        fn nothing_makes_it_stumble(html in "[<>/&;#!\\-'\"a-e0-9é ]{0,80}") {
            visible(&html);
        }
    }
}
