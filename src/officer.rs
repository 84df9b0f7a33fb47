//! `lenke officer`: keys of those who may clear latches. A key is made where the officer is and stays there; the centre keeps
//! the public half, and its authority signs that it is an officer's.

use crate::{
    keys,
    place::{self, Place},
    span::TimeSpan,
    terminal,
};
use anyhow::{Context, Result, ensure};
use lenke_store::{Clock, outbox::OfficerKey};
use lenke_wire::{
    DeviceId, UnixMillis,
    command::{BODY_BYTES_MAX, Officer, Signed},
    sign::{KeyPair, is_public_key},
};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// What an officer's file says it is.
const FORMAT: &str = "lenke officer v1";

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Officers' keys.
    #[command(subcommand)]
    Key(KeyCommand),
}

#[derive(clap::Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a key and its certificate.
    New {
        /// Whose: the name of an account, or another name of the agency's choice.
        #[arg(long, value_name = "NAME")]
        name: String,
        /// How long the certificate holds. A tag does not hear of revocations: short is better.
        #[arg(long, value_name = "TIME", default_value = "2160h")]
        valid_for: TimeSpan,
        /// The officer made the key elsewhere: its public key, 64 hexadecimal digits.
        #[arg(long, value_name = "HEX")]
        public_key: Option<String>,
        /// The new file, which only its owner may read.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[command(flatten)]
        place: Place,
    },
    /// List the keys.
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Pass on nothing more that was signed with a key.
    Revoke {
        /// The officer's number.
        number: u32,
        #[command(flatten)]
        place: Place,
    },
}

/// What an officer's file holds.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfficerFile {
    format: String,
    number: u32,
    name: String,
    /// Ed25519 private key; null if it was made elsewhere.
    secret: Option<String>,
    public_key: String,
    certificate: String,
    certificate_signature: String,
}

/// An officer's means to sign.
pub(crate) struct Credentials {
    pub(crate) pair: KeyPair,
    pub(crate) certificate: Vec<u8>,
    pub(crate) vouch: Vec<u8>,
}

pub(crate) async fn run(command: Command) -> Result<()> {
    let Command::Key(command) = command;
    match command {
        KeyCommand::New { name, valid_for, public_key, out, place } => {
            new(&name, valid_for, public_key.as_deref(), &out, &place).await
        }
        KeyCommand::List { place } => list(&place).await,
        KeyCommand::Revoke { number, place } => revoke(number, &place).await,
    }
}

async fn new(
    name: &str,
    valid_for: TimeSpan,
    public_key: Option<&str>,
    out: &Path,
    place: &Place,
) -> Result<()> {
    let name = name.trim();
    ensure!(!name.is_empty(), "--name: whose key is it?");
    ensure!(!out.exists(), "{} exists already", out.display());
    let opened = place.open().await?;
    let authority = keys::load_or_create(&place::authority(&opened.settings))?;
    let pair = public_key.is_none().then(|| KeyPair::from_secret(&rand::random()));
    let public = match (&pair, public_key) {
        (Some(pair), _) => pair.public(),
        (None, text) => text
            .and_then(keys::parse_hex)
            .filter(is_public_key)
            .context("--public-key is not an Ed25519 key of 64 hexadecimal digits")?,
    };
    let from = Clock::wall().now();
    let until = from.plus_s(i64::try_from(valid_for.0.as_secs()).unwrap_or(i64::MAX));
    opened.audit("officer.key.new", "all", name).await?;
    let key =
        OfficerKey { number: 0, name: name.to_owned(), public_key: public, from, until, revoked_at: None };
    let key = opened.store.add_officer(key).await?;
    let file = certified(&key, pair.as_ref(), &authority)?;
    let text = format!("{}\n", serde_json::to_string_pretty(&file)?);
    keys::write_secret(out, text.as_bytes()).with_context(|| format!("cannot write {}", out.display()))?;
    println!("officer {}, {name}: {} until {}", key.number, out.display(), moment(until));
    Ok(())
}

fn certified(key: &OfficerKey, pair: Option<&KeyPair>, authority: &KeyPair) -> Result<OfficerFile> {
    let mut body = [0; BODY_BYTES_MAX];
    let officer =
        Officer { number: key.number, public_key: key.public_key, from: key.from, until: key.until };
    // A certificate is for every device: the number is not signed.
    let signed = Signed::sign(officer, DeviceId::new(0), authority, &mut body)
        .context("the certificate cannot be encoded")?;
    Ok(OfficerFile {
        format: FORMAT.to_owned(),
        number: key.number,
        name: key.name.clone(),
        secret: pair.map(|pair| keys::hex(pair.secret())),
        public_key: keys::hex(&key.public_key),
        certificate: keys::hex(signed.body()),
        certificate_signature: keys::hex(signed.signature()),
    })
}

