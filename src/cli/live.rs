//! What others see of a run while it goes on: `--prometheus` and `--otlp`.

use std::net::SocketAddr;
use std::time::Duration;

use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::{Arg, Args, Command};
use tokio::time::sleep;
use url::Url;

use super::progress::Screen;
use super::signals::StopSignals;
use super::{Exit, complain, note};
use crate::clock::Clock;
use crate::language::{format_duration, parse_duration};
use crate::live::Feed;
use crate::live::otlp::{Collector, Exporter, Origin, Tally, from_environment};
use crate::live::prometheus::Endpoint;
use crate::numbers::plural;
use crate::report::Report;

/// To whom figures are shown.
#[derive(Debug, Args)]
#[command(next_help_heading = "Live metrics")]
pub(super) struct LiveArguments {
    /// Serve metrics for Prometheus at `/metrics` on this address and port during the run; port 0 is
    /// any free one
    #[arg(long, value_name = "ADDRESS", value_parser = parse_address)]
    prometheus: Option<SocketAddr>,
    /// Wait up to this long at the end for the final metrics to be scraped; `0s` does not wait
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = parse_duration, requires = "prometheus")]
    prometheus_linger: Duration,
    /// Export metrics over OTLP/HTTP to this collector, such as `http://127.0.0.1:4318`, with the
    /// headers in `OTEL_EXPORTER_OTLP_HEADERS`
    #[arg(long, value_name = "URL", value_parser = ParseCollector)]
    otlp: Option<Url>,
    /// Time between two exports
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = parse_interval, requires = "otlp")]
    otlp_interval: Duration,
}

/// Shows a run to whom the command line says.
pub(super) struct Live {
    feed: Feed,
    endpoint: Option<Endpoint>,
    linger: Duration,
    collector: Option<Collector>,
    exporter: Option<(Exporter, String)>,
}

impl Live {
    /// Finds out whether it can be done, before anything is sent.
    pub(super) async fn open(arguments: &LiveArguments) -> Result<Self, Exit> {
        let feed = Feed::new(&Clock::real());
        let collector = match &arguments.otlp {
            Some(url) => {
                let headers = from_environment().map_err(|error| {
                    complain(&format!(
                        "{error}\nhint: write it as `name=value,name=value`, with values that are percent-encoded"
                    ));
                    Exit::Wrong
                })?;
                let interval = arguments.otlp_interval;
                Some(Collector::new(url.clone(), headers, interval))
            }
            None => None,
        };
        let endpoint = match arguments.prometheus {
            Some(address) => {
                let opened = Endpoint::open(address, feed.clone()).await;
                let endpoint = opened.map_err(|error| {
                    complain(&format!("{error}\nhint: {}", error.hint()));
                    Exit::Wrong
                })?;
                note(&format!("rehearse: figures are at {}", endpoint.url()));
                Some(endpoint)
            }
            None => None,
        };
        Ok(Self {
            feed,
            endpoint,
            linger: arguments.prometheus_linger,
            collector,
            exporter: None,
        })
    }

    pub(super) fn feed(&self) -> &Feed {
        &self.feed
    }

    pub(super) fn export(&mut self, run: &str, screen: &Screen) -> Result<(), Exit> {
        let Some(collector) = self.collector.take() else {
            return Ok(());
        };
        let place = collector.place();
        let told = place.clone();
        let screen = screen.clone();
        let complain_once = move |reason: &str| {
            screen.complain(&format!(
                "warning: an export to {told} was lost: {reason}; the run goes on\nhint: is the collector running, and does it take OTLP over HTTP there?"
            ));
        };
        let feed = self.feed.clone();
        let started = Exporter::start(collector, Origin::new(run), feed, complain_once);
        let exporter = started.map_err(|error| {
            complain(&format!("cannot make an HTTP client: {error}"));
            Exit::Unreachable
        })?;
        self.exporter = Some((exporter, place));
        Ok(())
    }

    /// Shows the final figures, and waits for them to be taken as long as that
    /// was allowed. Any of `signals` ends the wait; after one that has stopped
    /// the run nobody waits for a scrape. Whatever comes of it is no failure of
    /// the run.
    pub(super) async fn finish(mut self, report: &Report, signals: &mut StopSignals) {
        self.feed.end(report);
        let most = if signals.came() {
            Duration::ZERO
        } else {
            self.linger
        };
        let exporter = self.exporter.take();
        let exported_to = exporter.as_ref().map(|(_, place)| place.clone());
        let mut is_exported = exporter.is_none();
        let exporting = async {
            if let Some((exporter, place)) = exporter {
                tell(&exporter.finish().await, &place);
                is_exported = true;
            }
        };
        let lingering = async {
            if let Some(endpoint) = &mut self.endpoint {
                linger(endpoint, most).await;
            }
        };
        tokio::select! {
            biased;
            () = signals.next() => {}
            ((), ()) = async { tokio::join!(exporting, lingering) } => {}
        }
        if let (false, Some(place)) = (is_exported, exported_to) {
            complain(&format!(
                "warning: stopped before {place} has taken the final figures; they are in the report"
            ));
        }
        if let Some(endpoint) = self.endpoint {
            endpoint.close().await;
        }
    }
}

fn tell(tally: &Tally, place: &str) {
    if tally.lost == 0 {
        return;
    }
    let all = plural(tally.taken + tally.lost, "export", "exports");
    let last = match &tally.last_lost {
        Some(reason) => format!("the last one too: {reason}"),
        None => "but not the last one, which has everything".into(),
    };
    complain(&format!(
        "warning: {} of {all} to {place} were lost, {last}",
        tally.lost
    ));
}

/// Waits for somebody to take the final figures.
async fn linger(endpoint: &mut Endpoint, most: Duration) {
    if most.is_zero() {
        return;
    }
    let (url, time) = (endpoint.url(), format_duration(most));
    note(&format!(
        "rehearse: waiting up to {time} for the final figures to be scraped from {url}; Ctrl-C ends it"
    ));
    tokio::select! {
        biased;
        () = endpoint.taken() => {}
        () = sleep(most) => complain(
            "warning: nobody has scraped the final figures; they are in the report's `metrics.prom`\nhint: `--prometheus-linger` says how long to wait",
        ),
    }
}

/// Reads `--otlp` without repeating what was given, as clap does by itself: an
/// address that is refused may hold a key.
#[derive(Clone)]
struct ParseCollector;

impl TypedValueParser for ParseCollector {
    type Value = Url;

    fn parse_ref(
        &self,
        command: &Command,
        _: Option<&Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<Url, clap::Error> {
        // What is not UTF-8 is no address either.
        Collector::parse(value.to_str().unwrap_or_default()).map_err(|error| {
            let message = format!("invalid value for '--otlp <URL>': {error}\n");
            clap::Error::raw(ErrorKind::ValueValidation, message).with_cmd(command)
        })
    }
}

fn parse_address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| "expected an address and a port, such as 127.0.0.1:9464".into())
}

/// Figures are added up once a second.
fn parse_interval(text: &str) -> Result<Duration, String> {
    let interval = parse_duration(text).map_err(|error| error.to_string())?;
    if interval < Duration::from_secs(1) {
        return Err("figures are added up once a second: expected `1s` or more".into());
    }
    Ok(interval)
}
