//! The centre that a command works on: the options that name it, and what is opened there.

use crate::{
    heads::Heads,
    keys, logging,
    server::{DATABASE, open_store},
    settings::Settings,
};
use anyhow::{Context, Result, ensure};
use lenke_store::{AuditEntry, Clock, Database};
use lenke_wire::UnixMillis;
use lenke_zones::WearerId;
use std::{path::PathBuf, str::FromStr, sync::Arc};

/// What a command logs: that a backup takes its time is nothing to warn the person who waits for it of.
const COMMAND_LOG: &str = "warn,sqlx::query=error";

/// Where the centre is.
#[derive(clap::Args)]
pub(crate) struct Place {
    /// Configuration file.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Data folder, in the place of the configuration's.
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// PostgreSQL database, in the place of the configuration's: postgres://USER@HOST/DATABASE. Others see this on the
    /// command line: a password belongs in the configuration, in LENKE_STORE_DATABASE or in ~/.pgpass.
    #[arg(long, value_name = "URL")]
    pub(crate) database: Option<String>,
}

/// A centre's data, opened by a command.
pub(crate) struct Opened {
    pub(crate) settings: Settings,
    pub(crate) store: Arc<dyn Database>,
    pub(crate) heads: Heads,
}

impl Place {
    /// The settings, with the folder and the database that were named.
    ///
    /// # Errors
    /// The configuration is not right.
    pub(crate) fn settings(&self) -> Result<Settings> {
        let mut settings = Settings::read(self.config.as_deref())?;
        if let Some(folder) = &self.data_dir {
            settings.data.dir.clone_from(folder);
        }
        if self.database.is_some() {
            settings.store.database.clone_from(&self.database);
        }
        Ok(settings)
    }

    /// Opens the data of a centre that is there; only warnings are logged.
    ///
    /// # Errors
    /// The configuration is not right, there is no centre, or something cannot be opened.
    pub(crate) async fn open(&self) -> Result<Opened> {
        let settings = self.settings()?;
        let folder = settings.data.dir.display();
        ensure!(
            settings.store.database.is_some() || settings.data.dir.join(DATABASE).is_file(),
            "there is no database in {folder}: name the centre's data folder with --data-dir, or its database with --database"
        );
        self.begin().await
    }

    /// The same, of a centre that may begin with it.
    ///
    /// # Errors
    /// The configuration is not right, or something cannot be opened.
    pub(crate) async fn begin(&self) -> Result<Opened> {
        let settings = self.settings()?;
        logging::start(COMMAND_LOG, settings.log.format)?;
        let store = open_store(&settings).await?;
        // A new key would sign a log that another one signed before: whoever verifies it would cry wolf.
        let key = authority(&settings);
        ensure!(
            key.exists() || store.last_audit_head().await?.is_none(),
            "{} is not there, but this database's audit log is signed: name the centre's data folder with --data-dir, \
             or bring its authority.key back from a backup",
            key.display()
        );
        let heads = Heads::open(&settings)?;
        Ok(Opened { settings, store, heads })
    }
}

impl Opened {
    /// Refuses for a wearer of whom the centre knows nothing.
    ///
    /// # Errors
    /// There is no such wearer, or the store does not answer.
    pub(crate) async fn refuse_unknown(&self, wearer: WearerId) -> Result<()> {
        let register = self.store.load_register().await?;
        let known = register.wearers.iter().any(|known| known.id == wearer);
        ensure!(
            known,
            "there is no wearer {wearer} in this centre: look at the number, as the console shows it"
        );
        Ok(())
    }

    /// Writes down that the person at this terminal does `action` on `object`, and signs the log's head. Nothing may be
    /// shown or changed if it fails.
    ///
    /// # Errors
    /// The audit log cannot be written.
    pub(crate) async fn audit(&self, action: &str, object: &str, detail: &str) -> Result<()> {
        let now = Clock::wall().now();
        let entry = AuditEntry {
            at: now,
            actor: actor(),
            action: action.to_owned(),
            object: object.to_owned(),
            detail: detail.to_owned(),
        };
        self.store.append_audit(entry).await.context("nothing is done: the audit log cannot be written")?;
        self.heads
            .sign(&*self.store, now)
            .await
            .context("nothing is done: the audit log's head cannot be signed")?;
        Ok(())
    }
}

/// Who works at this terminal, as the system knows them.
pub(crate) fn actor() -> String {
    let name = ["SUDO_USER", "USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
    format!("cli:{}", name.or_else(user_number).unwrap_or_else(|| "unknown".to_owned()))
}

/// The user's number, where a service or a container has no name for it.
#[cfg(unix)]
fn user_number() -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").ok().map(|process| format!("uid-{}", process.uid()))
}

#[cfg(not(unix))]
fn user_number() -> Option<String> {
    None
}

/// Where the folder of the authority's key and of the heads is.
pub(crate) fn authority(settings: &Settings) -> PathBuf {
    keys::authority_path(settings.data.authority_key.as_deref(), &settings.data.dir)
}

/// A wearer as people write one: `W-00042`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WearerName(pub(crate) WearerId);

impl FromStr for WearerName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.strip_prefix("W-").unwrap_or(text).parse();
        number
            .map(|number| Self(WearerId(number)))
            .map_err(|_| format!("`{text}` is no wearer such as W-00042"))
    }
}

/// A moment as people write one: a date, a date and time, or one with its offset from UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment(pub(crate) UnixMillis);

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let exact = || text.parse::<jiff::Timestamp>().ok();
        let local = || {
            let civil: jiff::civil::DateTime = text.parse().ok()?;
            Some(civil.to_zoned(jiff::tz::TimeZone::system()).ok()?.timestamp())
        };
        let moment = exact().or_else(local);
        moment.map(|moment| Self(UnixMillis(moment.as_millisecond()))).ok_or_else(|| {
            format!("`{text}` is no moment such as 2026-11-21, 2026-11-21T14:00 or 2026-11-21T14:00Z")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wearers_and_moments_are_read_as_people_write_them() {
        assert_eq!("W-00042".parse(), Ok(WearerName(WearerId(42))));
        assert_eq!("42".parse(), Ok(WearerName(WearerId(42))));
        assert!("Z-00042".parse::<WearerName>().is_err());
        let moment = Moment(UnixMillis(1_795_269_600_000));
        assert_eq!("2026-11-21T14:00Z".parse(), Ok(moment));
        assert_eq!("2026-11-21T15:00:00+01:00".parse(), Ok(moment));
        assert!("2026-11-21".parse::<Moment>().is_ok() && "2026-11-21T14:00".parse::<Moment>().is_ok());
        for bad in ["", "soon", "2026-13-01", "2026-11-21T25:00Z"] {
            assert!(bad.parse::<Moment>().is_err(), "{bad}");
        }
    }
}
