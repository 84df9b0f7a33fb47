//! The configuration file: one TOML with `LENKE_<SECTION>_<KEY>` environment overrides; unknown keys are refused by name.

use anyhow::{Context, Result, bail};
use lenke_store::PostgresConfig;
use serde::Deserialize;
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// Variables with the prefix that are not configuration keys.
const NOT_KEYS: [&str; 1] = [crate::logging::FILTER_VARIABLE];
const PREFIX: &str = "LENKE_";

/// The commented example that `lenke config example` prints.
pub(crate) const EXAMPLE: &str = include_str!("lenke.example.toml");

/// All settings of `lenke serve`.
#[derive(Clone, Debug, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    pub(crate) data: Data,
    pub(crate) store: Store,
    pub(crate) mqtt: Mqtt,
    pub(crate) broker: Option<Broker>,
    pub(crate) console: Console,
    pub(crate) ingest: Ingest,
    pub(crate) retention: Retention,
    pub(crate) log: Log,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Data {
    /// Folder of the database and the journal.
    pub(crate) dir: PathBuf,
    /// The key that devices take plans and zones from; `authority.key` in the folder above if it is not set.
    pub(crate) authority_key: Option<PathBuf>,
}

impl Default for Data {
    fn default() -> Self {
        Self { dir: PathBuf::from("lenke-data"), authority_key: None }
    }
}

/// Where the database is.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Store {
    /// Address of a PostgreSQL database; SQLite in the data folder without one.
    pub(crate) database: Option<String>,
    /// Address of the PostgreSQL database of protected persons, as the role that owns their schema; a file of its own in
    /// the data folder without one.
    pub(crate) victims: Option<String>,
    /// Schema of the centre's tables in it.
    pub(crate) schema: String,
    /// Most connections at a time.
    pub(crate) connections_max: u32,
    /// Longest time for one statement, in seconds.
    pub(crate) statement_s_max: u32,
}

impl Default for Store {
    fn default() -> Self {
        Self {
            database: None,
            victims: None,
            schema: "lenke".to_owned(),
            connections_max: 16,
            statement_s_max: 30,
        }
    }
}

impl Store {
    /// How to reach PostgreSQL, if it is to be used.
    pub(crate) fn postgres(&self) -> Option<PostgresConfig> {
        let config = PostgresConfig::new(self.database.as_deref()?)
            .with_schema(&self.schema)
            .with_connections_max(self.connections_max)
            .with_statement_max(Duration::from_secs(self.statement_s_max.into()));
        Some(config)
    }

    /// How to reach the protected persons' schema, if it is in PostgreSQL.
    pub(crate) fn victims(&self) -> Option<PostgresConfig> {
        Some(PostgresConfig::new(self.victims.as_deref()?).with_schema(&self.schema))
    }
}

/// Without the address, which may hold a password.
impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("postgres", &self.postgres())
            .field("victims", &self.victims())
            .field("schema", &self.schema)
            .field("connections_max", &self.connections_max)
            .field("statement_s_max", &self.statement_s_max)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Mqtt {
    /// Whether devices connect to Lenke itself.
    pub(crate) enabled: bool,
    /// Address for devices.
    pub(crate) listen: String,
    /// Most connections at a time.
    pub(crate) connections_max: usize,
}

impl Mqtt {
    /// The port of [`Self::listen`]; MQTT's own if it names none.
    pub(crate) fn port(&self) -> u16 {
        self.listen.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or(1883)
    }
}

impl Default for Mqtt {
    fn default() -> Self {
        Self { enabled: true, listen: "127.0.0.1:1883".to_owned(), connections_max: 100_000 }
    }
}

/// An MQTT broker that devices connect to in the place of Lenke's own front door, or beside it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Broker {
    /// `mqtt://host:port`.
    pub(crate) url: String,
    #[serde(default = "default_client_id")]
    pub(crate) client_id: String,
    #[serde(default)]
    pub(crate) username: Option<String>,
    #[serde(default)]
    pub(crate) password: Option<String>,
}

