//! One line of `FETCH`.

use super::date::internal_date;
use super::items::{Item, Piece, Section};
use super::structure::{envelope, structure};
use super::view::Numbered;
use super::write::literal;
use crate::simulator::mail::render::{Mail, Shape};
use crate::wire::OutboxMessage;

/// Writes what was asked for of a mail, and its flags when they have changed
/// by that.
pub(super) fn write_fetched(
    mail: Numbered,
    message: &OutboxMessage,
    flags: &str,
    items: &[Item],
    marked: bool,
    out: &mut Vec<u8>,
) {
    let rendered = items.iter().any(Item::renders).then(|| Mail::of(message));
    out.extend(format!("* {} FETCH (", mail.number).as_bytes());
    let flags_too = marked && !items.contains(&Item::Flags);
    let extra = flags_too.then_some(&Item::Flags);
    for (index, item) in items.iter().chain(extra).enumerate() {
        if index > 0 {
            out.push(b' ');
        }
        match (item, &rendered) {
            (Item::Flags, _) => out.extend(format!("FLAGS {flags}").as_bytes()),
            (Item::Uid, _) => out.extend(format!("UID {}", mail.uid).as_bytes()),
            (Item::InternalDate, _) => {
                let date = internal_date(message.sent_at);
                out.extend(format!("INTERNALDATE {date}").as_bytes());
            }
            (Item::Envelope, _) => {
                out.extend(b"ENVELOPE ");
                envelope(message, out);
            }
            (Item::Size, Some(rendered)) => {
                out.extend(format!("RFC822.SIZE {}", rendered.bytes().len()).as_bytes());
            }
            (Item::Structure { extended }, Some(rendered)) => {
                let name: &[u8] = if *extended {
                    b"BODYSTRUCTURE "
                } else {
                    b"BODY "
                };
                out.extend(name);
                structure(rendered, *extended, out);
            }
            (Item::Section(section), Some(rendered)) => write_section(section, rendered, out),
            // It is rendered when one of these is asked for.
            (Item::Size | Item::Structure { .. } | Item::Section(_), None) => {}
        }
    }
    out.extend(b")\r\n");
}

fn write_section(section: &Section, mail: &Mail, out: &mut Vec<u8>) {
    out.extend(section.label.as_bytes());
    out.push(b' ');
    let Some(mut bytes) = section_of(section, mail) else {
        out.extend(b"NIL");
        return;
    };
    if let Some((first, count)) = section.partial {
        let start = usize::try_from(first)
            .unwrap_or(usize::MAX)
            .min(bytes.len());
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let end = start.saturating_add(count).min(bytes.len());
        bytes = bytes.drain(start..end).collect();
    }
    literal(&bytes, out);
}

/// `None` for a part that the mail does not have.
fn section_of(section: &Section, mail: &Mail) -> Option<Vec<u8>> {
    if let [number, deeper @ ..] = section.path.as_slice() {
        // No part is a mail or has parts of its own.
        let part = mail.part(*number).filter(|_| deeper.is_empty())?;
        let single = matches!(mail.shape(), Shape::Single(_));
        return match &section.of {
            Piece::Whole => Some(mail.at(&part.body).to_vec()),
            Piece::Mime if single => Some(mail.header().to_vec()),
            Piece::Mime => Some(mail.at(&part.header).to_vec()),
            Piece::Header | Piece::Text | Piece::Fields { .. } => None,
        };
    }
    Some(match &section.of {
        Piece::Whole => mail.bytes().to_vec(),
        Piece::Header | Piece::Mime => mail.header().to_vec(),
        Piece::Text => mail.body().to_vec(),
        Piece::Fields { names, others } => fields(mail.header(), names, *others),
    })
}

/// The fields of these names, or all others, and an empty line.
fn fields(header: &[u8], names: &[String], others: bool) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut keep = false;
    for line in header.split_inclusive(|byte| *byte == b'\n') {
        if line == b"\r\n" {
            break;
        }
        if !line.starts_with(b" ") {
            let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
            let is_one = names
                .iter()
                .any(|wanted| wanted.as_bytes().eq_ignore_ascii_case(name));
            keep = is_one != others;
        }
        if keep {
            kept.extend(line);
        }
    }
    kept.extend(b"\r\n");
    kept
}
