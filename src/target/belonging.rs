//! To which target saved credentials belong: they are sent to no other.

use sha2::{Digest, Sha256};
use url::Url;

use super::model::Target;
use crate::language::permissions::is_this_machine;
use crate::vault::SavedTarget;

/// Why credentials are not for this target.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OtherTarget {
    /// They were saved elsewhere.
    #[error(
        "were saved at {saved}, and this run plays {played}: play the target that they belong to, \
         or save others here with `register` or `login`"
    )]
    Elsewhere {
        /// Where they were saved.
        saved: String,
        /// What is played.
        played: String,
    },
    /// The run plays the simulator in its process, as nobody has named a target.
    #[error(
        "were saved at {saved}, and this run plays a simulator of its own, as no `--target FILE` was given: give \
         the target that they belong to, or save others here with `register` or `login`. One simulator serves \
         several runs with `rehearse simulate --data DIR > target.yaml` and `--target target.yaml`"
    )]
    NoTarget {
        /// Where they were saved.
        saved: String,
    },
    /// They were saved by a simulator, and this is another one.
    #[error(
        "were saved at {saved}, a simulator that is gone: this is another one, which does not know them. \
         Keep one for several runs with `rehearse simulate --data DIR > target.yaml` and \
         `--target target.yaml`, or save others here with `register` or `login`"
    )]
    Gone {
        /// Where they were saved.
        saved: String,
    },
    /// Nobody knows where they were saved, and a scenario names the target.
    #[error(
        "do not say which target they belong to, as an earlier rehearse saved them or they were imported: \
         they go to a target of your own only, so give it with `--target`, or `--trust`"
    )]
    Unknown,
    /// They were saved there, and a scenario names a target that reaches it in
    /// another way.
    #[error(
        "were saved at {saved}, and the target that the scenario names has other settings of `network` or \
         `tls` for it, so somebody else may answer: give the target with `--target`, or `--trust`"
    )]
    AnotherRoute {
        /// Where they were saved.
        saved: String,
    },
}

impl Target {
    /// What is saved of it with credentials.
    pub fn to_saved(&self) -> SavedTarget {
        SavedTarget {
            api_url: address(&self.api_url),
            gateway_url: address(&self.gateway_url),
            spec_id: self.spec_id.clone(),
            route: self.route(),
        }
    }

    /// Whether credentials that were saved there may be sent here.
    ///
    /// # Errors
    /// Why not.
    pub fn takes(&self, saved: Option<&SavedTarget>) -> Result<(), OtherTarget> {
        let Some(saved) = saved else {
            return if self.is_own {
                Ok(())
            } else {
                Err(OtherTarget::Unknown)
            };
        };
        let own = self.to_saved();
        let at = || saved.api_url.clone();
        if self.is_in_process && saved.spec_id != own.spec_id {
            return Err(OtherTarget::NoTarget { saved: at() });
        }
        let local = is_local(&saved.api_url) && is_local(&saved.gateway_url);
        if local && is_local(&own.api_url) && is_local(&own.gateway_url) {
            // The port is another one each time that a simulator starts.
            if saved.spec_id != own.spec_id {
                return Err(OtherTarget::Gone { saved: at() });
            }
        } else if (&saved.api_url, &saved.gateway_url) != (&own.api_url, &own.gateway_url) {
            let gateway = saved.api_url == own.api_url;
            let shown = |target: &SavedTarget| {
                if gateway {
                    format!("{} with the gateway {}", target.api_url, target.gateway_url)
                } else {
                    target.api_url.clone()
                }
            };
            return Err(OtherTarget::Elsewhere {
                saved: shown(saved),
                played: shown(&own),
            });
        }
        if saved.route != own.route && !self.is_own {
            return Err(OtherTarget::AnotherRoute { saved: at() });
        }
        Ok(())
    }

    /// What decides who answers, beside the hosts' names: a digest, as there may
    /// be a password in it.
    fn route(&self) -> String {
        let mut digest = Sha256::new();
        let mut usual = true;
        let mut add = |what: &str, value: &[u8]| {
            usual = false;
            digest.update(format!("{what} {} ", value.len()));
            digest.update(value);
        };
        for url in [&self.api_url, &self.gateway_url] {
            let host = url.host_str().unwrap_or_default();
            if let Some(addresses) = self.network.resolve.get(host) {
                add(host, format!("{addresses:?}").as_bytes());
            }
        }
        if let Some(proxy) = &self.network.proxy {
            add("proxy", proxy.as_str().as_bytes());
        }
        if let Some(authorities) = &self.tls.authorities {
            add("authorities", authorities);
        }
        if self.tls.insecure {
            add("insecure", b"");
        }
        if usual {
            String::new()
        } else {
            hex::encode(digest.finalize())
        }
    }
}

/// An address without what makes no difference, and without a password.
fn address(url: &Url) -> String {
    let path = url.path().trim_end_matches('/');
    format!("{}{path}", url.origin().ascii_serialization())
}

fn is_local(url: &str) -> bool {
    let url = Url::parse(url).ok();
    let host = url.as_ref().and_then(Url::host);
    host.is_some_and(|host| is_this_machine(&host))
}
