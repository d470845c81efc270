//! What style sheets and `style` attributes say of an element.

use std::cell::Cell;

use simplecss::{AttributeOperator, Declaration, DeclarationTokenizer, Element, PseudoClass};

/// Comparisons of rules with elements in one mail; after them, sheets say nothing more.
const COMPARISONS: usize = 2_000_000;

/// What rules are compared with: an element, its `class` and its `id`, in lower case.
pub(super) struct Node {
    pub(super) name: String,
    pub(super) class: String,
    pub(super) id: String,
}

/// The style sheets of a mail. What is in `@media` and the like is for some readers only,
/// and left out.
pub(super) struct Sheet<'s> {
    rules: simplecss::StyleSheet<'s>,
    left: Cell<usize>,
}

impl<'s> Sheet<'s> {
    /// Reads sheets, in lower case.
    pub(super) fn parse(text: &'s str) -> Self {
        Self {
            rules: simplecss::StyleSheet::parse(text),
            left: Cell::new(COMPARISONS),
        }
    }

    /// What the sheets and its own `style` say of the last of these elements, each of which
    /// is in the one before it; what counts most comes last.
    pub(super) fn declarations<'d>(
        &'d self,
        nodes: impl Fn(usize) -> &'d Node,
        count: usize,
        style: &'d str,
    ) -> Vec<Declaration<'d>> {
        let place = Place {
            node: &nodes,
            at: count - 1,
            left: &self.left,
        };
        let matching = self.rules.rules.iter().filter(|rule| {
            self.left.get() > 0 && {
                spend(&self.left);
                rule.selector.matches(&place)
            }
        });
        let mut all: Vec<_> = matching
            .flat_map(|rule| rule.declarations.iter().copied())
            .chain(own(style))
            .collect();
        all.sort_by_key(|declaration| declaration.important);
        all
    }
}

/// The declarations of a `style` attribute. One that cannot be read does not take others with it.
fn own(style: &str) -> impl Iterator<Item = Declaration<'_>> {
    style
        .split(';')
        .filter_map(|one| DeclarationTokenizer::from(one).next())
}

fn spend(left: &Cell<usize>) {
    left.set(left.get().saturating_sub(1));
}

/// An element among those it is in.
struct Place<'p, F> {
    node: &'p F,
    at: usize,
    left: &'p Cell<usize>,
}

impl<'d, F: Fn(usize) -> &'d Node> Element for Place<'_, F> {
    fn parent_element(&self) -> Option<Self> {
        spend(self.left);
        (self.left.get() > 0).then_some(())?;
        let at = self.at.checked_sub(1)?;
        Some(Self { at, ..*self })
    }

    /// Only what is around an element is known: no rule that asks for more applies.
    fn prev_sibling_element(&self) -> Option<Self> {
        None
    }

    fn has_local_name(&self, name: &str) -> bool {
        (self.node)(self.at).name == name
    }

    fn attribute_matches(&self, name: &str, operator: AttributeOperator<'_>) -> bool {
        let node = (self.node)(self.at);
        let value = match name {
            "class" => &node.class,
            "id" => &node.id,
            _ => return false,
        };
        !value.is_empty() && operator.matches(value)
    }

    fn pseudo_class_matches(&self, _: PseudoClass<'_>) -> bool {
        false
    }
}
