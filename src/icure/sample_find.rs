//! Data samples that are looked for.

use reqwest::Method;

use super::entity::SERVICE;
use super::{IcureError, Page, Sample, Session, StepPlatform};
use crate::wire::{Code, Identifier, ServiceFilter};

/// What is looked for: all of it must hold. Nothing means all that we may read.
#[derive(Clone, Debug, Default)]
pub struct SampleFilter {
    /// Type and code of a label.
    pub label: Option<Code>,
    /// Type and code of a code.
    pub code: Option<Code>,
    /// Data owner id of the patient whose they are.
    pub patient: Option<String>,
    /// First fuzzy date `YYYYMMDDhhmmss`.
    pub from: Option<i64>,
    /// Last fuzzy date `YYYYMMDDhhmmss`.
    pub until: Option<i64>,
    /// What they are called elsewhere.
    pub identifier: Option<Identifier>,
    /// Ids of the health elements that they are about, one of which is enough.
    pub health_elements: Vec<String>,
}

/// A page of what was found.
pub struct SamplePage {
    /// Without those that were deleted.
    pub samples: Vec<Sample>,
    /// Id of the data sample that the next page begins with.
    pub next: Option<String>,
}

impl Session {
    /// Looks for data samples, and decrypts a page of them (`filterDataSample`).
    ///
    /// # Errors
    /// When the patient is not ours, a request fails, or none of our keys opens
    /// one.
    pub async fn find_samples(
        &mut self,
        platform: StepPlatform<'_>,
        filter: SampleFilter,
        page: &Page,
    ) -> Result<SamplePage, IcureError> {
        let filter = self.service_filter(platform, filter).await?;
        let endpoint = "/contact/service/filter";
        let found = self.filtered(platform, &SERVICE, endpoint, &filter, page);
        let (services, next) = found.await?;
        let samples = self.open_all(platform, services).await?;
        Ok(SamplePage { samples, next })
    }

    /// Ids of all data samples that a filter finds (`matchDataSample`), those that
    /// were deleted among them.
    ///
    /// # Errors
    /// When the patient is not ours, or a request fails.
    pub async fn match_samples(
        &mut self,
        platform: StepPlatform<'_>,
        filter: SampleFilter,
    ) -> Result<Vec<String>, IcureError> {
        let filter = self.service_filter(platform, filter).await?;
        let path = ["contact", "service", "match"];
        let call = platform.api_call(Method::POST, "/contact/service/match", path);
        self.ask(platform, &SERVICE, call.json(&filter)?).await
    }

    /// The filters that the clients make of it (`FilterMapper`). Dates without a
    /// label or code need a patient.
    async fn service_filter(
        &mut self,
        platform: StepPlatform<'_>,
        wanted: SampleFilter,
    ) -> Result<ServiceFilter, IcureError> {
        let healthcare_party_id = self.data_owner_id().to_owned();
        let dated = wanted.from.is_some() || wanted.until.is_some();
        let coded = wanted.label.is_some() || wanted.code.is_some();
        let secret_ids = match wanted.patient {
            Some(patient) => Some(self.secret_ids_of(platform, &patient).await?),
            None => None,
        };
        let mut filters = Vec::new();
        if coded {
            let [label, code] = [wanted.label, wanted.code].map(Option::unwrap_or_default);
            filters.push(ServiceFilter::ByLabelOrCode {
                healthcare_party_id: healthcare_party_id.clone(),
                patient_secret_foreign_keys: secret_ids,
                tag_type: label.kind,
                tag_code: label.code,
                code_type: code.kind,
                code_code: code.code,
                start_value_date: wanted.from,
                end_value_date: wanted.until,
            });
        } else if let Some(secret_foreign_keys) = secret_ids {
            filters.push(if dated {
                ServiceFilter::ByPatientAndDate {
                    data_owner_id: healthcare_party_id.clone(),
                    secret_foreign_keys,
                    start_date: wanted.from,
                    end_date: wanted.until,
                }
            } else {
                ServiceFilter::ByPatient {
                    healthcare_party_id: healthcare_party_id.clone(),
                    patient_secret_foreign_keys: secret_foreign_keys,
                }
            });
        }
        if let Some(identifier) = wanted.identifier {
            filters.push(ServiceFilter::ByIdentifiers {
                healthcare_party_id: healthcare_party_id.clone(),
                identifiers: vec![identifier],
            });
        }
        if !wanted.health_elements.is_empty() {
            filters.push(ServiceFilter::ByHealthElements {
                healthcare_party_id: healthcare_party_id.clone(),
                health_element_ids: wanted.health_elements,
            });
        }
        Ok(match (filters.pop(), filters.is_empty()) {
            (None, _) => ServiceFilter::ByOwner {
                hcp_id: healthcare_party_id,
            },
            (Some(only), true) => only,
            (Some(last), false) => {
                filters.push(last);
                ServiceFilter::Intersection { filters }
            }
        })
    }
}
