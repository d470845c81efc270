//! `share` and `stop_sharing`: with whom new data is shared.

use minijinja::Value;

use super::arguments::some_ids;
use super::data_sample_share::WITH;
use super::{Played, Step, StepKind, VirtualUser};
use crate::document::{Field, ReadContext, StepDoc};
use crate::expression::{Template, Type};
use crate::icure::SharedData;
use crate::language::{Choice, Key, Table};
use crate::metrics::StepContext;
use crate::wire::AutoDelegations;

pub(super) const SHARE: StepKind = StepKind {
    name: "share",
    about: "share new data with further data owners from now on",
    fields: Table {
        what: "`share`",
        keys: KEYS,
    },
    result,
    compile: |document, cx| compile(&SHARE, true, document, cx),
};

pub(super) const STOP_SHARING: StepKind = StepKind {
    name: "stop_sharing",
    about: "share new data with these data owners no more",
    fields: Table {
        what: "`stop_sharing`",
        keys: KEYS,
    },
    result,
    compile: |document, cx| compile(&STOP_SHARING, false, document, cx),
};

const DATA: Field<SharedData> = Field::new("data", "which new data; both kinds otherwise");
const KEYS: &[&[Key]] = &[&[WITH.key(), DATA.key()]];

struct Share {
    with: Template,
    data: Option<SharedData>,
    /// Begin, or stop.
    begin: bool,
}

/// `data: all | medical_information`
impl Choice for SharedData {
    const EXPECTED: &'static str = "`all` or `medical_information`";
    const CHOICES: &'static [(&'static str, Self)] = &[
        ("all", Self::All),
        ("medical_information", Self::MedicalInformation),
    ];
}

fn compile(
    kind: &StepKind,
    begin: bool,
    document: &StepDoc,
    cx: &mut ReadContext,
) -> Option<Box<dyn Step>> {
    let mut fields = kind.fields.open(&document.arguments, cx)?;
    let with = fields.get(&WITH, cx);
    let data = fields.get(&DATA, cx);
    fields.finish(cx);
    Some(Box::new(Share {
        with: with?.0,
        data,
        begin,
    }))
}

impl Step for Share {
    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let with = some_ids("with", &self.with, &user.scope)?;
            let (services, session) = user.authenticated()?;
            let platform = &services.platform;
            let shared = if self.begin {
                let data = self.data.unwrap_or(SharedData::All);
                session.share_future(platform, &with, data, cx).await?
            } else {
                session.stop_sharing(platform, &with, self.data, cx).await?
            };
            Ok(describe(shared))
        })
    }
}

fn describe(shared: &AutoDelegations) -> Value {
    minijinja::context! {
        all => &shared.all,
        medical_information => &shared.medical_information,
    }
}

/// What [`describe`] gives.
fn result() -> Type {
    let ids = || Type::Text.list();
    Type::record([("all", ids()), ("medical_information", ids())])
}