fn default_client_id() -> String {
    "lenke-ingest".to_owned()
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Console {
    /// Address for people and for other systems.
    pub(crate) listen: String,
    /// Set when the console is reached over HTTPS (through a proxy): session cookies are then sent over HTTPS only.
    pub(crate) secure_cookies: bool,
}

impl Default for Console {
    fn default() -> Self {
        Self { listen: "127.0.0.1:8080".to_owned(), secure_cookies: false }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Ingest {
    /// Tasks that evaluate; 0 for one a core.
    pub(crate) shards: usize,
}

#[expect(clippy::derivable_impls, reason = "every section's defaults stand in one visible place")]
impl Default for Ingest {
    fn default() -> Self {
        Self { shards: 0 }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Retention {
    /// Days that a wearer's history is kept after the order has ended; 0 for ever.
    pub(crate) days: u32,
}

#[expect(clippy::derivable_impls, reason = "every section's defaults stand in one visible place")]
impl Default for Retention {
    fn default() -> Self {
        Self { days: 0 }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Log {
    pub(crate) filter: String,
    pub(crate) format: LogFormat,
}

impl Default for Log {
    fn default() -> Self {
        Self { filter: "info".to_owned(), format: LogFormat::Text }
    }
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogFormat {
    Text,
    Json,
}

impl Settings {
    /// Reads the file (defaults where none is given) and lays the environment over it.
    ///
    /// # Errors
    /// The file cannot be read or parsed, or a key is unknown or has a wrong value; the error names it.
    pub(crate) fn read(path: Option<&Path>) -> Result<Self> {
        let text = match path {
            Some(path) => {
                std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?
            }
            None => String::new(),
        };
        let environment = std::env::vars().filter(|(name, _)| name.starts_with(PREFIX));
        Self::parse(&text, environment).with_context(|| match path {
            Some(path) => format!("in {} (`lenke config example` prints one that works)", path.display()),
            None => "in the environment".to_owned(),
        })
    }

    fn parse(text: &str, environment: impl Iterator<Item = (String, String)>) -> Result<Self> {
        let mut table: toml::Table = text.parse()?;
        for (name, value) in environment {
            lay_over(&mut table, &name, value)?;
        }
        // Through text once more, so that an error names the key and shows its line.
        let merged = toml::to_string(&table)?;
        Ok(toml::from_str(&merged)?)
    }
}

/// Sets the key that the variable names: the section up to the first underscore, the key after it.
fn lay_over(table: &mut toml::Table, name: &str, value: String) -> Result<()> {
    if NOT_KEYS.contains(&name) {
        return Ok(());
    }
    let lower = name.trim_start_matches(PREFIX).to_lowercase();
    let Some((section, key)) = lower.split_once('_') else {
        bail!("{name} names no key: LENKE_<SECTION>_<KEY>, as in LENKE_MQTT_LISTEN");
    };
    let entry = table.entry(section).or_insert_with(|| toml::Value::Table(toml::Table::new()));
    let Some(section_table) = entry.as_table_mut() else { bail!("{name}: `{section}` is not a section") };
    let typed = match value.as_str() {
        "true" => toml::Value::Boolean(true),
        "false" => toml::Value::Boolean(false),
        number => number.parse().map_or(toml::Value::String(value), toml::Value::Integer),
    };
    section_table.insert(key.to_owned(), typed);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, environment: &[(&str, &str)]) -> Result<Settings> {
        Settings::parse(
            text,
            environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        )
    }

    #[test]
    fn the_example_is_valid_and_holds_the_defaults() {
        let example = parse(EXAMPLE, &[]).unwrap();
        let defaults = Settings::default();
        assert_eq!(format!("{example:?}"), format!("{defaults:?}"));
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let settings = parse(
            "[mqtt]\nlisten = '127.0.0.1:1'",
            &[("LENKE_MQTT_LISTEN", "127.0.0.1:2"), ("LENKE_INGEST_SHARDS", "3")],
        )
        .unwrap();
        assert_eq!(settings.mqtt.listen, "127.0.0.1:2");
        assert_eq!(settings.ingest.shards, 3);
    }

    #[test]
    fn unknown_keys_are_refused_by_name() {
        let error = parse("[mqtt]\nlissten = '127.0.0.1:1'", &[]).unwrap_err();
        assert!(format!("{error:#}").contains("lissten"), "{error:#}");
        let error = parse("", &[("LENKE_MQTT_LISSTEN", "x")]).unwrap_err();
        assert!(format!("{error:#}").contains("lissten"), "{error:#}");
        assert!(parse("", &[("LENKE_NONSENSE", "x")]).is_err());
    }
}
