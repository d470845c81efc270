//! `share` and `stop_sharing`: with whom new data is shared.

use minijinja::Value;

use super::arguments::some_ids;
use super::forms::Ids;
use super::step::compile;
use super::{Played, Step, StepKind, VirtualUser};
use crate::document::{Record, record};
use crate::expression::Type;
use crate::icure::SharedData;
use crate::language::Choice;
use crate::metrics::StepContext;
use crate::wire::AutoDelegations;

pub(super) const SHARE: StepKind = StepKind {
    name: "share",
    about: "share new data with further data owners from now on",
    fields: Share::TABLE,
    result,
    compile: compile::<Share>,
};

pub(super) const STOP_SHARING: StepKind = StepKind {
    name: "stop_sharing",
    about: "share new data with these data owners no more",
    fields: StopSharing::TABLE,
    result,
    compile: compile::<StopSharing>,
};

record! {
    struct Share of "`share`" {
        /// data owner id, or list of them
        with: Ids, required;
        /// which new data; both kinds otherwise
        data: SharedData;
    }
}

record! {
    struct StopSharing of "`stop_sharing`" {
        /// data owner id, or list of them
        with: Ids, required;
        /// which new data; both kinds otherwise
        data: SharedData;
    }
}

/// `data: all | medical_information`
impl Choice for SharedData {
    const EXPECTED: &'static str = "`all` or `medical_information`";
    const CHOICES: &'static [(&'static str, Self)] = &[
        ("all", Self::All),
        ("medical_information", Self::MedicalInformation),
    ];
}

impl Step for Share {
    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let with = some_ids("with", &self.with.0, &user.scope)?;
            let (services, session) = user.authenticated()?;
            let data = self.data.unwrap_or(SharedData::All);
            let shared = session.share_future(services.platform.of(cx), &with, data);
            Ok(describe(shared.await?))
        })
    }
}

impl Step for StopSharing {
    fn play<'a>(&'a self, user: &'a mut VirtualUser, cx: StepContext<'a>) -> Played<'a> {
        Box::pin(async move {
            let with = some_ids("with", &self.with.0, &user.scope)?;
            let (services, session) = user.authenticated()?;
            let shared = session.stop_sharing(services.platform.of(cx), &with, self.data);
            Ok(describe(shared.await?))
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
