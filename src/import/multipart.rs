//! The parts of a recorded body.

use crate::import::request::{Part, PartContent};

/// The parts of a body by the boundary of its type.
pub(super) fn parts(kind: &str, body: &str) -> Vec<Part> {
    let boundary = kind.split(';').find_map(|setting| {
        let (name, value) = setting.trim().split_once('=')?;
        name.eq_ignore_ascii_case("boundary").then_some(value)
    });
    let Some(boundary) = boundary.map(|boundary| boundary.trim_matches('"')) else {
        return Vec::new();
    };
    let body = body.replace("\r\n", "\n");
    let between = format!("--{boundary}");
    let pieces = body.split(between.as_str()).skip(1);
    pieces
        .take_while(|piece| !piece.starts_with("--"))
        .filter_map(part)
        .collect()
}

fn part(piece: &str) -> Option<Part> {
    let (head, content) = piece.strip_prefix('\n')?.split_once("\n\n")?;
    let content = content.strip_suffix('\n').unwrap_or(content);
    let header = |wanted: &str| {
        head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim()
                .eq_ignore_ascii_case(wanted)
                .then_some(value.trim())
        })
    };
    let disposition = header("content-disposition")?;
    let said = |key: &str| {
        let at = disposition.find(&format!("; {key}=\""))? + key.len() + 4;
        disposition[at..].split('"').next().map(str::to_owned)
    };
    let filename = said("filename");
    Some(Part {
        name: said("name")?,
        content: PartContent::Text(content.to_owned()),
        kind: header("content-type").map(str::to_owned),
        filename,
    })
}