/// Reads an officer's file that holds the private key.
///
/// # Errors
/// It cannot be read, others may read it, or it is no such file.
pub(crate) fn read(path: &Path) -> Result<Credentials> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    keys::refuse_readable(path)?;
    let wrong = || format!("{} is no officer's key", path.display());
    let file: OfficerFile = serde_json::from_str(&text).with_context(wrong)?;
    ensure!(file.format == FORMAT, wrong());
    let secret = file.secret.as_deref().context("the private key is not in this file: sign where it is")?;
    Ok(Credentials {
        pair: KeyPair::from_secret(&keys::parse_hex(secret).with_context(wrong)?),
        certificate: bytes(&file.certificate).with_context(wrong)?,
        vouch: bytes(&file.certificate_signature).with_context(wrong)?,
    })
}

fn bytes(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).ok());
    pairs.map(|pair| keys::parse_hex::<1>(pair?).map(|[byte]| byte)).collect()
}

async fn list(place: &Place) -> Result<()> {
    let opened = place.open().await?;
    opened.audit("officer.key.list", "all", "").await?;
    let rows: Vec<_> = opened
        .store
        .officers()
        .await?
        .iter()
        .map(|key| {
            let state = match key.revoked_at {
                Some(at) => format!("revoked {}", moment(at)),
                None => format!("until {}", moment(key.until)),
            };
            (format!("{} {}", key.number, key.name), state)
        })
        .collect();
    println!("{}", terminal::table("officers", &rows));
    Ok(())
}

async fn revoke(number: u32, place: &Place) -> Result<()> {
    let opened = place.open().await?;
    opened.audit("officer.key.revoke", "all", &format!("officer {number}")).await?;
    let revoked = opened.store.revoke_officer(number, Clock::wall().now()).await?;
    ensure!(revoked, "there is no officer {number} whose key holds");
    println!(
        "the key of officer {number} is revoked: the centre passes on nothing more that was signed with it"
    );
    Ok(())
}

fn moment(at: UnixMillis) -> String {
    jiff::Timestamp::from_millisecond(at.0)
        .map_or_else(|_| at.0.to_string(), |at| at.strftime("%F %T UTC").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use lenke_wire::sign::Ed25519;

    #[test]
    fn a_file_holds_what_signs_and_the_authoritys_word_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let (pair, authority) = (KeyPair::from_secret(&[1; 32]), KeyPair::from_secret(&[2; 32]));
        let key = OfficerKey {
            number: 3,
            name: "anna".to_owned(),
            public_key: pair.public(),
            from: UnixMillis(1_000),
            until: UnixMillis(2_000),
            revoked_at: None,
        };
        let file = certified(&key, Some(&pair), &authority).unwrap();
        let path = folder.path().join("anna.key");
        keys::write_secret(&path, serde_json::to_string(&file).unwrap().as_bytes()).unwrap();
        let read = read(&path).unwrap();
        assert_eq!(read.pair.secret(), pair.secret());
        let vouch = read.vouch.try_into().unwrap();
        let officer = Signed::<Officer>::read(&read.certificate, vouch).unwrap();
        let officer = officer.verify(&authority.public(), DeviceId::new(9), &Ed25519).unwrap();
        assert_eq!((officer.number, officer.public_key), (3, pair.public()));
    }

    #[test]
    fn a_key_that_was_made_elsewhere_is_not_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let (pair, authority) = (KeyPair::from_secret(&[1; 32]), KeyPair::from_secret(&[2; 32]));
        let key = OfficerKey {
            number: 3,
            name: "anna".to_owned(),
            public_key: pair.public(),
            from: UnixMillis(1_000),
            until: UnixMillis(2_000),
            revoked_at: None,
        };
        let path = folder.path().join("anna.key");
        let file = certified(&key, None, &authority).unwrap();
        keys::write_secret(&path, serde_json::to_string(&file).unwrap().as_bytes()).unwrap();
        assert!(read(&path).err().unwrap().to_string().contains("sign where it is"));
    }
}
