//! The names of what is kept.

use strum::{IntoStaticStr, VariantArray};

/// The tables. Their names are those in the data file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub(in crate::simulator) enum Table {
    /// What the simulator is: identity, key of the JWTs, sequence.
    Meta,
    /// User id → account.
    Users,
    /// Login → user id.
    Logins,
    /// Digest of a long-lived token → whose it is and until when.
    Tokens,
    /// User id and key of a token → digest of the token.
    TokenKeys,
    /// User id → who made the account for another, and its password.
    Invitations,
    /// Id → patient.
    Patients,
    /// Id → practitioner.
    Practitioners,
    /// Id → device.
    Devices,
    /// Id → contact.
    Contacts,
    /// Id → health element.
    HealthElements,
    /// Id → document.
    Documents,
    /// Id of a document and key, with `/` between → bytes.
    Attachments,
    /// Id → maintenance task.
    MaintenanceTasks,
    /// Id → message.
    Messages,
    /// Id → form.
    Forms,
    /// Id → invoice.
    Invoices,
    /// Id → calendar item.
    CalendarItems,
    /// Id → classification.
    Classifications,
    /// Id → access log.
    AccessLogs,
    /// Id → code.
    Codes,
    /// Session that was logged out → when its JWTs end by themselves.
    EndedSessions,
    /// Id → exchange data.
    ExchangeData,
    /// Key of a secure delegation → which exchange data it was made with.
    ExchangeDataMaps,
}

impl Table {
    pub(super) fn name(self) -> &'static str {
        self.into()
    }

    /// Fields of which the first that is there is the date of a document.
    pub(super) fn dates(self) -> &'static [&'static str] {
        match self {
            Self::Patients => &["dateOfBirth"],
            Self::Contacts | Self::Forms => &["openingDate"],
            Self::HealthElements => &["valueDate", "openingDate"],
            Self::Messages => &["sent", "received", "created"],
            Self::Invoices => &["invoiceDate"],
            Self::CalendarItems => &["startTime"],
            Self::AccessLogs => &["date"],
            _ => &["created"],
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{Table, VariantArray};

    #[test]
    fn every_table_has_its_place_and_its_name() {
        for (place, table) in Table::VARIANTS.iter().enumerate() {
            assert_eq!(*table as usize, place, "{table:?}");
        }
        let names: HashSet<_> = Table::VARIANTS.iter().map(|table| table.name()).collect();
        assert_eq!(names.len(), Table::VARIANTS.len());
    }
}
