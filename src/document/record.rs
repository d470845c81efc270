//! Mappings that are read into structs: a field is declared once, and what it is
//! for stands above it.

use super::context::ReadContext;
use crate::language::field::Table;
use crate::language::fields::Fields;
use crate::language::node::Node;

/// What a mapping is read into; the macro `record!` makes it.
pub trait Record: Sized {
    /// Its keys.
    const TABLE: Table;

    /// Reads the keys, for whoever looks at others or at several together.
    fn take(fields: &mut Fields<'_>, cx: &mut ReadContext) -> Option<Self>;

    /// Reads a mapping with these keys and no others.
    fn read_only(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let mut fields = Self::TABLE.open(node, cx)?;
        let read = Self::take(&mut fields, cx);
        fields.finish(cx);
        read
    }
}

/// The words of a doc comment.
pub(crate) const fn words(doc: &'static str) -> &'static str {
    doc.split_at(1).1
}

/// Declares a [`Record`]. A field is `name: Type`, or `name as "key": Type`, with
/// `= default`, or what else a [`Field`](super::Field) can be: `required`, which
/// comes first, `shown`, `example("…")`. One that is neither required nor has a
/// default is an `Option`. With `expected "…"` behind its name, the mapping is
/// a value that other fields can have.
macro_rules! record {
    ($(#[$attribute:meta])* $vis:vis struct $record:ident of $what:literal $(expected $expected:literal)? {
        $($(#[doc = $about:literal])+ $field_vis:vis $field:ident $(as $key:literal)?: $type:ty
            $(= $default:expr)? $(, $more:ident $(($with:expr))?)*;)*
    }) => {
        $(#[$attribute])*
        $vis struct $record {
            $($(#[doc = $about])+ $field_vis $field:
                $crate::document::record!(@value $type $(= $default)?; $($more)*),)*
        }

        impl $crate::document::Record for $record {
            const TABLE: $crate::language::Table = $crate::language::Table {
                what: $what,
                keys: &[&[$($crate::document::record!(
                    @field $field $($key)?, [$($about)+] $type $(= $default)?; $($more $(($with))?)*
                ).key(),)*]],
            };

            #[allow(unused_variables, reason = "there may be no field")]
            fn take(
                fields: &mut $crate::language::Fields<'_>,
                cx: &mut $crate::document::ReadContext,
            ) -> Option<Self> {
                $(let $field = $crate::document::record!(@get $($default)?)(
                    fields,
                    &$crate::document::record!(
                        @field $field $($key)?, [$($about)+] $type $(= $default)?; $($more $(($with))?)*
                    ),
                    cx,
                );)*
                Some(Self { $($field: $crate::document::record!(@found $field; $($more)*),)* })
            }
        }

        $(impl $crate::language::Read<$crate::document::ReadContext> for $record {
            const EXPECTED: &'static str = $expected;

            fn read(
                node: &$crate::language::Node,
                cx: &mut $crate::document::ReadContext,
            ) -> Option<Self> {
                <Self as $crate::document::Record>::read_only(node, cx)
            }

            fn shape() -> $crate::language::Shape {
                <Self as $crate::document::Record>::TABLE.shape()
            }
        })?
    };
    (@value $type:ty = $default:expr; $($more:ident)*) => { $type };
    (@value $type:ty; required $($more:ident)*) => { $type };
    (@value $type:ty; $($more:ident)*) => { Option<$type> };
    (@key $field:ident) => { stringify!($field) };
    (@key $field:ident $key:literal) => { $key };
    (@field $field:ident $($key:literal)?, [$($about:literal)+] $type:ty $(= $default:expr)?;
        $($more:ident $(($with:expr))?)*) => {
        $crate::document::Field::<$type>::new(
            $crate::document::record!(@key $field $($key)?),
            $crate::document::words(concat!($($about),+)),
        )$(.$more($($with)?))* $(.or(&$default))?
    };
    (@get) => { $crate::language::Fields::get };
    (@get $default:expr) => { $crate::language::Fields::get_or };
    (@found $field:ident; required $($more:ident)*) => { $field? };
    (@found $field:ident; $($more:ident)*) => { $field };
}
pub(crate) use record;
