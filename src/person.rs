//! `lenke person`: who a wearer is. The name is sealed under a key of the person's own.

use crate::{
    place::{Opened, Place, WearerName},
    subject_keys::SubjectKeys,
    terminal,
    victims::{self, Victims},
};
use anyhow::{Context, Result, ensure};
use lenke_store::person::Person;
use lenke_zones::WearerId;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Write down who a wearer is; replaces what was there.
    Set {
        /// Whose pseudonym.
        #[arg(long, value_name = "W-00042")]
        wearer: WearerName,
        /// Full name.
        #[arg(long)]
        name: String,
        /// Telephone.
        #[arg(long, default_value = "")]
        phone: String,
        /// Where the person lives.
        #[arg(long, default_value = "")]
        address: String,
        /// The agency's own reference.
        #[arg(long, default_value = "")]
        reference: String,
        #[command(flatten)]
        place: Place,
    },
    /// Show who a wearer is.
    Show {
        /// Whose pseudonym.
        #[arg(long, value_name = "W-00042")]
        wearer: WearerName,
        /// Why: goes into the audit log. No name.
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        place: Place,
    },
}

pub(crate) async fn run(command: Command) -> Result<()> {
    match command {
        Command::Set { wearer, name, phone, address, reference, place } => {
            let person = Person { name, phone, address, reference };
            set(wearer, &person, &place).await
        }
        Command::Show { wearer, reason, place } => show(wearer, &reason, &place).await,
    }
}

async fn set(WearerName(wearer): WearerName, person: &Person, place: &Place) -> Result<()> {
    ensure!(!person.name.trim().is_empty(), "--name is empty");
    let opened = place.open().await?;
    opened.refuse_unknown(wearer).await?;
    let register = opened.store.load_register().await?;
    opened.audit("person.put", &wearer.to_string(), "").await?;
    if victims::is_protected(&register, wearer) {
        Victims::open(&opened.settings, &*opened.store).await?.put(wearer, person).await?;
        println!(
            "{wearer}, who is protected, has a name, sealed under a key of its own and apart from everybody's"
        );
        return Ok(());
    }
    let key = SubjectKeys::of(&opened.settings.data.dir).load_or_create(wearer)?;
    let sealed = key.seal(wearer, person, rand::random())?;
    opened.store.set_person(wearer, &sealed).await?;
    println!("{wearer} has a name, sealed under a key of its own");
    Ok(())
}

async fn show(WearerName(wearer): WearerName, reason: &str, place: &Place) -> Result<()> {
    ensure!(!reason.trim().is_empty(), "--reason: nobody is looked up without one");
    let opened = place.open().await?;
    opened.audit("person.read", &wearer.to_string(), reason.trim()).await?;
    let person = match victims::is_protected(&opened.store.load_register().await?, wearer) {
        true => Victims::open(&opened.settings, &*opened.store).await?.read(wearer).await?,
        false => of_everybody(&opened, wearer).await?,
    };
    let person = person.with_context(|| format!("no name of {wearer} is known"))?;
    let rows = [
        ("name", person.name),
        ("telephone", person.phone),
        ("address", person.address),
        ("reference", person.reference),
    ];
    let rows: Vec<_> = rows.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    println!("{}", terminal::table(&wearer.to_string(), &rows));
    Ok(())
}

/// Who somebody is who is not protected.
async fn of_everybody(opened: &Opened, wearer: WearerId) -> Result<Option<Person>> {
    let Some(sealed) = opened.store.subject(wearer).await?.and_then(|subject| subject.person) else {
        return Ok(None);
    };
    let key = SubjectKeys::of(&opened.settings.data.dir).load(wearer)?;
    let key = key.with_context(|| format!("the key of {wearer} is gone: nobody can read the name"))?;
    Ok(Some(key.open(wearer, &sealed)?))
}
