//! Who protected persons are, as commands reach it: in a database and under keys apart from everybody else's.

use crate::{settings::Settings, subject_keys::SubjectKeys};
use anyhow::{Context, Result};
use lenke_alerts::Register;
use lenke_store::{Database, VictimStore, person::Person};
use lenke_zones::WearerId;
use std::path::Path;

/// The file in the data folder, where no database is named.
const FILE: &str = "victims.db";

/// Protected persons' records and keys.
pub(crate) struct Victims {
    store: VictimStore,
    keys: SubjectKeys,
}

/// Whether somebody is a protected person.
pub(crate) fn is_protected(register: &Register, wearer: WearerId) -> bool {
    register.protected().contains(&wearer)
}

impl Victims {
    /// Opens what the settings name, and takes over those whom an earlier release kept among everybody.
    ///
    /// # Errors
    /// It cannot be opened or read.
    pub(crate) async fn open(settings: &Settings, everybody: &dyn Database) -> Result<Self> {
        let opened = Self::open_at(settings).await?;
        opened.take_over(everybody, &SubjectKeys::of(&settings.data.dir)).await?;
        Ok(opened)
    }

    async fn open_at(settings: &Settings) -> Result<Self> {
        let folder: &Path = &settings.data.dir;
        let store = match settings.store.victims() {
            Some(config) => VictimStore::open_postgres(&config).await,
            None => {
                std::fs::create_dir_all(folder)
                    .with_context(|| format!("cannot make {}", folder.display()))?;
                VictimStore::open_sqlite(&folder.join(FILE)).await
            }
        };
        let store = store.context("cannot open the protected persons' database")?;
        Ok(Self { store, keys: SubjectKeys::of_victims(folder) })
    }

    /// Writes down who a protected person is.
    pub(crate) async fn put(&self, wearer: WearerId, person: &Person) -> Result<()> {
        let sealed = self.keys.load_or_create(wearer)?.seal(wearer, person, rand::random())?;
        Ok(self.store.put_person(wearer, &sealed).await?)
    }

    /// Who a protected person is, if it is known.
    pub(crate) async fn read(&self, wearer: WearerId) -> Result<Option<Person>> {
        let Some(sealed) = self.store.person(wearer).await? else { return Ok(None) };
        let key = self.keys.load(wearer)?;
        let key = key.with_context(|| format!("the key of {wearer} is gone: nobody can read the name"))?;
        Ok(Some(key.open(wearer, &sealed)?))
    }

    /// Brings records of protected persons here from among everybody's, under new keys; the old ones are destroyed. Records
    /// whose keys are gone, of the erased, are deleted.
    async fn take_over(&self, everybody: &dyn Database, keys: &SubjectKeys) -> Result<()> {
        let register = everybody.load_register().await?;
        for subject in everybody.subjects().await? {
            let wearer = subject.wearer;
            let Some(sealed) = subject.person.clone().filter(|_| is_protected(&register, wearer)) else {
                continue;
            };
            if let Some(key) = keys.load(wearer)? {
                self.put(wearer, &key.open(wearer, &sealed)?).await?;
            }
            everybody.clear_person(wearer).await?;
            keys.discard(wearer)?;
            tracing::info!(%wearer, "a protected person's record lies in a place of its own now");
        }
        for wearer in self.store.everybody().await? {
            if self.keys.load(wearer)?.is_none() {
                self.store.remove(wearer).await?;
            }
        }
        Ok(())
    }
}

/// Takes over at the start of a centre whom an earlier release kept among everybody.
///
/// # Errors
/// As [`Victims::open`].
pub(crate) async fn take_over(settings: &Settings, everybody: &dyn Database) -> Result<()> {
    let register = everybody.load_register().await?;
    let subjects = everybody.subjects().await?;
    let apart = settings.store.victims().is_some() || settings.data.dir.join(FILE).exists();
    let misplaced =
        subjects.iter().any(|known| known.person.is_some() && is_protected(&register, known.wearer));
    if apart || misplaced {
        Victims::open(settings, everybody).await?.store.close().await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use lenke_alerts::{Condition, ConditionId, ConditionRule, OrderId, SupervisionPlan, Wearer};
    use lenke_store::{Custody as _, SqliteStore, Store as _};

    const BOUND: WearerId = WearerId(42);
    const PROTECTED: WearerId = WearerId(800_001);

    fn register() -> Register {
        let wearer = |id: WearerId, conditions| Wearer {
            id,
            order: OrderId(id.0),
            order_version: 1,
            conditions,
            groups: Vec::new(),
            plan: SupervisionPlan::default(),
            home_units: Vec::new(),
        };
        let rule =
            ConditionRule::VictimProtection { victim: PROTECTED, alert_m: 500.0, pre_alert_m: 1_000.0 };
        let conditions = vec![Condition { id: ConditionId(1), rule }];
        Register {
            wearers: vec![wearer(BOUND, conditions), wearer(PROTECTED, Vec::new())],
            ..Register::default()
        }
    }

    fn person(name: &str) -> Person {
        Person { name: name.to_owned(), ..Person::default() }
    }

    #[tokio::test]
    async fn a_protected_persons_record_is_moved_to_its_own_place_and_key_and_erasure_reaches_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = Settings::default();
        settings.data.dir = folder.path().to_owned();
        let store = SqliteStore::open(&folder.path().join("lenke.db")).await.unwrap();
        store.enrol(&register()).await.unwrap();
        let keys = SubjectKeys::of(folder.path());
        // As an earlier release left it: both among everybody.
        for (wearer, name) in [(BOUND, "Ola"), (PROTECTED, "Kari")] {
            let sealed = keys.load_or_create(wearer).unwrap().seal(wearer, &person(name), [7; 13]).unwrap();
            store.set_person(wearer, &sealed).await.unwrap();
        }
        take_over(&settings, &store).await.unwrap();
        assert_eq!(store.subject(PROTECTED).await.unwrap().unwrap().person, None);
        assert!(store.subject(BOUND).await.unwrap().unwrap().person.is_some(), "nobody else is moved");
        assert!(keys.load(PROTECTED).unwrap().is_none() && keys.load(BOUND).unwrap().is_some());
        assert_eq!(keys.erased().unwrap(), [], "moved is not erased");
        let victims = Victims::open(&settings, &store).await.unwrap();
        assert_eq!(victims.read(PROTECTED).await.unwrap(), Some(person("Kari")));
        victims.put(PROTECTED, &person("Kari N")).await.unwrap();
        assert_eq!(victims.read(PROTECTED).await.unwrap(), Some(person("Kari N")));
        let sealed = victims.store.person(PROTECTED).await.unwrap().unwrap();
        assert!(
            keys.load(BOUND).unwrap().unwrap().open(PROTECTED, &sealed).is_err(),
            "another key opens nothing"
        );
        // Erasure destroys the key; what it sealed goes with the next look.
        keys.remove(PROTECTED).unwrap();
        assert!(victims.read(PROTECTED).await.is_err(), "unreadable at once");
        assert_eq!(Victims::open(&settings, &store).await.unwrap().read(PROTECTED).await.unwrap(), None);
    }
}
