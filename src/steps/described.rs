//! Codes as a scenario sees them.

use minijinja::Value;

use crate::expression::Type;
use crate::wire::Code;

/// Labels or codes of an entity.
pub(super) fn described(codes: &[Code]) -> Vec<Value> {
    let codes = codes.iter().map(|code| {
        minijinja::context! {
            type => &code.kind,
            code => &code.code,
            version => &code.version,
        }
    });
    codes.collect()
}

/// What [`described`] gives of each.
pub(super) fn code_type() -> Type {
    Type::record([
        ("type", Type::Text),
        ("code", Type::Text),
        ("version", Type::Text),
    ])
}
