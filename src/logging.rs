//! Logs go to standard error; `LENKE_LOG` filters them (`info`, `lenke_ingest=debug`, ...).

use crate::settings::LogFormat;
use anyhow::{Context, Result};
use std::io::IsTerminal;
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Environment variable that replaces the default filter.
pub(crate) const FILTER_VARIABLE: &str = "LENKE_LOG";

/// Starts logging with `default` as the filter where `LENKE_LOG` sets none.
///
/// # Errors
/// The filter cannot be read, or logging was started before.
pub(crate) fn start(default: &str, format: LogFormat) -> Result<()> {
    let text = std::env::var(FILTER_VARIABLE).unwrap_or_else(|_| default.to_owned());
    let filter =
        EnvFilter::try_new(&text).with_context(|| format!("{FILTER_VARIABLE}={text} is not a log filter"))?;
    let registry = tracing_subscriber::registry().with(filter);
    match format {
        LogFormat::Text => registry
            .with(fmt::layer().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal()))
            .try_init(),
        LogFormat::Json => registry.with(fmt::layer().json().with_writer(std::io::stderr)).try_init(),
    }
    .context("logging was started twice")
}
