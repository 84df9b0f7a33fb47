//! Manifests of firmware images, and offering one to a tag.

use super::{Whom, Why, made, place_order};
use crate::{keys, place};
use anyhow::{Context, Result, ensure};
use lenke_store::outbox::ordering::check_manifest;
use lenke_wire::command::{BODY_BYTES_MAX, Manifest, Signed};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{fs, path::PathBuf};

#[derive(clap::Args)]
pub(crate) struct OtaArgs {
    #[command(flatten)]
    pub(super) whom: Whom,
    /// The manifest, as `lenke device manifest` wrote it.
    #[arg(long, value_name = "FILE")]
    manifest: PathBuf,
    #[command(flatten)]
    why: Why,
}

#[derive(clap::Args)]
pub(crate) struct ManifestArgs {
    /// The image.
    #[arg(long, value_name = "FILE")]
    image: PathBuf,
    /// Number of the board that it runs on.
    #[arg(long)]
    board: u32,
    /// Its version.
    #[arg(long, value_name = "MAJOR.MINOR.PATCH", value_parser = version)]
    version: u32,
    /// Nothing below this version may run from then on; none if absent.
    #[arg(long, value_name = "MAJOR.MINOR.PATCH", value_parser = version, default_value = "0.0.0")]
    min_version: u32,
    /// Where to write the manifest.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// A manifest as a file holds it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ManifestFile {
    board: u32,
    version: String,
    min_version: String,
    size: u32,
    sha256: String,
}

/// `major.minor.patch` as the wire has it.
fn version(text: &str) -> Result<u32, String> {
    let wrong = || format!("`{text}` is no version such as 1.2.3");
    let mut parts = text.splitn(3, '.').map(|part| part.parse::<u32>());
    let mut next = |max: u32| match parts.next() {
        Some(Ok(number)) if number <= max => Ok(number),
        _ => Err(wrong()),
    };
    Ok(next(0xffff)? << 16 | next(0xff)? << 8 | next(0xff)?)
}

fn version_text(version: u32) -> String {
    format!("{}.{}.{}", version >> 16, version >> 8 & 0xff, version & 0xff)
}

pub(super) fn write_manifest(args: &ManifestArgs) -> Result<()> {
    let image = fs::read(&args.image).with_context(|| format!("cannot read {}", args.image.display()))?;
    let manifest = Manifest {
        board: args.board,
        version: args.version,
        size: u32::try_from(image.len()).context("the image has more than 4 GiB")?,
        hash: Sha256::digest(&image).into(),
        min_version: args.min_version,
    };
    check_manifest(&manifest)?;
    let file = ManifestFile {
        board: manifest.board,
        version: version_text(manifest.version),
        min_version: version_text(manifest.min_version),
        size: manifest.size,
        sha256: keys::hex(&manifest.hash),
    };
    ensure!(!args.out.exists(), "{} exists already", args.out.display());
    fs::write(&args.out, format!("{}\n", serde_json::to_string_pretty(&file)?))
        .with_context(|| format!("cannot write {}", args.out.display()))?;
    println!("{}: version {} for board {}", args.out.display(), file.version, file.board);
    Ok(())
}

fn read(path: &PathBuf) -> Result<Manifest> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let file: ManifestFile =
        serde_json::from_str(&text).with_context(|| format!("{} is no manifest", path.display()))?;
    let number = |text: &str| version(text).map_err(anyhow::Error::msg);
    let manifest = Manifest {
        board: file.board,
        version: number(&file.version)?,
        min_version: number(&file.min_version)?,
        size: file.size,
        hash: keys::parse_hex(&file.sha256).context("sha256 has not 64 hexadecimal digits")?,
    };
    check_manifest(&manifest)?;
    Ok(manifest)
}

pub(super) async fn offer(args: OtaArgs) -> Result<()> {
    let OtaArgs { whom, manifest, why } = args;
    let manifest = read(&manifest)?;
    let opened = whom.place.open().await?;
    let authority = keys::load_or_create(&place::authority(&opened.settings))?;
    let mut body = [0; BODY_BYTES_MAX];
    let signed = Signed::sign(manifest, whom.device, &authority, &mut body)
        .context("the manifest cannot be encoded")?;
    let register = opened.store.load_register().await?;
    let command = made(&register, whom.device, |target, now, by| Ok(target.ota(&signed, by, now)))?;
    let detail = format!("version {} {}", version_text(manifest.version), why.reason);
    place_order(&opened, command, &detail, whom.json).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_written_and_nonsense_is_refused() {
        assert_eq!(version("1.2.3"), Ok(0x0001_0203));
        assert_eq!(version_text(0x0001_0203), "1.2.3");
        for bad in ["", "1", "1.2", "1.2.3.4", "1.256.0", "65536.0.0", "a.b.c"] {
            assert!(version(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_manifest_is_that_of_its_image_and_comes_back_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let (image, out) = (folder.path().join("image"), folder.path().join("manifest.json"));
        fs::write(&image, b"firmware").unwrap();
        let args = ManifestArgs {
            image,
            board: 7,
            version: 0x0001_0000,
            min_version: 0x0000_0900,
            out: out.clone(),
        };
        write_manifest(&args).unwrap();
        let manifest = read(&out).unwrap();
        assert_eq!((manifest.board, manifest.size, manifest.min_version), (7, 8, 0x0000_0900));
        assert_eq!(manifest.hash, <[u8; 32]>::from(Sha256::digest(b"firmware")));
        assert!(write_manifest(&args).is_err(), "it is not overwritten");
        let higher = ManifestArgs { min_version: 0x0002_0000, out: folder.path().join("other"), ..args };
        assert!(write_manifest(&higher).unwrap_err().to_string().contains("lowest version"));
    }
}
